package timeline

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// guard stands before a store: a failed call is made again while the retry
// budget lasts, and not at all while the breaker is open.
type guard struct {
	retried func()

	breaker breaker
	calls   atomic.Int64 // under way, retries among them
	retries atomic.Int64 // under way
}

var (
	// errStoreFails is what a call fails with that the knob store_errors has chosen.
	errStoreFails = errors.New("the store failed, as the knob store_errors says")
	// errBreakerOpen is what a call fails with that was not made.
	errBreakerOpen = errors.New("the store is not called, because it failed too often")
)

// firstBackoff is how long the first retry waits, the second twice that, and so
// on, each a quarter more or less.
const firstBackoff = 2 * time.Millisecond

// do makes a call to the store, guarded. The error is that of the last try, or
// that of ctx.
func (g *guard) do(ctx context.Context, k *Knobs, call func(context.Context) error) error {
	for try := 0; ; try++ {
		err := g.try(ctx, k, try > 0, call)
		if err == nil || try >= k.StoreRetries || errors.Is(err, errBreakerOpen) || ctx.Err() != nil || !g.mayRetry(k) {
			return err
		}
		if !pause(ctx, time.Duration(float64(firstBackoff<<try)*(0.75+rand.Float64()/2))) {
			return err
		}
		g.retried()
	}
}

// try makes a call once, if the breaker lets it.
func (g *guard) try(ctx context.Context, k *Knobs, again bool, call func(context.Context) error) error {
	if k.Breaker && !g.breaker.allows(k, time.Now()) {
		return errBreakerOpen
	}
	g.calls.Add(1)
	defer g.calls.Add(-1)
	if again {
		g.retries.Add(1)
		defer g.retries.Add(-1)
	}
	var err error
	if k.StoreErrors > 0 && rand.Float64() < k.StoreErrors {
		err = errStoreFails
	} else {
		err = call(ctx)
	}
	if k.Breaker {
		failed := err != nil && !errors.Is(err, context.Canceled) // a client that hung up is not the store's fault
		g.breaker.record(k, failed, time.Now())
	}
	return err
}

// mayRetry says whether one more retry is within the budget: a share of the calls
// under way, and always one.
func (g *guard) mayRetry(k *Knobs) bool {
	retries := g.retries.Load()
	return k.RetryBudget >= 1 || k.RetryBudget > 0 && (retries == 0 || float64(retries+1) <= k.RetryBudget*float64(g.calls.Load()+1))
}
