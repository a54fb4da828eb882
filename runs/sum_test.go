package runs

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The sums of all phases are those that Merge comes to, one tally after the other.
func TestSumByPhase(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 5))
	for range 5 {
		r := record(t, "", asks(rng))
		r.Tallies = append(r.Tallies, Tally{Phase: -1, Crowd: "readers", Offered: 1}, Tally{Phase: 2, Crowd: "readers", Offered: 1})
		want := map[Key]*Tally{}
		for i := range r.Tallies {
			from := &r.Tallies[i]
			key := Key{Phase: from.Phase, Crowd: from.Crowd, Action: from.Action}
			if want[key] == nil {
				want[key] = &Tally{Phase: from.Phase, Crowd: from.Crowd, Action: from.Action}
			}
			want[key].Merge(from)
		}
		sums := r.SumByPhase()
		n := 0
		for phase := range sums {
			for i := range sums[phase] {
				got := &sums[phase][i]
				if diff := cmp.Diff(want[got.Key()], got); diff != "" || got.Phase != phase {
					t.Fatalf("phase %d (-want +got):\n%s", phase, diff)
				}
				n++
			}
		}
		if n != len(want)-2 || len(sums) != 2 {
			t.Fatalf("%d sums of %d phases, want %d of 2", n, len(sums), len(want)-2)
		}
	}
}
