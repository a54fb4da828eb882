package runs

import (
	"cmp"
	"math"
)

// A subject is whose requests a row of a comparison is about.
type subject struct {
	phase  int    // wholeRun: all of them
	action string // empty: everybody's
}

// wholeRun stands for all phases together.
const wholeRun = -1

// mostUnits is into how many units of time a subject is cut at the most.
const mostUnits = 400

// A sample is what became of a subject's requests in one run, unit by unit of
// time. All columns are sums from the first unit on, so that what any stretch of
// units came to is one difference. Column j of ranks counts the responses in the
// buckets up to first+j, so that the rank of a bucket is one look at each stretch.
type sample struct {
	units, width, first   int
	ranks                 []float64                  // width columns of units+1
	offered, failed, good []float64                  // units+1
	all                   totals                     // of the response times
	late                  float64                    // requests that the generator sent late
	near                  [len(compareQuantiles)]int // the column in which each quantile was last, where the next is looked for
}

// A pair is a subject's samples in two runs, in the same units and columns.
type pair struct{ base, head *sample }

// pairOf are the samples of one subject in two runs. From and until are
// the subject's seconds.
func pairOf(base, head []*Tally, from, until int) *pair {
	each := max((until-from+mostUnits-1)/mostUnits, 1) // seconds in a unit
	units := (until - from + each - 1) / each
	var all totals
	for _, t := range base {
		all.add(t.Response.totals)
	}
	for _, t := range head {
		all.add(t.Response.totals)
	}
	first := bucketOf(all.min)
	width := bucketOf(all.max) - first + 1
	fill := func(tallies []*Tally) *sample {
		s := &sample{units: units, width: width, first: first, ranks: make([]float64, (units+1)*width)}
		s.offered, s.failed, s.good = make([]float64, units+1), make([]float64, units+1), make([]float64, units+1)
		for _, t := range tallies {
			if at := (t.Second - from) / each; t.Second >= from && at < units {
				s.add(t, at+1)
			}
		}
		s.accumulate()
		return s
	}
	return &pair{fill(base), fill(head)}
}

// add counts a tally in a unit, which is from 1 on.
func (s *sample) add(t *Tally, unit int) {
	s.offered[unit] += float64(t.Offered)
	s.failed[unit] += float64(t.Failures())
	s.good[unit] += float64(t.Good)
	s.late += float64(t.Late)
	s.all.add(t.Response.totals)
	if t.Response.zeros > 0 {
		s.column(zeroBucket - s.first)[unit] += float64(t.Response.zeros)
	}
	for i, n := range t.Response.Buckets() {
		s.column(i - s.first)[unit] += float64(n)
	}
}

func (s *sample) column(j int) []float64 { return s.ranks[j*(s.units+1) : (j+1)*(s.units+1)] }

// accumulate makes sums of all columns.
func (s *sample) accumulate() {
	for _, column := range [][]float64{s.offered, s.failed, s.good} {
		sumUp(column)
	}
	for j := range s.width {
		column := s.column(j)
		sumUp(column)
		if j > 0 {
			for unit, below := range s.column(j - 1) {
				column[unit] += below
			}
		}
	}
}

// sumUp makes sums from the first on.
func sumUp(column []float64) {
	sum := 0.0
	for i, n := range column {
		sum += n
		column[i] = sum
	}
}

// A draw is some of the units, in blocks.
type draw []block

// A block is the units [from, until).
type block struct{ from, until int }

// of is what the units of a draw came to in a column.
func (d draw) of(column []float64) float64 {
	n := 0.0
	for _, s := range d {
		n += column[s.until] - column[s.from]
	}
	return n
}

// round adds the units [from, until) of so many, where the first follows the last.
func (d draw) round(from, until, units int) draw {
	if until > units {
		d = append(d, block{0, until - units})
	}
	return append(d, block{from, min(until, units)})
}

// logQuantile is the natural logarithm in seconds of the response time of a rank
// among the requests of a draw, evenly between the bounds of its bucket. It looks
// where the quantile of that index was last.
func (s *sample) logQuantile(d draw, rank float64, quantile int) float64 {
	at := min(s.near[quantile], s.width-1)
	reached := d.of(s.column(at))
	for reached < rank {
		if at == s.width-1 {
			return logBound(float64(s.first + at)) // sums of fractions are rounded
		}
		at++
		reached = d.of(s.column(at))
	}
	below := 0.0
	for at > 0 {
		if below = d.of(s.column(at - 1)); below < rank {
			break
		}
		at, reached, below = at-1, below, 0
	}
	s.near[quantile] = at
	return logBound(float64(s.first+at-1) + (rank-below)/(reached-below))
}

// logBound is the natural logarithm of the bound of a bucket, in seconds.
func logBound(index float64) float64 { return index / 32 * math.Ln2 }

// clamp keeps the logarithm of a time between those of the least and the greatest.
func (s *sample) clamp(v float64) float64 {
	return min(max(v, logSeconds(s.all.min.Seconds())), logSeconds(s.all.max.Seconds()))
}

// logSeconds is a natural logarithm that takes nothing for a nanosecond.
func logSeconds(s float64) float64 { return math.Log(max(s, 1e-9)) }

// whole is the draw of every unit once.
func (s *sample) whole() draw { return draw{{0, s.units}} }

// grouped are the tallies of every subject.
func grouped(r *Run) map[subject][]*Tally {
	all := map[subject][]*Tally{}
	for i := range r.Tallies {
		t := &r.Tallies[i]
		if t.Phase < 0 || t.Phase >= len(r.Phases) {
			continue
		}
		for _, phase := range []int{wholeRun, t.Phase} {
			for _, action := range []string{"", t.Action} {
				all[subject{phase, action}] = append(all[subject{phase, action}], t)
			}
		}
	}
	return all
}

// compare orders subjects: the whole run first, everybody first.
func (s subject) compare(o subject) int {
	return cmp.Or(cmp.Compare(s.phase, o.phase), cmp.Compare(s.action, o.action))
}
