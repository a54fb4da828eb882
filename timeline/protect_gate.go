package timeline

import (
	"container/list"
	"context"
	"sync"
	"time"
)

// gate bounds how many requests are answered at once, and how many wait for
// their turn. Who waits goes in by class and then in order, or in order alone.
type gate struct {
	knobs func() *Knobs
	shed  func(reason string)
	wait  func(time.Duration)

	mu       sync.Mutex
	busy     int // requests inside
	waiting  int
	queues   [classes]list.List // of *visitor
	adaptive adaptive
}

// visitor is one request waiting.
type visitor struct {
	come  chan *problem // nil: it is inside; holds one
	class class
	at    *list.Element // nil once it was called or sent away
}

// What is told to those who are sent away.
const (
	shedFull    = "queue_full"
	shedWaited  = "waited"
	shedEvicted = "evicted"
)

// enter waits for the request's turn, or says why it will not come. Whoever
// entered must leave.
func (g *gate) enter(ctx context.Context, k *Knobs, of class) *problem {
	g.mu.Lock()
	if g.waiting == 0 {
		if g.take(k) {
			g.mu.Unlock()
			return nil
		}
	}
	if k.Shed != "priority" {
		of = own // all alike
	}
	if k.Shed != "off" && g.waiting >= k.WaitQueue && !g.evict(of) {
		g.mu.Unlock()
		return g.refuse(shedFull)
	}
	t := &visitor{come: make(chan *problem, 1), class: of}
	t.at = g.queues[of].PushBack(t)
	g.waiting++
	g.mu.Unlock()
	return g.await(ctx, k, t)
}

// await waits until a turn is called, sent away, or too late. Without shedding
// nothing is too late, not even for a client that has hung up: the work done for
// those is what keeps an overloaded service overloaded.
func (g *gate) await(ctx context.Context, k *Knobs, t *visitor) *problem {
	began := time.Now()
	defer func() { g.wait(time.Since(began)) }()
	if k.Shed == "off" {
		return <-t.come
	}
	late := time.NewTimer(k.WaitTimeout)
	defer late.Stop()
	select {
	case bad := <-t.come:
		return bad
	case <-ctx.Done():
	case <-late.C:
	}
	g.mu.Lock()
	called := t.at == nil
	if !called {
		g.drop(t)
	}
	g.mu.Unlock()
	if called {
		return <-t.come
	}
	return g.refuse(shedWaited)
}

// leave makes room for the next. It is told when the request came in.
func (g *gate) leave(k *Knobs, began time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if k.ConcurrencyLimit == "adaptive" {
		now := time.Now()
		g.adaptive.record(now.Sub(began), g.busy, now)
	}
	g.busy--
	g.call()
}

// turned calls those for whom there is room under new knobs.
func (g *gate) turned() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.call()
}

// call calls those who wait while there is room. g.mu is held.
func (g *gate) call() {
	for g.waiting > 0 && g.take(g.knobs()) {
		for i := range g.queues {
			if first := g.queues[i].Front(); first != nil {
				t := first.Value.(*visitor)
				g.drop(t)
				t.come <- nil
				break
			}
		}
	}
}

// take takes a place inside, if there is one. g.mu is held.
func (g *gate) take(k *Knobs) bool {
	if limit := g.limit(k); limit > 0 && g.busy >= limit {
		return false
	}
	g.busy++
	return true
}

// limit is how many may be inside, 0 for any number. g.mu is held.
func (g *gate) limit(k *Knobs) int {
	switch k.ConcurrencyLimit {
	case "fixed":
		return k.Concurrency
	case "adaptive":
		return g.adaptive.now(k.Concurrency)
	}
	return 0
}

// evict sends away the newest of the last class, if that is after of. g.mu is
// held.
func (g *gate) evict(of class) bool {
	for last := classes - 1; last > of; last-- {
		if newest := g.queues[last].Back(); newest != nil {
			t := newest.Value.(*visitor)
			g.drop(t)
			t.come <- g.refuse(shedEvicted)
			return true
		}
	}
	return false
}

// drop takes a turn out of its queue. g.mu is held.
func (g *gate) drop(t *visitor) {
	g.queues[t.class].Remove(t.at)
	t.at = nil
	g.waiting--
}

// refuse counts a refusal and says it.
func (g *gate) refuse(reason string) *problem {
	g.shed(reason)
	return unavailable("The service is overloaded; try again later")
}

// crowd is how many are inside and how many wait, and how many may be inside.
func (g *gate) crowd() (busy, waiting, limit int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.busy, g.waiting, g.limit(g.knobs())
}
