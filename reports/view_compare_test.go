package reports

import (
	"math"
	"testing"

	"gameday/runs"

	"github.com/google/go-cmp/cmp"
)

// What is drawn of a row says the same as its verdict: what is worse lies to the
// right of what matters, what is better to the left, and what is the same within.
func TestChangesAreDrawnAsTheyAreJudged(t *testing.T) {
	base, head := comparedNights(t)
	seen := map[string]int{}
	for _, c := range []*runs.Comparison{
		runs.Compare(base, head, runs.DefaultTolerance), runs.Compare(head, base, runs.DefaultTolerance), runs.Compare(night(t), slowed(t), runs.DefaultTolerance),
	} {
		for _, r := range comparisonOf(c, true).Rows {
			if math.IsNaN(float64(r.By)) {
				continue
			}
			seen[r.Verdict]++
			const rounded = 1e-2 // of the figures of a comparison
			switch {
			case r.Low > r.By || r.By > r.High:
				t.Errorf("%s %s: %v is not within %v and %v", r.Of, r.Measure, r.By, r.Low, r.High)
			case r.Verdict == "worse" && r.By < 1-rounded, r.Verdict == "better" && r.By > -1+rounded,
				r.Verdict == "same" && (r.Low < -1-rounded || r.High > 1+rounded):
				t.Errorf("%s %s is %s, and drawn at %v, from %v to %v", r.Of, r.Measure, r.Verdict, r.By, r.Low, r.High)
			}
		}
	}
	for _, verdict := range []string{"worse", "better", "same", "cannot be told"} {
		if seen[verdict] == 0 {
			t.Errorf("nothing that is drawn is %s: %v", verdict, seen)
		}
	}
}

// What is drawn of the base is what its own View draws of everybody, and nothing of
// a run that cannot be compared.
func TestBaseIsItsOwnView(t *testing.T) {
	base, head := comparedNights(t)
	v, own := NewView(head), NewView(base)
	v.compared(base, runs.Compare(base, head, runs.DefaultTolerance), true)
	all := own.Series[0]
	if diff := cmp.Diff(string(encode(t, viewBase{all.Offered, all.Good, all.P50, all.P99})), string(encode(t, v.Base))); diff != "" {
		t.Errorf("the base is drawn otherwise than its own View (-want +got):\n%s", diff)
	}
	base.Scale = 0.5
	v = NewView(head)
	v.compared(base, runs.Compare(base, head, runs.DefaultTolerance), true)
	if v.Base != nil || v.Comparison.Word != "cannot be told" || len(v.Comparison.Differs) == 0 {
		t.Errorf("of another scale: %+v, base %v", v.Comparison, v.Base)
	}
}
