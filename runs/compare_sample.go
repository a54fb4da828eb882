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
// time. All fields are sums from the first unit on, so that what any stretch of
// units came to is one difference. Column i of counts is bucket first+i.
type sample struct {
	units, width, first   int
	counts                []float64 // (units+1) rows of width
	offered, failed, good []float64 // units+1
	all                   totals    // of the response times
	late                  float64   // requests that the generator sent late
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
		s := &sample{units: units, width: width, first: first, counts: make([]float64, (units+1)*width)}
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

// add counts a tally in a row.
func (s *sample) add(t *Tally, row int) {
	s.offered[row] += float64(t.Offered)
	s.failed[row] += float64(t.Failures())
	s.good[row] += float64(t.Good)
	s.late += float64(t.Late)
	s.all.add(t.Response.totals)
	counts := s.row(row)
	if t.Response.zeros > 0 {
		counts[zeroBucket-s.first] += float64(t.Response.zeros)
	}
	for i, n := range t.Response.Buckets() {
		counts[i-s.first] += float64(n)
	}
}

func (s *sample) row(i int) []float64 { return s.counts[i*s.width : (i+1)*s.width] }

// accumulate makes sums of the rows.
func (s *sample) accumulate() {
	for i := 1; i <= s.units; i++ {
		s.offered[i] += s.offered[i-1]
		s.failed[i] += s.failed[i-1]
		s.good[i] += s.good[i-1]
		before, row := s.row(i-1), s.row(i)
		for j := range row {
			row[j] += before[j]
		}
	}
}

// A draw is what some of the units came to.
type draw struct {
	offered, failed, good float64
	counts                []float64
}

func (d *draw) reset() {
	clear(d.counts)
	d.offered, d.failed, d.good = 0, 0, 0
}

// add adds the units [from, until).
func (d *draw) add(s *sample, from, until int) {
	d.offered += s.offered[until] - s.offered[from]
	d.failed += s.failed[until] - s.failed[from]
	d.good += s.good[until] - s.good[from]
	counts := d.counts
	high, low := s.row(until)[:len(counts)], s.row(from)[:len(counts)]
	for i := range counts {
		counts[i] += high[i] - low[i]
	}
}

// addRound adds the units [from, until), where the first follows the last.
func (d *draw) addRound(s *sample, from, until int) {
	d.add(s, from, min(until, s.units))
	if until > s.units {
		d.add(s, 0, until-s.units)
	}
}

// logQuantile is the natural logarithm of the q-quantile in seconds, evenly
// between the bounds of its bucket, where a request that failed took longer than
// any that succeeded. It reports false if the request of that rank failed.
func (d *draw) logQuantile(q float64, first int) (v float64, answered bool) {
	rank := q * d.offered
	if d.offered-d.failed < rank || d.offered == 0 {
		return logBound(float64(first + len(d.counts))), false
	}
	for i, n := range d.counts {
		if n > 0 && rank <= n {
			return logBound(float64(first+i-1) + rank/n), true
		}
		rank -= n
	}
	return logBound(float64(first + len(d.counts) - 1)), true // sums of fractions are rounded
}

// logBound is the natural logarithm of the bound of a bucket, in seconds.
func logBound(index float64) float64 { return index / 32 * math.Ln2 }

// clamp keeps the logarithm of a time between those of the least and the greatest.
func (s *sample) clamp(v float64) float64 {
	return min(max(v, logSeconds(s.all.min.Seconds())), logSeconds(s.all.max.Seconds()))
}

// logSeconds is a natural logarithm that takes nothing for a nanosecond.
func logSeconds(s float64) float64 { return math.Log(max(s, 1e-9)) }

// draw is of no units yet.
func (s *sample) draw() *draw { return &draw{counts: make([]float64, s.width)} }

// whole is the draw of every unit once.
func (s *sample) whole() *draw {
	d := s.draw()
	d.add(s, 0, s.units)
	return d
}

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
