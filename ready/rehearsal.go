package ready

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"gameday/runs"
	"gameday/scenarios"
)

// enough is how much smaller than needed a scale may be for the rounding of a
// product.
const enough = 1 - 1e-9

// Deciding returns the indices of the runs whose verdict matters for the event:
// for each requirement and target the newest run at or above the scale that is
// needed, and all that are not older. The others decide nothing. It looks at no
// verdict.
func (e *Event) Deciding(all []Run) []int {
	var matter []int
	for _, r := range e.Require {
		for _, t := range e.Targets {
			about, decides := e.candidates(r, t, all)
			for _, i := range about {
				old := !all[i].when().IsZero() && all[i].when().Before(all[decides].when())
				if !old && !slices.Contains(matter, i) {
					matter = append(matter, i)
				}
			}
		}
	}
	slices.Sort(matter)
	return matter
}

// candidates are the runs that can be about a requirement, the newest first, and
// the one that decides: the first at or above the scale that is needed, or if no
// run reached it, at the greatest scale that one reached.
func (e *Event) candidates(r Requirement, t Target, all []Run) (about []int, decides int) {
	var greatest scenarios.Scale
	for i := range all {
		run := &all[i]
		byName := run.name() == r.Scenario.Name || run.name() == "" && run.Trouble != ""
		byURL := run.Target.URL == t.URL || run.Target.URL == "" && run.Trouble != ""
		if !byName || !byURL {
			continue
		}
		about = append(about, i)
		greatest = max(greatest, run.Scale)
	}
	slices.SortFunc(about, func(a, b int) int { return newer(&all[a], &all[b]) })
	wanted := min(e.needed(r), greatest) * enough
	for _, i := range about {
		if decides = i; wanted > 0 && all[i].Scale >= wanted {
			break
		}
	}
	return about, decides
}

// newer orders runs: the newest first, before all those that nobody can place in
// time, and of the same instant the worse first.
func newer(a, b *Run) int {
	if a.when().IsZero() != b.when().IsZero() {
		return map[bool]int{true: -1, false: 1}[a.when().IsZero()]
	}
	return cmp.Or(b.when().Compare(a.when()), cmp.Compare(badness[a.Verdict], badness[b.Verdict]), cmp.Compare(a.Path, b.Path))
}

// badness orders verdicts, the worst first.
var badness = map[runs.Verdict]int{runs.Fail: 0, runs.Unclear: 1, runs.Pass: 2}

// rehearsal asks whether a scenario was rehearsed against a target as it must be.
func (d *decider) rehearsal(r Requirement, t Target) {
	all := d.known.Runs
	found, decider := d.event.candidates(r, t, all)
	about := Question{About: r.Scenario.Name + " against " + t.Name}
	ask := func(what, asks string, run *Run, reply Reply, why string) {
		q := about
		q.ID, q.Asks, q.Reply, q.Why = rehearsalID(r.Scenario.Name, t.Name, what), asks, reply, why
		if run != nil {
			q.Evidence, q.At = run.Path, run.when()
		}
		d.ask(q)
	}
	if len(found) == 0 {
		ask(passed, asksPassed, nil, Unknown, "No run of it is recorded against "+t.URL+".")
		return
	}
	decides := &all[decider]
	verdict := decides
	for _, i := range found[:slices.Index(found, decider)] {
		if newest := &all[i]; newest.Verdict == runs.Fail || newest.Trouble != "" {
			verdict = newest // at a smaller load, which excuses nothing
			break
		}
	}
	reply, why := didPass(r, verdict)
	ask(passed, asksPassed, verdict, reply, why)
	if decides.Trouble != "" {
		return // nothing more is known of it
	}
	reply, why = d.underLoad(r, decides)
	ask(load, asksLoad, decides, reply, why)
	reply, why = d.recent(decides)
	ask(age, asksAge, decides, reply, why)
	reply, why = believable(decides)
	ask(generator, asksGenerator, decides, reply, why)
	reply, why = d.sameIdentity(t, decides)
	ask(identity, asksIdentity, decides, reply, why)
}

const (
	asksPassed    = "Did it pass?"
	asksLoad      = "At the load that is needed?"
	asksAge       = "Is that recent enough?"
	asksGenerator = "Can it be believed?"
	asksIdentity  = "On what is frozen and runs?"
)

