package runs

import (
	"cmp"
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Histogram counts durations in the buckets of a Prometheus native histogram, schema 5: bucket i holds the durations
// above 2^((i-1)/32) and up to 2^(i/32) seconds, as Prometheus's Go client sorts Duration.Seconds. Every positive
// Duration has a bucket of its own; zero and less count as 0, in a bucket apart.
//
// Histograms add without loss: the same durations give the same Histogram, and the same JSON, in whatever order and
// grouping they were recorded and merged.
//
// The zero Histogram is empty and ready to use. It is not safe for concurrent use. A plain copy shares its buckets with
// the original; to get an independent one, Merge it into a zero Histogram.
type Histogram struct {
	totals
	zeros   uint64
	buckets []bucket // in rising order of index; no count is 0
}

// totals are what is known of all recorded durations exactly.
type totals struct {
	count         uint64
	sum, min, max time.Duration // 0 when count is 0; never negative
}

type bucket struct {
	index int
	count uint64
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

// Record counts d once. A Recorder does the same many times faster.
func (h *Histogram) Record(d time.Duration) {
	d = max(d, 0)
	h.totals.add(totals{1, d, d, d})
	h.addTo(bucketOf(d), 1)
}

// Merge adds everything that o counted to h. It leaves o as it is.
func (h *Histogram) Merge(o *Histogram) {
	h.totals.add(o.totals)
	h.zeros += o.zeros
	if len(h.buckets) == 0 {
		h.buckets = slices.Clone(o.buckets)
		return
	}
	at := 0 // both are in order: one walk along them
	for _, b := range o.buckets {
		for at < len(h.buckets) && h.buckets[at].index < b.index {
			at++
		}
		if at == len(h.buckets) || h.buckets[at].index != b.index {
			h.buckets = slices.Insert(h.buckets, at, bucket{index: b.index})
		}
		h.buckets[at].count += b.count
	}
}

func (h *Histogram) addTo(index int, n uint64) {
	if index == zeroBucket {
		h.zeros += n
		return
	}
	at, found := slices.BinarySearchFunc(h.buckets, index, func(b bucket, i int) int { return cmp.Compare(b.index, i) })
	if !found {
		h.buckets = slices.Insert(h.buckets, at, bucket{index: index})
	}
	h.buckets[at].count += n
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
		for _, b := range h.buckets {
			if !yield(b.index, b.count) {
				return
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
	for _, b := range h.buckets {
		if left <= b.count {
			return min(max(middle(b.index), h.min), h.max)
		}
		left -= b.count
	}
	return h.max
}

// Equal reports whether h and o counted the same. It takes values so that go-cmp finds it for fields of either kind.
func (h Histogram) Equal(o Histogram) bool {
	return h.totals == o.totals && h.zeros == o.zeros && slices.Equal(h.buckets, o.buckets)
}

// MarshalJSON writes {"count":3,"sum":7,"min":0,"max":4,"zeros":1,"buckets":[[-902,1],[-892,1]]}: durations in whole
// nanoseconds, zeros only if there are any, and buckets as pairs of index and count.
func (h Histogram) MarshalJSON() ([]byte, error) {
	b := fmt.Appendf(nil, `{"count":%d,"sum":%d,"min":%d,"max":%d`, h.count, h.sum, h.min, h.max)
	if h.zeros > 0 {
		b = fmt.Appendf(b, `,"zeros":%d`, h.zeros)
	}
	b = append(b, `,"buckets":[`...)
	for i, k := range h.buckets {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '[')
		b = strconv.AppendInt(b, int64(k.index), 10)
		b = append(b, ',')
		b = strconv.AppendUint(b, k.count, 10)
		b = append(b, ']')
	}
	return append(b, "]}"...), nil
}

// UnmarshalJSON replaces h by what MarshalJSON wrote. It accepts nothing that recording could not have led to, nor more
// than 2^53 durations, and then leaves h as it was.
func (h *Histogram) UnmarshalJSON(data []byte) error {
	var w struct {
		Count, Zeros  uint64
		Sum, Min, Max time.Duration
		Buckets       []bucket
	}
	if err := json.Unmarshal(data, &w); err != nil {
		return fmt.Errorf("reading a histogram: %w", err)
	}
	read := Histogram{totals{w.Count, w.Sum, w.Min, w.Max}, w.Zeros, w.Buckets}
	if len(w.Buckets) == 0 {
		read.buckets = nil
	}
	if err := read.check(); err != nil {
		return fmt.Errorf("reading a histogram: %w", err)
	}
	*h = read
	return nil
}

func (b *bucket) UnmarshalJSON(data []byte) error {
	pair := strings.TrimSuffix(strings.TrimPrefix(string(data), "["), "]")
	index, count, _ := strings.Cut(pair, ",")
	var badIndex, badCount error
	b.index, badIndex = strconv.Atoi(strings.TrimSpace(index))
	b.count, badCount = strconv.ParseUint(strings.TrimSpace(count), 10, 64)
	if badIndex != nil || badCount != nil {
		return fmt.Errorf("bucket %s: want [index,count]", data)
	}
	return nil
}

// check returns the first reason why no sequence of calls of Record and Merge can have led to h.
func (h *Histogram) check() error {
	counted, first, last := h.zeros, zeroBucket, zeroBucket
	for i, b := range h.buckets {
		switch {
		case b.index <= last || b.index > lastBucket:
			return fmt.Errorf("bucket [%d,%d]: want an index above %d and at most %d", b.index, b.count, last, lastBucket)
		case b.count == 0 || b.count > largestCount:
			return fmt.Errorf("bucket [%d,%d]: want a count from 1 to 2^53", b.index, b.count)
		case i == 0 && h.zeros == 0:
			first = b.index
		}
		last = b.index
		counted += b.count
	}
	switch {
	case h.count > largestCount || h.zeros > largestCount:
		return fmt.Errorf("count %d, zeros %d: want at most 2^53", h.count, h.zeros)
	case counted != h.count:
		return fmt.Errorf("count %d, but zeros and buckets hold %d", h.count, counted)
	case h.min < 0 || h.min > h.max:
		return fmt.Errorf("min %d and max %d: want 0 <= min <= max", h.min, h.max)
	case bucketOf(h.min) != first:
		return fmt.Errorf("min %d is not in the lowest bucket that holds something", h.min)
	case bucketOf(h.max) != last:
		return fmt.Errorf("max %d is not in the highest bucket that holds something", h.max)
	}
	return h.checkSum()
}

// checkSum compares the sum with the least and the most that count durations can come to if the smallest of them is min
// and the largest is max.
func (h *Histogram) checkSum() error {
	least, most := sumOf(h.count, h.min, h.max), sumOf(h.count, h.max, h.min)
	if h.sum < least || h.sum > most {
		return fmt.Errorf("sum %d: want %d to %d by count, min and max", h.sum, least, most)
	}
	return nil
}

// sumOf returns the sum of n-1 times d and once last, at most the largest Duration.
func sumOf(n uint64, d, last time.Duration) time.Duration {
	high, low := bits.Mul64(n-1, uint64(d))
	low, carry := bits.Add64(low, uint64(last), 0)
	if high+carry > 0 || low > math.MaxInt64 {
		return math.MaxInt64
	}
	return time.Duration(low)
}
