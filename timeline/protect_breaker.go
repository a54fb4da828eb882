package timeline

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
)

const (
	breakerSpan   = 10 * time.Second // looked back at
	breakerCalls  = 20               // too few calls to judge by are fewer than these
	breakerTrials = 3                // calls that must succeed before the store is trusted again
)

// breaker is a circuit breaker (Nygard, Release It!, 2007). It is open, and lets
// no call through, once too great a share of the calls of the last 10 seconds
// failed; after a while it lets a few through, and closes when all of them
// succeed. It is closed anew when one of its knobs is turned. The zero value is
// closed.
type breaker struct {
	mu    sync.Mutex
	share float64 // and
	delay time.Duration
	made  circuitbreaker.CircuitBreaker[any] // for these; nil: none yet
}

// under is the breaker as the knobs want it.
func (b *breaker) under(k *Knobs) circuitbreaker.CircuitBreaker[any] {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.made == nil || b.share != k.BreakerShare || b.delay != k.BreakerDelay {
		b.share, b.delay = k.BreakerShare, k.BreakerDelay
		b.made = circuitbreaker.NewBuilder[any]().
			WithFailureRateThreshold(k.BreakerShare, breakerCalls, breakerSpan).
			WithSuccessThreshold(breakerTrials).
			WithDelay(k.BreakerDelay).
			HandleIf(func(_ any, err error) bool {
				return err != nil && !errors.Is(err, context.Canceled) // a client that hung up is not the store's fault
			}).
			Build()
	}
	return b.made
}

// openness is 0 when it is closed, 1 when it is open, 0.5 when it is being tried.
func (b *breaker) openness() float64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.made == nil {
		return 0
	}
	return map[circuitbreaker.State]float64{circuitbreaker.HalfOpenState: 0.5, circuitbreaker.OpenState: 1}[b.made.State()]
}
