package ready

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"gameday/scenarios"
)

const (
	wantInstant = "want an instant with its offset, such as 2027-02-14T18:30:00-05:00"
	maxHeadroom = 10
)

var namePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// A finder collects what is wrong with an event.
type finder struct {
	file, at string
	found    scenarios.Mistakes
}

func (f *finder) add(key, says string, args ...any) {
	f.found = append(f.found, scenarios.Mistake{File: f.file, Key: f.at + "." + key, Says: fmt.Sprintf(says, args...)})
}

// Validate returns what is wrong with an event that stands in file under key. Of
// the scenarios it looks at no more than their names.
func (e *Event) Validate(file, key string) scenarios.Mistakes {
	f := &finder{file: file, at: key}
	if !namePattern.MatchString(e.Name) {
		f.add("name", "%q: want a name of letters, digits, dots and dashes, such as super-bowl", e.Name)
	}
	if e.Date.IsZero() {
		f.add("date", "missing: "+wantInstant)
	}
	if e.MaxAge <= 0 {
		f.add("max_age", "%s: want how old a rehearsal may be, such as 168h", e.MaxAge)
	}
	if !(e.Headroom >= 1 && e.Headroom <= maxHeadroom) {
		f.add("headroom", "%g: want from 1 to %d times what the event needs, such as 1.2", e.Headroom, maxHeadroom)
	}
	if len(e.Targets) == 0 {
		f.add("targets", "missing: want at least one of the targets")
	}
	for i, t := range e.Targets {
		for _, o := range e.Targets[:i] {
			if o.Name == t.Name {
				f.add(fmt.Sprintf("targets[%d]", i), "%q: stands there already", t.Name)
			}
		}
	}
	e.validateRequired(f)
	for i, c := range e.Checks {
		key := fmt.Sprintf("checks[%d].name", i)
		if !namePattern.MatchString(c) {
			f.add(key, "%q: want a name of letters, digits, dots and dashes, such as backups", c)
		} else if slices.Contains(e.Checks[:i], c) {
			f.add(key, "%q: there is a check of this name already", c)
		}
	}
	e.validateWaivers(f)
	return f.found
}

// validateRequired looks through what must be rehearsed.
func (e *Event) validateRequired(f *finder) {
	if len(e.Require) == 0 {
		f.add("require", "missing: want at least one scenario, such as {scenario: superbowl, scale: 100%%}")
	}
	for i, r := range e.Require {
		key := fmt.Sprintf("require[%d]", i)
		if !(r.Scale > 0) {
			f.add(key+".scale", "missing: want the share of the real night that the event needs, such as 100%%")
		} else if top := e.needed(r); top > 10 {
			f.add(key+".scale", "%s with headroom %g is %s: nothing is played above 1000%%", r.Scale, e.Headroom, percent(top))
		}
		for _, o := range e.Require[:i] {
			if o.Scenario.Name == r.Scenario.Name {
				f.add(key+".scenario", "%q: is required already", r.Scenario.Name)
			}
		}
	}
}

// validateWaivers looks through what somebody answers for.
func (e *Event) validateWaivers(f *finder) {
	all := e.questions()
	for i, w := range e.Waivers {
		key := fmt.Sprintf("waivers[%d]", i)
		may, there := all[w.Question]
		switch {
		case !there:
			f.add(key+".question", "%q: the event has no such question; those that may be waived are %s", w.Question, e.waivable())
		case !may:
			f.add(key+".question", "%q cannot be waived, only found out; those that may be are %s", w.Question, e.waivable())
		}
		if blank(w.Reason) {
			f.add(key+".reason", "missing: want why the event may go ahead all the same")
		}
		if blank(w.Owner) {
			f.add(key+".owner", "missing: want who answers for it")
		}
		if w.Expires.IsZero() {
			f.add(key+".expires", "missing: "+wantInstant)
		}
	}
}

// waivable lists the questions that may be waived, a few of them.
func (e *Event) waivable() string {
	var ids []string
	for _, r := range e.Require {
		for _, t := range e.Targets {
			ids = append(ids, rehearsalID(r.Scenario.Name, t.Name, load), rehearsalID(r.Scenario.Name, t.Name, age))
		}
	}
	for _, c := range e.Checks {
		ids = append(ids, checkID(c))
	}
	if most := 10; len(ids) > most {
		ids = append(ids[:most], "…")
	}
	return strings.Join(ids, ", ")
}
