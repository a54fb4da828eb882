package runs

import (
	"fmt"
	"slices"
	"strings"

	"gameday/scenarios"
)

// lateShare is the share of a phase's requests that the generator may send over
// 10 ms late before nothing measured in the phase counts.
const lateShare = 0.01

// Judge sets the verdict of r, the sentence for it, and the findings. It looks at
// nothing but the record, so a run read from a file is judged as it was when it
// was played.
//
// A run passes only if every promise was kept in every phase, the generator kept
// up, all requests of the schedule are in the record, and they are enough to say
// so. It fails if a promise was broken while the generator kept up, or if the
// witness saw a lie. Anything else is unclear.
func Judge(r *Run) {
	r.Findings = nil
	for i := range r.Phases {
		doubt := r.doubt(i)
		for _, e := range r.Scenario.Expectations(i) {
			f, applies := r.find(i, e)
			if !applies {
				continue
			}
			if doubt != "" {
				f.Verdict, f.Why = Unclear, doubt
			}
			r.Findings = append(r.Findings, f)
		}
	}
	if r.Witness.Lied > 0 {
		r.Findings = append(r.Findings, Finding{
			Expect: "the service tells the truth", Limit: "0 lies",
			Got: plural(r.Witness.Lied, "lie"), Verdict: Fail, Why: strings.Join(r.Witness.Lies, "; "),
		})
	}
	r.Verdict, r.Why = r.conclude()
}

// conclude is the verdict that the findings come to, in a sentence.
func (r *Run) conclude() (Verdict, string) {
	if len(r.Scenario.Phases) != len(r.Phases) {
		return Unclear, "the record does not hold the phases of its scenario"
	}
	var kept, broken, unclear []Finding
	for _, f := range r.Findings {
		switch f.Verdict {
		case Pass:
			kept = append(kept, f)
		case Fail:
			broken = append(broken, f)
		default:
			unclear = append(unclear, f)
		}
	}
	of := fmt.Sprintf("%d of %s", len(broken), plural(uint64(len(r.Findings)), "promise"))
	switch {
	case len(broken) > 0:
		f := broken[0]
		return Fail, fmt.Sprintf("%s broken, the first %s: %s; %s.", of, inPhase(f), f.Expect, f.Why)
	case r.Aborted != "":
		return Unclear, fmt.Sprintf("The play was ended early: %s.", r.Aborted)
	case len(r.Findings) == 0:
		return Unclear, "Nothing was promised, so nothing was proved."
	case len(unclear) > 0:
		f := unclear[0]
		return Unclear, fmt.Sprintf("%d of %s cannot be decided, the first %s: %s; %s.", len(unclear), plural(uint64(len(r.Findings)), "promise"), inPhase(f), f.Expect, f.Why)
	}
	if len(kept) == 1 {
		return Pass, "The promise was kept."
	}
	return Pass, fmt.Sprintf("All %d promises were kept.", len(kept))
}

func inPhase(f Finding) string {
	if f.Phase == "" {
		return "throughout"
	}
	return "in " + f.Phase
}

// doubt says why nothing measured in a phase counts; it is empty if all does.
func (r *Run) doubt(phase int) string {
	p := r.Phases[phase]
	for _, c := range r.Scenario.Crowds {
		sum := r.Sum(func(t *Tally) bool { return t.Phase == phase && t.Crowd == c.Name })
		if due := p.Due[c.Name]; sum.Offered != due {
			return fmt.Sprintf("the record holds %d of the %d requests due from %s", sum.Offered, due, c.Name)
		}
		if share := part(sum.Late, sum.Offered); share > lateShare {
			return fmt.Sprintf("the generator did not keep up: %s of the requests of %s left over 10ms late; lower the scale, or give it a core of its own", Percent(share), c.Name)
		}
	}
	return ""
}

