package timeline

import (
	"math"
	"time"
)

const (
	adaptiveSpan    = 100 * time.Millisecond // between changes of the limit, at least
	adaptiveSamples = 20                     // and as many requests
	adaptiveProbe   = 10 * time.Second       // between two looks at what is usual
	adaptiveStart   = 20
	adaptiveLeast   = 4
)

// adaptive finds how many requests may be inside by how long they take there: it
// goes up by the root of the limit while they take about as long as they usually
// do, and down as they take longer. This is Gradient2 of Netflix's
// concurrency-limits (2018) with a tolerance of 1.5 and a smoothing of 0.2.
//
// Gradient2 takes a long mean for what is usual, and so a long overload for usual:
// the limit creeps up for as long as it lasts. Here a crowd teaches nothing but
// that requests can be quicker. Instead half as many are let in for a moment now
// and then, as Netflix's first Gradient did and TCP BBR does (Cardwell et al.,
// 2016), and what they take is usual. At the limit that belongs to a right idea of
// what is usual, half still keeps a service busy, since the tolerance is 1.5; and
// an idea that is too high by some factor comes down at each look.
//
// The zero value is ready.
type adaptive struct {
	limit  float64
	usual  float64 // seconds inside, with room to spare
	sum    float64 // of seconds, since the last change
	count  int
	most   int // inside at once, since the last change
	change time.Time

	looked  time.Time // when what is usual was looked at last
	looking bool      // now only half may be inside,
	half    time.Time // and no more are since then; zero: more still are
}

// now is the limit, at most as many as given.
func (a *adaptive) now(most int) int {
	if a.limit == 0 {
		a.limit = adaptiveStart
	}
	a.limit = min(a.limit, float64(most))
	if a.looking {
		return max(1, int(a.limit/2))
	}
	return max(1, int(a.limit))
}

// record takes up how long a request was inside, and how many were when it left.
func (a *adaptive) record(took time.Duration, inside int, at time.Time) {
	if a.looking {
		if a.half.IsZero() && inside <= max(1, int(a.limit/2)) {
			a.half, a.change = at, at
		}
		if a.half.IsZero() || at.Add(-took).Before(a.half) {
			return // it came into the full crowd
		}
	}
	a.sum += took.Seconds()
	a.count++
	a.most = max(a.most, inside)
	if a.count < adaptiveSamples || at.Sub(a.change) < adaptiveSpan {
		return
	}
	mean, most := a.sum/float64(a.count), float64(a.most)
	a.sum, a.count, a.most, a.change = 0, 0, 0, at
	if a.looking {
		a.usual += (mean - a.usual) / 2
		a.looking, a.looked, a.half = false, at, time.Time{}
		return
	}
	roomy := most < a.limit/2
	switch {
	case a.usual == 0:
		a.usual, a.looked = mean, at
	case mean < a.usual:
		a.usual += (mean - a.usual) * 0.1
	case roomy:
		a.usual += (mean - a.usual) * 0.01
	}
	if roomy {
		return // nobody needs more
	}
	gradient := max(0.5, min(1, 1.5*a.usual/mean))
	fresh := a.limit*gradient + math.Sqrt(a.limit)
	a.limit = max(adaptiveLeast, a.limit*0.8+fresh*0.2)
	a.looking = at.Sub(a.looked) >= adaptiveProbe
}
