package cli

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"gameday/ready"
)

const targetsYAML = "targets: [{name: staging, url: 'http://127.0.0.1:9', dialect: http}]\n"

// eventYAML is an event in order, with what is said in place of one of its keys.
func eventYAML(key, instead string) string {
	lines := []string{
		"name: sb", "date: 2027-02-14T18:30:00-05:00", "targets: [staging]", "require: [{scenario: superbowl, scale: 100%}]",
		"max_age: 168h", "headroom: 1.2", "checks: [{name: a, command: ['true']}]", "waivers: []",
	}
	for i, l := range lines {
		if strings.HasPrefix(l, key+":") {
			lines[i] = key + ": " + instead
		}
	}
	return targetsYAML + "events:\n  - {" + strings.Join(lines, ", ") + "}\n"
}

func TestEvent(t *testing.T) {
	c, err := read(t, eventYAML("", ""))
	if err != nil {
		t.Fatal(err)
	}
	e, err := c.loadEvent(0)
	if err != nil {
		t.Fatal(err)
	}
	date := time.Date(2027, 2, 14, 23, 30, 0, 0, time.UTC)
	if e.Name != "sb" || !e.Date.Equal(date) || e.MaxAge != 168*time.Hour || e.Headroom != 1.2 || !slices.Equal(e.Checks, []string{"a"}) {
		t.Errorf("got %+v", e)
	}
	if want := (ready.Target{Name: "staging", URL: "http://127.0.0.1:9"}); len(e.Targets) != 1 || e.Targets[0] != want {
		t.Errorf("got %v", e.Targets)
	}
	if r := e.Require[0]; r.Scale != 1 || len(r.Scenario.Phases) == 0 {
		t.Errorf("got %+v", r)
	}
	if c, err = read(t, strings.Replace(eventYAML("", ""), "headroom: 1.2, ", "", 1)); err != nil || c.events[0].Headroom != 1 {
		t.Errorf("without headroom: %v, %v", c, err)
	}
}

// TestEventMistakes holds what is said of each mistake in an event, and where.
func TestEventMistakes(t *testing.T) {
	for _, c := range []struct{ key, instead, want string }{
		{"name", "''", `name: "": want a name of letters`},
		{"date", "2027-02-14", `date: "2027-02-14": want an instant with its offset, such as 2027-02-12T00:00:00-05:00`},
		{"date", "''", `date: "": want an instant`},
		{"targets", "[prod]", `targets[0]: no target "prod"; want one of the targets by name`},
		{"targets", "[embedded]", `targets[0]: no target "embedded"`},
		{"targets", "[]", `targets: missing`},
		{"require", "[{scenario: superbowl}]", `require[0].scale: missing`},
		{"require", "[{scenario: superbowl, scale: 2}]", `require[0].scale: "2": want a share of the real night`},
		{"require", "[{scale: 1%}]", `require[0].scenario: missing: want a scenario by name or file`},
		{"require", "[{scenario: superbowl, scale: 1%, size: 3}]", `require[0].size: unknown key`},
		{"require", "[{scenario: superbowl, scale: 1%}, {scenario: ./superbowl.yaml, scale: 1%}]", `require[1].scenario: "superbowl": is required already`},
		{"max_age", "7 days", `max_age: "7 days": want a duration, such as 20s or 1m30s`},
		{"max_age", "0s", `max_age: 0s: want how old`},
		{"headroom", "0", `headroom: 0: want from 1 to 10`},
		{"headroom", "lots", `headroom: "lots": want a number`},
		{"checks", "[{name: a}]", `checks[0].command: want either a command, or a url and what is to be found there`},
		{"checks", "[{name: a, command: ['true'], url: 'http://x'}]", `checks[0].command: a command answers by what it exits with`},
		{"checks", "[{name: a, command: ['true'], want: '> 1'}]", `checks[0].command: a command answers by what it exits with`},
		{"checks", "[{name: a, command: ['']}]", `checks[0].command[0]: "": want a program`},
		{"checks", "[{name: a, command: true}]", `checks[0].command: true: want a list`},
		{"checks", "[{name: a, command: ['true'], timeout: 11m}]", `checks[0].timeout: 11m0s: want a duration up to 10m0s`},
		{"checks", "[{name: 'a b', command: ['true']}]", `checks[0].name: "a b": want a name`},
		{"checks", "[{name: a, command: ['true']}, {name: a, command: ['true']}]", `checks[1].name: "a": there is a check of this name already`},
		{"checks", "[{name: a, url: 'http://x', want: '> 1'}]", `checks[0].url: want exactly one of query, json, metric, header beside the url`},
		{"checks", "[{name: a, url: 'http://x', query: up, json: a, want: '> 1'}]", `checks[0].url: want exactly one of query, json, metric, header beside the url`},
		{"checks", "[{name: a, url: 'http://x', query: up}]", `checks[0].want: missing`},
		{"checks", "[{name: a, url: 'http://x', query: up, want: '1'}]", `checks[0].want: "1": want a comparison and a limit`},
		{"checks", "[{name: a, url: '/x', query: up, want: '> 1'}]", `checks[0].url: "/x": want an address`},
		{"checks", "[{name: a, url: 'http://u:p@x', query: up, want: '> 1'}]", `checks[0].url: "http://…@x": want`},
		{"checks", "[{name: a, url: 'http://x', json: 'a..b', want: '> 1'}]", `checks[0].json: "a..b": want`},
		{"waivers", "[{question: sb, reason: x, owner: y, expires: '2027-01-01T00:00:00Z'}]", `waivers[0].question: "sb": the event has no such question; those that may be waived are superbowl/staging/load, superbowl/staging/age, check/a`},
		{"waivers", "[{question: freeze/staging, reason: x, owner: y, expires: '2027-01-01T00:00:00Z'}]", `waivers[0].question: "freeze/staging" cannot be waived, only found out`},
		{"waivers", "[{question: check/a, owner: y, expires: '2027-01-01T00:00:00Z'}]", `waivers[0].reason: missing`},
		{"waivers", "[{question: check/a, reason: x, expires: '2027-01-01T00:00:00Z'}]", `waivers[0].owner: missing`},
		{"waivers", "[{question: check/a, reason: x, owner: y}]", `waivers[0].expires: missing`},
		{"waivers", "[{question: check/a, reason: x, owner: y, expires: tomorrow}]", `waivers[0].expires: "tomorrow": want an instant`},
	} {
		_, err := read(t, eventYAML(c.key, c.instead))
		if says := fmt.Sprint(err); !strings.HasPrefix(says, "config.yaml: events[0]."+c.want) || strings.Contains(says, "\n") {
			t.Errorf("%s: %s\ngot  %s\nwant events[0].%s", c.key, c.instead, says, c.want)
		}
	}
}

