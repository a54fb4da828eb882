package runs

import (
	"fmt"
	"math"
	"time"
)

// recoverySame is by how much times to recover may differ, as a share of the
// longer, and recoveryLeast at least: a run has only one of each, so nothing tells
// what is chance. Five nights of the model of a queue differ by half of that.
const (
	recoverySame  = 0.2
	recoveryLeast = 2 * time.Second
)

// recoveryRows compare what became of both services after each spike and fault.
func recoveryRows(base, head *Run) []Row {
	find := func(r *Run) (order []string, all map[string]*Recovery) {
		all = map[string]*Recovery{}
		for i := range r.Recovery {
			rec := &r.Recovery[i]
			name := fmt.Sprintf("%s %s", rec.Trigger.Kind, rec.Trigger.Name)
			for n := 2; all[name] != nil; n++ {
				name = fmt.Sprintf("%s %s (%d)", rec.Trigger.Kind, rec.Trigger.Name, n)
			}
			all[name] = rec
			order = append(order, name)
		}
		return order, all
	}
	names, b := find(base)
	more, h := find(head)
	for _, name := range more {
		if b[name] == nil {
			names = append(names, name)
		}
	}
	var rows []Row
	for _, name := range names {
		rows = append(rows, recoveryRow(name, b[name], h[name]))
	}
	return rows
}

func recoveryRow(name string, b, h *Recovery) Row {
	r := Row{Trigger: name, Measure: "recovers"}
	switch {
	case b == nil:
		r.Phase = h.Trigger.Phase
		r.without("In the base there was none.")
		return r
	case h == nil:
		r.Phase, r.Needed = b.Trigger.Phase, b.rank() >= 0
		r.without("In the head there was none.")
		return r
	}
	r.Phase = b.Trigger.Phase
	r.without("There is one number in each run, so nothing tells what is chance.")
	r.Base, r.Head = b.Recover, h.Recover
	r.Needed = b.rank() >= 0
	now, then := h.rank(), b.rank()
	switch {
	case b.Verdict == NotTriggered && h.Verdict == NotTriggered:
		r.Verdict, r.Why = Same, "Nothing hurt the service in either run."
	case then < 0:
		r.Why = fmt.Sprintf("In the base it was %s: %s", b.Verdict, b.Why)
	case now < 0:
		r.Why = fmt.Sprintf("In the head it is %s: %s", h.Verdict, h.Why)
	case b.Recover.Is == Exact && h.Recover.Is == Exact:
		r.times(b.Recover, h.Recover)
	case now > then:
		r.Verdict, r.Why = Worse, fmt.Sprintf("It was %s, and is %s.", b.Verdict, h.Verdict)
	case now < then:
		r.Verdict, r.Why = Better, fmt.Sprintf("It was %s, and is %s.", b.Verdict, h.Verdict)
	default:
		r.Verdict, r.Why = Same, fmt.Sprintf("It was %s, and is %s.", b.Verdict, h.Verdict)
	}
	return r
}

// times compares two times to recover.
func (r *Row) times(b, h Figure) {
	by := h.Value - b.Value
	if b.Value > 0 {
		r.Change = exact(by / b.Value)
	}
	r.Why = fmt.Sprintf("It took %s, and takes %s.", Short(b.Duration()), Short(h.Duration()))
	switch {
	case math.Abs(by) <= max(recoverySame*max(b.Value, h.Value), recoveryLeast.Seconds()):
		r.Verdict = Same
	case by > 0:
		r.Verdict = Worse
	default:
		r.Verdict = Better
	}
}

// rank orders outcomes from good to bad; -1 is of what decides nothing.
func (rec *Recovery) rank() int {
	switch rec.Verdict {
	case Recovered:
		return 0
	case Slow:
		return 1
	case Draining, Degraded:
		return 2
	case MetastableSuspected, MetastableConfirmed:
		return 3
	case OutagePersists:
		return 4
	}
	return -1
}