// find judges one promise in one phase. It reports false if the promise does not
// apply: it is the whole scenario's, and nobody it is about was due.
func (r *Run) find(phase int, e scenarios.Expectation) (Finding, bool) {
	f := Finding{Expect: e.String(), Phase: r.Phases[phase].Name, Crowd: e.Of, Limit: e.Compare + " " + e.LimitText()}
	sum := r.Sum(func(t *Tally) bool { return t.Phase == phase && about(r.Scenario, e, t) })
	if e.Measure != scenarios.Fresh && sum.Offered == 0 && !r.wasDue(phase, e) {
		f.Why = "nothing was due"
		return f, slices.Contains(r.Scenario.Phases[phase].Expect, e)
	}
	switch {
	case e.IsShare():
		r.findShare(&f, e, &sum)
	case e.Measure == scenarios.Latency:
		hist := &sum.Response
		if e.Service {
			hist = &sum.Service
		}
		findTime(&f, e, hist, sum.Offered)
	case e.Measure == scenarios.Lag:
		lag := r.lag(phase, e.Of)
		findTime(&f, e, &lag, lag.Count())
	default:
		r.findFresh(&f, e, phase)
	}
	if f.Verdict == Fail {
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

// wasDue reports whether the schedule holds requests in a phase of the crowds
// that a promise is about.
func (r *Run) wasDue(phase int, e scenarios.Expectation) bool {
	for _, c := range r.Scenario.Crowds {
		if r.Phases[phase].Due[c.Name] == 0 {
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
func (r *Run) findShare(f *Finding, e scenarios.Expectation, sum *Tally) {
	got, bad := shareOf(e.Measure, sum)
	f.Got = Percent(got)
	allowed := 1 - e.Limit/100 // share of bad requests
	if e.Measure == scenarios.Errors {
		allowed = e.Limit / 100
	}
	if boundsErrors := strings.HasPrefix(e.Compare, "<") == (e.Measure == scenarios.Errors); !boundsErrors {
		allowed = 0 // "errors >= 5%" and the like: any number of requests tells
	}
	f.decide(e.Holds(got*100), bad, sum.Offered, allowed)
	if f.Verdict == Fail {
		f.Why = fmt.Sprintf("%s was %s%s", e.Measure, f.Got, causes(sum))
	}
}

// shareOf is the share that a measure speaks of, and the number of bad requests.
func shareOf(measure string, sum *Tally) (share float64, bad uint64) {
	failed := sum.Failures()
	switch measure {
	case scenarios.Errors:
		return part(failed, sum.Offered), failed
	case scenarios.Goodput:
		return part(sum.Good, sum.Offered), sum.Offered - sum.Good
	}
	return part(sum.Offered-failed, sum.Offered), failed
}

// findTime judges a quantile of the n requests of which those that were answered
// are in hist.
func findTime(f *Finding, e scenarios.Expectation, hist *Histogram, n uint64) {
	value, answered := quantileOf(hist, n, e.Quantile/100)
	if !answered {
		f.Got = "unanswered"
		bad := n - hist.Count()
		f.decide(false, bad, n, 1-e.Quantile/100)
		f.Why = fmt.Sprintf("%s of the requests failed, so the slowest %s were never answered", Percent(part(bad, n)), Percent(1-e.Quantile/100))
		if e.Quantile == 100 {
			f.Why = fmt.Sprintf("%s failed, so the slowest was never answered", plural(bad, "request"))
		}
		return
	}
	f.Got = Short(value)
	slow := n - hist.Count()
	for i, c := range hist.Buckets() {
		if UpperBound(i-1) >= e.Duration() {
			slow += c
		}
	}
	f.decide(e.Holds(value.Seconds()), slow, n, 1-e.Quantile/100)
	if f.Verdict == Fail {
		f.Why = fmt.Sprintf("%s was %s", e.Subject(), f.Got)
	}
}

func (r *Run) findFresh(f *Finding, e scenarios.Expectation, phase int) {
	var fresh Histogram
	if phase < len(r.Witness.Fresh) {
		fresh = r.Witness.Fresh[phase]
	}
	if fresh.Count() == 0 {
		f.Why = "no post was watched on its way"
		if r.Witness.Absent != "" {
			f.Why += ": " + r.Witness.Absent
		}
		return
	}
	findTime(f, e, &fresh, fresh.Count())
}

// worst is the second of a phase in which the measure was at its worst, and what
// it was there; empty for measures that are not kept by the second.
func (r *Run) worst(phase int, e scenarios.Expectation) (second int, text string) {
	if e.Measure == scenarios.Fresh || e.Measure == scenarios.Lag {
		return 0, ""
	}
	sums := map[int]*Tally{}
	for i := range r.Tallies {
		t := &r.Tallies[i]
		if t.Phase == phase && about(r.Scenario, e, t) {
			if sums[t.Second] == nil {
				sums[t.Second] = &Tally{}
			}
			sums[t.Second].Merge(t)
		}
	}
	worst := -1.0
	for s, sum := range sums {
		bad, got := badness(e, sum)
		if bad > worst || bad == worst && s < second {
			worst, second, text = bad, s, got
		}
	}
	return second, text
}

// badness orders seconds by how bad a measure was in them.
func badness(e scenarios.Expectation, sum *Tally) (float64, string) {
	if e.IsShare() {
		share, bad := shareOf(e.Measure, sum)
		return part(bad, sum.Offered), Percent(share)
	}
	hist := &sum.Response
	if e.Service {
		hist = &sum.Service
	}
	v, answered := quantileOf(hist, sum.Offered, e.Quantile/100)
	if !answered {
		return 1e9, Percent(part(sum.Offered-hist.Count(), sum.Offered)) + " failed"
	}
	return v.Seconds(), Short(v)
}
