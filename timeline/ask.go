package timeline

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// ask makes one call to the store, as slow as the knobs say and guarded by retries
// and the breaker (see guard). The call may be made several times, so it must
// begin anew each time.
func (s *Service) ask(ctx context.Context, call func(context.Context) error) error {
	k := s.knobs.Load()
	if s.local && k.StoreErrors == 0 {
		if k.StoreDelay > 0 && !s.slowed(ctx, k) {
			return ctx.Err()
		}
		return call(ctx) // a memory does not fail, so there is nothing to guard
	}
	return s.guard.do(ctx, k, func(ctx context.Context) error {
		began := time.Now()
		var err error
		switch {
		case k.StoreErrors > 0 && rand.Float64() < k.StoreErrors:
			err = errStoreFails
		case s.slowed(ctx, k):
			err = call(ctx)
		default:
			err = ctx.Err()
		}
		s.metrics.storeCalls.Observe(time.Since(began).Seconds())
		if err != nil {
			s.metrics.storeErrors.Inc()
		}
		return err
	})
}

// slowed takes what a call to the store takes longer, for a share of the calls.
func (s *Service) slowed(ctx context.Context, k *Knobs) bool {
	return k.StoreDelay <= 0 || rand.Float64() >= k.StoreDelayShare || pause(ctx, k.StoreDelay)
}

// askOnce is ask for what must not be done twice.
func (s *Service) askOnce(ctx context.Context, call func(context.Context) error) error {
	made, before := false, error(nil)
	return s.ask(ctx, func(ctx context.Context) error {
		if !made {
			made, before = true, call(ctx)
		}
		return before
	})
}

// unreachable is the refusal of who needs a store that cannot be asked.
func unreachable(err error) *problem {
	switch {
	case errors.Is(err, errBreakerOpen):
		return unavailable("The store has failed and is given time to recover")
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return unavailable("The store did not answer in time")
	}
	return unavailable("The store cannot be reached")
}
