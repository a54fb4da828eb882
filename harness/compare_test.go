package harness

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"gameday/runs"
)

// A wandering service takes lognormal times around a level that wanders from
// second to second, and stands still for some milliseconds every ten seconds or
// so. What it does follows from its seed and the time of a request alone.
type wandering struct {
	seed   uint64
	levels []float64 // of each second
	pauses []float64 // in each second, when one begins; above 1: none
	tail   float64   // by how much the slowest tenth is slower
}

func newWandering(seed uint64, seconds int, tail float64) *wandering {
	w := &wandering{seed: seed, tail: tail}
	rng := rand.New(rand.NewPCG(seed, 3))
	level := 0.02 * rng.NormFloat64()
	for range seconds + 1 {
		level = 0.7*level + 0.02*math.Sqrt(1-0.7*0.7)*rng.NormFloat64()
		w.levels = append(w.levels, level)
		w.pauses = append(w.pauses, 10*rng.Float64())
	}
	return w
}

// takes is how long a request takes that comes at a time after the start.
func (w *wandering) takes(path string, at time.Duration) time.Duration {
	h := fnv.New64a()
	h.Write([]byte(path))
	rng := rand.New(rand.NewPCG(w.seed^h.Sum64(), uint64(at)))
	second := min(int(at/time.Second), len(w.levels)-1)
	z := rng.NormFloat64()
	d := 0.030 * math.Exp(0.25*z+w.levels[second])
	if z > 1.2816 {
		d *= w.tail
	}
	if into, left := at.Seconds()-math.Floor(at.Seconds()), w.pauses[second]; into > left && into < left+0.02 {
		d += left + 0.02 - into
	}
	return time.Duration(d * 1e9)
}

// watched plays a minute and a half against a wandering service, in a bubble.
func watched(t *testing.T, w *wandering) (run *runs.Run) {
	synctest.Test(t, func(t *testing.T) {
		s := night(t, comparedNight)
		start := time.Now()
		run = playing(t, &Harness{}, func(r *http.Request) *http.Response {
			pause(r, w.takes(r.URL.Path, time.Since(start)))
			return answer(200, "text/plain", "")
		}, s)
	})
	return run
}

const comparedNight = `
name: night
asks: Is it as fast as it was?
seed: 1
crowds: [{name: all, rate: 200/s, arrivals: poisson, do: [{name: a, path: /a, weight: 3}, {name: b, path: /b}]}]
phases: [{name: night, for: 90s}]
expect: [success >= 99%]
`

// TestComparingPlays plays twenty pairs of the same service through the whole
// harness, of which one at the most may raise an alarm, and twenty in which the
// 99th percentile is 10 % longer, of which nine of ten must be found. Under the race
// detector, which takes some hundred microseconds for each of their million
// requests, there are fewer.
func TestComparingPlays(t *testing.T) {
	alarms, found, passed := 0, 0, 0
	for i := range uint64(comparedPairs) {
		base := watched(t, newWandering(3*i, 90, 1))
		same := runs.Compare(base, watched(t, newWandering(3*i+1, 90, 1)), runs.DefaultTolerance)
		slow := runs.Compare(base, watched(t, newWandering(3*i+2, 90, 1.1)), runs.DefaultTolerance)
		if len(same.Differs) > 0 {
			t.Fatalf("the plays cannot be compared: %q", same.Differs)
		}
		switch same.Verdict {
		case runs.Fail:
			alarms++
		case runs.Pass:
			passed++
		}
		for _, r := range slow.Rows {
			if r.Phase == "" && r.Action == "" && r.Measure == "p99" && r.Verdict == runs.Worse {
				found++
			}
		}
	}
	t.Logf("of %d pairs of the same service %d raise an alarm and %d pass; a p99 longer by 10%% is found in %d", comparedPairs, alarms, passed, found)
	if alarms > 1 {
		t.Errorf("%d of %d pairs of the same service raise an alarm, want 1 at the most", alarms, comparedPairs)
	}
	if 10*found < 9*comparedPairs {
		t.Errorf("a p99 longer by 10%% is found in %d of %d pairs, want 90%%", found, comparedPairs)
	}
	if 2*passed < comparedPairs {
		t.Errorf("%d of %d pairs of the same service pass, want half", passed, comparedPairs)
	}
}
