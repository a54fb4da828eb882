package ready

import (
	"fmt"
	"strings"
	"time"

	"gameday/runs"
)

// clockDifference is how far into the future a time may lie and still be believed:
// clocks differ.
const clockDifference = 2 * time.Second

// Decide answers whether the event can go ahead as far as is known now.
//
// It is Go only if every required scenario passed against every target, at the
// load that the event needs, on the very identity that is frozen and runs now, not
// too long ago, measured by a generator that can be believed; the freeze holds; every
// check says yes; and nothing of this is unknown. What is known and not enough is a
// no, which a waiver can accept for some questions. What is not known, or bears a
// time in the future, is unknown, which nobody can accept.
func Decide(e Event, known Evidence, now time.Time) Answer {
	d := decider{event: &e, known: &known, now: now}
	d.answer = Answer{Event: e.Name, Date: e.Date, At: now, Targets: e.Targets, Until: e.Date}
	d.date()
	if len(e.Require) == 0 || len(e.Targets) == 0 {
		d.ask(Question{ID: "rehearsals", About: "Rehearsals", Asks: "Is anything rehearsed?", Why: "The event requires no scenario, or names no target."})
	}
	for _, r := range e.Require {
		for _, t := range e.Targets {
			d.rehearsal(r, t)
		}
	}
	for _, t := range e.Targets {
		d.frozen(t)
	}
	for _, c := range e.Checks {
		d.check(c)
	}
	d.answer.conclude()
	return d.answer
}

// A decider asks the questions of one event.
type decider struct {
	event  *Event
	known  *Evidence
	now    time.Time
	answer Answer
}

// ask takes a question with its answer, and waives it if somebody may and does.
func (d *decider) ask(q Question) {
	if !q.At.IsZero() {
		q.Age = runs.Span(d.now.Sub(q.At))
		if d.future(q.At) && q.Reply != Violated {
			q.Reply, q.Why = Unknown, fmt.Sprintf("The evidence is dated in the future, %s: clocks differ, or somebody wrote it.", instant(q.At))
		}
	}
	if q.Reply == No {
		d.waive(&q)
	}
	d.answer.Questions = append(d.answer.Questions, q)
}

// waive accepts a no for which somebody answers.
func (d *decider) waive(q *Question) {
	if !d.event.questions()[q.ID] {
		return
	}
	expired := ""
	for _, w := range d.event.Waivers {
		switch {
		case w.Question != q.ID:
		case w.counts(d.now):
			q.Reply, q.Waiver = Waived, &w
			d.until(w.Expires)
			return
		case !d.now.Before(w.Expires):
			expired = fmt.Sprintf(" The waiver of %s expired at %s.", w.Owner, instant(w.Expires))
		}
	}
	q.Why += expired
}

// until says that a go would not hold longer than to an instant.
func (d *decider) until(t time.Time) {
	if t.Before(d.answer.Until) {
		d.answer.Until = t
	}
}

// future reports whether an instant cannot have been yet.
func (d *decider) future(t time.Time) bool { return t.After(d.now.Add(clockDifference)) }

// date asks whether there is still something to decide.
func (d *decider) date() {
	q := Question{ID: dateID, About: "The event", Asks: "Is it still to come?"}
	switch {
	case d.event.Date.IsZero():
		q.Why = "The event has no date."
	case d.event.Date.After(d.now):
		q.Reply, q.Why = Yes, fmt.Sprintf("It begins at %s.", instant(d.event.Date))
	default:
		q.Reply, q.Why = No, fmt.Sprintf("It began at %s: there is nothing left to decide.", instant(d.event.Date))
	}
	d.ask(q)
}

// check asks what a check said.
func (d *decider) check(name string) {
	q := Question{ID: checkID(name), About: "Checks", Asks: name}
	r, there := d.known.Checks[name]
	switch {
	case !there:
		q.Why = "The check was not made."
	case r.At.IsZero():
		q.Why = "Nobody knows when the check was made."
	default:
		q.At, q.Why = r.At, r.Why
		if r.Reply == Yes || r.Reply == No {
			q.Reply = r.Reply
		}
	}
	d.ask(q)
}

// instant writes a time to the minute.
func instant(t time.Time) string { return t.Format("2006-01-02 15:04 Z07:00") }

// blank reports whether there is nothing to read in s.
func blank(s string) bool { return strings.TrimSpace(s) == "" }
