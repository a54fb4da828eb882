package harness

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// pushing is the work of a Pusher on one play.
type pushing struct {
	to      receiver
	from    prometheus.Gatherer
	say     func(string)
	every   time.Duration
	waiting []*snapshot // what is not sent yet, the oldest first
	newest  time.Time   // when the metrics were taken last
	lost    int         // intervals
	why     error       // the last failure
}

// keep pushes until play ends, and then what is left.
func (p *pushing) keep(play context.Context) {
	tick := time.NewTicker(p.every)
	defer tick.Stop()
	// Counts that begin at nothing are there before the first request.
	p.take()
	for {
		// What fails is tried again with the next interval.
		p.flush(play)
		select {
		case <-tick.C:
			p.take()
		case <-play.Done():
			p.last()
			return
		}
	}
}

// take notes what the metrics are now.
func (p *pushing) take() {
	families, err := p.from.Gather()
	if err != nil {
		p.fail(fmt.Errorf("gathering metrics: %w", err))
		p.lost++
		return
	}
	if len(p.waiting) == maxUnpushed {
		p.waiting = p.waiting[1:]
		p.lost++
	}
	// A millisecond, which is how fine Prometheus takes it, has one value.
	if now := time.Now(); now.Sub(p.newest) >= time.Millisecond {
		p.newest = now
	} else {
		p.newest = p.newest.Add(time.Millisecond)
	}
	p.waiting = append(p.waiting, &snapshot{at: p.newest, families: families})
}

// last takes the metrics for the last time and pushes what is left, again and again
// if need be, for as long as it may take.
func (p *pushing) last() {
	p.take()
	if n := len(p.waiting); n > 0 {
		final := p.waiting[n-1]
		p.waiting = append(p.waiting, &snapshot{at: final.at.Add(time.Millisecond), families: final.families, stale: true})
	}
	ctx, cancel := context.WithTimeout(context.Background(), pushPatience)
	defer cancel()
	for wait := pushAgain; !p.flush(ctx); wait *= 2 {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			p.lost += len(p.waiting)
			return
		}
	}
}

// flush sends what waits, in order of time, until ctx ends. It reports whether all
// of it was sent or refused.
func (p *pushing) flush(ctx context.Context) bool {
	for len(p.waiting) > 0 {
		err := p.send(ctx, p.waiting[0])
		if ctx.Err() != nil && err != nil {
			return false // cut off, which tells nothing of the receiver
		}
		if err != nil {
			p.fail(err)
			if _, final := errors.AsType[*refusal](err); !final {
				return false
			}
			p.lost++
		}
		p.waiting = p.waiting[1:]
	}
	return true
}

func (p *pushing) send(ctx context.Context, s *snapshot) error {
	ctx, cancel := context.WithTimeout(ctx, pushTimeout)
	defer cancel()
	return p.to.send(ctx, s)
}

// fail keeps an error, and says the first.
func (p *pushing) fail(err error) {
	if p.why == nil && p.say != nil {
		p.say(err.Error())
	}
	p.why = err
}
