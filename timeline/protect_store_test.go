package timeline

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestGuard calls a store that fails now and then: retries hide it within the
// budget, the breaker opens on more, and closes when the store is well again.
func TestGuard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := withKnobs(func(k *Knobs) { k.StoreRetries, k.RetryBudget = 3, 1 })
		retries := 0
		g := &guard{retried: func() { retries++ }}
		failing, calls := 0.05, 0
		random := rand.New(rand.NewPCG(1, 2))
		broken := errors.New("broken")
		call := func(context.Context) error {
			calls++
			if random.Float64() < failing {
				return broken
			}
			return nil
		}
		for range 1000 {
			if err := g.do(t.Context(), k, call); err != nil {
				t.Fatalf("a call fails in spite of retries: %v", err)
			}
		}
		if retries == 0 || retries != calls-1000 {
			t.Errorf("%d retries are told, %d calls were made for 1,000", retries, calls)
		}
		failing = 1
		time.Sleep(time.Minute) // nothing of before counts
		for g.breaker.openness() == 0 {
			_ = g.do(t.Context(), k, call)
		}
		before := calls
		for range 100 {
			if err := g.do(t.Context(), k, call); !errors.Is(err, errBreakerOpen) {
				t.Fatalf("behind an open breaker: %v", err)
			}
		}
		if calls != before {
			t.Errorf("%d calls were made behind an open breaker", calls-before)
		}
		time.Sleep(k.BreakerDelay)
		if err := g.do(t.Context(), k, call); err == nil || g.breaker.openness() != 1 {
			t.Errorf("a trial that failed: %v, open %v", err, g.breaker.openness())
		}
		failing = 0
		time.Sleep(k.BreakerDelay)
		for range breakerTrials {
			if err := g.do(t.Context(), k, call); err != nil {
				t.Errorf("a trial: %v", err)
			}
		}
		if g.breaker.openness() != 0 {
			t.Error("the breaker is open though the store is well")
		}
	})
}

// TestGuardSaysWhatCame calls a store that succeeds after the caller has hung up,
// and one that fails when there is no budget left: the answer is the call's own.
func TestGuardSaysWhatCame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := withKnobs(func(k *Knobs) { k.Breaker = false })
		g := &guard{retried: func() {}}
		ctx, hangUp := context.WithCancel(t.Context())
		if err := g.do(ctx, k, func(context.Context) error { hangUp(); return nil }); err != nil {
			t.Errorf("what was done is reported as %v", err)
		}
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				broken := errors.New("broken")
				if err := g.do(t.Context(), k, func(context.Context) error { time.Sleep(time.Second); return broken }); err != broken {
					t.Errorf("a call that failed is reported as %v", err)
				}
			})
		}
		wg.Wait()
	})
}

// TestBreakerTurned turns knobs while the breaker is open: it stays open, unless
// one of its own was turned.
func TestBreakerTurned(t *testing.T) {
	g := &guard{retried: func() {}}
	k := withKnobs(func(k *Knobs) { k.StoreRetries = 0 })
	fails := func(context.Context) error { return errStoreFails }
	for g.breaker.openness() == 0 {
		_ = g.do(t.Context(), k, fails)
	}
	for _, c := range []struct {
		turn func(*Knobs)
		open float64
	}{{func(k *Knobs) { k.RetryBudget = 0.5 }, 1}, {func(k *Knobs) { k.BreakerDelay *= 2 }, 0}} {
		turned := *k
		c.turn(&turned)
		_ = g.do(t.Context(), &turned, fails)
		if open := g.breaker.openness(); open != c.open {
			t.Errorf("it is open %v, want %v", open, c.open)
		}
	}
}

// TestRetryBudget calls a store that always fails, many at once: with a budget of
// a tenth there are about a tenth more calls, without one three times as many.
func TestRetryBudget(t *testing.T) {
	for _, c := range []struct {
		budget      float64
		least, most float64 // calls a request
	}{{0, 1, 1}, {0.1, 1, 1.3}, {1, 3, 3}} {
		synctest.Test(t, func(t *testing.T) {
			k := withKnobs(func(k *Knobs) { k.StoreRetries, k.RetryBudget, k.Breaker = 2, c.budget, false })
			g := &guard{retried: func() {}}
			var calls atomic.Int64
			var wg sync.WaitGroup
			for range 1000 {
				wg.Go(func() {
					_ = g.do(t.Context(), k, func(context.Context) error {
						calls.Add(1)
						time.Sleep(20 * time.Millisecond)
						return errStoreFails
					})
				})
				time.Sleep(time.Millisecond / 4)
			}
			wg.Wait()
			if each := float64(calls.Load()) / 1000; each < c.least || each > c.most || math.IsNaN(each) {
				t.Errorf("with a budget of %v there are %v calls a request", c.budget, each)
			}
		})
	}
}

// TestBreakerKnob asks a service whose store fails: with the breaker it is soon
// not asked any more, and each request is refused as truthfully with it as without.
func TestBreakerKnob(t *testing.T) {
	for _, on := range []bool{true, false} {
		s := start(t, Options{Accounts: 20, Knobs: withKnobs(func(k *Knobs) { k.StoreErrors, k.StoreRetries, k.Breaker = 1, 0, on })})
		for range 100 {
			w := s.do(s.request(1, "GET", "/api/v1/timelines/home", nil))
			if w.Code != 503 || w.Header().Get("Retry-After") == "" {
				t.Fatalf("a store that fails is answered %d %s", w.Code, w.Body)
			}
		}
		if open := value(s.scrape(t), "timeline_store_breaker_open"); open != map[bool]float64{true: 1, false: 0}[on] {
			t.Errorf("breaker %v: it is open %v", on, open)
		}
		s.turn(t, `{"store_errors":0,"breaker":false}`)
		if w := s.do(s.request(1, "GET", "/api/v1/timelines/home", nil)); w.Code != 200 {
			t.Errorf("a store that is well again is answered %d", w.Code)
		}
	}
}
