package timeline

import (
	"sync/atomic"
	"time"
)

const (
	// idBits is how much of an id counts posts; the rest is Unix milliseconds.
	idBits = 18
	// keptStatuses is how many statuses a service keeps.
	keptStatuses = 1 << idBits
)

// ring holds the newest statuses. Readers take no lock. Ids are the millisecond
// of the post followed by a counter, and they always grow; the counter is also
// the status's place in the ring.
type ring struct {
	slots []atomic.Pointer[status]
	held  atomic.Int64
}

// newRing holds size statuses, a power of two of at most keptStatuses.
func newRing(size int) *ring {
	return &ring{slots: make([]atomic.Pointer[status], size)}
}

// slot is where a status of that id is, if anywhere.
func (r *ring) slot(id uint64) *atomic.Pointer[status] {
	return &r.slots[id&uint64(len(r.slots)-1)]
}

// put keeps a status, in place of the oldest when the ring is full.
func (r *ring) put(st *status) {
	if r.slot(st.id).Swap(st) == nil {
		r.held.Add(1)
	}
}

// adopt keeps a status where there is none, or an older one.
func (r *ring) adopt(st *status) {
	slot := r.slot(st.id)
	for {
		old := slot.Load()
		if old != nil && old.id >= st.id {
			return
		}
		if slot.CompareAndSwap(old, st) {
			if old == nil {
				r.held.Add(1)
			}
			return
		}
	}
}

// get is the status of that id, nil when there is none, or it fell out, or the
// post it boosts did.
func (r *ring) get(id uint64) *status {
	st := r.slot(id).Load()
	if st == nil || st.id != id {
		return nil
	}
	if st.reblog != nil && r.slot(st.reblog.id).Load() != st.reblog {
		return nil
	}
	return st
}

// remove forgets a status.
func (r *ring) remove(st *status) {
	if r.slot(st.id).CompareAndSwap(st, nil) {
		r.held.Add(-1)
	}
}

// clock gives ids. Whoever uses it makes sure that nobody else does meanwhile.
type clock struct {
	seq  uint32 // of the newest status: the how manieth it is
	last uint64 // its id
}

// next is the number of the next status and an id greater than all before it.
func (c *clock) next(at time.Time) (uint32, uint64) {
	c.seq++
	count := uint64(c.seq % keptStatuses)
	id := uint64(max(0, at.UnixMilli()))<<idBits | count
	if id <= c.last { // the clock went back, or the counter wrapped in one millisecond
		id = (c.last>>idBits+1)<<idBits | count
	}
	c.last = id
	return c.seq, id
}
