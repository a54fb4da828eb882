package ready

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestValidate(t *testing.T) {
	e, _ := superBowl(t)
	e.Waivers = []Waiver{waiver(aboutAge), waiver(aboutLoad), waiver("check/budget")}
	if found := e.Validate("config.yaml", "events[0]"); len(found) > 0 {
		t.Fatalf("an event in order: %v", found)
	}
	for _, c := range []struct {
		wrong func(*Event)
		want  string // what is said, or how it begins
	}{
		{func(e *Event) { e.Name = "" }, `name: "": want a name of letters`},
		{func(e *Event) { e.Name = "super bowl" }, `name: "super bowl": want a name of letters`},
		{func(e *Event) { e.Date = time.Time{} }, `date: missing: want an instant with its offset`},
		{func(e *Event) { e.MaxAge = 0 }, `max_age: 0s: want how old a rehearsal may be, such as 168h`},
		{func(e *Event) { e.MaxAge = -time.Hour }, `max_age: -1h0m0s: want`},
		{func(e *Event) { e.Headroom = 0.9 }, `headroom: 0.9: want from 1 to 10 times`},
		{func(e *Event) { e.Targets = nil; e.Waivers = nil }, `targets: missing`},
		{func(e *Event) { e.Targets = append(e.Targets, staging) }, `targets[1]: "staging": stands there already`},
		{func(e *Event) { e.Require = nil; e.Waivers = nil }, `require: missing: want at least one scenario, such as {scenario: superbowl, scale: 100%}`},
		{func(e *Event) { e.Require[1].Scale = 0 }, `require[1].scale: missing`},
		{func(e *Event) { e.Require[0].Scale = 9 }, `require[0].scale: 900% with headroom 1.2 is 1080%: nothing is played above 1000%`},
		{func(e *Event) { e.Require[1].Scenario = e.Require[0].Scenario }, `require[1].scenario: "superbowl": is required already`},
		{func(e *Event) { e.Checks = append(e.Checks, "") }, `checks[2].name: "": want a name`},
		{func(e *Event) { e.Checks = append(e.Checks, "budget") }, `checks[2].name: "budget": there is a check of this name already`},
		{func(e *Event) { e.Waivers[0].Question = "age" }, `waivers[0].question: "age": the event has no such question; those that may be waived are superbowl/staging/load, superbowl/staging/age,`},
		{func(e *Event) { e.Waivers[0].Question = aboutIdentity }, `waivers[0].question: "superbowl/staging/identity" cannot be waived, only found out; those that may be are`},
		{func(e *Event) { e.Waivers[1].Reason = "" }, `waivers[1].reason: missing`},
		{func(e *Event) { e.Waivers[1].Owner = "\t" }, `waivers[1].owner: missing`},
		{func(e *Event) { e.Waivers[1].Expires = time.Time{} }, `waivers[1].expires: missing: want an instant`},
	} {
		e, _ := superBowl(t)
		e.Waivers = []Waiver{waiver(aboutAge), waiver(aboutLoad)}
		c.wrong(&e)
		found := e.Validate("config.yaml", "events[0]")
		if len(found) != 1 || !strings.HasPrefix(found[0].String(), "config.yaml: events[0]."+c.want) {
			t.Errorf("got %v, want %s", found, c.want)
		}
	}
}

// All that is wrong is said at once, and what is not there does not stop it.
func TestValidateNothing(t *testing.T) {
	var keys []string
	for _, m := range (&Event{Waivers: []Waiver{{}}, Checks: []string{""}, Require: []Requirement{}}).Validate("f", "e") {
		keys = append(keys, m.Key)
	}
	want := []string{"e.name", "e.date", "e.max_age", "e.headroom", "e.targets", "e.require", "e.checks[0].name",
		"e.waivers[0].question", "e.waivers[0].reason", "e.waivers[0].owner", "e.waivers[0].expires"}
	if !slices.Equal(keys, want) {
		t.Errorf("got  %v\nwant %v", keys, want)
	}
}
