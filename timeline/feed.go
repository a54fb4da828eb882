package timeline

import (
	"slices"
	"sync"
)

// feed is one timeline: status ids, oldest first. The zero value is empty. It
// shows the newest limit entries and holds an eighth more at most, so that old
// ones are dropped many at a time.
type feed struct {
	mu  sync.RWMutex
	ids []uint64
}

// add enters an id in its place. Ids mostly come in order; an author's own post
// may overtake those still in the queue. An id already there is not repeated.
func (f *feed) add(id uint64, limit int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.makeRoom(limit)
	n := len(f.ids)
	if n == 0 || f.ids[n-1] < id {
		f.ids = append(f.ids, id)
		return
	}
	if i, there := slices.BinarySearch(f.ids, id); !there {
		f.ids = slices.Insert(f.ids, i, id)
	}
}

// makeRoom leaves room for one more: it grows the feed, or drops what no longer
// shows once it is full.
func (f *feed) makeRoom(limit int) {
	n := len(f.ids)
	if n < cap(f.ids) {
		return
	}
	if full := limit + limit/8 + 1; n < full {
		grown := make([]uint64, n, min(full, max(16, 2*n)))
		copy(grown, f.ids)
		f.ids = grown
		return
	}
	f.ids = f.ids[:copy(f.ids, f.ids[n-limit:])]
}

// page appends one page to out, newest first. Entries whose status is gone, or
// that want refuses, are passed over, not counted. A nil want takes all.
func (f *feed) page(p paging, limit int, from *store, want func(*status) bool, out []*status) []*status {
	f.mu.RLock()
	defer f.mu.RUnlock()
	ids := f.ids[max(0, len(f.ids)-limit):]
	low, found := slices.BinarySearch(ids, p.after)
	if found {
		low++
	}
	high, _ := slices.BinarySearch(ids, p.before)
	took := len(out)
	for left := high - low; left > 0 && len(out)-took < p.limit; left-- {
		at := low + left - 1
		if p.upward {
			at = high - left
		}
		if st := from.get(ids[at]); st != nil && (want == nil || want(st)) {
			out = append(out, st)
		}
	}
	if p.upward {
		slices.Reverse(out[took:])
	}
	return out
}
