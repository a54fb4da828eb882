package selftest

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"gameday/runs"
	"gameday/scenarios"
)

// The spread has a nine of its percentiles at each power of ten.
func TestSpread(t *testing.T) {
	list := make([]time.Duration, 100_000)
	for i := range list {
		list[i] = Spread(i)
	}
	slices.Sort(list)
	if list[0] < spreadLeast || list[len(list)-1] != spreadMost {
		t.Errorf("from %s to %s, want %s to %s", list[0], list[len(list)-1], spreadLeast, spreadMost)
	}
	for _, q := range percentiles {
		want := float64(spreadLeast) / (1 - q)
		if got := float64(quantile(list, q)); math.Abs(got/want-1) > 0.2 {
			t.Errorf("%s is %s, want about %s", percent(q), time.Duration(got), time.Duration(want))
		}
	}
}

// A quantile of a list is that of a histogram of the same, to its resolution.
func TestQuantile(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		var r runs.Recorder
		list := make([]time.Duration, 1+rng.IntN(3000))
		for i := range list {
			list[i] = time.Duration(math.Exp(rng.Float64()*20)) + 1000
			r.Record(list[i])
		}
		slices.Sort(list)
		h := r.Histogram()
		for _, q := range append([]float64{0, 1, rng.Float64()}, percentiles...) {
			if c := compare(q, h.Quantile(q), quantile(list, q), 0); !c.met() {
				t.Fatalf("of %d: %s", len(list), c)
			}
		}
	}
	if quantile(nil, 0.5) != 0 {
		t.Error("the quantile of nothing is something")
	}
}

func TestCompare(t *testing.T) {
	for _, c := range []struct {
		got, want, floor time.Duration
		met              bool
	}{
		{1000, 1000, 0, true}, {1011, 1000, 0, true}, {1012, 1000, 0, false}, {989, 1000, 0, true}, {988, 1000, 0, false},
		{1511, 1000, 500, true}, {1512, 1000, 500, false}, {0, 0, 0, true}, {1, 0, 0, false},
	} {
		if got := compare(0.5, c.got, c.want, c.floor); got.met() != c.met || math.IsNaN(got.share()) || math.IsInf(got.share(), 0) {
			t.Errorf("%+v: met %t, share %g", c, got.met(), got.share())
		}
	}
	if c := arithmetic(); c.Verdict != runs.Pass || c.Value <= 0 || c.Value > accuracy {
		t.Errorf("%+v", c)
	}
}

// TestOffBeat shifts visits by known errors.
func TestOffBeat(t *testing.T) {
	table := timetable(load{path: "/", rate: 1000, arrivals: scenarios.Poisson, lasts: time.Second})
	visits := make([]visit, table.Count())
	for i := range visits {
		visits[i].At = table.At(uint64(i)).Due + 3*time.Second
	}
	if got := quantile(offBeat(visits, table), 1); got != 0 {
		t.Errorf("on the beat, but for the clock: %s off", got)
	}
	last := len(visits) - 1
	visits[last].At += 40 * time.Millisecond
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(visits), func(i, j int) { visits[i], visits[j] = visits[j], visits[i] })
	if got := offBeat(visits, table); got[last] != 40*time.Millisecond || got[last-1] != 0 {
		t.Errorf("one is 40ms late: %s, and before it %s", got[last], got[last-1])
	}
}

// The search ends below what is held, and close to it.
func TestSearch(t *testing.T) {
	for most := 1.0; most < 3e6; most *= 1.37 {
		steps, tried := 20, 0
		got, err := search(topRateLimit, steps, func(r scenarios.Rate) (bool, error) {
			tried++
			return float64(r) <= most, nil
		})
		if err != nil || tried != steps || float64(got) > most || float64(got) < most*0.9-1 {
			t.Errorf("%g is held: found %g in %d steps: %v", most, got, tried, err)
		}
	}
	if got, _ := search(topRateLimit, 3, func(scenarios.Rate) (bool, error) { return false, nil }); got != 0 {
		t.Errorf("nothing is held, but found %g", got)
	}
}
