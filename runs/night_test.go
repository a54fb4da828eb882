package runs

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"gameday/freeze"
	"gameday/scenarios"
)

// night is the record of a play of which nothing was due yet: three crowds, and
// phases p0, p1, … of ten seconds each, one for each list of own promises.
func night(t testing.TB, expect string, own ...string) *Run {
	t.Helper()
	var yaml strings.Builder
	fmt.Fprintf(&yaml, `
name: night
asks: Does it hold?
seed: 48
crowds:
  - {name: readers, rate: 100/s, do: [home 80, user 7, status 6]}
  - {name: posters, rate: 10/s, do: [post 1]}
  - {name: buyers, rate: 10/s, do: [{name: buy, path: /cart, method: POST, body: "{}"}]}
expect: [%s]
phases:
`, expect)
	for i, promises := range own {
		fmt.Fprintf(&yaml, "  - {name: p%d, for: 10s, expect: [%s]}\n", i, promises)
	}
	s, err := scenarios.Read("night.yaml", []byte(yaml.String()))
	if err != nil {
		t.Fatal(err)
	}
	began := time.Date(2027, 2, 14, 23, 30, 0, 0, time.UTC)
	r := &Run{
		Schema: Schema, ID: NewID(began, s.Name), Gameday: "0.1.0", Scenario: s, Scale: 0.01, Seed: s.Seed,
		Target: Target{"staging", "https://timeline.staging.example", "mastodon", "http1"}, Identity: freeze.Identity{"build": {"4.2.1"}},
		Began: began, Ended: began.Add(s.Duration()), Host: Host{"loadgen-1", "linux", "amd64", 2, "go1.26"},
	}
	for i, p := range s.Phases {
		due := map[string]uint64{}
		for _, c := range s.Crowds {
			due[c.Name] = 0
		}
		r.Phases = append(r.Phases, Phase{p.Name, Span(i) * Span(10*time.Second), Span(i+1) * Span(10*time.Second), due})
	}
	return r
}

// A load is some requests of a night that fared alike.
type load struct {
	n             uint64
	took          time.Duration // from due to answered
	sent          time.Duration // of took, before it was sent: the lag
	failed        string        // the cause; it was not answered then
	phase, second int           // the second within the phase
	who           string        // crowd and action; "readers home" where left out
	slow          bool          // not within its promise
	late, waited  uint64        // of n
}

// play adds loads to a record, as a generator would that sent all of them.
func play(r *Run, loads ...load) *Run {
	for _, l := range loads {
		if l.who == "" {
			l.who = "readers home"
		}
		crowd, action, _ := strings.Cut(l.who, " ")
		tally := Tally{
			Phase: l.phase, Second: 10*l.phase + l.second, Crowd: crowd, Action: action,
			Offered: l.n, Attempts: l.n, Late: l.late, Waited: l.waited, MaxLag: Span(l.sent),
		}
		lag := LagTally{Phase: l.phase, Crowd: crowd}
		for range l.n {
			lag.Lag.Record(l.sent)
			if l.failed == "" {
				tally.Response.Record(l.took)
				tally.Service.Record(l.took - l.sent)
			}
		}
		if l.failed != "" {
			tally.Failed = map[string]uint64{l.failed: l.n}
		} else if !l.slow {
			tally.Good = l.n
		}
		r.Phases[l.phase].Due[crowd] += l.n
		r.Add(&Entry{Tallies: []Tally{tally}, Lags: []LagTally{lag}})
	}
	return r
}

// watch adds to a record what a witness saw in a phase: posts that took so long.
func watch(r *Run, phase int, took ...time.Duration) {
	w := Witness{Posts: uint64(len(took)), Seen: uint64(len(took)), Fresh: make([]Histogram, len(r.Phases))}
	w.Fresh[phase] = *histogramOf(took...)
	r.Add(&Entry{Witness: &w})
}
