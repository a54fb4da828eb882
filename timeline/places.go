package timeline

import (
	"context"
	"sync"
)

// places are how many posts may be on their way, or home timelines rebuilt at once.
// The number can change.
type places struct {
	mu      sync.Mutex
	limit   int
	held    int
	waiting []chan struct{} // each holds one, in the order they came
}

// reserve takes a place, waiting for one if need be: nothing that was
// acknowledged is ever dropped, so it must not be acknowledged before there is
// room. The place is given back by release.
func (p *places) reserve(ctx context.Context) *problem {
	p.mu.Lock()
	if p.held < p.limit && len(p.waiting) == 0 {
		p.held++
		p.mu.Unlock()
		return nil
	}
	turn := make(chan struct{}, 1)
	p.waiting = append(p.waiting, turn)
	p.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, other := range p.waiting {
		if other == turn {
			p.waiting = append(p.waiting[:i], p.waiting[i+1:]...)
			return unavailable("The fan-out queue is full")
		}
	}
	return nil // the place came at the last moment
}

// take is reserve for what waits as long as it must.
func (p *places) take() { _ = p.reserve(context.Background()) }

func (p *places) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held--
	p.call()
}

func (p *places) resize(limit int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.limit = limit
	p.call()
}

// call gives free places to those who wait. mu is held.
func (p *places) call() {
	for p.held < p.limit && len(p.waiting) > 0 {
		p.held++
		p.waiting[0] <- struct{}{}
		p.waiting = p.waiting[1:]
	}
}

// taken is how many are held.
func (p *places) taken() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.held
}
