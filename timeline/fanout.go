package timeline

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// fanoutWorkers is a power of two. Worker w alone fills the home timelines
	// of the accounts whose id is w modulo fanoutWorkers.
	fanoutWorkers = 4
	// fanoutQueue is how many posts may wait for delivery before posting waits.
	fanoutQueue = 1024
)

// fanout is the queue between publishing and the followers' home timelines.
// Every post goes to every worker, in the order of ids; each delivers to its
// own part of the population. So each home timeline is filled in order: a
// reader who pages upward misses nothing, and no follower sees a reply before
// the post it answers. Only an author's own post, which is at home at once, may
// stand there before older posts of others that are still in the queue.
type fanout struct {
	slots   chan struct{} // one for each post on its way
	queues  [fanoutWorkers]chan *delivery
	shutoff bool // guarded by store.mu
	working sync.WaitGroup
}

// delivery is one post on its way to the followers of its author.
type delivery struct {
	id   uint64
	to   audience
	at   time.Time
	left atomic.Int32 // workers yet to finish
}

func newFanout() *fanout {
	f := &fanout{slots: make(chan struct{}, fanoutQueue)}
	for i := range f.queues {
		f.queues[i] = make(chan *delivery, fanoutQueue)
	}
	return f
}

// reserve takes a place in the queue, waiting for one if need be: nothing that
// was acknowledged is ever dropped, so it must not be acknowledged before there
// is room. The place is given back by the last worker, or by release.
func (f *fanout) reserve(ctx context.Context) *problem {
	select {
	case f.slots <- struct{}{}:
		return nil
	default:
	}
	select {
	case f.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return unavailable("The fan-out queue is full")
	}
}

func (f *fanout) release() {
	<-f.slots
}

// send hands a post to the workers. The caller holds a reserved place, so no
// queue can be full, and store.mu, so all workers see the same order.
func (f *fanout) send(id uint64, to audience, at time.Time) {
	d := &delivery{id: id, to: to, at: at}
	d.left.Store(fanoutWorkers)
	for _, q := range f.queues {
		q <- d
	}
}

// shut lets the workers finish what is queued and end. store.mu is held.
func (f *fanout) shut() {
	if f.shutoff {
		return
	}
	f.shutoff = true
	for _, q := range f.queues {
		close(q)
	}
}

// startWorkers starts the workers; shut ends them.
func (s *Service) startWorkers() {
	for part, q := range s.fanout.queues {
		s.fanout.working.Go(func() {
			for d := range q {
				n := s.deliver(int32(part), d.id, &d.to)
				s.metrics.deliveries.Add(float64(n))
				if d.left.Add(-1) == 0 {
					s.metrics.freshness.Observe(time.Since(d.at).Seconds())
					s.fanout.release()
				}
			}
		})
	}
}

// deliver enters a post into the home timelines of one part of an audience and
// says how many they were.
func (s *Service) deliver(part int32, id uint64, to *audience) int {
	n := 0
	for who := range to.all() {
		if who%fanoutWorkers == part {
			s.people.get(who).home.add(id, s.opts.Cap)
			n++
		}
	}
	return n
}
