package reports

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"time"

	"gameday/runs"
)

// Hgrm writes the response times of everybody's requests as HdrHistogram writes
// percentiles (outputPercentileDistribution), in milliseconds, a line for each
// bucket of the record that holds something. Values are within 1.09 % of what was
// measured; the first and the last are exact.
//
// Percentiles are of all requests, and one that failed counts as slower than any
// answer: where requests failed, the last line stands at the share of those that
// were answered. The mean, the deviation and the total count are of the answers.
func Hgrm(w io.Writer, r *runs.Run) error {
	all := r.Sum(nil)
	var b bytes.Buffer
	fmt.Fprintf(&b, "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)")
	h, requests := &all.Response, max(all.Offered, all.Response.Count())
	if h.Count() > 0 {
		fmt.Fprintf(&b, "%12.6f %2.12f %10d %14.2f\n", milliseconds(h.Min()), 0.0, 1, 1.0)
	}
	var counted uint64
	for d, n := range h.Ranks() {
		if counted += n; counted == requests {
			fmt.Fprintf(&b, "%12.6f %2.12f %10d\n", milliseconds(d), 1.0, counted)
			break // an infinity is in no column
		}
		fmt.Fprintf(&b, "%12.6f %2.12f %10d %14.2f\n", milliseconds(d),
			float64(counted)/float64(requests), counted, float64(requests)/float64(requests-counted))
	}
	mean, deviation := moments(h)
	fmt.Fprintf(&b, "#[Mean    = %12.6f, StdDeviation   = %12.6f]\n", mean, deviation)
	fmt.Fprintf(&b, "#[Max     = %12.6f, Total count    = %12d]\n", milliseconds(h.Max()), h.Count())
	fmt.Fprintf(&b, "#[Buckets = %12d, SubBuckets     = %12d]\n", hgrmOctaves, hgrmParts)
	if failed := all.Failures(); failed > 0 {
		fmt.Fprintf(&b, "#[Failed  = %12d, Requests       = %12d]\n", failed, all.Offered)
	}
	return send(w, b.Bytes())
}

// A record has so many powers of two, from a nanosecond to 292 years, each in so
// many parts.
const hgrmOctaves, hgrmParts = 63, 32

// moments are the mean of h, and the standard deviation of its buckets, in
// milliseconds.
func moments(h *runs.Histogram) (mean, deviation float64) {
	if h.Count() == 0 {
		return 0, 0
	}
	n := float64(h.Count())
	mean = milliseconds(h.Sum()) / n
	var squares float64
	for d, count := range h.Ranks() {
		away := milliseconds(d) - mean
		squares += away * away * float64(count)
	}
	return mean, math.Sqrt(squares / n)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
