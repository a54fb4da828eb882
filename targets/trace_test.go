package targets

import (
	"net/http"
	"regexp"
	"testing"
)

// TestTrace holds the header against the grammar of W3C Trace Context, version 00.
func TestTrace(t *testing.T) {
	grammar := regexp.MustCompile(`^00-([0-9a-f]{32})-([0-9a-f]{16})-01$`)
	for _, c := range []struct {
		trace      Trace
		id, parent string
	}{
		{Trace{0x4bf92f3577b34da6, 0xa3ce929d0e0e4736, 0x00f067aa0ba902b7}, "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"},
		{Trace{1, 0, 1}, "00000000000000010000000000000000", "0000000000000001"},
	} {
		m := grammar.FindStringSubmatch(string(c.trace.Append(nil)))
		if m == nil || m[1] != c.id || m[2] != c.parent || c.trace.ID() != c.id || c.trace.IsZero() {
			t.Errorf("%+v is %q, want %s and %s", c.trace, c.trace.Append(nil), c.id, c.parent)
		}
		r, err := NewRequest(t.Context(), mustParse(t, "http://h"), Call{Method: http.MethodGet, Path: "/", Trace: c.trace}, "gameday/test")
		if err != nil || r.Header.Get("traceparent") != m[0] {
			t.Errorf("the request has %q, %v; want %s", r.Header.Get("traceparent"), err, m[0])
		}
	}
	r, err := NewRequest(t.Context(), mustParse(t, "http://h"), Call{Method: http.MethodGet, Path: "/"}, "gameday/test")
	if _, there := r.Header["Traceparent"]; err != nil || there || !(Trace{}).IsZero() {
		t.Errorf("without a trace: %v, %v", r.Header, err)
	}
}
