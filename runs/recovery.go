package runs

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"gameday/scenarios"
)

// A Recovery is what became of the service after a spike or a fault. Shares and
// ratios are 1 for 100 %; docs/recovery.md has every formula.
type Recovery struct {
	Trigger Trigger `json:"trigger"`
	Verdict Outcome `json:"verdict"`
	Why     string  `json:"why"` // the verdict in a sentence

	Deadline Span    `json:"deadline"` // within which it was to recover
	Watched  Span    `json:"watched"`  // from when all was clear until something else happened
	SLO      float64 `json:"slo"`      // the share of requests to be good

	Baseline   Figure `json:"baseline"`      // goodput before anything happened: the share that was good
	Rate       Figure `json:"rate"`          // requests a second then
	Depth      Figure `json:"depth"`         // of the fall of goodput: 1 is nothing left
	Detect     Figure `json:"detect"`        // seconds from the beginning until goodput fell
	Recover    Figure `json:"recover"`       // seconds from clear until goodput was back for good
	Attempts   Figure `json:"amplification"` // tries for each request, from the beginning until it was back
	Capacity   Figure `json:"capacity"`      // most answers a second
	Asked      Figure `json:"omega"`         // what it was asked for when it was not back, over Capacity
	Drain      Figure `json:"drain"`         // seconds that its backlog should take
	DrainBy    Figure `json:"drain_by"`      // seconds after which the backlog must be gone
	Collapse   Figure `json:"collapse"`      // goodput at the end, over Baseline
	Deficit    Figure `json:"deficit"`       // seconds of the baseline's service that were lost
	Budget     Figure `json:"budget"`        // share of the error budget that was burned
	Degraded   Figure `json:"degraded"`      // share that was answered, but not well
	Shed       Figure `json:"shed"`          // share of the failures that were refused explicitly
	Plateau    Figure `json:"plateau"`       // goodput under 1.5 to 2 times Capacity, over Capacity
	Overloaded Figure `json:"overloaded"`    // good answers a second while it lasted, over the baseline's
}

// recoveries judges what became of the service after each spike and fault, of the
// requests that want picks; nil picks all. Of each phase, lacks is what its record
// lacks. A limit above zero is the deadline.
func (r *Run) recoveries(lacks []string, want func(*Tally) bool, limit time.Duration) []Recovery {
	c := r.course(lacks, want, limit, never)
	if c == nil {
		return nil
	}
	out := make([]Recovery, len(c.all))
	for i := range c.all {
		out[i] = c.judge(&c.all[i])
	}
	return out
}

// course takes what recoveries are judged by, as if the schedule ended at until; nil
// if there is nothing to recover from.
func (r *Run) course(lacks []string, want func(*Tally) bool, limit time.Duration, until Span) *course {
	if len(r.Phases) == 0 {
		return nil
	}
	rules, wrong := r.RecoveryRules, r.RecoveryRules.check()
	if rules == nil || wrong != nil {
		rules = &DefaultRules
	}
	p := newPlan(r, rules)
	p.end = min(p.end, until)
	all := r.triggers(rules, p)
	if len(all) == 0 {
		return nil
	}
	s := newSeries(r.Tallies, len(p.rates), want)
	c := &course{RecoveryRules: *rules, run: r, series: s, plan: p, all: all, lacks: lacks, limit: limit, marks: r.marksInOrder()}
	if wrong != nil {
		c.wrong = wrong.Error()
	}
	c.baseline()
	return c
}

// A course is what came of all requests of a run, or those of somebody, over its
// seconds.
type course struct {
	RecoveryRules
	run    *Run
	series series
	plan   *plan
	all    []trigger
	lacks  []string
	limit  time.Duration
	marks  []Mark // in order of time
	wrong  string // with the rules

	before   []bin   // the baseline
	goodput  float64 // of it, as a share
	rate     float64 // of it, in requests a second
	capacity Figure
}

// baseline takes the seconds of the baseline's load before anything happened.
func (c *course) baseline() {
	until := whole(c.plan.end)
	for i := range c.all {
		until = min(until, whole(c.all[i].From))
	}
	for i := whole(c.plan.from); i < until && c.plan.baseline > 0; {
		from := i
		for i < until && math.Abs(c.plan.rates[i]-c.plan.baseline) <= c.Tolerance*c.plan.baseline {
			i++
		}
		c.before = append(c.before, c.series.bins(c.plan, from, i, c.LeastInBin)...)
		i = max(i, from+1)
	}
	sum, length := totalOf(c.before)
	c.goodput = median(c.before)
	if length > 0 {
		c.rate = float64(sum.offered) / length
	}
	c.capacity = c.measuredCapacity()
}

