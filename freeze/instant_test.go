package freeze

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestParseInstant(t *testing.T) {
	for in, want := range map[string]string{
		"2027-02-12T00:00:00-05:00":     "2027-02-12T05:00:00Z",
		"2027-02-12T05:00:00Z":          "2027-02-12T05:00:00Z",
		"2027-02-12T05:00:00.25+00:00":  "2027-02-12T05:00:00.25Z",
		"2027-03-14T02:30:00-05:00":     "2027-03-14T07:30:00Z", // no such wall time in New York; the instant is plain
		"2028-02-29T23:59:59.999+23:59": "2028-02-29T00:00:59.999Z",
	} {
		got, err := ParseInstant(in)
		if err != nil || got.UTC().Format(time.RFC3339Nano) != want {
			t.Errorf("%s: %v, %v; want %s", in, got, err, want)
		}
	}
	for _, in := range []string{
		"", "tomorrow", "2027-02-12", "2027-02-12T00:00:00", "2027-02-12 00:00:00-05:00", "2027-02-12T00:00-05:00",
		"2027-02-12T0:00:00-05:00", "2027-02-12T00:00:00,5-05:00", "2027-02-12T00:00:00-0500", "2027-02-12T00:00:00-24:00",
		"2027-02-12T00:00:00-05:60", "2027-02-12T00:00:00.-05:00",
		"2027-02-29T00:00:00Z", "2027-02-12T24:00:00Z", "2027-02-12T23:59:60Z", "2027-02-12T00:00:00 America/New_York",
		" 2027-02-12T00:00:00Z", "2027-02-12T00:00:00Z\n", "12027-02-12T00:00:00Z",
	} {
		got, err := ParseInstant(in)
		want := fmt.Sprintf("%q: want an instant with its offset, such as 2027-02-12T00:00:00-05:00", in)
		if err == nil || err.Error() != want || !got.IsZero() {
			t.Errorf("%q: %v, %v; want error %s", in, got, err, want)
		}
	}
}

func FuzzParseInstant(f *testing.F) {
	for _, s := range []string{"", "tomorrow", "2027-02-12T00:00:00-05:00", "2027-02-12T00:00:00.123456789Z", "0000-01-01T00:00:00+23:59"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		at, err := ParseInstant(s)
		if err != nil {
			if !strings.HasPrefix(err.Error(), fmt.Sprintf("%q: want an instant with its offset", s)) {
				t.Errorf("%q: unclear error %v", s, err)
			}
			return
		}
		written, err := at.MarshalText() // strict, unlike Format
		if err != nil || len(s) < len("2027-02-12T00:00:00Z") || !strings.HasPrefix(string(written), s[:19]) {
			t.Fatalf("%q is read as %v, and written as %s, %v", s, at, written, err)
		}
		again, err := ParseInstant(string(written))
		_, offset := at.Zone()
		if _, same := again.Zone(); err != nil || !again.Equal(at) || same != offset {
			t.Errorf("%q is read as %v, and that as %v, %v", s, at, again, err)
		}
	})
}
