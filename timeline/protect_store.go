package timeline

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/budget"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
)

// guard stands before a store: a failed call is made again while the retry
// budget lasts, and not at all while the breaker is open.
type guard struct {
	retried func()

	breaker breaker
	made    atomic.Pointer[policies]
}

// policies are what some knobs want.
type policies struct {
	knobs *Knobs
	all   failsafe.Executor[any]
}

var (
	// errStoreFails is what a call fails with that the knob store_errors has chosen.
	errStoreFails = errors.New("the store failed, as the knob store_errors says")
	// errBreakerOpen is what a call fails with that was not made.
	errBreakerOpen = circuitbreaker.ErrOpen
)

// firstBackoff is how long the first retry waits, the second twice that, and so
// on, each a quarter more or less.
const firstBackoff = 2 * time.Millisecond

// do makes a call to the store, guarded. The error is that of the last try.
func (g *guard) do(ctx context.Context, k *Knobs, call func(context.Context) error) error {
	var last error
	err := g.under(k).WithContext(ctx).Run(func() error {
		last = call(ctx)
		return last
	})
	if errors.Is(err, errBreakerOpen) {
		return err
	}
	return last // err may be the budget's, or say of a call that succeeded that ctx has ended since
}

// under are the policies that the knobs want.
func (g *guard) under(k *Knobs) failsafe.Executor[any] {
	if p := g.made.Load(); p != nil && p.knobs == k {
		return p.all
	}
	p := &policies{k, failsafe.With[any](g.retry(k))}
	if k.Breaker {
		p.all = p.all.Compose(g.breaker.under(k))
	}
	g.made.Store(p)
	return p.all
}

// retry makes a failed call again as often as the knobs say, within the budget: a
// share of the calls under way, and always one.
func (g *guard) retry(k *Knobs) retrypolicy.RetryPolicy[any] {
	b := retrypolicy.NewBuilder[any]().
		WithMaxRetries(k.StoreRetries).
		WithBackoff(firstBackoff, firstBackoff<<max(1, k.StoreRetries)).
		WithJitterFactor(0.25).
		AbortOnErrors(errBreakerOpen).
		ReturnLastFailure().
		OnRetry(func(failsafe.ExecutionEvent[any]) { g.retried() })
	switch {
	case k.RetryBudget <= 0:
		b.WithMaxRetries(0)
	case k.RetryBudget < 1:
		b.WithBudget(budget.NewBuilder().WithMaxRate(k.RetryBudget).WithMinConcurrency(1).Build())
	}
	return b.Build()
}
