package runs

import "fmt"

// intervened is the verdict on a collapsed service after load was lowered until it
// was good again, and then brought back. Good under the same load under which it
// was bad is what metastable means.
func (c *course) intervened(w *aftermath, outcome Outcome, why string) (Outcome, string) {
	began, ended := never, never
	for _, m := range c.marks {
		switch {
		case m.Kind == MarkIntervention && whole(m.At) == w.until && m.At < began:
			began = m.At
		case m.Kind == MarkRestored && m.At >= began && m.At < ended:
			ended = m.At
		}
	}
	switch {
	case began == never:
		return outcome, why
	case ended == never:
		return outcome, why + " The load that was lowered was not seen to be brought back."
	}
	until := c.nextAfter(ended)
	for i := range c.run.Phases {
		if p := &c.run.Phases[i]; p.End > began && p.Begin < seconds(until) && c.lacks[i] != "" {
			return outcome, why + fmt.Sprintf(" What lowering the load did cannot be told: in %s %s.", p.Name, c.lacks[i])
		}
	}
	trickle := c.series.bins(c.plan, whole(began)+1, whole(ended), c.LeastInBin)
	if len(trickle) < c.InARow {
		return outcome, why + " What lowering the load did cannot be told: too few requests were left."
	}
	if !c.served(trickle) {
		sum, _ := totalOf(trickle[len(trickle)-c.InARow:])
		return OutagePersists, why + fmt.Sprintf(" Lowering the load did not help: even then only %s of the requests were good.", Percent(part(sum.good, sum.offered)))
	}
	if outcome != MetastableSuspected {
		return outcome, why
	}
	return c.restored(c.series.bins(c.plan, whole(ended)+1, until, c.LeastInBin), why)
}

// restored is the verdict once the load is back: confirmed if all stays good.
func (c *course) restored(bins []bin, why string) (Outcome, string) {
	sum, length := totalOf(bins)
	switch {
	case len(bins) < max(c.InARow, c.CollapseOver):
		return MetastableSuspected, why + " It was good again once load was lowered, but was not watched for long enough after that."
	case float64(sum.offered)/length < c.rate*(1-c.Tolerance):
		return MetastableSuspected, why + " It was good again once load was lowered, but the load was not brought back in full."
	case part(sum.good, sum.offered) < c.Back*c.goodput || c.backAt(bins) < 0:
		return MetastableSuspected, why + " It was good again once load was lowered, and fell again when it was brought back."
	}
	return MetastableConfirmed, why + " After load was lowered until it was good again, it stayed good under the same load."
}

// nextAfter is the second in which something happens after a time, or the
// schedule ends.
func (c *course) nextAfter(at Span) int {
	until := whole(c.plan.end)
	for i := range c.all {
		if c.all[i].From >= at {
			until = min(until, whole(c.all[i].From))
		}
	}
	for _, m := range c.marks {
		if m.Kind == MarkIntervention && m.At > at {
			until = min(until, whole(m.At))
		}
	}
	for i := whole(at); i < until; i++ {
		if p := c.plan.rates[i]; p > c.plan.baseline*(1+c.Tolerance) || p < c.plan.baseline*(1-c.Tolerance) {
			until = i
		}
	}
	return until
}
