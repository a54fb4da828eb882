package scenarios

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// sound is a scenario without a mistake, for tests to spoil.
const sound = `name: night
asks: Does it hold?
seed: 48
crowds:
  - {name: readers, rate: 200/s, do: [home 80, user 20]}
  - {name: posters, rate: 20/s, arrivals: poisson, do: [post 1]}
phases:
  - {name: quiet, for: 4s, load: [readers 1x]}
  - {name: loud, for: 6s, load: [readers 3x in 2s, posters 2x to 4x], expect: [readers p99 <= 250ms]}
expect:
  - success >= 99.9%
  - readers p99 <= 100ms
`

// spoilt is sound with one text in the place of another.
func spoilt(t *testing.T, old, new string) string {
	t.Helper()
	if strings.Count(sound, old) != 1 {
		t.Fatalf("%q stands %d times in the sound scenario, want once", old, strings.Count(sound, old))
	}
	return strings.Replace(sound, old, new, 1)
}

// says is what Read finds wrong, a line each.
func says(t *testing.T, data string) string {
	t.Helper()
	s, err := Read("some/night.yaml", []byte(data))
	if err == nil {
		return ""
	}
	found, ok := err.(Mistakes)
	if !ok || len(found) == 0 || s != nil {
		t.Fatalf("the error is %#v with %v, want mistakes and no scenario", err, s)
	}
	if n := strings.Count(err.Error(), "\n") + 1; n != len(found) {
		t.Errorf("%d mistakes on %d lines:\n%s", len(found), n, err)
	}
	return err.Error()
}

