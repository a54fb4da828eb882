package runs

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"gameday/scenarios"
)

// find judges one promise in one phase. It reports false if the promise does not
// apply: it is the whole scenario's, and nobody it is about was due.
func (r *Run) find(phase int, e scenarios.Expectation, sums []Tally) (Finding, bool) {
	f := Finding{Expect: e.String(), Phase: r.Phases[phase].Name, Crowd: e.Of, Limit: e.Compare + " " + e.LimitText()}
	sum := total(sums, func(t *Tally) bool { return about(r.Scenario, e, t) })
	if e.Measure != scenarios.Fresh && sum.Offered == 0 && !r.wasDue(phase, e) {
		f.Why = "nothing was due"
		return f, slices.Contains(r.Scenario.Phases[phase].Expect, e)
	}
	switch {
	case e.IsShare():
		findShare(&f, e, &sum)
	case e.Measure == scenarios.Latency:
		hist := &sum.Response
		if e.Service {
			hist = &sum.Service
		}
		findTime(&f, e, hist, sum.Offered)
	case e.Measure == scenarios.Attempts:
		findAttempts(&f, e, &sum)
	case e.Measure == scenarios.Lag:
		lag := r.lag(phase, e.Of)
		findTime(&f, e, &lag, sum.Offered)
	default:
		r.findFresh(&f, e, phase)
	}
	if f.Verdict == Fail && wantsFew(e) {
		if second, got := r.worst(phase, e); got != "" {
			f.Why += fmt.Sprintf("; worst in second %d, with %s", second, got)
		}
	}
	return f, true
}

// about reports whether a tally is of the requests that a promise is about. A
// name that is both a crowd's and an action's is the crowd's.
func about(s *scenarios.Scenario, e scenarios.Expectation, t *Tally) bool {
	switch {
	case e.Of == "":
		return true
	case s.Crowd(e.Of) >= 0:
		return t.Crowd == e.Of
	}
	return t.Action == e.Of
}

// wantsFew reports whether a promise allows only so many requests to be bad. One
// such as "errors >= 5%" or "p99 > 1s" wants many: it says that a fault will bite.
func wantsFew(e scenarios.Expectation) bool {
	upTo := strings.HasPrefix(e.Compare, "<")
	return upTo == (e.Measure != scenarios.Success && e.Measure != scenarios.Goodput)
}

// wasDue reports whether the schedule holds requests in a phase of the crowds
// that a promise is about, or does not say.
func (r *Run) wasDue(phase int, e scenarios.Expectation) bool {
	for _, c := range r.Scenario.Crowds {
		if due, known := r.Phases[phase].Due[c.Name]; known && due == 0 {
			continue
		}
		for _, a := range c.Do {
			if about(r.Scenario, e, &Tally{Crowd: c.Name, Action: a.Name}) {
				return true
			}
		}
	}
	return false
}

func (r *Run) lag(phase int, crowd string) Histogram {
	var sum Histogram
	for _, l := range r.Generator.Lags {
		if l.Phase == phase && (crowd == "" || crowd == l.Crowd) {
			sum.Merge(&l.Lag)
		}
	}
	return sum
}

// findShare judges success, errors and goodput.
func findShare(f *Finding, e scenarios.Expectation, sum *Tally) {
	counted, bad := shareOf(e.Measure, sum)
	f.Got = Percent(part(counted, sum.Offered))
	allowed := 0.0 // that many are bad, any number of requests tells
	if wantsFew(e) && e.Measure == scenarios.Errors {
		allowed = e.Limit / 100
	} else if wantsFew(e) {
		allowed = 1 - e.Limit/100
	}
	percent := 0.0
	if sum.Offered > 0 {
		percent = 100 * float64(counted) / float64(sum.Offered) // in this order 57 of 100 are exactly 57 %
	}
	f.decide(e.Holds(percent), bad, sum.Offered, allowed)
	if sum.Offered == 0 {
		f.Got = ""
	}
	if f.Verdict == Fail {
		f.Why = fmt.Sprintf("%s was %s%s", e.Measure, f.Got, causes(sum))
	}
}

// shareOf is the number of requests that a measure counts, and of those that are
// bad.
func shareOf(measure string, sum *Tally) (counted, bad uint64) {
	failed := sum.Failures()
	switch measure {
	case scenarios.Errors:
		return failed, failed
	case scenarios.Goodput:
		return sum.Good, sum.Offered - sum.Good
	}
	return sum.Offered - failed, failed
}

