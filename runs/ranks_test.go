package runs

import (
	"math/rand/v2"
	"testing"
	"time"
)

// Ranks gives each rank what Quantile gives it.
func TestRanksAreTheQuantiles(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 0))
	for n := range 200 {
		var h Histogram
		for range n {
			h.Record(time.Duration(rng.Int64N(1<<rng.IntN(40)) - rng.Int64N(3)))
		}
		rank, before := uint64(0), time.Duration(0)
		for d, count := range h.Ranks() {
			if count == 0 || d < before {
				t.Fatalf("%d durations: %d times %s after %s", n, count, d, before)
			}
			for range count {
				rank++
				// Half a rank less, so that rounding cannot lead to the next.
				if want := h.Quantile((float64(rank) - 0.5) / float64(n)); d != want {
					t.Fatalf("%d durations: rank %d is %s, want %s", n, rank, d, want)
				}
			}
			before = d
		}
		if rank != uint64(n) {
			t.Fatalf("%d durations have %d ranks", n, rank)
		}
	}
}

// Ranks stops when nobody wants more.
func TestRanksStop(t *testing.T) {
	var h Histogram
	for d := range time.Duration(5) {
		h.Record(d)
		h.Record(d << 20)
	}
	var all int
	for range h.Ranks() {
		all++
	}
	for want := 1; want <= all; want++ {
		got := 0
		for range h.Ranks() {
			if got++; got == want {
				break
			}
		}
		if got != want {
			t.Errorf("%d yields, want %d", got, want)
		}
	}
}
