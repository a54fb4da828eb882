package reports

import (
	"math"

	"gameday/runs"
)

// perHeat is how many buckets of a histogram make one of the heat map, which has
// four to a doubling.
const perHeat = 8

// coldest is the bucket of the heat map that everything below a microsecond is in.
var coldest = int64(math.Ceil(math.Log2(1e-6) * 4))

// heatOf sorts the answers of a bin into the buckets of the heat map.
func heatOf(h *runs.Histogram) heatRow {
	row := heatRow{}
	put := func(bucket int64, n uint64) {
		if last := len(row) - 2; last >= 0 && row[last] == bucket {
			row[last+1] += int64(n)
			return
		}
		row = append(row, bucket, int64(n))
	}
	if h.Zeros() > 0 {
		put(coldest, h.Zeros())
	}
	for i, n := range h.Buckets() {
		put(max(int64(math.Ceil(float64(i)/perHeat)), coldest), n)
	}
	return row
}

// heatBounds are the first bucket of the heat map that is in use, and the upper
// bounds from it to the last, in seconds.
func heatBounds(rows []heatRow) (first int, bounds amounts) {
	low, high := int64(math.MaxInt64), int64(math.MinInt64)
	for _, row := range rows {
		if n := len(row); n > 0 {
			low, high = min(low, row[0]), max(high, row[n-2])
		}
	}
	if low > high {
		return 0, amounts{}
	}
	for k := low; k <= high; k++ {
		bounds = append(bounds, math.Exp2(float64(k)/4))
	}
	return int(low), bounds
}
