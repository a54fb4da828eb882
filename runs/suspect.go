package runs

import "slices"

// Suspect says in a sentence why the service will not come back by itself after a
// spike or a fault, as far as is known until at; it is empty if that is not
// suspected. It is for a play that goes on: what was due shortly before now may
// still be tried, so at is to be a client's patience ago.
func (r *Run) Suspect(at Span) string {
	c := r.unfinished(at)
	if c == nil {
		return ""
	}
	for i := range c.all {
		if t := &c.all[i]; t.Clear == nil || *t.Clear >= at {
			continue
		}
		if rec := c.judge(&c.all[i]); rec.Verdict == MetastableSuspected {
			return rec.Why
		}
	}
	return ""
}

// Trickle reports whether what was left of the load has been served well until at,
// after load was lowered at began: as many bins in a row as it takes to be back.
func (r *Run) Trickle(began, at Span) bool {
	c := r.unfinished(at)
	if c == nil || at <= began {
		return false
	}
	return c.served(c.series.bins(c.plan, whole(began)+1, whole(at), c.LeastInBin))
}

// served reports whether the last bins were all as good as the baseline's.
func (c *course) served(trickle []bin) bool {
	if len(trickle) < c.InARow {
		return false
	}
	bad := func(b bin) bool { return b.share() < c.Back*c.goodput }
	return !slices.ContainsFunc(trickle[len(trickle)-c.InARow:], bad)
}

// unfinished is the course of a run up to a time, as if it ended there.
func (r *Run) unfinished(at Span) *course {
	if r.Scenario == nil || len(r.Scenario.Phases) != len(r.Phases) {
		return nil
	}
	c := r.course(make([]string, len(r.Phases)), nil, 0, at)
	if c != nil {
		c.marks = append(c.marks, Mark{At: at, Kind: MarkEnd})
	}
	return c
}
