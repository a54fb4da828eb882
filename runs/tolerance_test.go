package runs

import (
	"math"
	"testing"
	"time"
)

func TestParseTolerance(t *testing.T) {
	for _, tt := range []struct {
		text string
		want Tolerance
		bad  string
	}{
		{"5%", DefaultTolerance, ""},
		{"10%", Tolerance{0.1, Span(ms), 0.001}, ""},
		{"100us", Tolerance{0.05, Span(100 * time.Microsecond), 0.001}, ""},
		{" 0s , 2.5% , 1pp", Tolerance{0.025, 0, 0.01}, ""},
		{"", Tolerance{}, `tolerance "": "": want such as 5%, 1ms or 0.1pp`},
		{"5", Tolerance{}, `tolerance "5": "5": want such as 5%, 1ms or 0.1pp`},
		{"1%", Tolerance{}, `tolerance "1%": 1%: want 2.2%, what a histogram tells apart, to 1000%`},
		{"NaN%", Tolerance{}, `tolerance "NaN%": "NaN": want a number before %`},
		{"-1ms", Tolerance{}, `tolerance "-1ms": "-1ms": want such as 5%, 1ms or 0.1pp`},
		{"0pp", Tolerance{}, `tolerance "0pp": 0pp: want above 0pp, and 100pp at the most`},
		{"5%,6%", Tolerance{}, `tolerance "5%,6%": two of a kind; want one of each at the most, such as 5%,1ms,0.1pp`},
	} {
		got, err := ParseTolerance(tt.text)
		said := ""
		if err != nil {
			said = err.Error()
		}
		if got != tt.want || said != tt.bad {
			t.Errorf("%q: %+v, %s; want %+v, %s", tt.text, got, said, tt.want, tt.bad)
		}
	}
}

func FuzzParseTolerance(f *testing.F) {
	f.Add("5%,1ms,0.1pp")
	f.Add("2.2%")
	f.Add("1e1%,1h,100pp")
	f.Fuzz(func(t *testing.T, text string) {
		x, err := ParseTolerance(text)
		if err != nil {
			return
		}
		if !(x.Relative >= finest && x.Relative <= 10 && x.Least >= 0 && x.Share > 0 && x.Share <= 1) {
			t.Fatalf("%q: %+v", text, x)
		}
		again, err := ParseTolerance(x.String())
		if err == nil && (math.Abs(again.Relative-x.Relative) > 1e-7 || again.Least != x.Least || math.Abs(again.Share-x.Share) > 1e-7) {
			t.Fatalf("%q: %+v, written %s, read %+v", text, x, x, again)
		}
	})
}

// A time must differ by more than both, and as much in either direction.
func TestBeyond(t *testing.T) {
	for _, tt := range []struct {
		base, head time.Duration
		want       bool
	}{
		{100 * ms, 104 * ms, false}, {100 * ms, 106 * ms, true}, {106 * ms, 100 * ms, true},
		{ms, 1900 * time.Microsecond, false}, {ms, 2100 * time.Microsecond, true},
		{10 * ms, 10900 * time.Microsecond, false}, {10 * ms, 11100 * time.Microsecond, true},
	} {
		mean := math.Sqrt(tt.base.Seconds() * tt.head.Seconds())
		if got := DefaultTolerance.beyond(math.Log(tt.head.Seconds()/tt.base.Seconds()), mean); got != tt.want {
			t.Errorf("%s to %s: matters %t, want %t", tt.base, tt.head, got, tt.want)
		}
	}
}
