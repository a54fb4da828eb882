package timeline

import (
	"math"
	"time"
)

const (
	adaptiveSpan    = 100 * time.Millisecond // between changes of the limit, at least
	adaptiveSamples = 20                     // and as many requests
	adaptiveStart   = 20
	adaptiveLeast   = 4
)

// adaptive finds how many requests may be inside by how long they take there: it
// goes up by the root of the limit while they take about as long as they used to,
// and down as they take longer. This is Gradient2 of Netflix's concurrency-limits
// (2018) with a tolerance of 1.5 and a smoothing of 0.2, but what is usual falls
// faster than it rises. The zero value is ready.
type adaptive struct {
	limit  float64
	usual  float64 // seconds inside, over a long time
	sum    float64 // of seconds, since the last change
	count  int
	most   int // inside at once, since the last change
	change time.Time
}

// now is the limit, at most as many as given.
func (a *adaptive) now(most int) int {
	if a.limit == 0 {
		a.limit = adaptiveStart
	}
	a.limit = min(a.limit, float64(most))
	return max(1, int(a.limit))
}

// record takes up how long a request was inside, and how many were when it left.
func (a *adaptive) record(took time.Duration, inside int, at time.Time) {
	a.sum += took.Seconds()
	a.count++
	a.most = max(a.most, inside)
	if a.count < adaptiveSamples || at.Sub(a.change) < adaptiveSpan {
		return
	}
	mean, most := a.sum/float64(a.count), float64(a.most)
	a.sum, a.count, a.most, a.change = 0, 0, 0, at
	switch {
	case a.usual == 0:
		a.usual = mean
	case mean < a.usual:
		a.usual += (mean - a.usual) * 0.1
	default: // a long overload must not become what is usual
		a.usual += (mean - a.usual) * 0.001
	}
	if most < a.limit/2 {
		return // nobody needs more
	}
	gradient := max(0.5, min(1, 1.5*a.usual/mean))
	fresh := a.limit*gradient + math.Sqrt(a.limit)
	a.limit = max(adaptiveLeast, a.limit*0.8+fresh*0.2)
}
