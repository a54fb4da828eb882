package timeline

import (
	"sync"
	"sync/atomic"
	"time"
)

const (
	// idBits is how much of an id counts posts; the rest is Unix milliseconds.
	idBits = 18
	// keptStatuses is how many statuses a service keeps.
	keptStatuses = 1 << idBits
)

// store keeps the newest statuses in a ring. Readers take no lock. Ids are the
// millisecond of the post followed by a counter, and they always grow; the
// counter is also the status's place in the ring.
type store struct {
	// mu makes publishing one thing at a time: whoever holds it gives an id,
	// fills the author's feeds and queues the fan-out, so that everything
	// downstream meets statuses in the order of their ids.
	mu   sync.Mutex
	seq  uint64
	last uint64

	slots []atomic.Pointer[status]
	held  atomic.Int64
}

// newStore keeps size statuses, a power of two of at most keptStatuses.
func newStore(size int) *store {
	return &store{slots: make([]atomic.Pointer[status], size)}
}

// slot is where a status of that id is, if anywhere.
func (s *store) slot(id uint64) *atomic.Pointer[status] {
	return &s.slots[id&uint64(len(s.slots)-1)]
}

// nextID is an id greater than all before it. It is called with mu held.
func (s *store) nextID(at time.Time) uint64 {
	s.seq++
	count := s.seq % keptStatuses
	id := uint64(max(0, at.UnixMilli()))<<idBits | count
	if id <= s.last { // the clock went back, or the counter wrapped in one millisecond
		id = (s.last>>idBits+1)<<idBits | count
	}
	s.last = id
	return id
}

// put keeps a status, in place of the oldest when the ring is full.
func (s *store) put(st *status) {
	if s.slot(st.id).Swap(st) == nil {
		s.held.Add(1)
	}
}

// get is the status of that id, nil when there is none, or it fell out, or the
// post it boosts did.
func (s *store) get(id uint64) *status {
	st := s.slot(id).Load()
	if st == nil || st.id != id {
		return nil
	}
	if st.reblog != nil && s.slot(st.reblog.id).Load() != st.reblog {
		return nil
	}
	return st
}

// remove forgets a status.
func (s *store) remove(st *status) {
	if s.slot(st.id).CompareAndSwap(st, nil) {
		s.held.Add(-1)
	}
}
