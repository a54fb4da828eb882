package scenarios

import (
	"math"
	"sort"
	"time"
)

// A curve is the rate of one crowd over the scenario: straight pieces, each with
// the number of requests due before it. Times are seconds since the start.
//
// Products are converted to float64 wherever something is added to them: the
// conversion keeps compilers from fusing the two, which some machines would do
// and others not, and the schedule would differ in its last nanosecond.
type curve []piece

// A piece is one straight stretch of a curve.
type piece struct {
	start, end float64 // seconds
	from, to   float64 // requests per second at start and end
	slope      float64 // requests per second, per second
	before     float64 // requests due before start
}

// newCurve is the rate of a crowd under the levels of the phases.
func newCurve(s *Scenario, crowd int, scale Scale) curve {
	c := s.Crowds[crowd]
	full := float64(c.Rate) * float64(scale)
	var out curve
	var due float64
	add := func(start, end, from, to float64) {
		if end <= start {
			return
		}
		out = append(out, piece{start, end, from * full, to * full, (to - from) * full / (end - start), due})
		due += float64((end - start) * (from*full + to*full) / 2)
	}
	level, at := 1.0, time.Duration(0)
	for _, p := range s.Phases {
		begin, end := at.Seconds(), (at + p.For).Seconds()
		from, to, in := level, level, time.Duration(0)
		for _, l := range p.Load {
			if l.Crowd == c.Name {
				if l.In == 0 {
					from = l.From
				}
				to, in = l.To, l.In
			}
		}
		if in > 0 {
			settled := (at + in).Seconds()
			add(begin, settled, from, to)
			add(settled, end, to, to)
		} else {
			add(begin, end, from, to)
		}
		level, at = to, at+p.For
	}
	return out
}

// rate is the rate at t. At a border it is that of the later piece.
func (c curve) rate(t float64) float64 {
	i := sort.Search(len(c), func(i int) bool { return c[i].end > t })
	if i == len(c) || t < 0 {
		return 0
	}
	p := c[i]
	return p.from + float64(p.slope*(t-p.start))
}

// due is the integral of the rate up to t: how many requests are due before it.
func (c curve) due(t float64) float64 {
	i := sort.Search(len(c), func(i int) bool { return c[i].end > t })
	if i == len(c) {
		return c.total()
	}
	p := c[i]
	x := t - p.start
	return p.before + float64(p.from*x) + float64(float64(p.slope*x)*x)/2
}

// total is how many requests the whole curve holds.
func (c curve) total() float64 {
	if len(c) == 0 {
		return 0
	}
	p := c[len(c)-1]
	return p.before + float64((p.end-p.start)*(p.from+p.to)/2)
}

// when is the inverse of due within a piece: the time at which n requests have
// become due.
func (p *piece) when(n float64) float64 {
	left := n - p.before
	// left = from·x + slope·x²/2, solved for x in the form that loses no digits
	// when the slope is small and divides by zero only when nothing is left.
	root := math.Sqrt(max(0, float64(p.from*p.from)+float64(2*p.slope*left)))
	if left <= 0 || p.from+root == 0 {
		return p.start
	}
	return min(p.end, p.start+2*left/(p.from+root))
}

// peak is the highest rate.
func (c curve) peak() float64 {
	var most float64
	for _, p := range c {
		most = max(most, p.from, p.to)
	}
	return most
}
