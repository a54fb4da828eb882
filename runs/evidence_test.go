package runs

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// tail is the probability of bad or more among n, added up term by term.
func tail(bad, n int, p float64) float64 {
	term, sum := math.Pow(1-p, float64(n)), 0.0 // of none bad
	for k := 0; k < bad; k++ {
		sum += term
		term *= float64(n-k) / float64(k+1) * p / (1 - p)
	}
	return 1 - sum
}

func TestByChanceIsTheBinomialSum(t *testing.T) {
	for _, p := range []float64{0.5, 0.1, 0.05, 0.01, 0.001, 0.0001} {
		for _, n := range []int{1, 2, 3, 10, 35, 36, 299, 2999} {
			for bad := 0; bad <= min(n, 12); bad++ {
				if got, want := byChance(uint64(bad), uint64(n), p), tail(bad, n, p); math.Abs(got-want) > 1e-9 {
					t.Errorf("%d or more bad of %d, each with probability %v: %v, want %v", bad, n, p, got, want)
				}
			}
		}
	}
}

// With none bad, 3/allowed requests are needed for a pass: the smallest number
// whose chance of none bad, were the promise just broken, is about 5 %. With
// fewer, a promise is broken only by more bad ones than chance explains.
func TestDecide(t *testing.T) {
	for text, needed := range map[string]uint64{
		"p50 <= 1s": 6, "p90 <= 1s": 30, "p99 <= 1s": 300, "p99.9 <= 1s": 3000, "p99.99 <= 1s": 30000, "p99.999 <= 1s": 300000, "p99.9999 <= 1s": 3000000, "max <= 1s": 1,
		"success >= 99.9%": 3000, "success >= 99.99%": 30000, "success >= 99.9999%": 3000000, "goodput > 97%": 100, "errors <= 0.1%": 3000, "errors < 3%": 100, "success >= 0%": 3,
		"errors <= 0%": 1, "success >= 100%": 1,
	} {
		e := promise(t, text)
		kept := func(n uint64) Verdict {
			var f Finding
			if e.IsShare() {
				findShare(&f, e, &Tally{Offered: n, Good: n})
				return f.Verdict
			}
			var all dense
			all.record(totals{n, 1, 1, 1}, bucketOf(1))
			h := all.histogram()
			findTime(&f, e, &h, n)
			return f.Verdict
		}
		if got, less := kept(needed), kept(needed-1); got != Pass || less != Unclear {
			t.Errorf("%s: %d requests give %s and one fewer %s, want pass and unclear", text, needed, got, less)
		}
	}
	for _, allowed := range []float64{0.5, 0.1, 0.03, 0.01, 0.001} {
		needed := int(math.Ceil(3/allowed - 1e-6))
		if p := math.Pow(1-allowed, float64(needed)); p > 0.05 {
			t.Errorf("%d requests, none bad, come by chance in %.3f of the cases where %v are bad", needed, p, allowed)
		}
		for _, n := range []int{1, 2, 5, 20, needed / 2, needed - 1} {
			for bad := 0; n < needed && bad <= min(n, 12); bad++ {
				var f Finding
				want := Unclear
				if bad > 0 && tail(bad, n, allowed) < 0.05 {
					want = Fail
				}
				if f.decide(false, uint64(bad), uint64(n), allowed); f.Verdict != want {
					t.Errorf("%d of %d bad where %v are allowed: %s, want %s", bad, n, allowed, f.Verdict, want)
				}
			}
		}
	}
}

// A quantile is that of the sorted times of all requests, the failed ones last.
func TestQuantileWithFailures(t *testing.T) {
	rng := rand.New(rand.NewPCG(48, 2014))
	percents := []float64{0.01, 1, 5, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.99, 100}
	for range 200 {
		n := 1 + rng.IntN(5000)
		if rng.IntN(3) == 0 {
			n = 1000 * (1 + rng.IntN(5))
		}
		var answers Recorder
		var all []float64 // in nanoseconds
		for range n {
			if rng.IntN(100) < n%7 {
				all = append(all, math.Inf(1))
				continue
			}
			d := time.Duration(float64(time.Millisecond) * math.Exp(3*rng.NormFloat64()))
			all = append(all, float64(d))
			answers.Record(d)
		}
		slices.Sort(all)
		tally := Tally{Offered: uint64(n), Response: answers.Histogram()}
		for _, percent := range percents {
			per := int(math.Round(percent * 100)) // of ten thousand
			want := all[(n*per+9999)/10000-1]
			got, answered := tally.Quantile(percent / 100)
			if answered == math.IsInf(want, 1) || answered && !nearEnough(got, time.Duration(want)) {
				t.Fatalf("p%v of %d, of which %d were answered: %s %v, want %s", percent, n, tally.Response.Count(), got, answered, time.Duration(want))
			}
		}
	}
	if d, answered := new(Tally).Quantile(0.5); d != 0 || answered {
		t.Errorf("of nothing: %s, %v", d, answered)
	}
}

func TestPercent(t *testing.T) {
	for share, want := range map[float64]string{
		0: "0%", 1: "100%", 0.5: "50%", 0.0243: "2.43%", 0.999487: "99.9487%", 0.999: "99.9%", 0.9995: "99.95%", 0.001: "0.1%", 1.0 / 3: "33.3%", 2.0 / 3: "66.7%",
		0.1: "10%", 0.01: "1%", 0.99999999: "99.999999%", 1e-9: "0.0000001%", 1 - 1e-12: "99.9999999999%", 1.5: "150%",
	} {
		if got := Percent(share); got != want {
			t.Errorf("Percent(%v) = %s, want %s", share, got, want)
		}
	}
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range 20000 {
		of := 1 + rng.Uint64N(1<<uint(1+i%53))
		share := part(rng.Uint64N(of+1), of)
		if i%3 == 0 {
			share = part(of-min(of, rng.Uint64N(5)), of)
		}
		text := Percent(share)
		got, err := strconv.ParseFloat(strings.TrimSuffix(text, "%"), 64)
		if err != nil || (text == "100%") != (share == 1) || (text == "0%") != (share == 0) {
			t.Fatalf("Percent(%v) = %s, %v", share, text, err)
		}
		if less := min(share, 1-share); math.Abs(got/100-share) > 0.005*less+1e-15 {
			t.Fatalf("Percent(%v) = %s, which is off by more than the third digit of %v", share, text, less)
		}
	}
}

func TestShort(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 1: "1ns", 999: "999ns", 1234: "1.23µs", 9996: "10µs", 1234567: "1.23ms", 92149 * time.Microsecond: "92.1ms", 999600 * time.Microsecond: "1s",
		12345 * ms: "12.3s", time.Minute: "1m0s", 75432 * ms: "1m15.4s", 24 * time.Hour: "24h0m0s", 30*24*time.Hour + 29*time.Second: "720h0m0s",
	} {
		if got := Short(d); got != want {
			t.Errorf("Short(%d) = %s, want %s", d, got, want)
		}
	}
	rng := rand.New(rand.NewPCG(1, 1))
	for d := range logUniform(rng, 20000, 1, 300*24*time.Hour) {
		got, err := time.ParseDuration(Short(d))
		if err != nil || math.Abs(float64(got-d)) > 0.005*float64(d) {
			t.Fatalf("Short(%s) = %s, %v", d, Short(d), err)
		}
		if next, _ := time.ParseDuration(Short(d + 1 + d/300)); next < got {
			t.Fatalf("Short(%s) = %s, but more is shorter", d, got)
		}
	}
}
