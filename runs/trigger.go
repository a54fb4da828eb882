package runs

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"gameday/scenarios"
)

// A Trigger is what befell the service.
type Trigger struct {
	Kind  string `json:"kind"`
	Name  string `json:"name"`  // of the fault, or of the phase in which the spike is
	Phase string `json:"phase"` // in which it began
	From  Span   `json:"from"`  // after the start
	// Seen is when a fault was seen to bite, Until when it was taken back or the
	// load was back, Clear when everything was seen to be over: this, every other
	// fault, and any load above the baseline's. Each is nil if the record does not
	// say.
	Seen  *Span `json:"seen,omitempty"`
	Until *Span `json:"until,omitempty"`
	Clear *Span `json:"clear,omitempty"`
}

// What a Trigger can be.
const (
	Spike = "spike"
	Fault = "fault"
)

// A trigger is a Trigger while it is being judged.
type trigger struct {
	Trigger
	phase int
	gone  *Span  // when it was seen to be over itself
	doubt string // why nothing is known of it
	asked bool   // it is one only because its phase promises a recovery
}

const never = Span(math.MaxInt64)

// over is when a trigger was seen to be over itself, or never.
func (t *trigger) over() Span {
	if t.gone == nil {
		return never
	}
	return *t.gone
}

// triggers are all spikes and faults of a run, in order of time.
func (r *Run) triggers(rules *RecoveryRules, plan *plan) []trigger {
	all := append(r.faults(), plan.spikes(r, rules)...)
	for i := range r.Phases {
		if r.asksForRecovery(i) && !slices.ContainsFunc(all, func(t trigger) bool { return r.phaseAt(t.From) == i }) {
			end := r.Phases[i].End
			all = append(all, trigger{Trigger: Trigger{Kind: Spike, Name: r.Phases[i].Name, From: r.Phases[i].Begin, Until: &end}, gone: &end, asked: true})
		}
	}
	slices.SortStableFunc(all, func(a, b trigger) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	for i := range all {
		t := &all[i]
		t.phase = r.phaseAt(t.From)
		t.Phase = r.Phases[t.phase].Name
		if clear, ok := clearOf(t, all, rules, plan); ok {
			t.Clear = &clear
		}
	}
	return all
}

// asksForRecovery reports whether a phase itself promises that the service
// recovers from it.
func (r *Run) asksForRecovery(phase int) bool {
	return slices.ContainsFunc(r.Scenario.Phases[phase].Expect, func(e scenarios.Expectation) bool { return e.Measure == scenarios.Recovers })
}

// phaseAt is the phase at a time, or the one nearest to it.
func (r *Run) phaseAt(at Span) int {
	for i := range r.Phases {
		if at < r.Phases[i].End {
			return i
		}
	}
	return len(r.Phases) - 1
}

// faults are what the marks tell of faults. A fault that was injected again while
// it was in force is still the same.
func (r *Run) faults() []trigger {
	var all []trigger
	open := map[string]int{} // of each name, the index of the last
	for _, m := range r.marksInOrder() {
		at := m.At
		i, known := open[m.Fault]
		switch m.Kind {
		case MarkInjected:
			if known && all[i].gone == nil && all[i].Until == nil {
				continue
			}
		case MarkConfirmed, MarkMended, MarkClear:
		default:
			continue
		}
		if !known || m.Kind == MarkInjected {
			i = len(all)
			open[m.Fault] = i
			all = append(all, trigger{Trigger: Trigger{Kind: Fault, Name: m.Fault, From: max(at, 0)}})
			if m.Kind != MarkInjected {
				all[i].doubt = fmt.Sprintf("the record does not say when the fault %s was injected", m.Fault)
			}
		}
		t := &all[i]
		switch {
		case m.Kind == MarkConfirmed && t.Seen == nil:
			t.Seen = &at
		case m.Kind == MarkMended && t.Until == nil:
			t.Until = &at
		case m.Kind == MarkClear && t.gone == nil:
			t.gone = &at
		}
	}
	return all
}

// clearOf is when t was over, and nothing else was in force, and the load not
// above the baseline's. It reports false if that never was.
func clearOf(t *trigger, all []trigger, rules *RecoveryRules, plan *plan) (Span, bool) {
	at := max(t.over(), t.From)
	for at < plan.end {
		before := at
		for i := range all {
			if o := &all[i]; o.Kind == Fault && o.From <= at && o.over() > at {
				at = o.over()
			}
		}
		for at < plan.end && plan.at(at) > plan.baseline*(1+rules.Tolerance) {
			at = Span(time.Duration(at).Truncate(time.Second) + time.Second)
		}
		if at == before {
			return at, true
		}
	}
	return 0, false
}