func TestReadSound(t *testing.T) {
	got, err := Read("night.yaml", []byte(sound))
	if err != nil {
		t.Fatal(err)
	}
	want := &Scenario{
		Name: "night", Asks: "Does it hold?", Seed: 48, Population: DefaultPopulation,
		Crowds: []Crowd{
			{Name: "readers", Rate: 200, Do: []Action{{Name: Home, Weight: 80}, {Name: User, Weight: 20}}},
			{Name: "posters", Rate: 20, Arrivals: Poisson, Do: []Action{{Name: Post, Weight: 1}}},
		},
		Phases: []Phase{
			{Name: "quiet", For: 4 * time.Second, Load: []Level{{Crowd: "readers", From: 1, To: 1}}},
			{Name: "loud", For: 6 * time.Second, Load: []Level{{Crowd: "readers", To: 3, In: 2 * time.Second}, {Crowd: "posters", From: 2, To: 4}},
				Expect: expectations("readers p99 <= 250ms")},
		},
		Expect: expectations("success >= 99.9%", "readers p99 <= 100ms"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestReadRefuses spoils the sound scenario in one place at a time.
func TestReadRefuses(t *testing.T) {
	const noRate = `want requests per second, such as 200/s`
	const noDuration = `want a duration, such as 20s or 1m30s`
	const whole = `want a whole number from 0 to 2^64-1`
	for _, c := range []struct{ old, new, want string }{
		// Keys.
		{"seed: 48", "sead: 48", `sead: unknown key`},
		{"seed: 48", "seed: 48\nphase:", `phase: unknown key`},
		{"seed: 48", "seed: 48\nphase: {}", `phase: unknown key`},
		{"seed: 48", "population: {acounts: 5}", `population.acounts: unknown key`},
		{"seed: 48", "population: {acounts: }", `population.acounts: unknown key`},
		{"seed: 48", `"population\0accounts": 5`, `"population\x00accounts": unknown key`},
		{"seed: 48", `"two\nlines": 5`, `"two\nlines": unknown key`},
		{"seed: 48", `"": 5`, `"": unknown key`},
		{"seed: 48", `48: 5`, `48: unknown key`},
		{"rate: 20/s", "rate: 20/s, color: red", `crowds[1].color: unknown key`},
		{"for: 4s", "for: 4s, until: 5s", `phases[0].until: unknown key`},
		{"[post 1]", "[{name: post, weigth: 2}]", `crowds[1].do[0].weigth: unknown key`},
		{"seed: 48", "seed: 48\nSeed: 49", `seed: stands there already as "Seed"`},
		{"rate: 20/s", "rate: 20/s, RATE: 20/s", `crowds[1].rate: stands there already as "RATE"`},
		{"seed: 48", "population: {1: 2, '1': 3}", `not YAML: line 3: mapping key "1" already defined at line 3`},
		{"asks: Does", "askſ: Why?\naſks: Does", "aſks: stands there already as \"askſ\""},
		{"seed: 48", "seed: 48\nseed: 49", `not YAML: line 4: mapping key "seed" already defined at line 3`},
		{"rate: 20/s", "rate: 20/s, rate: 20/s", `not YAML: line 6: mapping key "rate" already defined at line 6`},
		// Rates and arrivals.
		{"rate: 20/s", "rate: 0/s", `crowds[1].rate: "0/s": want a rate from one request a day to 10000000/s, such as 200/s`},
		{"rate: 20/s", "rate: 0.04/h", `crowds[1].rate: "0.000011111111111111112/s": want a rate from one request a day to 10000000/s, such as 200/s`},
		{"rate: 20/s", "rate: -20/s", `crowds[1].rate: "-20/s": ` + noRate},
		{"rate: 20/s", "rate: 20", `crowds[1].rate: "20": ` + noRate},
		{"rate: 20/s", "rate: -20", `crowds[1].rate: "-20": ` + noRate},
		{"rate: 20/s", "rate: 1e3/s", `crowds[1].rate: "1e3/s": ` + noRate},
		{"rate: 20/s", "rate: .inf", `crowds[1].rate: "+Inf": ` + noRate},
		{"rate: 20/s", "rate: .nan", `crowds[1].rate: "NaN": ` + noRate},
		{"rate: 20/s", "rate: true", `crowds[1].rate: "true": ` + noRate},
		{"rate: 20/s", "rate: ", `crowds[1].rate: "0/s": want a rate from one request a day to 10000000/s, such as 200/s`},
		{"rate: 20/s", "rate: [20/s]", `crowds[1].rate: a list: want text`},
		{"rate: 20/s", "rate: {per: s}", `crowds[1].rate: keys and values: want text`},
		{"rate: 20/s", "rate: 10000001/s", `crowds[1].rate: "10000001/s": want a rate from one request a day to 10000000/s, such as 200/s`},
		{"poisson", "random", `crowds[1].arrivals: "random": want even, poisson, bursty, or bursty with an index of dispersion, such as bursty 20`},
		{"poisson", "bursty 10001", `crowds[1].arrivals: "bursty 10001": want an index of dispersion above 1 and up to 10000`},
		// Actions.
		{"[post 1]", "[shout 1]", `crowds[1].do[0]: unknown action "shout"; want one of home, user, status, public, post, like, unlike, boost, follow, or one with a path of its own`},
		{"[post 1]", "[post 0]", `crowds[1].do[0]: weight 0: want more than zero and at most 1000000`},
		{"[post 1]", "[post 1000001]", `crowds[1].do[0]: weight 1.000001e+06: want more than zero and at most 1000000`},
		{"[post 1]", "[{name: post, weight: 0}]", `crowds[1].do[0]: weight 0: want more than zero and at most 1000000`},
		{"[post 1]", "[{name: buy, path: /buy, weight: 0}]", `crowds[1].do[0]: weight 0: want more than zero and at most 1000000`},
		{"[post 1]", "[{name: buy, path: /buy, weight: .nan}]", `crowds[1].do[0]: weight NaN: want more than zero and at most 1000000`},
		{"[post 1]", "[{name: buy, path: /buy, weight: heavy}]", `crowds[1].do[0].weight: "heavy": want a number`},
		{"[post 1]", "[post -1]", `crowds[1].do[0]: "post -1": want an action and its weight, such as home 80`},
		{"[post 1]", "[post 1, post 2]", `crowds[1].do[1]: "post" stands there already; add the weights`},
		{"[post 1]", "post 1", `crowds[1].do: "post 1": want a list`},
		{"[post 1]", "{post: 1}", `crowds[1].do: keys and values: want a list`},
		{"[post 1]", "[{post: 1}]", `crowds[1].do[0].post: unknown key`},
		{"[post 1]", "[[post, 1]]", `crowds[1].do[0]: a list: want text`},
		{"[post 1]", "[null]", `crowds[1].do[0]: missing; want an action and its weight, such as home 80`},
		{"[post 1]", "[]", `crowds[1].do: missing; want what the crowd does, such as [home 80, user 20]`},
		{"[post 1]", "[{name: buy, method: POST}]", `crowds[1].do[0]: unknown action "buy"; want one of home, user, status, public, post, like, unlike, boost, follow, or one with a path of its own`},
		{"[post 1]", "[{name: post, method: POST}]", `crowds[1].do[0].path: missing; an action with a method, body or type wants a path too`},
		{"[post 1]", "[{name: post, path: [a]}]", `crowds[1].do[0].path: a list: want text`},
		// Phases.
		{"for: 4s", "for: 0s", `phases[0].for: 0s: want a duration above zero, such as 20s`},
		{"for: 4s", "for: 0", `phases[0].for: 0s: want a duration above zero, such as 20s`},
		{"for: 4s", "for: ", `phases[0].for: 0s: want a duration above zero, such as 20s`},
		{"for: 4s", "for: 4", `phases[0].for: "4": ` + noDuration},
		{"for: 4s", "for: 4.5", `phases[0].for: "4.5": ` + noDuration},
		{"for: 4s", "for: -4s", `phases[0].for: "-4s": ` + noDuration},
		{"for: 4s", "for: soon", `phases[0].for: "soon": ` + noDuration},
		{"for: 4s", "for: [4s]", `phases[0].for: a list: want text`},
		{"for: 4s", "for: {s: 4}", `phases[0].for: keys and values: want text`},
		{"for: 4s", "for: 24h", `phases: together longer than 24h`},
		{"for: 4s", "for: 2562047h", `phases: together longer than 24h`},
		{"name: loud", "name: quiet", `phases[1].name: "quiet": there is a phase of this name already`},
		{"name: loud", "name: ' '", `phases[1].name: missing; want a name`},
		{"name: loud", `name: "a\nb"`, `phases[1].name: "a\nb": want plain text on one line`},
		{"name: loud", "name: 7", `phases[1].name: 7: want text`},
		{"[readers 1x]", "[writers 1x]", `phases[0].load[0]: "writers 1x": there is no crowd "writers"`},
		{"[readers 1x]", "[readers 1x in 5s]", `phases[0].load[0]: "readers 1x in 5s": the phase lasts only 4s`},
		{"[readers 1x]", "[readers 1x, readers 2x]", `phases[0].load[1]: "readers 2x": the crowd's load stands there already`},
		{"[readers 1x]", "[readers]", `phases[0].load[0]: "readers": ` + wantLevel},
		{"[readers 1x]", "[readers 3x to -1x]", `phases[0].load[0]: "readers 3x to -1x": ` + wantLevel},
		{"[readers 1x]", "[1]", `phases[0].load[0]: "1": ` + wantLevel},
		{"[readers 1x]", "[null]", `phases[0].load[0]: " 0x": ` + wantLevel},
		{"[readers 1x]", "[{crowd: readers, to: 3}]", `phases[0].load[0]: keys and values: want text`},
		{"[readers 1x]", "[{}]", `phases[0].load[0]: keys and values: want text`},
		{"[readers 1x]", "readers 1x", `phases[0].load: "readers 1x": want a list`},
		{"[readers 1x]", "true", `phases[0].load: true: want a list`},
		{"[readers 1x]", "[readers 0.0000009x]", `phases[0].load[0]: "readers 0.0000009x": want 0x, or at least 0.000001x`},
		{"[readers 1x]", "[readers 0x to 0.0000009x]", `phases[0].load[0]: "readers 0x to 0.0000009x": want 0x, or at least 0.000001x`},
		{"[readers 1x]", "[readers 0.0000009x to 1x]", `phases[0].load[0]: "readers 0.0000009x to 1x": want 0x, or at least 0.000001x`},
		{"[readers 1x]", "[readers 0.0000009x in 1s]", `phases[0].load[0]: "readers 0.0000009x in 1s": want 0x, or at least 0.000001x`},
		{"[readers 1x]", "[readers 50001x]", `phases[0].load[0]: "readers 50001x": 200/s times this; want at most 10000000/s`},
		{"[readers 1x]", "[readers 1x to " + strings.Repeat("9", 300) + "x]", `phases[0].load[0]: "readers 1x to ` + formatNumber(1e300) + `x": 200/s times this; want at most 10000000/s`},
		// Expectations.
		{"success >=", "writers success >=", `expect[0]: "writers success >= 99.9%": there is no crowd or action "writers"`},
		{"readers p99 <= 100ms", "like p99 <= 100ms", `expect[1]: "like p99 <= 100ms": there is no crowd or action "like"`},
		{"readers p99 <= 250ms", "success >= 1%, success < 5%", `phases[1].expect[1]: "success < 5%": "success >= 1%" stands there already`},
		{"readers p99 <= 100ms", "readers fresh p99 <= 1s", `expect[1]: "readers fresh p99 <= 1s": freshness is measured for everybody; want fresh p99 <= 1s`},
		{"readers p99 <= 100ms", "home lag p99 <= 1s", `expect[1]: "home lag p99 <= 1s": lag is kept by the crowd; want a crowd's name, or lag p99 <= 1s for everybody`},
		{"success >= 99.9%", "success is good", `expect[0]: "success is good": ` + wantExpectation},
		{"success >= 99.9%", "{success: 99.9}", `expect[0]: keys and values: want text`},
		{"success >= 99.9%", "{}", `expect[0]: keys and values: want text`},
		{"success >= 99.9%", "", `expect[0]: " p0  0s": ` + wantExpectation},
		{"success >= 99.9%", "~", `expect[0]: " p0  0s": ` + wantExpectation},
		{"success >= 99.9%", "99.9", `expect[0]: "99.9": ` + wantExpectation},
		{"[readers p99 <= 250ms]", "readers p99 <= 250ms", `phases[1].expect: "readers p99 <= 250ms": want a list`},
		// Names and the rest.
		{"name: night", "name: day", `name: "day": want the file's own name, "night"`},
		{"name: night\n", "", `name: missing; want a name`},
		{"name: night", "name: ", `name: missing; want a name`},
		{"name: night", "name: 48", `name: 48: want text`},
		{"name: night", "name: true", `name: true: want text`},
		{"name: night", "name: [night]", `name: a list: want text`},
		{"name: night", "name: {n: ight}", `name: keys and values: want text`},
		{"asks: Does it hold?", "asks: !!binary gIA=", `asks: "\x80\x80": want text in UTF-8`},
		{"name: posters", "name: readers", "crowds[1].name: \"readers\": there is a crowd of this name already\n" +
			`some/night.yaml: phases[1].load[1]: "posters 2x to 4x": there is no crowd "posters"`},
		{"seed: 48", "seed: -1", `seed: -1: ` + whole},
		{"seed: 48", "seed: 4.8", `seed: 4.8: ` + whole},
		{"seed: 48", "seed: 18446744073709551616", `seed: 1.8446744073709552e+19: ` + whole},
		{"seed: 48", "seed: .nan", `seed: NaN: ` + whole},
		{"seed: 48", "seed: '48'", `seed: "48": ` + whole},
		{"seed: 48", "seed: true", `seed: true: ` + whole},
		{"seed: 48", "seed: [48]", `seed: a list: ` + whole},
		{"seed: 48", "population: many", `population: "many": want keys and values`},
		{"seed: 48", "population: 2023-02-12", `population: "2023-02-12": want keys and values`},
		{"seed: 48", "population: [1]", `population: a list: want keys and values`},
		{"seed: 48", "population: {accounts: 1}", `population.accounts: 1: want 2 to 10000000 people`},
		{"seed: 48", "population: {accounts: 2.5}", `population.accounts: 2.5: want a whole number below 2^63`},
		{"seed: 48", "population: {accounts: 18446744073709551615}", `population.accounts: 18446744073709551615: want a whole number below 2^63`},
		{"seed: 48", "population: {accounts: -5}", `population.accounts: -5: want 2 to 10000000 people`},
		{"seed: 48", "population: {hot: -1}", `population.hot: -1: want a rank exponent from 0 to 10, such as 1.21`},
		{"seed: 48", "population: {hot: .nan}", `population.hot: NaN: want a rank exponent from 0 to 10, such as 1.21`},
		{"seed: 48", "population: {followers: 1e300}", `population.followers: 1e+300: want a rank exponent from 0 to 10, such as 0.784`},
		{"seed: 48", "population: {followers: steep}", `population.followers: "steep": want a number`},
		// What is not one YAML document of keys and values.
		{"seed: 48", "\tseed: 48", `not YAML: line 2: found a tab character that violates indentation`},
		{"crowds:\n", "crowds:\n\t- {}\n", `not YAML: line 5: found character that cannot start any token`},
		{"seed: 48", "seed: 4\x008", `not YAML: control characters are not allowed`},
		{"seed: 48", "seed: 4\xff8", `not YAML: invalid leading UTF-8 octet`},
		{"seed: 48", "seed: *nobody", `not YAML: unknown anchor 'nobody' referenced`},
		{"seed: 48", "seed: &me [*me]", `not YAML: anchor 'me' value contains itself`},
		{"seed: 48", "seed: 48\n--- ", `more than one document; want one a file`},
		{"seed: 48", "seed: 48\n---\n&", `not YAML: line 5: did not find expected alphabetic or numeric character`},
	} {
		if got, want := says(t, spoilt(t, c.old, c.new)), "some/night.yaml: "+c.want; got != want {
			t.Errorf("%q in place of %q says\n%s\nwant\n%s", c.new, c.old, got, want)
		}
	}
}

func TestReadRefusesFiles(t *testing.T) {
	const nothing = "some/night.yaml: name: missing; want a name\n" +
		"some/night.yaml: crowds: missing; want at least one, such as {name: readers, rate: 200/s, do: [home 1]}\n" +
		"some/night.yaml: phases: missing; want at least one, such as {name: steady, for: 10s}"
	const noKeys = "some/night.yaml: want keys and values, such as name: steady"
	for data, want := range map[string]string{
		"": nothing, "# nothing yet\n": nothing, "---\n": nothing, "{}": nothing, "null": nothing, "\ufeff": nothing,
		"[]": noKeys, "- name: night": noKeys, "night": noKeys, "48": noKeys, "true": noKeys, "&a [*a]": noKeys, "\x7fELF\x02\x01": "some/night.yaml: not YAML: control characters are not allowed",
		"{": "some/night.yaml: not YAML: line 1: did not find expected node content", "a: b: c": "some/night.yaml: not YAML: mapping values are not allowed in this context",
		"crowds: {}":                            "some/night.yaml: crowds: keys and values: want a list",
		sound + "---\n" + sound:                 "some/night.yaml: more than one document; want one a file",
		sound + "...\n":                         "",
		"---\n" + sound:                         "",
		"%YAML 1.1\n---\n" + sound:              "",
		"\ufeff" + sound:                        "",
		strings.ReplaceAll(sound, "\n", "\r\n"): "",
	} {
		if got := says(t, data); got != want {
			t.Errorf("%.60q says\n%s\nwant\n%s", data, got, want)
		}
	}
}

// TestReadFindsAll has every part of the file wrong at once, in either of the two
// ways: forms are looked at first, and meanings only when all forms are right.
func TestReadFindsAll(t *testing.T) {
	for data, want := range map[string][]string{
		`{name: 5, sead: 1, asks: [], seed: -1, expect: [nothing, success > 1%, more],
			crowds: [{rate: 5, colour: red, do: home}, {rate: 5/s, do: [a b c]}], phases: [{for: 5}, {load: [x], until: 5}]}`: {
			`name: 5: want text`,
			`asks: a list: want text`,
			`seed: -1: want a whole number from 0 to 2^64-1`,
			`crowds[0].rate: "5": want requests per second, such as 200/s`,
			`crowds[0].do: "home": want a list`,
			`crowds[1].do[0]: "a b c": want an action and its weight, such as home 80`,
			`phases[0].for: "5": want a duration, such as 20s or 1m30s`,
			`phases[1].load[0]: "x": ` + wantLevel,
			`expect[0]: "nothing": ` + wantExpectation,
			`expect[2]: "more": ` + wantExpectation,
			`crowds[0].colour: unknown key`,
			`phases[1].until: unknown key`,
			`sead: unknown key`,
		},
		`{name: day, population: {accounts: 0, hot: 11, followers: -1}, expect: [x success > 1%],
			crowds: [{name: a b, rate: 0/s}, {name: p99, rate: 5/s, do: [home 0, home 1]}], phases: [{for: 0s, load: [y 1x]}, {name: z, for: 1s, expect: [fresh p99 < 1s, fresh p99 < 2s]}]}`: {
			`population.accounts: 0: want 2 to 10000000 people`,
			`population.followers: -1: want a rank exponent from 0 to 10, such as 0.784`,
			`population.hot: 11: want a rank exponent from 0 to 10, such as 1.21`,
			`crowds[0].name: "a b": want a letter, then letters, digits, - or _`,
			`crowds[0].rate: "0/s": want a rate from one request a day to 10000000/s, such as 200/s`,
			`crowds[0].do: missing; want what the crowd does, such as [home 80, user 20]`,
			`crowds[1].name: "p99" is a word of expectations; want another name`,
			`crowds[1].do[0]: weight 0: want more than zero and at most 1000000`,
			`crowds[1].do[1]: "home" stands there already; add the weights`,
			`phases[0].name: missing; want a name`,
			`phases[0].for: 0s: want a duration above zero, such as 20s`,
			`phases[0].load[0]: "y 1x": there is no crowd "y"`,
			`phases[1].expect[1]: "fresh p99 < 2s": "fresh p99 < 1s" stands there already`,
			`expect[0]: "x success > 1%": there is no crowd or action "x"`,
			`name: "day": want the file's own name, "night"`,
		},
		"{Asks: a, ASKS: b, asks: c, crowds: [{Name: a, name: b}, {x: {y: [{z: 1, Z: 2}]}}]}": {
			`Asks: stands there already as "ASKS"`,
			`asks: stands there already as "Asks"`,
			`crowds[0].name: stands there already as "Name"`,
			`crowds[1].x.y[0].z: stands there already as "Z"`,
		},
	} {
		want := "some/night.yaml: " + strings.Join(want, "\nsome/night.yaml: ")
		for range 20 { // maps have an order of their own each time
			if diff := cmp.Diff(want, says(t, data)); diff != "" {
				t.Fatal(diff)
			}
		}
	}
}

// TestReadUnderstands spoils nothing: what is written otherwise says the same.
func TestReadUnderstands(t *testing.T) {
	plain, err := Read("night.yaml", []byte(sound))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new string }{
		{"seed: 48", "SEED: 48"}, {"for: 4s", "For: 4s"}, {"rate: 20/s", "RATE: 20/s"}, {"phases:", "Phases:"},
		{"seed: 48", "seed: 0x30"}, {"seed: 48", "seed: 48.0"}, {"seed: 48", "seed: 4.8e1"}, {"seed: 48", "seed: 48\npopulation: {accounts: 1e5}"},
		{"seed: 48", "seed: 48\npopulation:"}, {"seed: 48", "seed: 48\nstory:"}, {"seed: 48", "seed: 48\npopulation: {}"}, {"seed: 48", "seed: 48\npopulation: {hot: 1.21}"},
		{"for: 4s", "for: 4000ms"}, {"rate: 20/s", "rate: 1200/m"}, {"[post 1]", "[post]"}, {"[post 1]", "[{name: post}]"}, {"[post 1]", "[{name: post, weight: 1}]"},
		{"[readers 1x]", "[readers 1.0x to 1x]"}, {"success >= 99.9%", "success>=99.90 %"}, {"success >= 99.9%", "'success >= 99.9%'"},
		{"asks: Does it hold?", "asks: >-\n  Does it\n  hold?"}, {"rate: 20/s", "rate: !!str 20/s"},
	} {
		got, err := Read("night.yaml", []byte(spoilt(t, c.old, c.new)))
		if err != nil {
			t.Errorf("%q in place of %q is refused: %v", c.new, c.old, err)
		} else if diff := cmp.Diff(plain, got); diff != "" {
			t.Errorf("%q in place of %q: %s", c.new, c.old, diff)
		}
	}
}

func TestReadSeed(t *testing.T) {
	for _, seed := range []string{"0", "1", "9007199254740993", "9223372036854775807", "9223372036854775808", "18446744073709551615"} {
		s, err := Read("night.yaml", []byte(spoilt(t, "seed: 48", "seed: "+seed)))
		if err != nil || fmt.Sprint(s.Seed) != seed {
			t.Fatalf("seed %s: %v, %v", seed, s, err)
		}
		data, err := json.Marshal(s)
		if err != nil || !strings.Contains(string(data), `"seed":`+seed+`,`) {
			t.Errorf("seed %s is written in %s, %v", seed, data, err)
		}
		survivesJSON(t, s)
	}
}

func TestReadAnchors(t *testing.T) {
	s, err := Read("night.yaml", []byte(`
name: night
crowds:
  - &one {name: a, rate: 10/s, do: &do [home 1]}
  - {<<: *one, name: b, arrivals: bursty 2}
  - {name: c, rate: 20/s, do: *do}
phases:
  - &p {name: x, for: 1s, expect: [&e success > 1%]}
  - {<<: *p, name: y}
expect: [*e]
`))
	if err != nil {
		t.Fatal(err)
	}
	do := []Action{{Name: Home, Weight: 1}}
	if diff := cmp.Diff([]Crowd{{"a", 10, Even, do}, {"b", 10, 2, do}, {"c", 20, Even, do}}, s.Crowds); diff != "" {
		t.Error(diff)
	}
	want := []Phase{{Name: "x", For: time.Second, Expect: expectations("success > 1%")}, {Name: "y", For: time.Second, Expect: expectations("success > 1%")}}
	if diff := cmp.Diff(want, s.Phases); diff != "" || len(s.Expect) != 1 {
		t.Error(diff, s.Expect)
	}
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c <= 'j'; c++ {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.Repeat(fmt.Sprintf("*%c,", c-1), 9))
	}
	if got, want := says(t, bomb), "some/night.yaml: not YAML: document contains excessive aliasing"; got != want {
		t.Errorf("a thousand million aliases say %.200q, want %q", got, want)
	}
}

// TestDecode decodes a struct of what configuration has besides: switches,
// instants, maps, and parts that may be left out.
func TestDecode(t *testing.T) {
	type part struct {
		Scale Scale `json:"scale"`
	}
	type config struct {
		On    bool              `json:"on"`
		Since time.Time         `json:"since"`
		Names map[string]string `json:"names"`
		Part  *part             `json:"part"`
		Any   any               `json:"any"`
	}
	day := time.Date(2023, 2, 12, 0, 0, 0, 0, time.UTC)
	good := map[string]any{"ON": true, "since": day, "names": map[string]any{"a": "b"}, "part": map[string]any{"scale": "5%"}, "any": []any{1}}
	var got config
	if found := Decode(good, "f", &got); len(found) > 0 {
		t.Fatal(found)
	}
	want := config{On: true, Since: day, Names: map[string]string{"a": "b"}, Part: &part{0.05}, Any: []any{1}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var text config
	if found := Decode(map[string]any{"since": "2023-02-12T00:00:00Z"}, "f", &text); len(found) > 0 || !text.Since.Equal(day) {
		t.Errorf("an instant in text is %s, %v", text.Since, found)
	}
	wrong := map[string]any{"on": "yes", "since": []any{}, "names": "a", "part": map[string]any{"scale": 5, "Skale": nil}, "ons": map[any]any{1: 2}}
	const says = `f: on: "yes": want true or false
f: since: a list: want text
f: names: "a": want keys and values
f: part.scale: "5": want a share of the real night above 0% and up to 1000%, such as 1%
f: ons: unknown key
f: part.Skale: unknown key`
	if diff := cmp.Diff(says, Decode(wrong, "f", &config{}).Error()); diff != "" {
		t.Error(diff)
	}
}

// TestReadPlainActions reads the actions of a plain HTTP service.
func TestReadPlainActions(t *testing.T) {
	s, err := Read("night.yaml", []byte(spoilt(t, "[post 1]", `[{name: buy, path: "/cart?id=7&x=%20", method: POST, body: '{"n":1}'}, {name: look, path: /, weight: 2.5}, post 4,
    {name: form, path: /f, method: PUT, body: a=b, type: application/x-www-form-urlencoded}]`)))
	if err != nil {
		t.Fatal(err)
	}
	want := []Action{
		{Name: "buy", Weight: 1, Method: "POST", Path: "/cart?id=7&x=%20", Body: `{"n":1}`, Type: "application/json"},
		{Name: "look", Weight: 2.5, Method: "GET", Path: "/"},
		{Name: "post", Weight: 4},
		{Name: "form", Weight: 1, Method: "PUT", Path: "/f", Body: "a=b", Type: "application/x-www-form-urlencoded"},
	}
	if diff := cmp.Diff(want, s.Crowds[1].Do); diff != "" {
		t.Error(diff)
	}
	survivesJSON(t, s)
	var a Action
	if err := json.Unmarshal([]byte(`{"name":"look","path":"/"}`), &a); err != nil || a.Weight != 1 {
		t.Errorf("without a weight, JSON gives %+v and %v, want weight 1", a, err)
	}
	for data, want := range map[string]string{`5`: "cannot unmarshal number", `"a b c"`: "want an action and its weight", `{"name":5}`: "cannot unmarshal number", `{"`: "unexpected end"} {
		if err := json.Unmarshal([]byte(data), &a); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the action %s gives %v, want %q", data, err, want)
		}
	}
}

// TestReadLargeFiles would take hours if anything grew with the square of a file.
func TestReadLargeFiles(t *testing.T) {
	const megabyte = 1 << 20
	if got := says(t, spoilt(t, "Does it hold?", strings.Repeat("Does it hold? ", megabyte/14))); got != "" {
		t.Errorf("a long question is refused: %.200s", got)
	}
	for old, c := range map[string]struct{ one, want string }{
		"[readers 1x]":           {"readers 1x, ", "phases[0].load: %d of them; want at most 1000"},
		"[post 1]":               {"post 1, ", "crowds[1].do: %d of them; want at most 1000"},
		"[readers p99 <= 250ms]": {"success > 1%, ", "phases[1].expect: %d of them; want at most 1000"},
	} {
		n := megabyte / 32 / len(c.one)
		if got, want := says(t, spoilt(t, old, "["+strings.Repeat(c.one, n)+"]")), "some/night.yaml: "+fmt.Sprintf(c.want, n); got != want {
			t.Errorf("many of %q say %.200s, want %s", c.one, got, want)
		}
	}
	const n = megabyte / 32 / 24
	var phases, crowds strings.Builder
	for i := range n {
		fmt.Fprintf(&phases, "\n  - {name: p%d, for: 1ns}", i)
	}
	for i := range 1000 {
		fmt.Fprintf(&crowds, "\n  - {name: c%d, do: [home]}", i)
	}
	if got, want := says(t, spoilt(t, "phases:", "phases:"+phases.String())), fmt.Sprintf("some/night.yaml: phases: %d of them; want at most 1000", n+2); got != want {
		t.Errorf("phases of a nanosecond say %.200s, want %s", got, want)
	}
	if got, want := says(t, spoilt(t, "crowds:", "crowds:"+crowds.String())), fmt.Sprintf("some/night.yaml: crowds: %d of them; want at most 100", 1002); got != want {
		t.Errorf("many crowds say %.200s, want %s", got, want)
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	for name, data := range map[string]string{"night.yaml": sound, "night.yml": sound, "day.yaml": sound, "night": sound} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"night.yaml", "night.yml", "night"} {
		if s, err := Load(filepath.Join(dir, name)); err != nil || s.Name != "night" {
			t.Errorf("%s: %v, %v", name, s, err)
		}
	}
	for name, want := range map[string]string{
		filepath.Join(dir, "day.yaml"):  filepath.Join(dir, "day.yaml") + `: name: "night": want the file's own name, "day"`,
		filepath.Join(dir, "none.yaml"): "reading the scenario: open " + filepath.Join(dir, "none.yaml") + ": no such file or directory",
		"none.yaml":                     "reading the scenario: open none.yaml: no such file or directory",
		dir:                             "reading the scenario: read " + dir + ": is a directory",
		"none":                          `no scenario "none"; there are ` + strings.Join(Shipped(), ", ") + `, and any file.yaml`,
		"":                              `no scenario ""; there are ` + strings.Join(Shipped(), ", ") + `, and any file.yaml`,
		"Steady":                        `no scenario "Steady"; there are ` + strings.Join(Shipped(), ", ") + `, and any file.yaml`,
	} {
		if s, err := Load(name); err == nil || s != nil || err.Error() != want {
			t.Errorf("%q gives %v and %v, want %s", name, s, err, want)
		}
	}
	if names := Shipped(); !slices.IsSorted(names) || len(names) == 0 {
		t.Errorf("shipped are %q, want them sorted", names)
	}
}

// survivesJSON fails unless s, written as JSON and read again, is the same, has
// no mistakes, and writes the same bytes.
func survivesJSON(t *testing.T, s *Scenario) *Scenario {
	t.Helper()
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var again Scenario
	if err := json.Unmarshal(data, &again); err != nil {
		t.Fatalf("%v, in %s", err, data)
	}
	if diff := cmp.Diff(s, &again, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("after JSON: %s", diff)
	}
	if found := again.Validate("json"); len(found) > 0 {
		t.Fatalf("after JSON: %v", found)
	}
	if twice, err := json.Marshal(&again); err != nil || string(twice) != string(data) {
		t.Fatalf("after JSON, %v and\n%s, want\n%s", err, twice, data)
	}
	return &again
}

func TestJSONRefuses(t *testing.T) {
	for data, want := range map[string]string{
		`{"phases":[{"name":"a","for":"soon"}]}`: `"soon": want a duration, such as 20s or 1m30s`,
		`{"phases":[{"name":"a"}]}`:              `"": want a duration, such as 20s or 1m30s`,
		`{"phases":[{"name":"a","for":5}]}`:      "cannot unmarshal number",
		`{"crowds":[{"rate":"fast"}]}`:           `"fast": want requests per second, such as 200/s`,
		`{"crowds":[{"rate":5}]}`:                "cannot unmarshal number",
		`{"expect":["nothing"]}`:                 `"nothing": ` + wantExpectation,
		`{"seed":-1}`:                            "cannot unmarshal number -1",
		`{"seed":18446744073709551616}`:          "cannot unmarshal number 18446744073709551616",
	} {
		if err := json.Unmarshal([]byte(data), new(Scenario)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s gives %v, want %q", data, err, want)
		}
	}
}

func TestShippedScenariosSurviveJSON(t *testing.T) {
	for _, name := range Shipped() {
		s, err := Load(name)
		if err != nil {
			t.Fatal(err)
		}
		again := survivesJSON(t, s)
		const scale = Scale(0.0001)
		a, b := NewSchedule(s, scale), NewSchedule(again, scale)
		var n uint64
		for _, c := range a.Crowds {
			n += c.Count()
		}
		if a.Hash() != b.Hash() || n == 0 {
			t.Errorf("%s: the schedule of %d requests is another after JSON", name, n)
		}
	}
}

// someScenario is a sound scenario with a little of everything.
func someScenario(r *rand.Rand) *Scenario {
	s := &Scenario{
		Name: "night", Asks: "<Does it & hold?>\u2028\U0001f3c8", Story: "\x00\t\"\\", Source: "…", Seed: r.Uint64(),
		Population: Population{Accounts: 2 + r.IntN(1000), Followers: 10 * r.Float64(), Hot: 10 * r.Float64()},
	}
	names := []string{"readers", "posters", "to", "in-1", "X_"}[:1+r.IntN(5)]
	for _, name := range names {
		c := Crowd{Name: name, Rate: Rate(1 - r.Float64()), Arrivals: []Arrivals{Even, Poisson, Bursty, Arrivals(2 + r.Float64())}[r.IntN(4)]}
		for _, i := range r.Perm(len(TimelineActions))[:1+r.IntN(4)] {
			c.Do = append(c.Do, Action{Name: TimelineActions[i], Weight: 1 - r.Float64()})
		}
		if r.IntN(2) == 0 {
			c.Do = append(c.Do, Action{Name: "buy", Weight: 1, Method: "POST", Path: "/buy?x=%C3%9F", Body: "{\"ß\": \"\u0000\"}", Type: "application/json"})
		}
		s.Crowds = append(s.Crowds, c)
	}
	for i := range 1 + r.IntN(4) {
		p := Phase{Name: fmt.Sprintf("phase %d: “%c”", i, 'a'+rune(i)), For: 1 + time.Duration(r.Int64N(int64(20*time.Second)))}
		for _, name := range names {
			l := someLevel(r)
			if l.Crowd = name; r.IntN(2) == 0 {
				l.From, l.To, l.In = 100*r.Float64(), 100*r.Float64(), 0
			} else {
				l.From, l.To, l.In = 0, 100*r.Float64(), 1+time.Duration(r.Int64N(int64(p.For)))
			}
			p.Load = append(p.Load, l)
		}
		p.Expect = someExpectations(r, names)
		s.Phases = append(s.Phases, p)
	}
	s.Expect = someExpectations(r, names)
	return s
}

// someExpectations are up to four, each on a subject and measure of its own.
func someExpectations(r *rand.Rand, names []string) []Expectation {
	var all []Expectation
	for range r.IntN(5) {
		e := someExpectation(r, append([]string{""}, names...)...)
		if !slices.ContainsFunc(all, e.Same) {
			all = append(all, e)
		}
	}
	return all
}

func TestScenariosSurviveJSON(t *testing.T) {
	r := rand.New(rand.NewPCG(2023, 212))
	for range 50 {
		s := someScenario(r)
		if found := s.Validate("some"); len(found) > 0 {
			t.Fatal(found)
		}
		again := survivesJSON(t, s)
		if NewSchedule(s, 1).Hash() != NewSchedule(again, 1).Hash() {
			t.Fatalf("the schedule of %+v is another after JSON", s)
		}
	}
}

// FuzzRead reads anything at all. What is accepted has no mistakes, survives
// JSON, and has a schedule that can be counted.
func FuzzRead(f *testing.F) {
	f.Add([]byte(sound))
	for _, name := range Shipped() {
		data, err := shipped.ReadFile(name + ".yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(strings.Replace(string(data), "name: "+name, "name: night", 1)))
	}
	for _, seed := range []string{
		"name: night\ncrowds: [{name: a, rate: 1e300/s, do: [home 1]}]\nphases: [{name: x, for: 1ns}]",
		"name: night\ncrowds: [{name: a, rate: 1/h, arrivals: bursty 9999, do: [{name: b, path: /c, body: d}]}]\nphases: [{name: x, for: 24h, load: [a 9x to 0x]}]\nexpect: [b p50 > 1s]",
		"name: night\ncrowds: [&a {name: a, rate: 10/s, do: [home]}, {<<: *a, name: b}]\nphases: [{name: x, for: 1ns}, {name: y, for: 1.5s, load: [b 0x in 1ns]}]",
		"{name: night, NAME: day}", "a: &a [*a]", "--- a\n--- b", "? [a]\n: b", "1: {2: 3}", "\x00", "[]",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) { readsSoundly(t, data) })
}

// readsSoundly reports whether data is accepted, and fails where FuzzRead says.
func readsSoundly(t *testing.T, data []byte) bool {
	t.Helper()
	s, err := Read("night.yaml", data)
	if err != nil {
		if found, ok := err.(Mistakes); !ok || len(found) == 0 || strings.Count(err.Error(), "\n")+1 != len(found) {
			t.Fatalf("%q", err)
		}
		return false
	}
	if found := s.Validate("night.yaml"); len(found) > 0 {
		t.Fatalf("accepted, and yet: %v", found)
	}
	again := survivesJSON(t, s)
	var most float64 // requests, at each crowd's peak all along
	for _, c := range s.Crowds {
		top := 1.0
		for _, p := range s.Phases {
			for _, l := range p.Load {
				if l.Crowd == c.Name {
					top = max(top, l.From, l.To)
				}
			}
		}
		most += float64(c.Rate) * top * s.Duration().Seconds()
	}
	if !(most >= 0 && most <= 1e15) {
		t.Fatalf("accepted, and yet it may come to %v requests", most)
	}
	if most > 1e5 || s.Duration().Seconds()*float64(len(s.Crowds)) > 1e4 {
		return true
	}
	sched := NewSchedule(s, 1)
	if peak := sched.Peak(); !bounded(peak) {
		t.Fatalf("the peak is %v", peak)
	}
	if sched.Hash() != NewSchedule(again, 1).Hash() {
		t.Fatal("the schedule is another after JSON")
	}
	return true
}

// TestReadSpoiltWords goes where single bytes seldom lead: it exchanges whole
// words of the sound scenario.
func TestReadSpoiltWords(t *testing.T) {
	words := regexp.MustCompile(`[\w.%/]+|\W`)
	pool := append(words.FindAllString(sound, -1), "0", "1", "0x", "1e300", "0.000001x", "1ns", "24h", "23h59m", "10000000/s", "0.0001x", "60x", "bursty 10000", "even",
		"to", "in", "~", "null", ".inf", "-0.0", "p50", "max", "lag", "fresh", "service", "[]", "{}", "&a ", "*a", "<<: ", "0.1/h", "99999", "1.5s", "user", "like 3")
	r := rand.New(rand.NewPCG(20, 23))
	var accepted int
	for range 400 {
		text := words.FindAllString(sound, -1)
		for range 1 + r.IntN(3) {
			text[r.IntN(len(text))] = pool[r.IntN(len(pool))]
		}
		if readsSoundly(t, []byte(strings.Join(text, ""))) {
			accepted++
		}
	}
	if accepted < 15 {
		t.Errorf("%d texts were accepted, too few to tell", accepted)
	}
}
