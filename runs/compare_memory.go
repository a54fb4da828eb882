package runs

import "math"

// A persistence is how much of a deviation from the mean is left a unit of time
// later, from 0 to mostPersistence: seconds of a service are not independent.
type persistence struct{ times, shares float64 }

// mostPersistence keeps what follows from it finite.
const mostPersistence = 0.97

// persistence is that of the differences of a pair: of its medians, and of its
// goodput.
func (p *pair) persistence() persistence {
	var times, shares []float64
	d := make(draw, 1)
	for i := range p.base.units {
		d[0] = block{i, i + 1}
		b, h := d.of(p.base.offered), d.of(p.head.offered)
		if b == 0 || h == 0 {
			continue
		}
		shares = append(shares, d.of(p.head.good)/h-d.of(p.base.good)/b)
		x, answered := p.base.medianAnswer(d)
		y, too := p.head.medianAnswer(d)
		if answered && too {
			times = append(times, y-x)
		}
	}
	return persistence{autocorrelation(times), autocorrelation(shares)}
}

// medianAnswer is the median of those of a draw that were answered, as logQuantile
// is.
func (s *sample) medianAnswer(d draw) (v float64, answered bool) {
	n := d.of(s.offered) - d.of(s.failed)
	if n <= 0 {
		return 0, false
	}
	return s.logQuantile(d, n/2, atP50), true
}

// autocorrelation is that of a unit with the next, with Kendall's correction for
// short series (1954).
func autocorrelation(series []float64) float64 {
	n := float64(len(series))
	mean := 0.0
	for _, v := range series {
		mean += v / n
	}
	var next, all float64
	for i, v := range series {
		all += (v - mean) * (v - mean)
		if i > 0 {
			next += (v - mean) * (series[i-1] - mean)
		}
	}
	if all < 1e-18*n {
		return 0 // what is left is rounding
	}
	r := next / all
	return min(max(r+(1+3*r)/n, 0), mostPersistence)
}

// seenBy is the share of the variance of a mean that blocks of a length see where
// so much of a deviation is left a unit later: the sum of the autocovariances of a
// series of first order up to the length of a block, weighted as blocks weight
// them, over the sum of all.
func seenBy(length int, left float64) float64 {
	l := float64(length)
	return 1 - 2*left*(1-math.Pow(left, l))/(l*(1-left*left))
}
