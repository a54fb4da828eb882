package scenarios

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"gameday/faults"
)

// sameKnobs takes a number for the same whatever Go has read it into.
var sameKnobs = cmp.FilterValues(
	func(a, b map[string]any) bool { return len(a)+len(b) > 0 },
	cmp.Comparer(func(a, b map[string]any) bool {
		x, errX := json.Marshal(a)
		y, errY := json.Marshal(b)
		return errX == nil && errY == nil && string(x) == string(y)
	}))

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
	if diff := cmp.Diff(s, &again, cmpopts.EquateEmpty(), cmp.Comparer(faults.Fault.Same), sameKnobs); diff != "" {
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
		`{"phases":[{"name":"a","for":"soon"}]}`:  `"soon": want a duration, such as 20s or 1m30s`,
		`{"phases":[{"name":"a"}]}`:               `"": want a duration, such as 20s or 1m30s`,
		`{"phases":[{"name":"a","for":5}]}`:       "cannot unmarshal number",
		`{"crowds":[{"rate":"fast"}]}`:            `"fast": want requests per second, such as 200/s`,
		`{"crowds":[{"rate":5}]}`:                 "cannot unmarshal number",
		`{"expect":["nothing"]}`:                  `"nothing": ` + wantExpectation,
		`{"clients":{"timeout":5}}`:               "cannot unmarshal number",
		`{"clients":{"timeout":"5"}}`:             `"5": want a duration, such as 20s or 1m30s`,
		`{"clients":{"retries":"rude"}}`:          `"rude": want none, naive or polite`,
		`{"clients":{"retries":{"backoff":"x"}}}`: `"x": want a duration, such as 20s or 1m30s`,
		`{"clients":{"refresh":{"after":"x"}}}`:   `"x": want a duration, such as 20s or 1m30s`,
		`{"intervention":{"most":"-1s"}}`:         `"-1s": want a duration, such as 20s or 1m30s`,
		`{"stop":["never"]}`:                      `"never": ` + wantStop,
		`{"stop":[{"for":1}]}`:                    "cannot unmarshal number",
		`{"faults":[{"latency":"x"}]}`:            `"x": want a duration, such as 500ms`,
		`{"phases":[{"for":"1s","faults":"a"}]}`:  "cannot unmarshal string",
		`{"seed":-1}`:                             "cannot unmarshal number -1",
		`{"seed":18446744073709551616}`:           "cannot unmarshal number 18446744073709551616",
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
	if r.IntN(2) == 0 {
		someOutages(r, s)
	}
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