// All mistakes of all events are said at once.
func TestAllEventMistakes(t *testing.T) {
	_, err := read(t, "events: [{colour: red, checks: [{}], waivers: [{}]}, {name: a}, {name: a}]")
	for _, want := range []string{
		"events[0].colour: ", "events[0].name: ", "events[0].date: ", "events[0].targets: ", "events[0].require: ", "events[0].max_age: ",
		"events[0].checks[0].command: ", "events[0].checks[0].name: ", "events[0].waivers[0].question: ", "events[1].date: ", "events[2].name: ",
	} {
		if !strings.Contains(fmt.Sprint(err), "config.yaml: "+want) {
			t.Errorf("%s is not said:\n%v", want, err)
		}
	}
}

// What an event requires is read only where it is asked for, and every mistake in
// it is said.
func TestEventScenarios(t *testing.T) {
	c, err := read(t, eventYAML("require", "[{scenario: nosuch, scale: 1%}, {scenario: missing.yaml, scale: 1%}, {scenario: superbowl, scale: 1%}]"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.loadEvent(0)
	lines := strings.Split(fmt.Sprint(err), "\n")
	if len(lines) != 2 || !strings.HasPrefix(lines[0], `config.yaml: events[0].require[0].scenario: no scenario "nosuch"`) ||
		!strings.HasPrefix(lines[1], "config.yaml: events[0].require[1].scenario: reading the scenario") {
		t.Errorf("got %v", err)
	}
}

// What config.yaml shows of an event, commented out, is in order.
func TestShippedEvent(t *testing.T) {
	shipped, err := os.ReadFile("../config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, shown, ok := strings.Cut(string(shipped), "\nevents: []\n#")
	if !ok {
		t.Fatal("config.yaml shows no event")
	}
	text := targetsYAML + "events:\n" + strings.ReplaceAll(shown, "\n#", "\n")
	c, err := read(t, text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if e, err := c.loadEvent(0); err != nil || len(e.Require) != 2 || len(e.Checks) != 3 || len(e.Waivers) != 1 {
		t.Errorf("got %+v, %v", e, err)
	}
}

// Which event is meant must be beyond doubt.
func TestFindEvent(t *testing.T) {
	one, two := &Config{events: []ready.Event{{Name: "a"}}}, &Config{events: []ready.Event{{Name: "a"}, {Name: "b"}}}
	for _, c := range []struct {
		config *Config
		args   []string
		want   int
		wrong  string
	}{
		{one, nil, 0, ""}, {two, []string{"b"}, 1, ""}, {one, []string{"a"}, 0, ""},
		{two, nil, 0, "which event? there are a, b"}, {two, []string{"c"}, 0, `no event "c"; there are a, b`},
		{&Config{}, nil, 0, "no events are known; they stand in config.yaml under events"},
	} {
		got, err := c.config.findEvent(c.args)
		if got != c.want || (err != nil) != (c.wrong != "") || err != nil && err.Error() != c.wrong {
			t.Errorf("%v: %d, %v; want %d, %s", c.args, got, err, c.want, c.wrong)
		}
	}
}
