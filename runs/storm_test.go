package runs

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gameday/scenarios"
)

// A spell is some seconds in which a service fares alike.
type spell struct {
	seconds  int
	good     int     // of a hundred requests
	rate     float64 // hundreds of requests a second; 0: 1
	attempts int     // for each request; 0: 1
	cause    string  // of the failures; empty: timeout
	late     bool    // what is not good is answered all the same
	held     uint64  // requests a second that were kept back
}

// A stormCase is a night of one phase for each spell, named s0, s1, …
type stormCase struct {
	expect string
	own    map[int]string // promises of a phase
	spells []spell
	marks  []Mark
}

// fault are the marks of a fault from one second to another, seen to bite and to
// be gone within half a second.
func fault(name string, from, to int) []Mark {
	const half = Span(time.Second / 2)
	return []Mark{
		{At: seconds(from), Kind: MarkInjected, Fault: name, Text: "in force"}, {At: seconds(from) + half, Kind: MarkConfirmed, Fault: name, Text: "seen to bite"},
		{At: seconds(to) - half, Kind: MarkMended, Fault: name, Text: "taken back"}, {At: seconds(to), Kind: MarkClear, Fault: name, Text: "seen to be gone"},
	}
}

// storm is the record of a night as a case has it.
func storm(t testing.TB, c stormCase) *Run {
	t.Helper()
	var yaml strings.Builder
	fmt.Fprintf(&yaml, "name: storm\nasks: Does it come back?\nseed: 1\ncrowds: [{name: people, rate: 100/s, do: [home]}]\nexpect: [%s]\nphases:\n", c.expect)
	for i, s := range c.spells {
		fmt.Fprintf(&yaml, "  - {name: s%d, for: %ds, load: [people %gx], expect: [%s]}\n", i, s.seconds, s.load(), c.own[i])
	}
	s, err := scenarios.Read("storm.yaml", []byte(yaml.String()))
	if err != nil {
		t.Fatal(err)
	}
	began := time.Date(2027, 2, 14, 23, 30, 0, 0, time.UTC)
	r := &Run{Schema: Schema, ID: "storm", Scenario: s, Scale: 1, Seed: 1, Began: began, Ended: began.Add(s.Duration())}
	second := 0
	for i, s := range c.spells {
		p := Phase{fmt.Sprintf("s%d", i), seconds(second), seconds(second + s.seconds), map[string]uint64{"people": 0}}
		one := s.tally()
		for range s.seconds {
			one.Phase, one.Second = i, second
			p.Due["people"] += one.Offered + one.Held
			r.Add(&Entry{Tallies: []Tally{one}})
			second++
		}
		r.Phases = append(r.Phases, p)
	}
	r.Add(&Entry{Marks: append(slices.Clone(c.marks), Mark{At: seconds(second), Kind: MarkEnd})})
	return r
}

func (s spell) load() float64 {
	if s.rate == 0 {
		return 1
	}
	return s.rate
}

// tally is one of its seconds.
func (s spell) tally() Tally {
	all := uint64(100 * s.load())
	good := all * uint64(s.good) / 100
	t := Tally{Crowd: "people", Action: "home", Offered: all - s.held, Held: s.held, Attempts: (all - s.held) * uint64(max(1, s.attempts))}
	if s.held > 0 {
		good = t.Offered * uint64(s.good) / 100
	}
	t.Good = good
	var times Recorder
	for range good {
		times.Record(10 * ms)
	}
	bad := t.Offered - good
	switch {
	case s.late:
		for range bad {
			times.Record(900 * ms)
		}
	case bad > 0:
		t.Failed = map[string]uint64{"timeout": bad}
		if s.cause != "" {
			t.Failed = map[string]uint64{s.cause: bad}
		}
	}
	t.Response = times.Histogram()
	t.Service = t.Response
	return t
}
