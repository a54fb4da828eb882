package reports

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"gameday/runs"
)

// recoverySection tells what became of the service after each spike and fault.
func recoverySection(r *runs.Run) section {
	if len(r.Recovery) == 0 {
		return section{}
	}
	s := section{
		title: "Recovery",
		note:  "What became of the service after each spike and fault. docs/recovery.md has the formulas.",
		table: table{group: "spike or fault", columns: []column{left("number"), right("value"), left("what it is")}},
	}
	rules := r.RecoveryRules
	if rules == nil {
		rules = &runs.DefaultRules
	}
	for i := range r.Recovery {
		rec := &r.Recovery[i]
		s.facts = append(s.facts, fact{triggerName(&rec.Trigger), rec.Verdict.String() + ": " + clean(rec.Why)})
		group := fmt.Sprintf("%s (%s)", triggerName(&rec.Trigger), triggerTimes(&rec.Trigger))
		for _, f := range figures(rec, rules) {
			switch {
			case f.Is == runs.Unknown && (rec.Verdict == runs.Inconclusive || rec.Verdict == runs.NotTriggered || rec.Verdict == runs.Aborted):
				continue // the verdict says why
			case f.Is != runs.Exact && f.Why != "":
				f.what += " (" + clean(f.Why) + ")"
			}
			s.table.rows = append(s.table.rows, row{group, []string{f.name, f.value(), f.what}})
		}
	}
	s.legend = "Judged by: " + ruleText(rules)
	return s
}

func triggerName(t *runs.Trigger) string {
	return cut(cmp.Or(strings.TrimSpace(clean(t.Kind+" "+t.Name)), "unnamed"), 28)
}

// triggerTimes is when it was, as far as the record says.
func triggerTimes(t *runs.Trigger) string {
	until := "without an end"
	if t.Until != nil {
		until = "to " + took(time.Duration(*t.Until))
	}
	clear := "never all clear"
	if t.Clear != nil {
		clear = "all clear after " + took(time.Duration(*t.Clear))
	}
	return fmt.Sprintf("%s %s, %s", took(time.Duration(t.From)), until, clear)
}

// A figure is a number of a recovery for people.
type figure struct {
	runs.Figure
	name string
	unit string // "%": a share; "s": a time; otherwise what stands behind the number
	what string
}

// figures are the numbers of a recovery, each with what it is.
func figures(rec *runs.Recovery, x *runs.RecoveryRules) []figure {
	back := runs.Percent(x.Back)
	objective := fmt.Sprintf("of the error budget of %s, at %s good", days(time.Duration(x.BudgetFor)), runs.Percent(rec.SLO))
	drainBy := ""
	if rec.DrainBy.Is == runs.Exact {
		drainBy = "; must be gone after " + took(rec.DrainBy.Duration())
	}
	return []figure{
		{rec.Baseline, "goodput before", "%", "of the requests of the baseline were good"},
		{rec.Rate, "load before", "/s", "requests of the baseline"},
		{rec.Depth, "depth", "%", "of that goodput was lost in the worst second"},
		{rec.Detect, "time to detect", "s", "from its beginning until goodput was below " + back + " of before"},
		{rec.Recover, "time to recover", "s", fmt.Sprintf("from all clear until goodput was back at %s; allowed: %s", back, took(time.Duration(rec.Deadline)))},
		{rec.Overloaded, "while it lasted", "%", "good answers a second, over those of before"},
		{rec.Plateau, "plateau", "%", fmt.Sprintf("good answers a second under %v to %v times the capacity, over the capacity", x.PlateauFrom, x.PlateauTo)},
		{rec.Collapse, "goodput at the end", "%", "over that of before; below " + runs.Percent(x.Collapse) + " it collapsed"},
		{rec.Attempts, "amplification", "x", "tries for each request, until it was back"},
		{rec.Capacity, "capacity", "/s", "answers that it can give"},
		{rec.Asked, "Ω, what it was asked", "x", "tries under the load of before, over the capacity; from 1x on, no backlog can be worked off"},
		{rec.Drain, "backlog", "s", "to work it off, by its size" + drainBy},
		{rec.Deficit, "deficit", "s", "of the service of before were lost"},
		{rec.Budget, "budget burned", "%", objective},
		{rec.Degraded, "degraded", "%", "of the requests were answered, but too late to be good"},
		{rec.Shed, "shed", "%", "of the failures were refused explicitly, rather than left to wait"},
	}
}

// value writes the number with its unit.
func (f figure) value() string {
	var s string
	switch {
	case f.Is == runs.Endless:
		return "never"
	case f.Is != runs.Exact && f.Is != runs.AtLeast:
		return none
	case f.unit == "%" && f.Value >= 0 && f.Value <= 1:
		s = runs.Percent(f.Value)
	case f.unit == "%":
		s = number(f.Value*100) + "%"
	case f.unit == "s":
		s = took(f.Duration())
	default:
		s = number(f.Value) + f.unit
	}
	if f.Is == runs.AtLeast {
		return ">= " + s
	}
	return s
}

// ruleText are all limits that recoveries are judged by, short enough for every
// format.
func ruleText(x *runs.RecoveryRules) string {
	capacity := "the most seen"
	if x.Capacity > 0 {
		capacity = number(x.Capacity) + "/s"
	}
	return fmt.Sprintf("back at %s of before for %d bins in a row (a bin: 1s, or %s); baseline: %d bins, %s good; "+
		"spike: from %vx its load, back within %s; %s allowed; collapse: below %s over %d bins; Ω: over %d bins, "+
		"patience %s, capacity %s; backlog: %vx its time; shedding: from %s of failures; plateau: %vx to %vx capacity; objective: %s for %s.",
		runs.Percent(x.Back), x.InARow, counted(x.LeastInBin, "request"), x.BaselineBins, runs.Percent(x.Healthy),
		x.Spike, runs.Percent(x.Tolerance), took(time.Duration(x.Deadline)), runs.Percent(x.Collapse), x.CollapseOver, x.AskedOver,
		took(time.Duration(x.Patience)), capacity, x.DrainFactor, runs.Percent(x.Shedding), x.PlateauFrom, x.PlateauTo, runs.Percent(x.SLO), days(time.Duration(x.BudgetFor)))
}

// days writes a long time.
func days(d time.Duration) string {
	if n := d / (24 * time.Hour); n > 1 && d%(24*time.Hour) == 0 {
		return fmt.Sprintf("%d days", n)
	}
	return took(d)
}