// didPass says whether a run passed the scenario as it is today.
func didPass(r Requirement, run *Run) (Reply, string) {
	switch {
	case run.Trouble != "":
		return Unknown, "The record cannot be read, and may be the newest: " + run.Trouble
	case run.Verdict == runs.Fail:
		return No, "It failed: " + run.Why
	case run.Verdict != runs.Pass:
		return Unknown, "It is unclear: " + run.Why
	case run.Aborted != "":
		return Unknown, "It was ended early: " + run.Aborted
	case !sameScenario(run.Scenario, r.Scenario):
		return No, "It passed, but the scenario has been changed since."
	}
	return Yes, run.Why
}

// sameScenario reports whether two scenarios ask the same of a service. The seed
// and the words make no difference.
func sameScenario(a, b *scenarios.Scenario) bool {
	bare := func(s *scenarios.Scenario) []byte {
		data, err := json.Marshal(scenarios.Scenario{Population: s.Population, Crowds: s.Crowds, Phases: s.Phases, Expect: s.Expect})
		if err != nil {
			return nil
		}
		return data
	}
	x := bare(a)
	return x != nil && bytes.Equal(x, bare(b))
}

// underLoad says whether a run pressed as hard as it must.
func (d *decider) underLoad(r Requirement, run *Run) (Reply, string) {
	needed := d.event.needed(r)
	want := percent(needed)
	if d.event.Headroom != 1 {
		want = fmt.Sprintf("%s with headroom %g, that is %s", percent(r.Scale), d.event.Headroom, want)
	}
	switch {
	case !(run.Scale > 0) || !(needed > 0):
		return Unknown, "The record does not say at what scale it was played."
	case run.Scale < needed*enough:
		return No, fmt.Sprintf("It was played at %s of the real night; the event needs %s.", run.Scale, want)
	}
	return Yes, fmt.Sprintf("It was played at %s of the real night; the event needs %s.", run.Scale, want)
}

// percent writes a scale that is a product, to four digits.
func percent(s scenarios.Scale) string { return fmt.Sprintf("%.4g%%", float64(s)*100) }

// recent says whether a run ended not too long ago.
func (d *decider) recent(run *Run) (Reply, string) {
	old := d.now.Sub(run.Ended)
	switch {
	case run.Ended.IsZero():
		return Unknown, "The record has no end."
	case run.Ended.Before(run.Began):
		return Unknown, "By the record it ended before it began."
	case d.event.MaxAge <= 0:
		return Unknown, "Nobody said how old it may be."
	case old > d.event.MaxAge:
		return No, fmt.Sprintf("It ended %s ago; %s is allowed.", Age(old), Age(d.event.MaxAge))
	}
	d.until(run.Ended.Add(d.event.MaxAge))
	return Yes, fmt.Sprintf("It ended at %s; %s is allowed.", instant(run.Ended.UTC()), Age(d.event.MaxAge))
}

// believable says whether the generator of a run could measure.
func believable(run *Run) (Reply, string) {
	test := run.Selftest
	switch {
	case run.Verdict != runs.Pass && run.Verdict != runs.Fail:
		return Unknown, "The run decides nothing: " + run.Why
	case test == nil:
		return Yes, "The generator kept up. No selftest of its host is recorded."
	case test.Verdict == runs.Pass && test.Host.Same(run.Host):
		return Yes, "The generator kept up, and its host passed its selftest."
	case test.Verdict == runs.Pass:
		return Unknown, fmt.Sprintf("The selftest was passed by another host, %s.", test.Host.Name)
	}
	return Unknown, fmt.Sprintf("The selftest of the host came to %s.", test.Verdict)
}

// Age writes how old something is, in the two greatest of days, hours, minutes
// and seconds, and future for what is yet to come.
func Age(d time.Duration) string {
	if d < 0 {
		return "future"
	}
	units := []struct {
		of   time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}}
	for i, u := range units {
		if d < u.of && i+1 < len(units) {
			continue
		}
		text := fmt.Sprintf("%d%s", d/u.of, u.name)
		if i+1 < len(units) {
			if rest := d % u.of / units[i+1].of; rest > 0 {
				text += fmt.Sprintf(" %d%s", rest, units[i+1].name)
			}
		}
		return text
	}
	return ""
}
