package scenarios

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

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
		{"seed: 48", "population: {accounts: 1}", `population.accounts: 1: want 2 to 5000000 people`},
		{"seed: 48", "population: {accounts: 2.5}", `population.accounts: 2.5: want a whole number below 2^63`},
		{"seed: 48", "population: {accounts: 18446744073709551615}", `population.accounts: 18446744073709551615: want a whole number below 2^63`},
		{"seed: 48", "population: {accounts: -5}", `population.accounts: -5: want 2 to 5000000 people`},
		{"seed: 48", "population: {hot: -1}", `population.hot: -1: want a rank exponent from 0 to 10, such as 1.21`},
		{"seed: 48", "population: {hot: .nan}", `population.hot: NaN: want a rank exponent from 0 to 10, such as 1.21`},
		{"seed: 48", "population: {followers: 1e300}", `population.followers: 1e+300: want a rank exponent above 0 and up to 10, such as 0.784`},
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
			`population.accounts: 0: want 2 to 5000000 people`,
			`population.followers: -1: want a rank exponent above 0 and up to 10, such as 0.784`,
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
