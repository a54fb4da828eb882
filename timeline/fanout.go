package timeline

import (
	"sync"
	"sync/atomic"
	"time"
)

// Ways a post travels, the values of the knob fanout.
const (
	fanoutPush   = "push"   // into every follower's home timeline when it is made
	fanoutPull   = "pull"   // nowhere: a reader gathers it from its author's wall
	fanoutHybrid = "hybrid" // pushed, unless its author has too many followers
)

// fanout is the queue between publishing and the followers' home timelines. A
// status is cut into batches of readers, which workers deliver in any order. So
// that no reader meets statuses out of order, nothing shows at home before all
// that is older has been delivered to everybody (see shown): a reader who pages
// upward misses nothing, and no follower sees a reply before the post it
// answers, not even one that is merged at read time. Only authors see their own
// posts at once.
type fanout struct {
	// shown is the id up to which everything has been delivered.
	shown atomic.Uint64
	// seen is told of each status, in order, and how long it took until it was.
	seen func(*status, time.Duration)

	places places

	mu      sync.Mutex
	more    sync.Cond   // there may be something to do
	empty   sync.Cond   // nothing is on its way
	order   []*delivery // on their way, in the order of ids
	next    int         // all before this one have been taken
	last    uint64      // the newest id
	limit   int         // how many workers may be busy
	busy    int
	shutoff bool
	working sync.WaitGroup
}

// delivery is one status on its way to those who follow its author.
type delivery struct {
	st    *status
	to    audience
	at    time.Time
	size  int32 // places of the audience in one batch
	total int32 // batches
	taken int32
	done  int32
}

func newFanout(k *Knobs, last uint64, seen func(*status, time.Duration)) *fanout {
	f := &fanout{seen: seen, limit: k.FanoutWorkers, last: last}
	f.more.L, f.empty.L = &f.mu, &f.mu
	f.places.limit = k.FanoutQueue
	f.shown.Store(last)
	return f
}

// turned takes up new knobs.
func (f *fanout) turned(k *Knobs) {
	f.places.resize(k.FanoutQueue)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.limit = k.FanoutWorkers
	f.more.Broadcast()
}

// send queues a status for an audience and its author, or for nobody when it is
// not to be pushed. It is called in the order of ids; each status has a place.
func (f *fanout) send(st *status, to *audience, batch int) {
	d := &delivery{st: st, at: time.Now(), size: int32(batch)}
	if to != nil {
		d.to = *to
		d.total = (to.places() + d.size) / d.size // the author is one place more
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last = st.id
	f.order = append(f.order, d)
	if d.total > 1 {
		f.more.Broadcast()
	} else {
		f.more.Signal()
	}
	f.settle()
}

// take waits for the next batch, and says no when there will never be one.
func (f *fanout) take() (d *delivery, batch int32, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for {
		for f.next < len(f.order) && f.order[f.next].taken == f.order[f.next].total {
			f.next++
		}
		switch {
		case f.next == len(f.order) && f.shutoff:
			return nil, 0, false
		case f.next < len(f.order) && f.busy < f.limit:
			d = f.order[f.next]
			d.taken++
			f.busy++
			return d, d.taken - 1, true
		}
		f.more.Wait()
	}
}

// finish notes that a batch was delivered.
func (f *fanout) finish(d *delivery) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.busy--
	d.done++
	f.settle()
	if f.shutoff {
		f.more.Broadcast() // for all to see whether anything is left
		return
	}
	f.more.Signal()
}

// settle shows what has been delivered. mu is held.
func (f *fanout) settle() {
	n := 0
	for n < len(f.order) && f.order[n].done == f.order[n].total {
		f.seen(f.order[n].st, time.Since(f.order[n].at))
		f.places.release()
		f.order[n] = nil
		n++
	}
	f.order = f.order[n:]
	f.next = max(0, f.next-n)
	if len(f.order) > 0 {
		f.shown.Store(f.order[0].st.id - 1)
		return
	}
	f.shown.Store(f.last)
	f.empty.Broadcast()
}

// waiting is how many statuses are on their way, and since when the oldest is.
func (f *fanout) waiting() (n int, oldest time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.order) > 0 {
		oldest = time.Since(f.order[0].at)
	}
	return len(f.order), oldest
}

// shut lets the workers finish what is queued and end.
func (f *fanout) shut() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.shutoff = true
	f.more.Broadcast()
}

// wait returns when nothing is on its way.
func (f *fanout) wait() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.order) > 0 {
		f.empty.Wait()
	}
}

// newest is the newest id that was sent.
func (f *fanout) newest() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.last
}
