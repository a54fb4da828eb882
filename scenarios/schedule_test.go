package scenarios

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// night is a scenario of one crowd, for tests of arithmetic.
func night(rate Rate, a Arrivals, phases ...Phase) *Scenario {
	return &Scenario{
		Name: "night", Asks: "?", Seed: 48, Population: DefaultPopulation,
		Crowds: []Crowd{{Name: "readers", Rate: rate, Arrivals: a, Do: []Action{{Name: Home, Weight: 80}, {Name: User, Weight: 20}}}},
		Phases: phases,
	}
}

func phase(name string, d time.Duration, levels ...string) Phase {
	p := Phase{Name: name, For: d}
	for _, text := range levels {
		var l Level
		if err := l.UnmarshalText([]byte(text)); err != nil {
			panic(err)
		}
		p.Load = append(p.Load, l)
	}
	return p
}

func TestEvenCountsAreTheIntegral(t *testing.T) {
	s := night(10, Even,
		phase("steady", 10*time.Second),
		phase("ramp", 10*time.Second, "readers 1x to 10x"),
		phase("silence", 30*time.Second, "readers 0x"),
		phase("jump", 10*time.Second, "readers 7x in 2500ms"),
		phase("down", 10*time.Second, "readers 10x to 0x"),
		phase("odd", 1500*time.Millisecond, "readers 3.33x"),
	)
	want := []float64{100, 550, 0, 2.5*35 + 7.5*70, 500, 1.5 * 33.3}
	sched := NewSchedule(s, 1)
	for i, w := range want {
		if got := float64(sched.Count(0, i)); math.Abs(got-w) > 1 {
			t.Errorf("phase %s: %v requests, want %v", s.Phases[i].Name, got, w)
		}
	}
	tt := sched.Crowds[0]
	if tt.At(0).Due != 0 || tt.At(1).Due != 100*time.Millisecond || tt.At(100).Due != 10*time.Second {
		t.Errorf("requests 0, 1 and 100 are due at %v, %v and %v, want 0, 100ms and 10s", tt.At(0).Due, tt.At(1).Due, tt.At(100).Due)
	}
	if got := tt.At(100).Phase; got != 1 {
		t.Errorf("the request due at the border is in phase %d, want the later one, 1", got)
	}
	if got := tt.Rate(15 * time.Second); got != 55 {
		t.Errorf("rate in mid-ramp is %v, want 55", got)
	}
}

// TestTimetableAgreesWithItself holds whatever the arrivals: due times rise, stay
// inside their phase, and every way of counting gives the same number.
func TestTimetableAgreesWithItself(t *testing.T) {
	for _, a := range []Arrivals{Even, Poisson, 3, Bursty} {
		t.Run(a.String(), func(t *testing.T) {
			s := night(150, a,
				phase("a", 3300*time.Millisecond),
				phase("b", 2*time.Second, "readers 0x to 7x"),
				phase("c", 100*time.Millisecond, "readers 20x"),
				phase("d", 4*time.Second, "readers 3x in 1s"))
			sched := NewSchedule(s, 2)
			tt := sched.Crowds[0]
			counts := make([]uint64, len(s.Phases))
			var last time.Duration
			for n := range tt.Count() {
				r := tt.At(n)
				begin, end := sched.Phase(r.Phase)
				if r.N != n || r.Due < last || r.Due < begin || r.Due >= end {
					t.Fatalf("request %d: %+v after one due %v, in a phase of %v to %v", n, r, last, begin, end)
				}
				if before := tt.Before(r.Due); before > n || (r.Due > last && before != n) {
					t.Fatalf("request %d is due at %v, before which %d are due", n, r.Due, before)
				}
				last = r.Due
				counts[r.Phase]++
			}
			var bySecond uint64
			for i := range tt.Seconds() {
				bySecond += tt.Second(i)
			}
			if bySecond != tt.Count() {
				t.Errorf("%d requests by the second, %d in all", bySecond, tt.Count())
			}
			for i := range counts {
				if got := sched.Count(0, i); got != counts[i] {
					t.Errorf("phase %d: Count %d, walked %d", i, got, counts[i])
				}
			}
		})
	}
}

