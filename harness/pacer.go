package harness

import (
	"context"
	"runtime"
	"sync/atomic"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"gameday/runs"
	"gameday/scenarios"
)

// overrun is how long after the schedule's end what is still due may be sent. A
// generator or a service that is further behind than that is not kept waiting
// for.
const overrun = 10 * time.Second

// A pacer tells Vegeta when the next request is due. It sleeps itself, so that
// it can be interrupted, and lets a request go only when there is a place for it
// in flight, so that Vegeta never has to open places of its own.
//
// It is used by one goroutine; freed and waited are for others.
type pacer struct {
	ctx      context.Context // ends the play; Vegeta's Pace has no place for one
	start    time.Time
	table    *scenarios.Timetable
	share    scenarios.Share
	health   *health
	places   int64         // in flight at most
	few      int64         // of them, which it always gets
	part     float64       // of the places that health has for all crowds
	deadline time.Duration // after which nothing more is sent

	taken atomic.Int64
	freed chan struct{} // has an element if a place was freed since it was last read
	timer *time.Timer
	kick  *kick         // may be nil
	grain time.Duration // what falls due within it leaves together; zero: each at its own time
	ahead int           // the last second that is computed before it begins

	sent     uint64        // requests handed to Vegeta
	overdue  bool          // it stopped because it was too far behind
	waiting  bool          // and that for want of places
	lateness time.Duration // of the last request
	behind   time.Duration // how much of it comes from waiting for places
	late     lateBits
}

var _ vegeta.Pacer = (*pacer)(nil)

// Pace waits until request hits of the share is due and has a place, and returns
// zero: send it now. It stops when the schedule is over or the play was ended.
func (p *pacer) Pace(_ time.Duration, hits uint64) (wait time.Duration, stop bool) {
	n := p.share.Nth(hits)
	p.sent = hits
	if n >= p.table.Count() || p.ctx.Err() != nil {
		return 0, true
	}
	due := p.table.At(n).Due
	p.lookAhead(int(due/time.Second) + 1)
	now := time.Since(p.start)
	for ; now < due; now = time.Since(p.start) {
		if !p.sleep(p.wake(now, due) - now) {
			return 0, true
		}
	}
	var waited time.Duration
	if !p.take() {
		var ok bool
		if waited, ok = p.place(due); !ok {
			return 0, true
		}
		now = time.Since(p.start)
	}
	waiting := p.blame(max(now-due, 0), waited)
	p.late.set(n, waiting)
	if now > p.deadline {
		p.overdue, p.waiting = true, waiting
		return 0, true
	}
	return 0, false
}

// blame takes how late a request leaves, and how long it waited for a place
// because of the service, and reports whether it is late for want of places. Of
// what the backlog has grown by since the request before, the wait is the
// service's, and the rest is ours; when it shrinks, both shares shrink alike.
func (p *pacer) blame(lateness, waited time.Duration) bool {
	grown := lateness - p.lateness
	switch {
	case grown > 0:
		p.behind += min(grown, waited)
	case p.lateness > 0:
		p.behind = time.Duration(float64(p.behind) * float64(lateness) / float64(p.lateness))
	}
	p.lateness = lateness
	return lateness > runs.OnTime && p.behind >= lateness/2
}

// lookAhead lets a second be computed while the one before it goes on. At a high
// rate that takes milliseconds, for which everything due would wait.
func (p *pacer) lookAhead(second int) {
	if second <= p.ahead || p.grain == 0 {
		return
	}
	p.ahead = second
	go p.table.Prepare(second)
}

// Rate is the schedule's.
func (p *pacer) Rate(elapsed time.Duration) float64 { return p.table.Rate(elapsed) }

// place waits for a place in flight for a request that was due then. It returns how
// long it waited for one because of the service. A wait while the generator itself
// is short of CPU is not the service's, unless nothing at all was answered for
// long: a service that stands still is at fault, however busy its stopping keeps
// the generator.
func (p *pacer) place(due time.Duration) (waited time.Duration, ok bool) {
	began := time.Now()
	for range 2 {
		// At a high rate, answers often lie there already, and wait only for us to
		// read them: not the service's doing.
		runtime.Gosched()
		if p.take() {
			return 0, true
		}
	}
	starved, silent := false, 0
	for {
		if time.Since(p.start)-due > runs.OnTime {
			p.health.wanted.Store(true) // a short burst can wait for those before it
		}
		starved = starved || p.health.starved()
		p.alarm(placePatience)
		select {
		case <-p.freed:
			if silent < longSilence {
				silent = 0
			}
		case <-p.timer.C:
			silent++ // each time we woke on our own, and nothing had been answered
		case <-p.ctx.Done():
			return 0, false
		}
		if p.take() {
			break
		}
	}
	if starved && silent < longSilence {
		return 0, true
	}
	return time.Since(began), true
}

// longSilence is how many times in a row nothing has been answered within
// placePatience when a service stands still. Where it is the generator that gets
// no CPU, it does not wake as often.
const longSilence = 5

// placePatience is how soon to ask again when no place is given back: there may
// be more places now.
const placePatience = 10 * time.Millisecond

// take takes a place if there is one.
func (p *pacer) take() bool {
	if p.taken.Add(1) <= min(p.places, p.health.places(p.few, p.part)) {
		return true
	}
	p.taken.Add(-1)
	return false
}

// release gives a place back.
func (p *pacer) release() {
	p.taken.Add(-1)
	select {
	case p.freed <- struct{}{}:
	default:
	}
}

// grain is what is slept to over a real network when a request is due sooner: its
// next multiple since the start, which is the same for all crowds. At a high rate
// several requests fall due within it and leave together, that much late at the
// most. Waking up for each would cost more, here and in the service, which is woken
// too. Health doubles it while there is little CPU left, up to 800 µs.
const grain = 100 * time.Microsecond

// wake is when to wake up for a request that is due after now.
func (p *pacer) wake(now, due time.Duration) time.Duration {
	grain := p.grain << p.health.coarse.Load()
	if due-now >= grain {
		return due
	}
	return (due + grain - 1) / grain * grain
}

// sleep waits for d, and reports false if the play was ended meanwhile.
func (p *pacer) sleep(d time.Duration) bool {
	p.alarm(d)
	p.kick.in(d)
	select {
	case <-p.timer.C:
		return true
	case <-p.ctx.Done():
		p.timer.Stop()
		return false
	}
}

// alarm sets the timer.
func (p *pacer) alarm(d time.Duration) {
	if p.timer == nil {
		p.timer = time.NewTimer(d)
	} else {
		p.timer.Reset(d)
	}
}

// lateBits remembers, for about the last million requests, which left late
// because there was no place for them.
type lateBits [1 << 15]atomic.Uint32

func (b *lateBits) set(n uint64, late bool) {
	word, bit := &b[n>>5%uint64(len(b))], uint32(1)<<(n&31)
	if late {
		word.Or(bit)
	} else if word.Load()&bit != 0 {
		word.And(^bit)
	}
}

func (b *lateBits) get(n uint64) bool {
	return b[n>>5%uint64(len(b))].Load()&(uint32(1)<<(n&31)) != 0
}
