package runs

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"
)

// compareQuantiles are those of the response time that runs are compared by.
var compareQuantiles = [...]float64{0.5, 0.9, 0.99, 0.999}

// The places of all measures among the shifts.
const (
	atP50 = iota
	atP90
	atP99
	atP999
	atErrors
	atGoodput
	measures
)

var measureNames = [measures]string{"p50", "p90", "p99", "p99.9", "errors", "goodput"}

// draws is how many times the blocks of a pair are drawn.
const draws = 400

// blocksOf is how many blocks so many units are cut into: one more than the
// degrees of freedom that Lazarus, Lewis, Stock and Watson recommend for series
// that remember, 0.41 n^(2/3) (HAR Inference, JBES 2018), and at least five.
func blocksOf(units int) int {
	return min(max(int(math.Round(0.41*math.Pow(float64(units), 2.0/3)))+1, 5), units)
}

// A shift is how far the head is from the base in one measure. Times are natural
// logarithms of seconds, so their shift is that of a ratio; shares are shares.
type shift struct {
	base, head   float64
	baseAnswered bool // the request of that rank; times only
	headAnswered bool
	by           float64 // head less base
	err          float64 // standard error of by
	freedom      float64 // degrees of freedom of err
}

// shifts compares a pair in every measure. It draws blocks of units again and
// again (circular block bootstrap; Politis and Romano 1992), the same of both
// runs, for the same was asked of them then, and adds up their histograms. Memory
// is the least persistence to reckon with. The pair has at least two units.
func (p *pair) shifts(memory persistence) [measures]shift {
	out := p.measure(p.base.whole())
	p.clampTo(&out)
	units := p.base.units
	blocks := blocksOf(units)
	length := (units + blocks - 1) / blocks
	blocks = (units + length - 1) / length
	var sum, squares [measures]float64
	rng := rand.New(rand.NewPCG(uint64(units), 1)) // so that the same records give the same bytes
	var d draw
	for range draws {
		d = d[:0]
		for range blocks {
			from := rng.IntN(units)
			d = d.round(from, from+length, units)
		}
		for i, s := range p.measure(d) {
			d := s.by - out[i].by
			sum[i] += d
			squares[i] += d * d
		}
	}
	own := p.persistence()
	for i := range out {
		s, left := &out[i], max(memory.times, own.times)
		if i >= atErrors {
			left = max(memory.shares, own.shares)
		}
		seen := seenBy(length, left)
		variance := max(squares[i]-sum[i]*sum[i]/draws, 0) / (draws - 1)
		variance *= float64(blocks) / float64(blocks-1) / seen
		s.err = math.Sqrt(max(variance, p.leastVariance(i)))
		s.freedom = max(float64(blocks-1)*seen, 1)
	}
	return out
}

// measure takes every measure of a draw.
func (p *pair) measure(d draw) (out [measures]shift) {
	b, h := p.base.measure(d), p.head.measure(d)
	for i := range out {
		out[i] = shift{base: b[i].value, baseAnswered: b[i].answered, head: h[i].value, headAnswered: h[i].answered, by: h[i].value - b[i].value}
	}
	return out
}

// A measured is one measure of a draw, and whether the request of that rank was
// answered.
type measured struct {
	value    float64
	answered bool
}

// measure takes every measure of a draw. A request that failed took longer than any
// that was answered.
func (s *sample) measure(d draw) (out [measures]measured) {
	offered, failed := d.of(s.offered), d.of(s.failed)
	for i, q := range compareQuantiles {
		rank := q * offered
		if offered-failed < rank || offered == 0 {
			out[i].value = logBound(float64(s.first + s.width))
			continue
		}
		out[i] = measured{s.logQuantile(d, rank, i), true}
	}
	out[atErrors].value, out[atGoodput].value = quotient(failed, offered), quotient(d.of(s.good), offered)
	return out
}

// clampTo keeps times between the least and the greatest that were recorded.
func (p *pair) clampTo(out *[measures]shift) {
	for i := range compareQuantiles {
		s := &out[i]
		if s.baseAnswered && s.headAnswered {
			s.base, s.head = p.base.clamp(s.base), p.head.clamp(s.head)
			s.by = s.head - s.base
		}
	}
}

// leastVariance is that of a difference of shares by the counts alone: Poisson's,
// as if one more had been bad, for none bad proves no share of zero.
func (p *pair) leastVariance(measure int) float64 {
	least := 0.0
	for _, s := range []*sample{p.base, p.head} {
		n := s.offered[s.units]
		switch measure {
		case atErrors:
			least += (s.failed[s.units] + 1) / (n * n)
		case atGoodput:
			least += (n - s.good[s.units] + 1) / (n * n)
		}
	}
	return least
}

// quotient is n/of, and 0 of nothing.
func quotient(n, of float64) float64 {
	if of == 0 {
		return 0
	}
	return n / of
}

// chance is how probable a shift at least as far from nothing is if there is none.
func (s *shift) chance() float64 {
	switch {
	case s.by == 0:
		return 1
	case s.err == 0:
		return 0
	}
	return 2 * s.student().Survival(math.Abs(s.by)/s.err)
}

// interval holds the true shift in 19 of 20 cases.
func (s *shift) interval() (low, high float64) {
	reach := s.student().Quantile(0.975) * s.err
	return s.by - reach, s.by + reach
}

func (s *shift) student() distuv.StudentsT {
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: s.freedom}
}
