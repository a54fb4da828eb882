package harness

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestWake: nobody wakes too early, nor later than by the grain, and what is due soon
// leaves on a beat that all crowds have in common.
func TestWake(t *testing.T) {
	p := &pacer{grain: grain, health: &health{}}
	exact := &pacer{health: p.health}
	draw := rand.New(rand.NewPCG(1, 2))
	for i := range 10_000 {
		p.health.coarse.Store(int32(i % (coarsest + 1)))
		grain := grain << p.health.coarse.Load()
		now := time.Duration(draw.Int64N(int64(time.Hour)))
		due := now + 1 + time.Duration(draw.Int64N(int64(3*grain)))
		if got := exact.wake(now, due); got != due {
			t.Fatalf("without a grain, at %s for %s: %s", now, due, got)
		}
		switch got := p.wake(now, due); {
		case due-now >= grain && got != due:
			t.Fatalf("at %s for %s, which is not soon: %s", now, due, got)
		case due-now < grain && (got < due || got >= due+grain || got%grain != 0):
			t.Fatalf("at %s for %s: %s", now, due, got)
		}
	}
}

// TestSettle: the grain is doubled while little CPU is left, halved again while much
// is, and never leaves its bounds.
func TestSettle(t *testing.T) {
	var h health
	for i, step := range []struct {
		busy float64
		want int32
	}{{0.2, 0}, {0.6, 0}, {0.76, 1}, {0.9, 2}, {0.6, 2}, {1, 3}, {1, 3}, {0.75, 3}, {0.5, 3}, {0.49, 2}, {0, 1}, {0, 0}, {0, 0}} {
		if h.settle(step.busy); h.coarse.Load() != step.want {
			t.Errorf("step %d, %.0f %% busy: doubled %d times, want %d", i, 100*step.busy, h.coarse.Load(), step.want)
		}
	}
}

// TestFewPlaces: the crowds have together what one of their rate would have, each by
// its rate, and none has too few to press at all.
func TestFewPlaces(t *testing.T) {
	for _, tt := range []struct {
		rates []float64
		few   []int64
	}{
		{[]float64{100_000}, []int64{64}},
		{[]float64{25_000}, []int64{80}},
		{[]float64{100}, []int64{1024}},
		{[]float64{0}, []int64{1024}},
		{[]float64{50_000, 50_000}, []int64{32, 32}},
		{[]float64{99_000, 1_000}, []int64{64, leastOfOne}},
		{[]float64{1000, 500, 500}, []int64{500, 250, 250}},
	} {
		var all, parts float64
		for _, r := range tt.rates {
			all += r
		}
		for i, r := range tt.rates {
			few, part := fewPlaces(r, all)
			if parts += part; few != tt.few[i] {
				t.Errorf("%v: the crowd of %v has %d places, want %d", tt.rates, r, few, tt.few[i])
			}
		}
		if parts < 0.999 || parts > 1.001 {
			t.Errorf("%v: the parts add up to %v", tt.rates, parts)
		}
	}
	var h health
	h.room.Store(1000)
	if got := h.places(64, 0.25); got != 250 {
		t.Errorf("a quarter of 1,000 places is %d", got)
	}
}
