package timeline

import (
	"slices"
	"sort"
	"sync"
)

// feed is one timeline in memory: the numbers of statuses, oldest first. Numbers
// sort as ids do and take half their room, which counts a hundred thousand times
// eight hundred times. The zero value is empty. It shows the newest limit
// entries and holds a sixteenth more at most, so that old ones are dropped many at
// a time.
type feed struct {
	mu    sync.RWMutex
	issue uint32 // which issue of a home timeline it is (see homeState)
	seqs  []uint32
}

// add enters a status in its place. Statuses mostly come in order. One already
// there is not repeated.
func (f *feed) add(seq, issue uint32, limit int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.open(issue) {
		return
	}
	f.makeRoom(limit)
	n := len(f.seqs)
	if n == 0 || f.seqs[n-1] < seq {
		f.seqs = append(f.seqs, seq)
		return
	}
	if i, there := slices.BinarySearch(f.seqs, seq); !there {
		f.seqs = slices.Insert(f.seqs, i, seq)
	}
}

// makeRoom leaves room for one more: it grows the feed, or drops what no longer
// shows once it is full.
func (f *feed) makeRoom(limit int) {
	n := len(f.seqs)
	full := limit + limit/16 + 1
	if n < cap(f.seqs) && n < full {
		return
	}
	if n < full {
		grown := make([]uint32, n, min(full, max(16, n+n/2)))
		copy(grown, f.seqs)
		f.seqs = grown
		return
	}
	f.seqs = f.seqs[:copy(f.seqs, f.seqs[n-limit:])]
}

// open makes the feed that of an issue, and says no when it is of a later one.
func (f *feed) open(issue uint32) bool {
	if f.issue < issue {
		f.issue, f.seqs = issue, nil
	}
	return f.issue == issue
}

// fill enters many statuses, in any order.
func (f *feed) fill(seqs []uint32, issue uint32, limit int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.open(issue) {
		return
	}
	all := slices.Concat(seqs, f.seqs)
	slices.Sort(all)
	all = slices.Compact(all)
	f.seqs = slices.Clone(all[max(0, len(all)-limit):])
}

// drop forgets everything of issues before one.
func (f *feed) drop(issue uint32) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open(issue)
}

// read reads a span of the newest limit entries. An entry whose id is no longer
// known has fallen out of the store and is passed over.
func (f *feed) read(sp *span, limit int, id func(seq uint32) uint64) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	sp.ids, sp.floor, sp.lost = sp.ids[:0], 0, f.issue != sp.issue
	if sp.lost {
		return
	}
	seqs := f.seqs
	if len(seqs) >= limit {
		seqs = seqs[len(seqs)-limit:]
		sp.floor = id(seqs[0])
	}
	low, high := 0, len(seqs)
	if sp.after > 0 {
		low = sort.Search(high, func(i int) bool { return id(seqs[i]) > sp.after })
	}
	if high > 0 && id(seqs[high-1]) >= sp.before {
		high = sort.Search(high, func(i int) bool { return id(seqs[i]) >= sp.before })
	}
	for left := high - low; left > 0 && len(sp.ids) < sp.limit; left-- {
		at := low + left - 1
		if sp.upward {
			at = high - left
		}
		if n := id(seqs[at]); n != 0 {
			sp.ids = append(sp.ids, n)
		}
	}
}
