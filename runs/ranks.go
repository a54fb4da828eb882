package runs

import (
	"iter"
	"time"
)

// Ranks yields what Quantile gives for each rank from the first to the last, in rising order: a duration, and how many
// ranks in a row have it. The first is Min and the last is Max, exactly; a duration may come twice.
func (h *Histogram) Ranks() iter.Seq2[time.Duration, uint64] {
	return func(yield func(time.Duration, uint64) bool) {
		if h.count == 0 || !yield(h.min, 1) || h.count == 1 {
			return
		}
		first, left := uint64(1), h.count-2 // the last is told by itself
		tell := func(d time.Duration, n uint64) bool {
			n, first = min(n-first, left), 0
			left -= n
			return n == 0 || yield(min(max(d, h.min), h.max), n)
		}
		if h.zeros > 0 && !tell(0, h.zeros) {
			return
		}
		for i, n := range h.Buckets() {
			if !tell(middle(i), n) {
				return
			}
		}
		yield(h.max, 1)
	}
}
