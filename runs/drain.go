package runs

import (
	"time"
)

// measuredCapacity is what the service can answer in a second: what the rules
// say, or else the most that it did, in any second of the record. The real one may
// be higher.
func (c *course) measuredCapacity() Figure {
	if c.Capacity > 0 {
		return exact(c.Capacity)
	}
	var most float64
	for i := range c.series {
		most = max(most, c.series[i].done)
	}
	if most == 0 {
		return unknown("the service answered nothing")
	}
	return atLeast(most, "it is the most that was answered in any second")
}

// asked is Ω, the sustained overload: the tries that came in a second under the
// load of the baseline while the service was not back, over its capacity. From 1
// on, it cannot work off a backlog (queue stability).
//
// It is taken over the last bins in which goodput had collapsed, or else was not
// back, or else over the first that were good. Clients go on trying for a while:
// what came so soon after all became clear still tries for what was before, and
// what came so shortly before goodput was back had tries in better times. Neither
// counts.
func (c *course) asked(w *aftermath) Figure {
	if c.capacity.Is == Unknown {
		return unknown(c.capacity.Why)
	}
	patience := time.Duration(c.Patience).Seconds()
	var collapsed, bad, good []bin
	for _, b := range w.after {
		switch {
		case float64(b.from) < w.clear+patience || c.easy(&b):
		case w.back < 0 || float64(b.from)+patience <= float64(w.back):
			bad = append(bad, b)
			if b.share() < c.Collapse*c.goodput {
				collapsed = append(collapsed, b)
			}
		case b.from >= w.back:
			good = append(good, b)
		}
	}
	used := good[:min(len(good), c.AskedOver)]
	for _, away := range [][]bin{bad, collapsed} {
		if len(away) > 0 {
			used = away[max(0, len(away)-c.AskedOver):]
		}
	}
	sum, _ := totalOf(used)
	if sum.offered == 0 {
		return unknown("the record holds too few requests after clients had given up what was before")
	}
	if tried := c.attempts(&sum); tried.Is == Unknown {
		return tried
	}
	return exact(part(sum.attempts, sum.offered) * c.rate / c.capacity.Value)
}

// drain is how long the backlog should take by the fluid queue: what came in and
// was not served, over what can be served beyond what comes in. By is when it must
// be gone.
func (c *course) drain(rec *Recovery, w *aftermath) (drain, by Figure) {
	if rec.Asked.Is == Unknown {
		return unknown(rec.Asked.Why), unknown(rec.Asked.Why)
	}
	during, _ := totalOf(w.during)
	if during.failed > 0 && part(during.refused, during.failed) >= c.Shedding {
		shed := unknown("it refuses rather than queues")
		return shed, shed
	}
	var backlog float64
	for i := range w.during {
		b := &w.during[i]
		served := c.capacity.Value * b.length()
		if w.Kind == Fault {
			served = min(served, b.done) // the fault may have taken the capacity
		}
		backlog += max(0, float64(b.attempts)-served)
	}
	if rec.Asked.Value >= 1 {
		if backlog == 0 {
			return exact(0), exact(time.Duration(c.Patience).Seconds())
		}
		endless := Figure{Is: Endless, Why: "more comes in than it can serve"}
		return endless, endless
	}
	spare := c.capacity.Value * (1 - rec.Asked.Value)
	took := backlog / spare
	return exact(took), exact(c.DrainFactor*took + time.Duration(c.Patience).Seconds())
}