// findTime judges a quantile of the n requests of which those that were answered,
// or for lag those that were sent, are in hist.
func findTime(f *Finding, e scenarios.Expectation, hist *Histogram, n uint64) {
	if hist.Count() > n {
		f.Why = fmt.Sprintf("the record holds %d times of %s", hist.Count(), plural(n, "request"))
		return
	}
	q := e.Quantile / 100
	value, answered := quantileOf(hist, n, q)
	got, lost := value.Seconds(), n-hist.Count()
	f.Got = Short(value)
	if !answered {
		got, f.Got = math.Inf(1), "unanswered"
	}
	if n == 0 {
		f.Got = ""
	}
	slow := lost
	for i, c := range hist.Buckets() {
		if UpperBound(i-1) >= e.Duration() {
			slow += c
		}
	}
	allowed := 0.0
	if wantsFew(e) {
		allowed = 1 - q
	}
	f.decide(e.Holds(got), slow, n, allowed)
	switch {
	case f.Verdict != Fail:
	case answered:
		f.Why = fmt.Sprintf("%s was %s", e.Subject(), f.Got)
	case e.Measure == scenarios.Lag:
		f.Why = fmt.Sprintf("%s of the requests were never sent", Percent(part(lost, n)))
	case e.Quantile == 100:
		f.Why = fmt.Sprintf("%s failed, so the slowest was never answered", plural(lost, "request"))
	default:
		f.Why = fmt.Sprintf("%s of the requests failed, so the slowest %s were never answered", Percent(part(lost, n)), Percent(allowed))
	}
}

// findFresh judges how soon posts could be read.
func (r *Run) findFresh(f *Finding, e scenarios.Expectation, phase int) {
	var fresh, all Histogram
	for i := range r.Witness.Fresh {
		all.Merge(&r.Witness.Fresh[i])
	}
	if phase < len(r.Witness.Fresh) {
		fresh = r.Witness.Fresh[phase]
	}
	posts, seen := r.Witness.Posts, r.Witness.Seen
	switch {
	case fresh.Count() == 0 && r.Witness.Absent != "":
		f.Why = "no post was watched on its way: " + r.Witness.Absent
		return
	case fresh.Count() == 0:
		f.Why = "no post was watched on its way"
		return
	case all.Count() < posts:
		f.Why = fmt.Sprintf("the record holds the way of %d of %s", all.Count(), plural(posts, "post"))
		return
	}
	findTime(f, e, &fresh, fresh.Count())
	if f.Verdict != Pass || posts <= seen {
		return
	}
	// Of a post that nobody saw the record has only how long it was waited for.
	waited := all.Quantile(1 - (float64(posts-seen)-0.5)/float64(all.Count()))
	if took, _ := quantileOf(&fresh, fresh.Count(), e.Quantile/100); took >= waited {
		f.Verdict, f.Why = Unclear, fmt.Sprintf("%s could not be read for as long as somebody looked", plural(posts-seen, "post"))
	}
}

// worst is the second of a phase in which the measure was at its worst, and what
// it was there; empty for measures that are not kept by the second.
func (r *Run) worst(phase int, e scenarios.Expectation) (second int, text string) {
	if e.Measure == scenarios.Fresh || e.Measure == scenarios.Lag || e.Measure == scenarios.Attempts {
		return 0, ""
	}
	var picked []*Tally
	for i := range r.Tallies {
		if t := &r.Tallies[i]; t.Phase == phase && about(r.Scenario, e, t) {
			picked = append(picked, t)
		}
	}
	slices.SortFunc(picked, func(a, b *Tally) int { return cmp.Compare(a.Second, b.Second) })
	var s sum
	worst := -1.0
	for i, t := range picked {
		s.add(t)
		if i+1 < len(picked) && picked[i+1].Second == t.Second {
			continue
		}
		all := s.take()
		if bad, got := badness(e, &all); bad > worst {
			worst, second, text = bad, t.Second, got
		}
	}
	return second, text
}

// badness orders seconds by how bad a measure was in them.
func badness(e scenarios.Expectation, sum *Tally) (float64, string) {
	if e.IsShare() {
		counted, bad := shareOf(e.Measure, sum)
		return part(bad, sum.Offered), Percent(part(counted, sum.Offered))
	}
	hist := &sum.Response
	if e.Service {
		hist = &sum.Service
	}
	v, answered := quantileOf(hist, sum.Offered, e.Quantile/100)
	if !answered {
		failed := part(sum.Offered-hist.Count(), sum.Offered)
		return 1e9 + failed, Percent(failed) + " failed"
	}
	return v.Seconds(), Short(v)
}
