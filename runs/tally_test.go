package runs

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// However the counting is divided among workers and entries, and in whatever
// order the parts are added, the record is the same to the byte.
func TestMergeInAnyOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for range 10 {
		all := asks(rng)
		want := text(t, record(t, "", all))
		for _, workers := range []int{1, 2, 7, 50} {
			parts := make([]*Run, workers) // what each worker added up by itself
			for i := range parts {
				parts[i] = &Run{}
			}
			order := rng.Perm(len(all))
			for _, k := range order {
				parts[rng.IntN(workers)].Add(all[k].entry())
			}
			got := record(t, "", nil)
			for i := range all {
				got.Phases[all[i].phase].Due[all[i].who[0]]++
			}
			for _, p := range parts {
				rng.Shuffle(len(p.Tallies), func(i, j int) { p.Tallies[i], p.Tallies[j] = p.Tallies[j], p.Tallies[i] })
				for chunk := range slices.Chunk(p.Tallies, 1+rng.IntN(20)) {
					got.Add(&Entry{Tallies: chunk})
				}
				got.Add(&Entry{Lags: p.Generator.Lags})
			}
			if diff := cmp.Diff(want, text(t, got)); diff != "" {
				t.Fatalf("%d workers (-want +got):\n%s", workers, diff)
			}
		}
	}
}

// An entry can be thrown away, or changed, once it was added.
func TestAddCopies(t *testing.T) {
	a := ask{who: everyone[0], failed: "5xx", lag: ms}
	e := a.entry()
	e.Examples = []Example{{Cause: "5xx", Says: "one"}}
	r := night(t, "", "")
	r.Add(e)
	want := text(t, r)
	r.Add(&Entry{}) // nothing
	e.Tallies[0].Merge(&e.Tallies[0])
	e.Tallies[0].Failed["timeout"] = 3
	e.Examples[0].Says = "another"
	e.Lags[0].Lag.Record(time.Hour)
	if got := text(t, r); got != want {
		t.Errorf("the record changed with the entry:\n%s\n%s", want, got)
	}
}

func TestAddWitnessAndGenerator(t *testing.T) {
	r := night(t, "", "", "")
	r.Add(&Entry{Lags: []LagTally{{Crowd: "readers", Lag: *histogramOf(ms)}}, Generator: &Generator{Starved: 1, Notes: []string{"a"}}, Marks: []Mark{{At: 9, Text: "third"}}})
	r.Add(&Entry{Lags: []LagTally{{Crowd: "readers", Lag: *histogramOf(ms)}}, Generator: &Generator{Starved: 4}, Marks: []Mark{{At: 2, Text: "first"}, {At: 9, Text: "fourth"}, {At: 3, Text: "second"}}})
	if g := r.Generator; g.Starved != 4 || len(g.Notes) != 0 || len(g.Lags) != 1 || g.Lags[0].Lag.Count() != 2 {
		t.Errorf("generator %+v, want the last but for the lags, which add up", g)
	}
	var order []string
	for _, m := range r.Marks {
		order = append(order, m.Text)
	}
	if diff := cmp.Diff([]string{"first", "second", "third", "fourth"}, order); diff != "" {
		t.Errorf("marks (-want +got):\n%s", diff)
	}
	for i := range 50 {
		r.Add(&Entry{Witness: &Witness{Absent: "", Posts: 3, Seen: 2, Failed: 1, Lied: 1, Lies: []string{fmt.Sprint(i)}, Fresh: []Histogram{{}, *histogramOf(ms)}}})
	}
	w := r.Witness
	if w.Posts != 150 || w.Seen != 100 || w.Failed != 50 || w.Lied != 50 || len(w.Lies) != maxLies || w.Lies[0] != "0" || len(w.Fresh) != 2 || w.Fresh[0].Count() != 0 || w.Fresh[1].Count() != 50 {
		t.Errorf("witness %+v", w)
	}
	r.Add(&Entry{Witness: &Witness{Absent: "it left"}})
	r.Add(&Entry{Witness: &Witness{}})
	if r.Witness.Absent != "it left" || r.Witness.Posts != 150 {
		t.Errorf("witness %+v", r.Witness)
	}
}

func TestSum(t *testing.T) {
	all := asks(rand.New(rand.NewPCG(3, 3)))
	r := record(t, "", all)
	var home, failed uint64
	for _, a := range all {
		if a.who[1] == "home" {
			home++
		}
		if a.failed != "" {
			failed++
		}
	}
	whole, some := r.Sum(nil), r.Sum(func(t *Tally) bool { return t.Action == "home" })
	if whole.Offered != uint64(len(all)) || whole.Failures() != failed || some.Offered != home {
		t.Errorf("%d requests, %d failed, %d for home; want %d, %d, %d", whole.Offered, whole.Failures(), some.Offered, len(all), failed, home)
	}
}

func TestNewID(t *testing.T) {
	at := time.Date(2027, 2, 15, 0, 30, 0, 999, time.FixedZone("CET", 3600))
	if got, want := NewID(at, "superbowl"), "20270214T233000Z-superbowl"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
