package reports

import (
	"cmp"
	"slices"
	"time"

	"gameday/runs"
	"gameday/scenarios"
)

// bandsOf are the stretches in which something befell the service: the faults and
// spikes that recoveries are judged after, and when load was lowered on purpose.
func bandsOf(r *runs.Run) []viewBand {
	var all []viewBand
	for _, rec := range recoveriesIn(r) {
		t := &rec.Trigger
		b := viewBand{
			Kind: clean(t.Kind), Name: clean(t.Name), From: inSeconds(time.Duration(t.From)),
			To: maybe(t.Until), Seen: maybe(t.Seen), Clear: maybe(t.Clear), Back: missing,
		}
		if rec.Recover.Is == runs.Exact && t.Clear != nil {
			b.Back = b.Clear + amount(rec.Recover.Value)
		}
		all = append(all, b)
	}
	all = append(all, interventions(r)...)
	slices.SortStableFunc(all, func(a, b viewBand) int { return cmp.Compare(a.From, b.From) })
	return all
}

// recoveriesIn are the recoveries of a run, or, if nobody judged it yet, what they
// will be of: the record without its requests is judged for that, as the schedule
// and the marks say it all.
func recoveriesIn(r *runs.Run) []runs.Recovery {
	if len(r.Recovery) > 0 || r.Scenario == nil || len(r.Scenario.Validate("the record's scenario")) > 0 || !laidOut(r) {
		return r.Recovery
	}
	bare := *r
	bare.Tallies = nil
	runs.Judge(&bare)
	return bare.Recovery
}

// laidOut reports whether the phases of a run are those of its scenario.
func laidOut(r *runs.Run) bool {
	var begin time.Duration
	return slices.EqualFunc(r.Scenario.Phases, r.Phases, func(want scenarios.Phase, got runs.Phase) bool {
		from := begin
		begin += want.For
		return time.Duration(got.Begin) == from && time.Duration(got.End) == begin
	})
}

// maybe is a time that the record may not say.
func maybe(at *runs.Span) amount {
	if at == nil {
		return missing
	}
	return inSeconds(time.Duration(*at))
}

// interventions are when load was lowered on purpose.
func interventions(r *runs.Run) []viewBand {
	var all []viewBand
	open := false
	for _, m := range marksInOrder(r) {
		switch {
		case m.Kind == runs.MarkIntervention && !open:
			all = append(all, viewBand{
				Kind: "intervention", Name: clean(m.Text), From: inSeconds(time.Duration(m.At)),
				To: missing, Seen: missing, Clear: missing, Back: missing,
			})
			open = true
		case m.Kind == runs.MarkRestored && open:
			all[len(all)-1].To = inSeconds(time.Duration(m.At))
			open = false
		}
	}
	return all
}

// marksOf are what happened, but for the phases and the end, which are drawn anyway.
func marksOf(r *runs.Run) []viewMark {
	var all []viewMark
	for _, m := range marksInOrder(r) {
		if m.Kind != runs.MarkPhase && m.Kind != runs.MarkEnd {
			all = append(all, viewMark{inSeconds(time.Duration(m.At)), clean(m.Kind), clean(m.Fault), short(clean(m.Text))})
		}
	}
	return all
}

func marksInOrder(r *runs.Run) []runs.Mark {
	return slices.SortedStableFunc(slices.Values(r.Marks), func(a, b runs.Mark) int { return cmp.Compare(a.At, b.At) })
}
