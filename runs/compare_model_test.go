package runs

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"gameday/scenarios"
)

var modelPairs = flag.Int("pairs", usualPairs, "pairs of runs of the model that are compared")

// A modelled service has lognormal latencies around a level that wanders: a series
// of first order, second by second. Pauses stop everything for a while, as a
// garbage collector does.
type modelled struct {
	rate, phases, seconds int // requests a second; phases of so many seconds
	wander, left          float64
	pauses                float64 // in a second
	pause                 time.Duration
	tail                  float64 // by how much the slowest tenth is slower; 0: not at all
	failing               float64 // share
}

var modelActions = []string{"home", "post", "like"}

// play is a judged run of the model.
func (m modelled) play(t testing.TB, seed uint64) *Run {
	t.Helper()
	yaml := "name: night\nasks: Does it hold?\nexpect: [success >= 90%]\ncrowds:\n  - {name: people, rate: 100/s, do: [home 1, post 1, like 1]}\nphases:\n"
	for i := range m.phases {
		yaml += fmt.Sprintf("  - {name: p%d, for: %ds}\n", i, m.seconds)
	}
	s, err := scenarios.Read("night.yaml", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	began := time.Date(2027, 2, 14, 23, 30, 0, 0, time.UTC)
	r := &Run{
		Schema: Schema, ID: NewID(began, s.Name), Scenario: s, Scale: 1, Began: began, Ended: began.Add(s.Duration()),
		Target: Target{"staging", "https://timeline.staging.example", "mastodon", "http1"}, Host: Host{"loadgen-1", "linux", "amd64", 2, "go1.26"},
	}
	for i := range m.phases {
		r.Phases = append(r.Phases, Phase{fmt.Sprint("p", i), Span(i*m.seconds) * Span(time.Second), Span((i+1)*m.seconds) * Span(time.Second), map[string]uint64{"people": uint64(m.seconds * (m.rate / 3) * 3)}})
	}
	rng := rand.New(rand.NewPCG(seed, 7))
	level := rng.NormFloat64() * m.wander
	for second := range m.phases * m.seconds {
		level = m.left*level + math.Sqrt(1-m.left*m.left)*rng.NormFloat64()*m.wander
		r.Tallies = append(r.Tallies, m.second(rng, second, level)...)
	}
	Judge(r)
	return r
}

// second is a second of the model.
func (m modelled) second(rng *rand.Rand, second int, level float64) (all []Tally) {
	from, until := 2.0, 2.0
	if rng.Float64() < m.pauses {
		from = rng.Float64()
		until = from + m.pause.Seconds()*(0.5+rng.Float64())
	}
	for i, action := range modelActions {
		var took Recorder
		n := m.rate / 3
		failed := uint64(0)
		for range n {
			if m.failing > 0 && rng.Float64() < m.failing {
				failed++
				continue
			}
			z := rng.NormFloat64()
			d := 0.020 * (1 + 0.3*float64(i)) * math.Exp(z/2+level)
			if m.tail > 0 && z > 1.2816 {
				d *= m.tail
			}
			if at := rng.Float64(); at > from && at < until {
				d += until - at
			}
			took.Record(time.Duration(d * 1e9))
		}
		h := took.Histogram()
		t := Tally{Phase: second / m.seconds, Second: second, Crowd: "people", Action: action, Offered: uint64(n), Good: h.Count(), Attempts: uint64(n), Response: h, Service: h}
		if failed > 0 {
			t.Failed = map[string]uint64{"5xx": failed}
		}
		all = append(all, t)
	}
	return all
}

// usual is a service whose level wanders by 5 % over some seconds, and that pauses.
var usual = modelled{rate: 300, phases: 3, seconds: 60, wander: 0.05, left: 0.8, pauses: 0.1, pause: 30 * time.Millisecond}

// A tallied pair is what comparing a service with itself, and with one that is
// slower, came to.
type tallied struct{ better, worse, passed, found, foundP99 bool }

// count is how many pairs fulfil something.
func count(all []tallied, is func(tallied) bool) (n int) {
	for _, a := range all {
		if is(a) {
			n++
		}
	}
	return n
}

// inPairs compares pairs of runs, two at a time.
func inPairs(pairs int, compare func(pair uint64) tallied) []tallied {
	all := make([]tallied, pairs)
	var next atomic.Uint64
	var workers sync.WaitGroup
	for range 2 {
		workers.Go(func() {
			for i := next.Add(1) - 1; i < uint64(len(all)); i = next.Add(1) - 1 {
				all[i] = compare(i)
			}
		})
	}
	workers.Wait()
	return all
}

// checkRate holds that something happens in a share of all cases at the most. Of
// 100 pairs and more, that must be proved: by the bound that Clopper and Pearson
// (1934) give for 19 of 20 cases. Fewer must not disprove it.
func checkRate(t *testing.T, what string, n, pairs int, most float64) {
	t.Helper()
	atMost := distuv.Beta{Alpha: float64(n + 1), Beta: max(float64(pairs-n), 1e-9)}.Quantile(0.95)
	t.Logf("%d of %d %s: at most %.1f%%", n, pairs, what, 100*atMost)
	if pairs >= 100 && atMost > most {
		t.Errorf("%d of %d %s, which may be %.1f%%; want %.0f%% at the most", n, pairs, what, 100*atMost, 100*most)
	}
	if expected := most * float64(pairs); float64(n) > expected+2*math.Sqrt(expected)+1 {
		t.Errorf("%d of %d %s, want %.0f%% at the most", n, pairs, what, 100*most)
	}
}

// raised counts the changes of a comparison.
func raised(c *Comparison) (all tallied) {
	all.passed = c.Verdict == Pass
	for _, r := range c.Rows {
		all.better = all.better || r.Verdict == Better
		all.worse = all.worse || r.Verdict == Worse
	}
	return all
}

// TestErrorRatesOfComparing holds how often a comparison raises a false alarm, in
// any of its rows, and how often it finds that the 99th percentile is 10 % longer.
func TestErrorRatesOfComparing(t *testing.T) {
	slower := usual
	slower.tail = 1.1
	all := inPairs(*modelPairs, func(i uint64) tallied {
		base := usual.play(t, 3*i)
		is := raised(Compare(base, usual.play(t, 3*i+1), DefaultTolerance))
		c := Compare(base, slower.play(t, 3*i+2), DefaultTolerance)
		is.found = c.Verdict == Fail
		for _, r := range c.Rows {
			if r.Measure == "p99" && r.Phase == "" && r.Action == "" && r.Verdict == Worse {
				is.foundP99 = true
			}
		}
		return is
	})
	n := len(all)
	found := count(all, func(a tallied) bool { return a.found })
	t.Logf("of %d pairs of the same service %d pass; 10%% are found in %d, in p99 of everybody in %d", n,
		count(all, func(a tallied) bool { return a.passed }), found, count(all, func(a tallied) bool { return a.foundP99 }))
	checkRate(t, "comparisons of a service with itself say worse", count(all, func(a tallied) bool { return a.worse }), n, 0.05)
	checkRate(t, "comparisons of a service with itself say worse or better", count(all, func(a tallied) bool { return a.worse || a.better }), n, 0.05)
	if 10*found < 9*n {
		t.Errorf("10%% at p99 was found in %d of %d comparisons, want 90%%", found, n)
	}
}

// TestErrorRatesWhereThereIsMore holds the false alarms where a service wanders
// slowly and far, where the run is short, and where requests fail.
func TestErrorRatesWhereThereIsMore(t *testing.T) {
	short, slow, failing := usual, usual, usual
	short.phases, short.seconds = 3, 20
	slow.wander, slow.left = 0.1, 0.95
	failing.failing = 0.01
	for name, tt := range map[string]struct {
		modelled
		part int // of the pairs, which proves most
		most float64
	}{"short": {short, 2, 0.05}, "slow": {slow, 1, 0.1}, "failing": {failing, 2, 0.05}} {
		t.Run(name, func(t *testing.T) {
			all := inPairs(*modelPairs/tt.part, func(i uint64) tallied {
				return raised(Compare(tt.play(t, 2*i), tt.play(t, 2*i+1), DefaultTolerance))
			})
			checkRate(t, "comparisons of a service with itself say worse", count(all, func(a tallied) bool { return a.worse }), len(all), tt.most)
		})
	}
}

// TestRanksWouldNotDo shows why seconds are not compared by their ranks: Mann and
// Whitney's test takes them for independent.
func TestRanksWouldNotDo(t *testing.T) {
	false5, n := 0, *modelPairs/4
	for i := range uint64(n) {
		b, h := usual.play(t, 2*i), usual.play(t, 2*i+1)
		p := pairOf(grouped(b)[subject{wholeRun, ""}], grouped(h)[subject{wholeRun, ""}], 0, b.seconds())
		if rankChance(p.base.medians(), p.head.medians()) < chance {
			false5++
		}
	}
	t.Logf("at 5%%, one row, ranks raise %d of %d", false5, n)
	if 5*false5 < n {
		t.Errorf("ranks raise %d false alarms of %d; if they hold what they promise, they are the simpler test", false5, n)
	}
}

// medians are those of each second.
func (s *sample) medians() []float64 {
	var all []float64
	for i := range s.units {
		d := draw{{i, i + 1}}
		all = append(all, s.measure(d)[atP50].value)
	}
	return all
}

// rankChance is Mann and Whitney's test, two-sided, for many values.
func rankChance(x, y []float64) float64 {
	u, n, m := 0.0, float64(len(x)), float64(len(y))
	for _, a := range x {
		for _, b := range y {
			if a < b {
				u++
			}
		}
	}
	z := math.Abs(u-n*m/2) / math.Sqrt(n*m*(n+m+1)/12)
	return 2 * distuv.UnitNormal.Survival(z)
}
