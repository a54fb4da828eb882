package runs

import (
	"fmt"
	"strconv"
	"strings"

	"gameday/scenarios"
)

// findRecovery judges a promise about what befalls the service in a phase. Of
// more than one spike or fault that begin there, the worst counts. There is no
// finding if none does.
func (r *Run) findRecovery(phase int, e scenarios.Expectation, lacks []string) {
	all := r.Recovery
	if e.Of != "" {
		want := func(t *Tally) bool { return about(r.Scenario, e, t) }
		all = r.recoveries(lacks, want, 0)
		if e.Measure == scenarios.Recovers {
			all = r.recoveries(lacks, want, e.Duration())
		}
	}
	var worst Finding
	found := false
	for i := range all {
		if r.phaseAt(all[i].Trigger.From) != phase {
			continue
		}
		f := Finding{Expect: e.String(), Phase: r.Phases[phase].Name, Crowd: e.Of, Limit: e.Compare + " " + e.LimitText()}
		f.decideRecovery(e, &all[i])
		if !found || worse(f.Verdict, worst.Verdict) {
			worst, found = f, true
		}
	}
	if !found && r.ownPromise(phase, e) {
		worst = Finding{Expect: e.String(), Phase: r.Phases[phase].Name, Crowd: e.Of, Limit: e.Compare + " " + e.LimitText(), Why: "no spike and no fault began in this phase"}
		found = true
	}
	if found {
		r.Findings = append(r.Findings, worst)
	}
}

// findNothingToRecoverFrom adds the promises of the whole scenario that came to
// nothing because nothing befell the service.
func (r *Run) findNothingToRecoverFrom() {
	if len(r.Recovery) > 0 {
		return
	}
	for _, e := range r.Scenario.Expect {
		if e.OfTrigger() {
			r.Findings = append(r.Findings, Finding{
				Expect: e.String(), Crowd: e.Of, Limit: e.Compare + " " + e.LimitText(),
				Why: "there was nothing to recover from: no spike and no fault",
			})
		}
	}
}

func (r *Run) ownPromise(phase int, e scenarios.Expectation) bool {
	for _, own := range r.Scenario.Phases[phase].Expect {
		if own == e {
			return true
		}
	}
	return false
}

// worse orders what counts of several: fail, unclear, pass.
func worse(a, b Verdict) bool {
	rank := [...]int{Pass: 0, Unclear: 1, Fail: 2}
	return rank[a] > rank[b]
}

// decideRecovery sets the verdict on a promise about one recovery.
func (f *Finding) decideRecovery(e scenarios.Expectation, rec *Recovery) {
	of := fmt.Sprintf("the %s %s: ", rec.Trigger.Kind, rec.Trigger.Name)
	figure := rec.Recover
	switch e.Measure {
	case scenarios.Budget:
		figure = rec.Budget.times(100)
	case scenarios.Plateau:
		figure = rec.Overloaded.times(100)
	}
	f.Got = figure.text(e)
	switch rec.Verdict {
	case Inconclusive, NotTriggered, Aborted:
		f.Why = of + rec.Verdict.String() + ": " + strings.TrimSuffix(rec.Why, ".")
		return
	}
	holds, grows := e.Holds(figure.Value), figure.Is == AtLeast
	if grows && e.Measure == scenarios.Recovers {
		holds = figure.Value < e.Limit // it was not yet back then
	}
	switch {
	case figure.Is == Unknown || figure.Is == Endless:
		f.Why = of + figure.Why
	case grows && holds && wantsLittle(e):
		f.Why = of + "it was " + f.Got + ", and would have grown: " + figure.Why
	case holds:
		f.Verdict = Pass
	case grows && !wantsLittle(e):
		f.Why = of + "it was " + f.Got + " when the record ended"
	case e.Measure == scenarios.Recovers:
		f.Verdict, f.Why = Fail, of+rec.Verdict.String()+": "+strings.TrimSuffix(rec.Why, ".")
	default:
		f.Verdict, f.Why = Fail, of+e.Subject()+" was "+f.Got
	}
}

// wantsLittle reports whether a promise is broken by too much.
func wantsLittle(e scenarios.Expectation) bool { return e.Compare != ">=" && e.Compare != ">" }

// times is a figure in another unit.
func (f Figure) times(n float64) Figure {
	f.Value *= n
	return f
}

// text writes a figure in the unit of a promise.
func (f Figure) text(e scenarios.Expectation) string {
	switch {
	case f.Is == Unknown || f.Is == Endless:
		return ""
	case e.Measure == scenarios.Recovers && f.Is == AtLeast:
		return "> " + Short(f.Duration())
	case e.Measure == scenarios.Recovers:
		return Short(f.Duration())
	}
	text := strconv.FormatFloat(f.Value, 'g', 3, 64) + "%"
	if f.Value >= 1000 {
		text = strconv.FormatFloat(f.Value, 'f', 0, 64) + "%"
	}
	if f.Is == AtLeast {
		return ">= " + text
	}
	return text
}

// findAttempts judges how often the requests of a phase were tried.
func findAttempts(f *Finding, e scenarios.Expectation, sum *Tally) {
	if sum.Offered == 0 {
		f.Why = "nothing was sent"
		return
	}
	if answered := sum.Response.Count(); sum.Attempts < answered {
		f.Why = fmt.Sprintf("the record holds %d tries of %d answered requests", sum.Attempts, answered)
		return
	}
	got := float64(sum.Attempts) / float64(sum.Offered)
	f.Got = strconv.FormatFloat(got, 'f', -1, 64)
	if len(f.Got) > 5 {
		f.Got = strconv.FormatFloat(got, 'f', 3, 64)
	}
	f.Got += "x"
	if f.Verdict = Pass; !e.Holds(got) {
		f.Verdict, f.Why = Fail, "each request was tried "+f.Got[:len(f.Got)-1]+" times on average"
	}
}
