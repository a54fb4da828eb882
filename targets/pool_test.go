package targets

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
)

// lastUnit is the largest number below 1 that a draw can be.
const lastUnit = 1 - 1.0/(1<<53)

// share is the probability of a rank by the continuous law: the part of the
// integral of x^-s over [1, n+1) that lies in [rank+1, rank+2).
func share(rank, n int, s float64) float64 {
	upTo := func(x float64) float64 {
		if s == 1 {
			return math.Log(x)
		}
		return (math.Pow(x, 1-s) - 1) / (1 - s)
	}
	return (upTo(float64(rank+2)) - upTo(float64(rank+1))) / upTo(float64(n+1))
}

// Ranks fall as the law says. The test is a chi-square over the ranks that are
// expected at least ten times, the others taken together: its value is about the
// number of classes, give or take six standard deviations.
func TestRankFollowsTheLaw(t *testing.T) {
	const draws = 60_000
	for _, s := range []float64{0, 0.5, 1, 1.21, 2, 5} {
		for _, n := range []int{1, 2, 10, 4096} {
			rng := rand.New(rand.NewPCG(48, uint64(n)))
			counts := make([]float64, n)
			for range draws {
				counts[rank(rng.Float64(), n, s)]++
			}
			var chi, classes, rest, expectRest float64
			for i, got := range counts {
				if expect := draws * share(i, n, s); expect >= 10 {
					chi += (got - expect) * (got - expect) / expect
					classes++
				} else {
					rest, expectRest = rest+got, expectRest+expect
				}
			}
			if expectRest > 10 {
				chi += (rest - expectRest) * (rest - expectRest) / expectRest
				classes++
			}
			if chi > classes+6*math.Sqrt(2*classes) {
				t.Errorf("s %v, n %d: chi-square %.1f of %v classes", s, n, chi, classes)
			}
		}
	}
}

// Every draw gives a rank that there is, the smallest the first, and larger draws
// give no smaller ranks.
func TestRankBounds(t *testing.T) {
	for _, s := range []float64{0, 0.5, 1, 1 - 1e-10, 1 + 1e-8, 1.21, 5, 10} {
		for _, n := range []int{1, 2, 3, 4096, 10_000_000} {
			last := 0
			for _, u := range []float64{0, 1.0 / (1 << 53), 1e-9, 0.25, 0.5, 0.75, 1 - 1e-9, 1 - 1.0/(1<<32), lastUnit} {
				got := rank(u, n, s)
				if got < last || got >= n || u == 0 && got != 0 {
					t.Errorf("rank(%v, %d, %v) = %d after %d", u, n, s, got, last)
				}
				last = got
			}
		}
	}
	if got := rank(lastUnit, 4096, 0); got != 4095 {
		t.Errorf("the last of evenly drawn ranks is %d, want 4095", got)
	}
}

// A pool remembers the newest posts; rank 0 is the newest.
func TestPoolIsARing(t *testing.T) {
	var p pool
	if got := p.pick(0.5, 1); got != "0" {
		t.Errorf("an empty pool gives %q", got)
	}
	for added := range 2*poolSize + 100 {
		p.add(strconv.Itoa(added))
		if added > 5 && added%517 != 0 && added != poolSize-1 && added != poolSize {
			continue
		}
		n := min(added+1, poolSize)
		for _, back := range []int{0, 1, n / 2, n - 1} {
			if back >= n {
				continue
			}
			u := (float64(back) + 0.5) / float64(n) // evenly drawn
			if got, want := p.pick(u, 0), strconv.Itoa(added-back); got != want {
				t.Fatalf("after %d posts, the one %d before the newest is %s, want %s", added+1, back, got, want)
			}
		}
		if got := p.pick(0, 1.21); got != strconv.Itoa(added) {
			t.Fatalf("after %d posts, the newest is %s", added+1, got)
		}
	}
	if len(p.ids) != poolSize {
		t.Errorf("the pool holds %d, want %d", len(p.ids), poolSize)
	}
}

// Many learn and pick at once. (The race detector watches.)
func TestPoolConcurrently(t *testing.T) {
	var p pool
	var all sync.WaitGroup
	for w := range 8 {
		all.Go(func() {
			rng := rand.New(rand.NewPCG(1, uint64(w)))
			for i := range 2000 {
				if w%2 == 0 {
					p.add(fmt.Sprintf("%d-%d", w, i))
				} else if id := p.pick(rng.Float64(), 1.21); id == "" {
					t.Error("an id that nobody added")
				}
			}
		})
	}
	all.Wait()
	if len(p.ids) != poolSize {
		t.Errorf("the pool holds %d, want %d", len(p.ids), poolSize)
	}
}
