package scenarios

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// soundScenario is the sound scenario, to be spoilt in ways that no file could.
func soundScenario(t *testing.T) *Scenario {
	t.Helper()
	s, err := Read("night.yaml", []byte(sound))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestValidateFinds(t *testing.T) {
	const rate = `: want a rate from one request a day to 10000000/s, such as 200/s`
	const path = `: want a path without spaces or #, other than ASCII written with %`
	const slash = `: want a path that begins with one /`
	const media = `: want a media type, such as application/json`
	buy := func(spoil func(*Action)) func(*Scenario) {
		return func(s *Scenario) {
			a := Action{Name: "buy", Weight: 1, Method: "POST", Path: "/buy", Type: "text/plain"}
			spoil(&a)
			s.Crowds[1].Do = []Action{a}
		}
	}
	for want, spoil := range map[string]func(*Scenario){
		"": func(*Scenario) {},
		// Names.
		`name: "9th": want a letter, then letters, digits, - or _`:      func(s *Scenario) { s.Name = "9th" },
		`name: "../night": want a letter, then letters, digits, - or _`: func(s *Scenario) { s.Name = "../night" },
		`name: "night\n": want a letter, then letters, digits, - or _`:  func(s *Scenario) { s.Name = "night\n" },
		`name: "nächt": want a letter, then letters, digits, - or _`:    func(s *Scenario) { s.Name = "nächt" },
		`name: "lag" is a word of expectations; want another name`:      func(s *Scenario) { s.Name = "lag" },
		`phases[0].name: "a\x00": want plain text on one line`:          func(s *Scenario) { s.Phases[0].Name = "a\x00" },
		`phases[0].name: "\xff": want plain text on one line`:           func(s *Scenario) { s.Phases[0].Name = "\xff" },
		`phases[0].name: "a\u2028b": want plain text on one line`:       func(s *Scenario) { s.Phases[0].Name = "a\u2028b" },
		`asks: "\xff": want text in UTF-8`:                              func(s *Scenario) { s.Asks = "\xff" },
		`story: "\xff": want text in UTF-8`:                             func(s *Scenario) { s.Story = "\xff" },
		`source: "\xff": want text in UTF-8`:                            func(s *Scenario) { s.Source = "\xff" },
		`crowds: missing; want at least one, such as {name: readers, rate: 200/s, do: [home 1]}`: func(s *Scenario) {
			*s = Scenario{Name: "x", Population: DefaultPopulation, Phases: s.Phases[:1]}
			s.Phases[0].Load = nil
		},
		`phases: missing; want at least one, such as {name: steady, for: 10s}`: func(s *Scenario) { s.Phases = nil },
		// Rates, arrivals and levels.
		`crowds[1].rate: "NaN/s"` + rate:  func(s *Scenario) { s.Crowds[1].Rate, s.Phases[1].Load = Rate(math.NaN()), nil },
		`crowds[1].rate: "+Inf/s"` + rate: func(s *Scenario) { s.Crowds[1].Rate = Rate(math.Inf(1)) },
		`crowds[1].rate: "-1/s"` + rate:   func(s *Scenario) { s.Crowds[1].Rate = -1 },
		`crowds[1].arrivals: "bursty 0.5": want an index of dispersion above 1 and up to 10000`:  func(s *Scenario) { s.Crowds[1].Arrivals = 0.5 },
		`crowds[1].arrivals: "bursty -1": want an index of dispersion above 1 and up to 10000`:   func(s *Scenario) { s.Crowds[1].Arrivals = -1 },
		`crowds[1].arrivals: "bursty NaN": want an index of dispersion above 1 and up to 10000`:  func(s *Scenario) { s.Crowds[1].Arrivals = Arrivals(math.NaN()) },
		`crowds[1].arrivals: "bursty +Inf": want an index of dispersion above 1 and up to 10000`: func(s *Scenario) { s.Crowds[1].Arrivals = Arrivals(math.Inf(1)) },
		`phases[0].load[0]: "readers -1x": ` + wantLevel:                                         func(s *Scenario) { s.Phases[0].Load[0] = Level{Crowd: "readers", From: -1, To: -1} },
		`phases[0].load[0]: "readers NaNx to 1x": ` + wantLevel:                                  func(s *Scenario) { s.Phases[0].Load[0].From = math.NaN() },
		`phases[0].load[0]: "readers +Infx in 1s": ` + wantLevel:                                 func(s *Scenario) { s.Phases[0].Load[0] = Level{Crowd: "readers", To: math.Inf(1), In: time.Second} },
		`phases[0].load[0]: "readers 1x": ` + wantLevel:                                          func(s *Scenario) { s.Phases[0].Load[0].In = -1 },
		`phases[0].load[0]: "readers 1x in 1s": ` + wantLevel:                                    func(s *Scenario) { s.Phases[0].Load[0].In = time.Second },
		`phases[0].for: -1ns: want a duration above zero, such as 20s`:                           func(s *Scenario) { s.Phases[0].For, s.Phases[0].Load = -1, nil },
		`phases: together longer than 24h`:                                                       func(s *Scenario) { s.Phases[0].For, s.Phases[1].For = math.MaxInt64, math.MaxInt64 },
		// Requests.
		`crowds[1].do[0].name: "p99" is a word of expectations; want another name`:     buy(func(a *Action) { a.Name = "p99" }),
		`crowds[1].do[0].name: "service" is a word of expectations; want another name`: buy(func(a *Action) { a.Name = "service" }),
		`crowds[1].do[0].name: missing; want a name`:                                   buy(func(a *Action) { a.Name = "" }),
		`crowds[1].do[0].name: "buy it": want a letter, then letters, digits, - or _`:  buy(func(a *Action) { a.Name = "buy it" }),
		`crowds[1].do[0]: weight +Inf: want more than zero and at most 1000000`:        buy(func(a *Action) { a.Weight = math.Inf(1) }),
		`crowds[1].do[0]: weight -1: want more than zero and at most 1000000`:          buy(func(a *Action) { a.Weight = -1 }),
		`crowds[1].do[0].method: "post": want a method in capitals, such as POST`:      buy(func(a *Action) { a.Method = "post" }),
		`crowds[1].do[0].method: "GET /\r\n": want a method in capitals, such as POST`: buy(func(a *Action) { a.Method = "GET /\r\n" }),
		`crowds[1].do[0].path: "buy"` + slash:                                          buy(func(a *Action) { a.Path = "buy" }),
		`crowds[1].do[0].path: "http://elsewhere.example/"` + slash:                    buy(func(a *Action) { a.Path = "http://elsewhere.example/" }),
		`crowds[1].do[0].path: "//elsewhere.example/"` + slash:                         buy(func(a *Action) { a.Path = "//elsewhere.example/" }),
		`crowds[1].do[0].path: "?x=1"` + slash:                                         buy(func(a *Action) { a.Path = "?x=1" }),
		`crowds[1].do[0].path: "/a b"` + path:                                          buy(func(a *Action) { a.Path = "/a b" }),
		`crowds[1].do[0].path: "/a#b"` + path:                                          buy(func(a *Action) { a.Path = "/a#b" }),
		`crowds[1].do[0].path: "/?a b"` + path:                                         buy(func(a *Action) { a.Path = "/?a b" }),
		`crowds[1].do[0].path: "/ HTTP/1.1\r\nHost: elsewhere.example\r\n"` + path:     buy(func(a *Action) { a.Path = "/ HTTP/1.1\r\nHost: elsewhere.example\r\n" }),
		`crowds[1].do[0].path: "/\x7f"` + path:                                         buy(func(a *Action) { a.Path = "/\x7f" }),
		`crowds[1].do[0].path: "/?\x00"` + path:                                        buy(func(a *Action) { a.Path = "/?\x00" }),
		`crowds[1].do[0].path: "/ß"` + path:                                            buy(func(a *Action) { a.Path = "/ß" }),
		`crowds[1].do[0].path: "/\xff"` + path:                                         buy(func(a *Action) { a.Path = "/\xff" }),
		`crowds[1].do[0].path: "/%zz"` + path:                                          buy(func(a *Action) { a.Path = "/%zz" }),
		`crowds[1].do[0].type: "json"` + media:                                         buy(func(a *Action) { a.Type = "json" }),
		`crowds[1].do[0].type: "text/plain\r\nX: y"` + media:                           buy(func(a *Action) { a.Type = "text/plain\r\nX: y" }),
		`crowds[1].do[0].type: "text/plain; a=\"\x01\""` + media:                       buy(func(a *Action) { a.Type = "text/plain; a=\"\x01\"" }),
		`crowds[1].do[0].type: "/"` + media:                                            buy(func(a *Action) { a.Type = "/" }),
		`crowds[1].do[0].body: "\xff": want text in UTF-8`:                             buy(func(a *Action) { a.Body = "\xff" }),
		// Expectations.
		`expect[0]: " p0  0s": ` + wantExpectation:                  func(s *Scenario) { s.Expect = []Expectation{{}} },
		`expect[0]: "success >= NaN%": ` + wantExpectation:          func(s *Scenario) { s.Expect[0].Limit = math.NaN() },
		`expect[0]: "success >= 101%": ` + wantExpectation:          func(s *Scenario) { s.Expect[0].Limit = 101 },
		`expect[0]: "success == 99.9%": ` + wantExpectation:         func(s *Scenario) { s.Expect[0].Compare = "==" },
		`expect[0]: "success >= 99.9%": ` + wantExpectation:         func(s *Scenario) { s.Expect[0].Quantile = 99 },
		`expect[0]: "service success >= 99.9%": ` + wantExpectation: func(s *Scenario) { s.Expect[0].Service = true },
		`expect[0]: "recovers >= 1m39.9s": ` + wantExpectation:      func(s *Scenario) { s.Expect[0].Measure = "recovers" },
		`expect[1]: "readers p101 <= 100ms": ` + wantExpectation:    func(s *Scenario) { s.Expect[1].Quantile = 101 },
		`expect[1]: "readers p99 <= 0s": ` + wantExpectation:        func(s *Scenario) { s.Expect[1].Limit = 1e-10 },
		`expect[1]: "a b p99 <= 100ms": ` + wantExpectation:         func(s *Scenario) { s.Expect[1].Of = "a b" },
		`expect[2]: "home lag p99 < 1s": lag is kept by the crowd; want a crowd's name, or lag p99 < 1s for everybody`: func(s *Scenario) {
			s.Expect = append(s.Expect, expectation("home lag p99 < 1s"))
		},
		`phases[1].expect[1]: "post lag max < 1s": lag is kept by the crowd; want a crowd's name, or lag max < 1s for everybody`: func(s *Scenario) {
			s.Phases[1].Expect = append(s.Phases[1].Expect, expectation("post lag max < 1s"))
		},
		`expect[2]: "nobody lag p99 < 1s": there is no crowd or action "nobody"`: func(s *Scenario) { s.Expect = append(s.Expect, expectation("nobody lag p99 < 1s")) },
	} {
		s := soundScenario(t)
		spoil(s)
		if want != "" {
			want = "file: " + want
		}
		if diff := cmp.Diff(want, s.Validate("file").Error()); diff != "" {
			t.Error(diff)
		}
	}
}

// TestReservedNames tries every word that an expectation could take for a
// measure, and some that only look like one.
func TestReservedNames(t *testing.T) {
	for name, taken := range map[string]bool{
		"success": true, "errors": true, "goodput": true, "fresh": true, "lag": true, "service": true, "max": true, "recovers": true, "attempts": true, "budget": true, "within": true,
		"p50": true, "p9": true, "p1": true, "p": false, "P99": false, "Success": false, "p99th": false, "latency": false, "maximum": false, "to": false, "in": false, "of": false, "baseline": false,
	} {
		s := soundScenario(t)
		s.Crowds[1].Name, s.Phases[1].Load[1].Crowd = name, name
		want := ""
		if taken {
			want = fmt.Sprintf(`f: crowds[1].name: %q is a word of expectations; want another name`, name)
		} else {
			s.Expect = expectations(name+" p99 <= 1s", name+" success > 1%", name+" service max < 1s", name+" lag p99 < 1s")
		}
		if got := s.Validate("f").Error(); got != want {
			t.Errorf("a crowd %q: %q, want %q", name, got, want)
		}
		if taken {
			continue
		}
		for _, e := range s.Expect { // a name that is allowed is never taken for anything else
			if again := expectation(e.String()); again.Of != name {
				t.Errorf("%q is about %q, want %q", e, again.Of, name)
			}
		}
	}
}

func TestLagOfACrowdNamedLikeAnAction(t *testing.T) {
	s := soundScenario(t)
	s.Crowds[1].Name, s.Phases[1].Load[1].Crowd = "home", "home"
	s.Expect = expectations("home lag p99 <= 10ms", "lag p99 <= 10ms", "user p99 <= 1s")
	if found := s.Validate("f"); len(found) > 0 {
		t.Error(found)
	}
}

// TestValidateAtTheBounds allows what is just inside.
func TestValidateAtTheBounds(t *testing.T) {
	s := soundScenario(t)
	s.Crowds = nil
	for i := range MaxCrowds {
		c := Crowd{Name: fmt.Sprintf("c%d", i), Rate: MaxRate / 2, Arrivals: MaxDispersion, Do: []Action{{Name: Home, Weight: MaxWeight}}}
		for k := len(c.Do); i == 0 && k < MaxEntries; k++ {
			c.Do = append(c.Do, Action{Name: fmt.Sprintf("a%d", k), Weight: math.SmallestNonzeroFloat64, Path: "/"})
		}
		s.Crowds = append(s.Crowds, c)
	}
	s.Phases, s.Expect = nil, nil
	for i := range MaxEntries {
		s.Phases = append(s.Phases, Phase{Name: fmt.Sprintf("p%d", i), For: MaxDuration / MaxEntries, Load: []Level{{Crowd: "c0", From: 2, To: 0}}})
		s.Expect = append(s.Expect, expectation(fmt.Sprintf("a%d p99 <= 24h", max(i, 1))))
	}
	s.Expect[0] = expectation("errors <= 100%")
	if found := s.Validate("f"); len(found) > 0 {
		t.Fatal(found)
	}
	if s.Duration() != MaxDuration {
		t.Errorf("the phases last %s, want the bound", s.Duration())
	}
	survivesJSON(t, s)

	last := &s.Phases[MaxEntries-1]
	last.For++
	last.Load[0] = Level{Crowd: "c0", To: math.Nextafter(2, 3), In: time.Second}
	s.Crowds[0].Do = append(s.Crowds[0].Do, Action{Name: Post, Weight: 1})
	s.Expect = append(s.Expect, expectation("errors < 1%"))
	want := []string{
		"f: crowds[0].do: 1001 of them; want at most 1000",
		`f: phases[999].load[0]: "c0 2.0000000000000004x in 1s": 5000000/s times this; want at most 10000000/s`,
		"f: phases: together longer than 24h",
		"f: expect: 1001 of them; want at most 1000",
	}
	if diff := cmp.Diff(strings.Join(want, "\n"), s.Validate("f").Error()); diff != "" {
		t.Error(diff)
	}
}

func TestMistakes(t *testing.T) {
	all := Mistakes{{"a.yaml", "phases[1].for", "wrong"}, {"a.yaml", "", "not YAML"}}
	if got, want := all.Error(), "a.yaml: phases[1].for: wrong\na.yaml: not YAML"; got != want {
		t.Errorf("mistakes are %q, want %q", got, want)
	}
}
