package runs

import (
	"bytes"
	"iter"
	"math"
	"time"
)

// Histogram counts durations in the buckets of a Prometheus native histogram, schema 5: bucket i holds the durations
// above 2^((i-1)/32) and up to 2^(i/32) seconds, as Prometheus's Go client sorts Duration.Seconds. Every positive
// Duration has a bucket of its own; zero and less count as 0, in a bucket apart.
//
// Histograms add without loss: the same durations give the same Histogram, and the same JSON, in whatever order and
// grouping they were recorded and merged.
//
// The zero Histogram is empty and ready to use. It is not safe for concurrent use. A plain copy is independent of the
// original. Buckets are packed, for a record holds many Histograms; what takes durations one by one is a Recorder.
type Histogram struct {
	totals
	zeros   uint64
	buckets packed
}

// totals are what is known of all recorded durations exactly.
type totals struct {
	count         uint64
	sum, min, max time.Duration // 0 when count is 0; never negative
}

// largestCount is how many durations a decoded Histogram may hold: beyond it, other JSON readers round.
const largestCount = 1 << 53

func (t *totals) add(o totals) {
	if o.count == 0 {
		return
	}
	if t.count == 0 || o.min < t.min {
		t.min = o.min
	}
	if o.max > t.max {
		t.max = o.max
	}
	t.count += o.count
	if t.sum += o.sum; t.sum < 0 {
		t.sum = math.MaxInt64
	}
}

// Record counts d once, in microseconds. A Recorder takes nanoseconds.
func (h *Histogram) Record(d time.Duration) {
	d = max(d, 0)
	var all dense
	all.add(h)
	all.record(totals{1, d, d, d}, bucketOf(d))
	*h = all.histogram()
}

// Merge adds everything that o counted to h. It leaves o as it is.
func (h *Histogram) Merge(o *Histogram) {
	switch {
	case o.count == 0:
	case h.count == 0:
		*h = *o
	default:
		var all dense
		all.add(h)
		all.add(o)
		*h = all.histogram()
	}
}

// Count returns how many durations were recorded.
func (h *Histogram) Count() uint64 { return h.count }

// Sum returns the exact sum of the durations, in which those below zero count as 0. A sum beyond the largest Duration,
// 292 years, stays there.
func (h *Histogram) Sum() time.Duration { return h.sum }

// Min returns the exact smallest duration, and 0 when nothing was recorded.
func (h *Histogram) Min() time.Duration { return h.min }

// Max returns the exact largest duration, and 0 when nothing was recorded.
func (h *Histogram) Max() time.Duration { return h.max }

// Zeros returns how many durations were zero or less.
func (h *Histogram) Zeros() uint64 { return h.zeros }

// Buckets yields the index and the count of every bucket that holds something, in rising order, without the zeros.
func (h *Histogram) Buckets() iter.Seq2[int, uint64] {
	return func(yield func(int, uint64) bool) {
		for r := range h.buckets.runs() {
			for i := range r.length {
				if !yield(r.first+i, r.at(i)) {
					return
				}
			}
		}
	}
}

// Quantile returns the q-quantile by nearest rank: the smallest recorded duration with at least ceil(q*Count) of them
// at or below it. The answer is within 2^(1/64)-1, 1.09 %, of that duration, and half a nanosecond for rounding. It never
// lies outside [Min, Max], and is exact for the first and the last rank. A q outside [0, 1] counts as the nearer end.
// Quantile returns 0 when nothing was recorded.
func (h *Histogram) Quantile(q float64) time.Duration {
	rank := math.Ceil(q * float64(h.count))
	if !(rank > 1) {
		return h.min
	}
	if rank >= float64(h.count) {
		return h.max
	}
	left := uint64(rank)
	if left <= h.zeros {
		return 0
	}
	left -= h.zeros
	for i, n := range h.Buckets() {
		if left <= n {
			return min(max(middle(i), h.min), h.max)
		}
		left -= n
	}
	return h.max
}

// Equal reports whether h and o counted the same. It takes values so that go-cmp finds it for fields of either kind.
func (h Histogram) Equal(o Histogram) bool {
	return h.totals == o.totals && h.zeros == o.zeros && bytes.Equal(h.buckets, o.buckets)
}
