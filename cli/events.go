package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gameday/freeze"
	"gameday/ready"
	"gameday/scenarios"
)

// An event is a night to come as it is written.
type event struct {
	Name     string        `json:"name"`
	Date     instant       `json:"date"`
	Targets  []string      `json:"targets"`
	Require  []requirement `json:"require"`
	MaxAge   time.Duration `json:"max_age"`
	Headroom *float64      `json:"headroom"` // 1 where left out
	Checks   []check       `json:"checks"`
	Waivers  []waiver      `json:"waivers"`
}

// A requirement is a scenario by name or file, and the scale that the event needs.
type requirement struct {
	Scenario string          `json:"scenario"`
	Scale    scenarios.Scale `json:"scale"`
}

type waiver struct {
	Question string  `json:"question"`
	Reason   string  `json:"reason"`
	Owner    string  `json:"owner"`
	Expires  instant `json:"expires"`
}

// An instant is RFC 3339 with its offset.
type instant struct{ at time.Time }

// UnmarshalText reads an instant. One without an offset is an error.
func (i *instant) UnmarshalText(text []byte) (err error) {
	i.at, err = freeze.ParseInstant(string(text))
	return err
}

// validateEvents returns what is wrong with the events. It looks at no file: see
// loadEvent.
func (c *Config) validateEvents(file string) scenarios.Mistakes {
	c.events = nil
	var found scenarios.Mistakes
	for i, written := range c.Events {
		at := fmt.Sprintf("events[%d]", i)
		add := func(key, says string) {
			found = append(found, scenarios.Mistake{File: file, Key: at + "." + key, Says: says})
		}
		for _, o := range c.Events[:i] {
			if o.Name == written.Name {
				add("name", fmt.Sprintf("%q: there is an event of this name already", written.Name))
			}
		}
		e, strangers := c.event(written)
		for _, n := range strangers {
			add(fmt.Sprintf("targets[%d]", n), fmt.Sprintf("no target %q; want one of the targets by name", written.Targets[n]))
		}
		for n, r := range written.Require {
			if r.Scenario == "" {
				add(fmt.Sprintf("require[%d].scenario", n), "missing: want a scenario by name or file, such as superbowl")
			}
		}
		for n, x := range written.Checks {
			found = append(found, x.validate(file, fmt.Sprintf("%s.checks[%d]", at, n))...)
		}
		found = append(found, e.Validate(file, at)...)
		c.events = append(c.events, e)
	}
	return found
}

// event turns what is written into an event whose scenarios have no more than
// their names. Strangers are the indices of targets that are not there.
func (c *Config) event(w event) (e ready.Event, strangers []int) {
	e = ready.Event{Name: w.Name, Date: w.Date.at, MaxAge: w.MaxAge, Headroom: 1}
	if w.Headroom != nil {
		e.Headroom = *w.Headroom
	}
	for i, name := range w.Targets {
		t := ready.Target{Name: name}
		known := false
		for _, o := range c.Targets {
			if o.Name == name {
				t.URL, known = o.URL, true
			}
		}
		if !known {
			strangers = append(strangers, i)
		}
		e.Targets = append(e.Targets, t)
	}
	for _, r := range w.Require {
		base := filepath.Base(r.Scenario)
		named := &scenarios.Scenario{Name: strings.TrimSuffix(base, filepath.Ext(base))}
		e.Require = append(e.Require, ready.Requirement{Scenario: named, Scale: r.Scale})
	}
	for _, x := range w.Checks {
		e.Checks = append(e.Checks, x.Name)
	}
	for _, x := range w.Waivers {
		e.Waivers = append(e.Waivers, ready.Waiver{Question: x.Question, Reason: x.Reason, Owner: x.Owner, Expires: x.Expires.at})
	}
	return e, strangers
}

// loadEvent returns an event with its scenarios as they are today.
func (c *Config) loadEvent(i int) (ready.Event, error) {
	e := c.events[i]
	e.Require = slices.Clone(e.Require)
	var wrong []error
	for n, r := range c.Events[i].Require {
		s, err := scenarios.Load(r.Scenario)
		if err != nil {
			if _, mistakes := errors.AsType[scenarios.Mistakes](err); !mistakes {
				err = fmt.Errorf("%s: events[%d].require[%d].scenario: %w", c.file, i, n, err)
			}
			wrong = append(wrong, err)
			continue
		}
		e.Require[n].Scenario = s
	}
	return e, errors.Join(wrong...)
}

// checkEvents reads what the events name.
func (c *Config) checkEvents() error {
	var wrong []error
	for i := range c.events {
		_, err := c.loadEvent(i)
		wrong = append(wrong, err)
	}
	return errors.Join(wrong...)
}