// An aftermath is a trigger, and the service under it until something else happens.
type aftermath struct {
	*trigger
	clear    float64 // seconds
	until    int     // the second in which something else happens
	ends     string  // what that is
	deadline time.Duration

	during []bin // from the beginning until all was clear
	after  []bin // from then on
	back   int   // the second from which goodput was back for good; -1: never
}

// judge judges one recovery.
func (c *course) judge(t *trigger) Recovery {
	w := c.watch(t)
	rec := Recovery{Trigger: t.Trigger, Deadline: Span(w.deadline), SLO: c.slo(t.phase)}
	if t.Clear != nil {
		rec.Watched = Span(max(0, float64(w.until)-w.clear) * float64(time.Second))
	}
	c.measure(&rec, w)
	rec.Verdict, rec.Why = c.conclude(&rec, w)
	return rec
}

// watch finds out for how long a recovery could be watched.
func (c *course) watch(t *trigger) *aftermath {
	w := &aftermath{trigger: t, back: -1, until: whole(c.plan.end), ends: "the schedule ends"}
	w.deadline = cmp.Or(c.limit, c.promised(t.phase), time.Duration(c.Deadline))
	clear := c.plan.end
	if t.Clear != nil {
		clear = *t.Clear
	}
	w.clear = time.Duration(clear).Seconds()
	end := func(at Span, what string) {
		if at >= clear && whole(at) < w.until {
			w.until, w.ends = whole(at), what
		}
	}
	for i := range c.all {
		if o := &c.all[i]; o != t {
			end(o.From, fmt.Sprintf("the %s %s begins", o.Kind, o.Name))
		}
	}
	for _, m := range c.marks {
		if m.Kind == MarkIntervention {
			end(m.At, "the load is lowered")
		}
	}
	for i := whole(clear); i < w.until; i++ {
		if c.plan.rates[i] > c.plan.baseline*(1+c.Tolerance) {
			end(seconds(i), "the load rises")
		}
	}
	w.during = c.series.bins(c.plan, whole(t.From), whole(clear), c.LeastInBin)
	if t.Clear != nil {
		w.after = c.series.bins(c.plan, whole(clear), w.until, c.LeastInBin)
		w.back = c.backAt(w.after)
	}
	return w
}

// backAt is the second from which goodput is back for good: so many bins in a row,
// and never so many in a row below it again. Bins of less load than the
// baseline's prove nothing by being good. It is -1 if there is no such second.
func (c *course) backAt(bins []bin) int {
	back, start, good, bad := -1, -1, 0, 0
	for i := range bins {
		b := &bins[i]
		switch {
		case b.share() < c.Back*c.goodput:
			good, bad = 0, bad+1
		case c.easy(b):
		default:
			if good == 0 {
				start = b.from
			}
			good, bad = good+1, 0
		}
		if bad >= c.InARow {
			back = -1
		}
		if back < 0 && good >= c.InARow {
			back = start
		}
	}
	return back
}

// easy reports whether a bin has less load than the baseline.
func (c *course) easy(b *bin) bool { return b.planned < c.plan.baseline*(1-c.Tolerance) }

// promised is the time within which a phase promises that everybody's goodput
// recovers, or zero.
func (c *course) promised(phase int) time.Duration {
	for _, e := range c.run.Scenario.Expectations(phase) {
		if e.Measure == scenarios.Recovers && e.Of == "" {
			return e.Duration()
		}
	}
	return 0
}

// slo is the share of requests that a phase promises to be good, to everybody.
func (c *course) slo(phase int) float64 {
	for _, measure := range []string{scenarios.Goodput, scenarios.Success} {
		i := slices.IndexFunc(c.run.Scenario.Expectations(phase), func(e scenarios.Expectation) bool {
			return e.Measure == measure && e.Of == "" && strings.HasPrefix(e.Compare, ">")
		})
		if i >= 0 {
			return c.run.Scenario.Expectations(phase)[i].Limit / 100
		}
	}
	return c.SLO
}
