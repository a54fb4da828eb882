package runs

import (
	"fmt"
	"slices"
	"time"
)

// conclude is the verdict on a recovery: the first of the closed set that holds.
func (c *course) conclude(rec *Recovery, w *aftermath) (Outcome, string) {
	if why := c.aborted(w); why != "" {
		return Aborted, why
	}
	if why := c.doubt(w); why != "" {
		return Inconclusive, sentence(why)
	}
	if why := c.untouched(rec, w); why != "" {
		return NotTriggered, sentence(why)
	}
	back := Percent(c.Back)
	took, deadline := Short(rec.Recover.Duration()), Short(w.deadline)
	switch {
	case w.back >= 0 && rec.Recover.Duration() == 0:
		return Recovered, fmt.Sprintf("Goodput was at %s of the baseline's or more from the moment it was over.", back)
	case w.back >= 0 && rec.Recover.Duration() <= w.deadline:
		return Recovered, fmt.Sprintf("Goodput was back at %s of the baseline's %s after it was over; %s were allowed.", back, took, deadline)
	case w.back >= 0:
		return Slow, fmt.Sprintf("Goodput was back at %s of the baseline's only %s after it was over; %s were allowed.", back, took, deadline)
	case float64(w.until)-w.clear < w.deadline.Seconds():
		return Inconclusive, fmt.Sprintf("It was not back after %s, when %s; %s were allowed.", took, w.ends, deadline)
	case rec.Collapse.Is == Unknown:
		return Inconclusive, sentence(rec.Collapse.Why)
	case rec.Collapse.Value >= c.Collapse:
		return Degraded, fmt.Sprintf("It was not back after %s, and at the end stood at %s of the baseline's goodput.", took, Percent(min(1, rec.Collapse.Value)))
	}
	return c.collapsed(rec, w)
}

// collapsed is the verdict on a service that did not come back.
func (c *course) collapsed(rec *Recovery, w *aftermath) (Outcome, string) {
	took := Short(rec.Recover.Duration())
	asked := fmt.Sprintf("it was asked for %.3g times what it can serve (Ω)", rec.Asked.Value)
	if c.capacity.Is == AtLeast {
		asked = fmt.Sprintf("it was asked for %.3g times the most it ever answered (Ω)", rec.Asked.Value)
	}
	outcome, why := MetastableSuspected, ""
	switch {
	case rec.Asked.Is == Unknown:
		why = fmt.Sprintf("It was not back after %s under the baseline's load, and whether it ever could cannot be told: %s.", took, rec.Asked.Why)
	case rec.Asked.Value >= 1:
		why = fmt.Sprintf("It was not back after %s under the baseline's load: %s, so it cannot come back by itself.", took, asked)
	case rec.DrainBy.Is == Exact && float64(w.until)-w.clear > rec.DrainBy.Value:
		why = fmt.Sprintf("It was not back after %s under the baseline's load, though its backlog should have been gone after %s: %s.", took, Short(rec.DrainBy.Duration()), asked)
	case rec.DrainBy.Is == Exact:
		outcome, why = Draining, fmt.Sprintf("It was not back after %s, but works off its backlog, as %s: it should take %s; watch for %s.", took, asked, Short(rec.Drain.Duration()), Short(rec.DrainBy.Duration()))
	default:
		outcome, why = Draining, fmt.Sprintf("It was not back after %s, but could come back, as %s.", took, asked)
	}
	return c.intervened(w, outcome, why)
}

// aborted says why the play was ended before a watch was over.
func (c *course) aborted(w *aftermath) string {
	at, why := never, c.run.Aborted
	if why != "" {
		at = 0
	}
	for i := len(c.marks) - 1; i >= 0; i-- {
		if m := &c.marks[i]; m.Kind == MarkAborted || m.Kind == MarkStop {
			at, why = m.At, m.Text
			if m.Kind == MarkStop {
				break // it says more than that it was aborted
			}
		}
	}
	if at == never || at >= seconds(w.until) {
		return ""
	}
	mended := "the fault was not seen to be gone"
	if w.Kind == Spike {
		mended = "the load was not seen to be back"
	}
	if w.gone != nil {
		mended = fmt.Sprintf("the %s was over after %s", w.Kind, Short(time.Duration(*w.gone)))
	}
	return fmt.Sprintf("The play was ended early: %s; %s.", why, mended)
}

// doubt says why nothing can be told; it is empty if something can.
func (c *course) doubt(w *aftermath) string {
	if why := c.unfit(w); why != "" {
		return why
	}
	switch {
	case !slices.ContainsFunc(c.marks, func(m Mark) bool { return m.Kind == MarkEnd || m.Kind == MarkAborted || m.Kind == MarkStop }):
		return "the record has no mark of its end, so marks of faults may be missing too"
	case w.Kind == Fault && w.gone == nil:
		return "the fault was not seen to be gone"
	case w.Clear == nil:
		return "in the record there is no end of it, of all faults, and of load above the baseline's, together"
	case len(w.after) == 0:
		return "the record holds too few requests after it was over"
	}
	for _, m := range c.marks {
		if (m.Kind == MarkIntervention || m.Kind == MarkRestored) && m.At >= w.From && m.At < *w.Clear {
			return "load was lowered before it was over"
		}
	}
	if w.back < 0 && !slices.ContainsFunc(w.after, func(b bin) bool { return !c.easy(&b) }) {
		return "the load afterwards was less than the baseline's, which proves nothing"
	}
	return ""
}

// unfit says why no number of a recovery could be believed.
func (c *course) unfit(w *aftermath) string {
	switch {
	case c.wrong != "":
		return c.wrong
	case w.doubt != "":
		return w.doubt
	case c.plan.baseline == 0:
		return "no phase holds its load, so there is no baseline"
	case w.From < c.plan.from:
		return "it began before the baseline"
	}
	for i := range c.run.Phases {
		if p := &c.run.Phases[i]; p.End > c.plan.from && p.Begin < seconds(w.until) && c.lacks[i] != "" {
			return fmt.Sprintf("in %s %s", p.Name, c.lacks[i])
		}
	}
	for i := whole(c.plan.from); i < w.until; i++ {
		if c.series[i].held > 0 {
			return fmt.Sprintf("requests of second %d were held back, and the record does not say why", i)
		}
	}
	switch n := len(c.before); {
	case n < c.BaselineBins:
		return fmt.Sprintf("the baseline has %s of enough requests; %d are needed", plural(uint64(n), "second"), c.BaselineBins)
	case c.goodput < c.Healthy:
		return fmt.Sprintf("only %s of the requests of the baseline were good; %s are needed", Percent(c.goodput), Percent(c.Healthy))
	}
	return ""
}

// untouched says why nothing shows that the trigger touched the service.
func (c *course) untouched(rec *Recovery, w *aftermath) string {
	for i := range w.during {
		if w.during[i].share() < c.Back*c.goodput {
			return ""
		}
	}
	switch {
	case w.Kind == Fault && w.Seen == nil:
		return "the fault was not seen to bite, and goodput did not fall"
	case w.asked:
		return fmt.Sprintf("no fault began, the load stayed below %v times the baseline's, and goodput did not fall", c.Spike)
	}
	return ""
}

// sentence makes a sentence of a reason.
func sentence(why string) string {
	if why == "" {
		return ""
	}
	if c := why[0]; c >= 'a' && c <= 'z' {
		why = string(c-'a'+'A') + why[1:]
	}
	return why + "."
}
