package harness

import (
	"math"
	"runtime/metrics"
	"slices"
	"time"

	"gameday/runs"
)

// A gcWatch tells what collecting garbage has cost since it began. It is not safe
// for concurrent use.
type gcWatch struct {
	samples []metrics.Sample
	first   gcTimes
}

// gcTimes are what Go's runtime says of its collector up to now. It adds to the
// seconds at the end of a collection.
type gcTimes struct {
	count  uint64
	forced float64 // processor seconds, but for those that were idle otherwise
	there  float64 // processor seconds that there were
	pauses []uint64
}

func (w *gcWatch) begin() {
	for _, name := range []string{
		"/gc/cycles/total:gc-cycles", "/cpu/classes/gc/total:cpu-seconds", "/cpu/classes/gc/mark/idle:cpu-seconds",
		"/cpu/classes/total:cpu-seconds", "/sched/pauses/total/gc:seconds",
	} {
		w.samples = append(w.samples, metrics.Sample{Name: name})
	}
	w.first, _ = w.read()
	w.first.pauses = slices.Clone(w.first.pauses) // the next read overwrites them
}

func (w *gcWatch) read() (now gcTimes, bounds []float64) {
	s := w.samples
	metrics.Read(s)
	pauses := s[4].Value.Float64Histogram()
	return gcTimes{
		s[0].Value.Uint64(), s[1].Value.Float64() - s[2].Value.Float64(), s[3].Value.Float64(), pauses.Counts,
	}, pauses.Buckets
}

// record is what it has cost since it began; nothing before.
func (w *gcWatch) record() runs.GC {
	if w.samples == nil {
		return runs.GC{}
	}
	now, bounds := w.read()
	gc := runs.GC{Count: now.count - w.first.count}
	if there := now.there - w.first.there; there > 0 {
		gc.CPUShare = max(now.forced-w.first.forced, 0) / there
	}
	for i, n := range now.pauses {
		longest := bounds[i+1]
		if math.IsInf(longest, 1) {
			longest = bounds[i]
		}
		if n -= w.first.pauses[i]; n > 0 {
			gc.Max = seconds(longest)
			gc.Total += runs.Span(n) * gc.Max
		}
	}
	return gc
}

func seconds(s float64) runs.Span { return runs.Span(max(s, 0) * float64(time.Second)) }