func TestSharesTogetherAreTheSchedule(t *testing.T) {
	s := night(200, Bursty, phase("a", 5*time.Second), phase("b", 5*time.Second, "readers 1x to 4x"))
	whole := NewSchedule(s, 1)
	for _, of := range []uint64{1, 2, 3, 7} {
		var all []Request
		for i := range of {
			tt := NewSchedule(s, 1).Crowds[0] // each worker makes its own
			share := Share{i, of}
			for k := uint64(0); share.Nth(k) < tt.Count(); k++ {
				all = append(all, tt.At(share.Nth(k)))
			}
		}
		slices.SortFunc(all, func(a, b Request) int { return int(a.N) - int(b.N) })
		if uint64(len(all)) != whole.Crowds[0].Count() {
			t.Fatalf("%d shares hold %d requests, want %d", of, len(all), whole.Crowds[0].Count())
		}
		for n, r := range all {
			if want := whole.Crowds[0].At(uint64(n)); r != want {
				t.Fatalf("of %d shares, request %d is %+v, want %+v", of, n, r, want)
			}
		}
	}
}

// TestHash pins the schedule's bytes: whoever changes them breaks the promise
// that last year's run can be repeated.
func TestHash(t *testing.T) {
	s := night(100, Poisson, phase("a", 5*time.Second), phase("b", 5*time.Second, "readers 1x to 4x"))
	s.Crowds = append(s.Crowds, Crowd{Name: "posters", Rate: 30, Arrivals: Bursty, Do: []Action{{Name: Post, Weight: 1}}})
	const want = "9700e5219bcfadc966b6af46908cbb48ceb86cc483481b1f5e9ca174abcd93b8"
	got := NewSchedule(s, 1).Hash()
	if got != want {
		t.Errorf("hash %s, want %s", got, want)
	}
	s.Seed++
	if NewSchedule(s, 1).Hash() == got {
		t.Error("another seed gives the same hash")
	}
	s.Seed--
	s.Crowds[0], s.Crowds[1] = s.Crowds[1], s.Crowds[0]
	swapped := NewSchedule(s, 1)
	if swapped.Crowds[1].At(7) != NewSchedule(night(100, Poisson, s.Phases...), 1).Crowds[0].At(7) {
		t.Error("a crowd's requests depend on the crowds around it")
	}
}

// TestPoissonGaps compares the gaps with the exponential law by a
// Kolmogorov–Smirnov test; 1.63/√n is the critical distance at 1 %.
func TestPoissonGaps(t *testing.T) {
	tt := NewSchedule(night(200, Poisson, phase("a", 200*time.Second)), 1).Crowds[0]
	var gaps []float64
	for n := range tt.Count() - 1 {
		gaps = append(gaps, (tt.At(n+1).Due - tt.At(n).Due).Seconds())
	}
	slices.Sort(gaps)
	law := distuv.Exponential{Rate: 200}
	var worst float64
	for i, g := range gaps {
		f, n := law.CDF(g), float64(len(gaps))
		worst = max(worst, math.Abs(f-float64(i)/n), math.Abs(f-float64(i+1)/n))
	}
	if limit := 1.63 / math.Sqrt(float64(len(gaps))); worst > limit {
		t.Errorf("gaps are %.4f from exponential, want at most %.4f", worst, limit)
	}
}

