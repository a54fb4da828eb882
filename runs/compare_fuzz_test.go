package runs

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// FuzzCompare compares whatever is read as a record with another: it never ends in
// a panic, comes out the same each time, and passes only if both runs decided
// something.
func FuzzCompare(f *testing.F) {
	even := func(took time.Duration, failed string) string {
		var loads []load
		for i := range 10 {
			loads = append(loads, load{n: 5, took: took, second: i}, load{n: 1, took: took, second: i, failed: failed})
		}
		return text(f, play(night(f, "p50 <= 1s", ""), loads...)) // few buckets, so that it is quick
	}
	a, b := even(ms, ""), even(2*ms, "5xx")
	f.Add([]byte(a), []byte(b))
	f.Add([]byte(a), []byte(a))
	f.Add([]byte(text(f, small(f))), []byte(a))
	f.Add([]byte(strings.Replace(a, `"seed":48`, `"seed":7`, 1)), []byte(b))
	f.Fuzz(func(t *testing.T, base, head []byte) {
		b, err := ReadRun(bytes.NewReader(base))
		if err != nil {
			return
		}
		h, err := ReadRun(bytes.NewReader(head))
		if err != nil {
			return
		}
		Judge(b)
		Judge(h)
		c := Compare(b, h, DefaultTolerance)
		if text(t, c) != text(t, Compare(b, h, DefaultTolerance)) {
			t.Fatal("compared again it is another")
		}
		if c.Verdict == Pass && (b.Verdict == Unclear || h.Verdict == Unclear || len(c.Differs) > 0 || len(c.Rows) == 0) {
			t.Fatalf("passes: %s", c.Why)
		}
		better := map[string]bool{}
		for _, r := range Compare(h, b, DefaultTolerance).Rows {
			better[r.Title()] = r.Verdict == Better
		}
		for _, r := range c.Rows {
			if (r.Verdict == Worse) != better[r.Title()] {
				t.Fatalf("%s: %s, and otherwise swapped", r.Title(), r.Why)
			}
		}
	})
}

// What no record holds does no harm either.
func TestCompareNothing(t *testing.T) {
	full := quick.play(t, 1)
	for _, r := range []*Run{{}, {Scenario: full.Scenario}, {Scenario: full.Scenario, Phases: make([]Phase, 2)}, {Tallies: full.Tallies}} {
		for _, c := range []*Comparison{Compare(r, full, DefaultTolerance), Compare(full, r, DefaultTolerance), Compare(r, r, DefaultTolerance)} {
			if c.Verdict != Unclear || c.Why == "" {
				t.Errorf("%s: %s", c.Verdict, c.Why)
			}
		}
	}
}
