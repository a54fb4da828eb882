package runs

import (
	"encoding/json"
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// MarshalJSON writes {"count":3,"sum":7,"min":0,"max":4,"zeros":1,"buckets":[[-902,1],[-892,1]]}: durations in whole
// nanoseconds, zeros only if there are any, and buckets as pairs of index and count.
func (h Histogram) MarshalJSON() ([]byte, error) {
	b := fmt.Appendf(nil, `{"count":%d,"sum":%d,"min":%d,"max":%d`, h.count, h.sum, h.min, h.max)
	if h.zeros > 0 {
		b = fmt.Appendf(b, `,"zeros":%d`, h.zeros)
	}
	b = append(b, `,"buckets":[`...)
	comma := ""
	for i, n := range h.Buckets() {
		b = append(append(b, comma...), '[')
		b = strconv.AppendInt(b, int64(i), 10)
		b = append(b, ',')
		b = strconv.AppendUint(b, n, 10)
		b = append(b, ']')
		comma = ","
	}
	return append(b, "]}"...), nil
}

// UnmarshalJSON replaces h by what MarshalJSON wrote. It accepts nothing that recording could not have led to, nor more
// than 2^53 durations, and then leaves h as it was.
func (h *Histogram) UnmarshalJSON(data []byte) error {
	var w struct {
		Count, Zeros  uint64
		Sum, Min, Max time.Duration
		Buckets       filled
	}
	if err := json.Unmarshal(data, &w); err != nil {
		return fmt.Errorf("reading a histogram: %w", err)
	}
	all := dense{totals: totals{w.Count, w.Sum, w.Min, w.Max}}
	all.counts[0] = w.Zeros
	if err := all.totals.check(w.Zeros, w.Buckets); err != nil {
		return fmt.Errorf("reading a histogram: %w", err)
	}
	for _, b := range w.Buckets {
		all.counts[b.index-zeroBucket] = b.count
	}
	*h = all.histogram()
	return nil
}

// A bucket is a pair of index and count.
type bucket struct {
	index int
	count uint64
}

// filled are the buckets of a histogram. They are read as a whole, for a record
// holds millions of them.
type filled []bucket

// UnmarshalJSON reads a list of pairs.
func (f *filled) UnmarshalJSON(data []byte) error {
	const space = " \t\r\n"
	if string(data) == "null" {
		return nil
	}
	if data[0] != '[' {
		return fmt.Errorf("buckets %s: want a list of [index,count]", data)
	}
	list := strings.Trim(string(data[1:len(data)-1]), space)
	*f = make(filled, 0, strings.Count(list, "]"))
	for list != "" {
		if list[0] != '[' {
			other, _, _ := strings.Cut(list, ",")
			return fmt.Errorf("bucket %s: want [index,count]", other)
		}
		pair, rest, _ := strings.Cut(list[1:], "]")
		index, count, _ := strings.Cut(pair, ",")
		i, badIndex := strconv.Atoi(strings.Trim(index, space))
		n, badCount := strconv.ParseUint(strings.Trim(count, space), 10, 64)
		if badIndex != nil || badCount != nil {
			return fmt.Errorf("bucket [%s]: want [index,count]", pair)
		}
		*f = append(*f, bucket{i, n})
		list = strings.TrimLeft(rest, space+",")
	}
	return nil
}

// check returns the first reason why no sequence of calls of Record and Merge can have led to t with those buckets.
func (t *totals) check(zeros uint64, buckets []bucket) error {
	counted, first, last := zeros, zeroBucket, zeroBucket
	for i, b := range buckets {
		switch {
		case b.index <= last || b.index > lastBucket:
			return fmt.Errorf("bucket [%d,%d]: want an index above %d and at most %d", b.index, b.count, last, lastBucket)
		case b.count == 0 || b.count > largestCount:
			return fmt.Errorf("bucket [%d,%d]: want a count from 1 to 2^53", b.index, b.count)
		case i == 0 && zeros == 0:
			first = b.index
		}
		last = b.index
		counted += b.count
	}
	switch {
	case t.count > largestCount || zeros > largestCount:
		return fmt.Errorf("count %d, zeros %d: want at most 2^53", t.count, zeros)
	case counted != t.count:
		return fmt.Errorf("count %d, but zeros and buckets hold %d", t.count, counted)
	case t.min < 0 || t.min > t.max:
		return fmt.Errorf("min %d and max %d: want 0 <= min <= max", t.min, t.max)
	case bucketOf(t.min) != first:
		return fmt.Errorf("min %d is not in the lowest bucket that holds something", t.min)
	case bucketOf(t.max) != last:
		return fmt.Errorf("max %d is not in the highest bucket that holds something", t.max)
	}
	return t.checkSum()
}

// checkSum compares the sum with the least and the most that count durations can come to if the smallest of them is min
// and the largest is max.
func (t *totals) checkSum() error {
	least, most := sumOf(t.count, t.min, t.max), sumOf(t.count, t.max, t.min)
	if t.sum < least || t.sum > most {
		return fmt.Errorf("sum %d: want %d to %d by count, min and max", t.sum, least, most)
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
