package timeline

import (
	"sync"
	"time"
)

const (
	breakerSpan   = 5 * time.Second // of a window; two are looked at
	breakerCalls  = 20              // too few calls to judge by are fewer than these
	breakerTrials = 3               // calls that must succeed before the store is trusted again
)

// breaker is a circuit breaker (Nygard, Release It!, 2007). It is open, and lets
// no call through, once too great a share of the calls of the last 5 to 10
// seconds failed; after a while it lets a few through, and closes when they
// succeed. The zero value is closed.
type breaker struct {
	mu       sync.Mutex
	windows  [2]struct{ calls, failed int } // this one and the one before
	turnover time.Time                      // when this one ends
	opened   time.Time                      // zero: closed
	trials   int                            // let through since it opened, and
	passed   int                            // those of them that succeeded
	probing  time.Time                      // when the last trial was let through
}

// allows says whether a call may be made now. Every call that is made must be
// recorded.
func (b *breaker) allows(k *Knobs, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.opened.IsZero() {
		return true
	}
	if now.Sub(b.opened) < k.BreakerDelay {
		return false
	}
	if b.trials-b.passed >= breakerTrials && now.Sub(b.probing) < k.BreakerDelay {
		return false // enough are under way
	}
	b.trials++
	b.probing = now
	return true
}

// record takes up what came of a call.
func (b *breaker) record(k *Knobs, failed bool, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.opened.IsZero():
		b.count(failed, now)
		calls, bad := b.windows[0].calls+b.windows[1].calls, b.windows[0].failed+b.windows[1].failed
		if calls >= breakerCalls && float64(bad) >= k.BreakerShare*float64(calls) {
			b.open(now)
		}
	case b.trials == 0: // made before it opened
	case failed:
		b.open(now)
	default:
		if b.passed++; b.passed >= breakerTrials {
			b.opened, b.windows = time.Time{}, [2]struct{ calls, failed int }{}
		}
	}
}

// count counts a call in the window it belongs to.
func (b *breaker) count(failed bool, now time.Time) {
	if !now.Before(b.turnover) {
		b.windows[1] = b.windows[0]
		if now.Sub(b.turnover) >= breakerSpan {
			b.windows[1].calls, b.windows[1].failed = 0, 0
		}
		b.windows[0].calls, b.windows[0].failed = 0, 0
		b.turnover = now.Add(breakerSpan)
	}
	b.windows[0].calls++
	if failed {
		b.windows[0].failed++
	}
}

func (b *breaker) open(now time.Time) {
	b.opened, b.trials, b.passed = now, 0, 0
}

// openness is 0 when it is closed, 1 when it is open, 0.5 when it is being tried.
func (b *breaker) openness() float64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.opened.IsZero():
		return 0
	case b.trials > 0:
		return 0.5
	}
	return 1
}