// TestDispersion measures variance over mean of the counts per second. The
// standard error of the index over n seconds is about index·√(2/n).
func TestDispersion(t *testing.T) {
	for _, a := range []Arrivals{Even, Poisson, 5, Bursty} {
		tt := NewSchedule(night(1000, a, phase("a", 2000*time.Second)), 1).Crowds[0]
		counts := make([]float64, tt.Seconds())
		for i := range counts {
			counts[i] = float64(tt.Second(i))
		}
		mean, variance := stat.MeanVariance(counts, nil)
		if got, err := variance/mean, 5*float64(a)*math.Sqrt(2.0/2000); math.Abs(got-float64(a)) > err {
			t.Errorf("%s: index of dispersion %.2f, want %.2f ± %.2f", a, got, float64(a), err)
		}
		if e := 5 * math.Sqrt(float64(max(a, 1e-9))*1000/2000); math.Abs(mean-1000) > e {
			t.Errorf("%s: %.1f a second, want 1000 ± %.1f", a, mean, e)
		}
	}
}

func TestActionsFollowTheirWeights(t *testing.T) {
	tt := NewSchedule(night(1000, Even, phase("a", 20*time.Second)), 1).Crowds[0]
	var homes float64
	for n := range tt.Count() {
		if tt.At(n).Action == 0 {
			homes++
		}
	}
	n := float64(tt.Count())
	if got := homes / n; math.Abs(got-0.8) > 5*math.Sqrt(0.8*0.2/n) {
		t.Errorf("%.4f of the requests are home reads, want 0.8", got)
	}
}

func TestPeakSumsCrowds(t *testing.T) {
	s := night(100, Even, phase("a", 10*time.Second, "readers 1x to 3x"), phase("b", 10*time.Second, "readers 3x in 1s", "posters 2x to 0x"))
	s.Crowds = append(s.Crowds, Crowd{Name: "posters", Rate: 50, Do: []Action{{Name: Post, Weight: 1}}})
	if got := NewSchedule(s, 1).Peak(); math.Abs(got-400) > 1 {
		t.Errorf("peak %v, want 300 + 100 at the border", got)
	}
}

func TestTimetableIsSafeForConcurrentUse(t *testing.T) {
	tt := NewSchedule(night(100, Bursty, phase("a", 20*time.Second)), 1).Crowds[0]
	want := make([]Request, tt.Count())
	for n := range want {
		want[n] = tt.At(uint64(n))
	}
	done := make(chan bool)
	ahead := NewSchedule(night(100, Bursty, phase("a", 20*time.Second)), 1).Crowds[0] // nothing of it is computed yet
	for g := range 4 {
		go func() {
			ok := true
			for n := range want {
				k := (n*7919 + g*1000) % len(want)
				if n%50 == 0 {
					ahead.Prepare(n/50 - 2) // also seconds that there are none of
				}
				ok = ok && ahead.At(uint64(n)) == want[n]
				ok = ok && tt.At(uint64(k)) == want[k]
			}
			done <- ok
		}()
	}
	for range 4 {
		if !<-done {
			t.Error("a request differs when many ask at once")
		}
	}
}

func TestEveryShippedScenarioIsValid(t *testing.T) {
	names := Shipped()
	for _, must := range []string{"steady", "superbowl", "touchdown"} {
		if !slices.Contains(names, must) {
			t.Errorf("%s is not shipped", must)
		}
	}
	for _, name := range names {
		s, err := Load(name)
		if err != nil {
			t.Error(err)
			continue
		}
		if s.Asks == "" || !strings.HasSuffix(s.Asks, "?") || s.Story == "" {
			t.Errorf("%s asks %q and tells %q; want a question and a story", name, s.Asks, s.Story)
		}
		for i := range s.Phases {
			if len(s.Expectations(i)) == 0 {
				t.Errorf("%s promises nothing in phase %s", name, s.Phases[i].Name)
			}
		}
	}
}

func BenchmarkSchedule(b *testing.B) {
	for _, a := range []Arrivals{Even, Poisson, Bursty} {
		b.Run(a.String(), func(b *testing.B) {
			tt := NewSchedule(night(100_000, a, phase("a", 100*time.Second, "readers 0.5x to 1.5x")), 1).Crowds[0]
			var n uint64
			for b.Loop() {
				tt.At(n)
				if n++; n == tt.Count() {
					n = 0
				}
			}
		})
	}
}
