// Package ready answers one question before a big night: go or no-go?
//
// [Decide] holds an [Event] against the [Evidence] of its rehearsals, of the freeze
// and of its checks. There is no score: every question must be answered yes, and
// what is not known is never a yes. It looks at no clock, file or network itself.
package ready

import (
	"time"

	"gameday/scenarios"
)

// An Event is a night that is to come, and what must be known before it.
type Event struct {
	Name     string
	Date     time.Time     // when it begins
	Targets  []Target      // what it will happen to
	Require  []Requirement // each must have passed against each target
	MaxAge   time.Duration // of a rehearsal, since it ended
	Headroom float64       // of the load, over what the event needs; at least 1
	Checks   []string      // names of what else must be answered yes
	Waivers  []Waiver
}

// A Target is a service that the event happens to. A run is about it if it pressed
// the same URL, under whatever name.
type Target struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

// A Requirement is a scenario that must have been rehearsed.
type Requirement struct {
	Scenario *scenarios.Scenario // as it is today; a run of another that bears its name proves nothing
	Scale    scenarios.Scale     // what the event needs, without headroom
}

// needed is the scale at which a requirement must have passed.
func (e *Event) needed(r Requirement) scenarios.Scale { return r.Scale * scenarios.Scale(e.Headroom) }

// A Waiver accepts, for a time, that a question is answered no. It never accepts
// that the answer is not known.
type Waiver struct {
	Question string    `json:"question"` // the question's id, such as superbowl/staging/age
	Reason   string    `json:"reason"`
	Owner    string    `json:"owner"`
	Expires  time.Time `json:"expires"` // the first instant at which it counts no more
}

// counts reports whether a waiver has all that it needs, and has not expired.
func (w *Waiver) counts(now time.Time) bool {
	return !blank(w.Reason) && !blank(w.Owner) && now.Before(w.Expires)
}

// The questions about a rehearsal, as the last part of their ids.
const (
	passed    = "passed"
	load      = "load"
	age       = "age"
	generator = "generator"
	identity  = "identity"
)

// dateID is the id of the question whether the event is still to come.
const dateID = "date"

func rehearsalID(scenario, target, about string) string { return scenario + "/" + target + "/" + about }
func freezeID(target string) string                     { return "freeze/" + target }
func checkID(name string) string                        { return "check/" + name }

// questions are the ids of all questions about the event, and whether each may be
// waived: that a rehearsal is older or smaller than it should be, and that a check
// says no. Whether it passed, whether it could be measured, what is running and
// whether the freeze holds can only be found out.
func (e *Event) questions() map[string]bool {
	all := map[string]bool{dateID: false}
	for _, t := range e.Targets {
		all[freezeID(t.Name)] = false
		for _, r := range e.Require {
			for about, may := range map[string]bool{passed: false, load: true, age: true, generator: false, identity: false} {
				all[rehearsalID(r.Scenario.Name, t.Name, about)] = may
			}
		}
	}
	for _, c := range e.Checks {
		all[checkID(c)] = true
	}
	return all
}
