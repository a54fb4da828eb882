package reports

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"gameday/freeze"
	"gameday/runs"
	"gameday/scenarios"
)

// wideYAML is a night of three crowds who do ten things, whose phases are so many
// seconds long.
const wideYAML = `
name: overtime
asks: Does the timeline hold when the game goes into overtime?
story: Super Bowl LI went into overtime, the first ever to do so, and nobody went to bed.
source: "blog.x.com 2017"
seed: 51
crowds:
  - {name: readers,  rate: 1000/s, do: [home 80, user 7, status 6, public 4]}
  - {name: posters,  rate: 100/s,  do: [post 3, unlike 1]}
  - {name: reactors, rate: 300/s,  do: [like 4, boost 2, follow 1, user 1]}
phases:
  - {name: baseline, for: %[1]ds}
  - {name: outage,   for: %[2]ds, expect: [%[3]s]}
  - {name: recovery, for: %[1]ds}
  - {name: overtime, for: %[2]ds, load: [readers 3x, posters 3x, reactors 3x], expect: [%[3]s]}
  - {name: evening,  for: %[1]ds, load: [readers 1x, posters 1x, reactors 1x]}
expect: [success >= 99%%, readers p99 <= 500ms]
`

// A wideNight is what befalls it.
type wideNight struct {
	long, short int  // seconds of its phases
	fault       bool // in the outage, and half of it after
	lowered     bool // load is lowered in the recovery
	weight      uint64
	seed        uint64 // of what is not planned
}

// play plays the night. The same night is the same run.
func (n wideNight) play(t testing.TB) *runs.Run {
	t.Helper()
	own := "recovers within 60s"
	if !n.fault {
		own = ""
	}
	s, err := scenarios.Read("overtime.yaml", fmt.Appendf(nil, wideYAML, n.long, n.short, own))
	if err != nil {
		t.Fatal(err)
	}
	began := time.Date(2027, 2, 14, 23, 30, 0, 0, time.UTC)
	r := &runs.Run{
		Schema: runs.Schema, ID: "20270214T233000Z-overtime", Gameday: "0.1.0", Scenario: s, Scale: 0.1, Seed: s.Seed,
		Target:   runs.Target{Name: "staging", URL: "https://timeline.staging.example", Dialect: "mastodon", Transport: "http1"},
		Identity: freeze.Identity{"build": {"4.2.1"}, "config": {"9a3b1f"}},
		Schedule: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
		Began:    began, Ended: began.Add(s.Duration() + 20*time.Millisecond),
		Host: runs.Host{Name: "loadgen-1", OS: "linux", Arch: "amd64", CPUs: 2, Go: "go1.26"},
	}
	r.Witness.Fresh = make([]runs.Histogram, len(s.Phases))
	rng := rand.New(rand.NewPCG(s.Seed+n.seed, 2))
	planned, second := s.Planned(), 0
	for i, p := range s.Phases {
		phase := runs.Phase{Name: p.Name, Begin: at(second), Due: map[string]uint64{}}
		r.Marks = append(r.Marks, runs.Mark{At: at(second), Kind: runs.MarkPhase, Text: p.Name})
		for range int(p.For / time.Second) {
			n.second(r, rng, i, second, planned[second]/planned[0], phase.Due)
			second++
		}
		phase.End = at(second)
		r.Phases = append(r.Phases, phase)
	}
	n.mark(r, second)
	for i, p := range r.Phases {
		for _, c := range s.Crowds {
			lag := runs.LagTally{Phase: i, Crowd: c.Name}
			for range min(p.Due[c.Name], 50) {
				lag.Lag.Record(time.Duration(rng.IntN(900)) * time.Microsecond)
			}
			r.Generator.Lags = append(r.Generator.Lags, lag)
		}
	}
	r.Generator.InFlightPeak, r.Generator.CPUShare, r.Generator.CPU, r.Generator.MemoryPeak = 321, 0.21, at(second)/5, 48_000_000
	runs.Judge(r)
	return r
}

// second plays one second of all actions.
func (n wideNight) second(r *runs.Run, rng *rand.Rand, phase, second int, load float64, due map[string]uint64) {
	bad := n.fault && (phase == 1 || phase == 2 && second < n.long+n.short*3/2)
	held := n.lowered && phase == 2 && second >= n.long+2*n.short && second < n.long+2*n.short+10
	for _, c := range r.Scenario.Crowds {
		var weights float64
		for _, a := range c.Do {
			weights += float64(a.Weight)
		}
		for _, a := range c.Do {
			rate := float64(c.Rate) * float64(r.Scale) * load * float64(a.Weight) / weights
			asked := uint64(rate + rng.Float64())
			t := runs.Tally{Phase: phase, Second: second, Crowd: c.Name, Action: a.Name}
			if held {
				t.Held = asked - asked/50
			}
			t.Offered = asked - t.Held
			wideAnswers(&t, rng, load, bad)
			if n.weight > 0 {
				t.Offered, t.Good, t.Attempts = t.Offered*n.weight, t.Good*n.weight, t.Attempts*n.weight
			}
			due[c.Name] += asked
			r.Tallies = append(r.Tallies, t)
		}
	}
	post := time.Duration(20+rng.IntN(80)) * time.Millisecond
	r.Witness.Posts, r.Witness.Seen = r.Witness.Posts+1, r.Witness.Seen+1
	r.Witness.Fresh[phase].Record(post)
}

// wideAnswers lets the requests of a tally be answered, in log-normal times.
func wideAnswers(t *runs.Tally, rng *rand.Rand, load float64, bad bool) {
	var response, service runs.Recorder
	typical, failing := 0.008*load, 0.0001
	if bad {
		typical, failing = 0.4, 0.35
	}
	for range t.Offered {
		t.Attempts++
		lag := time.Duration(rng.IntN(700)) * time.Microsecond
		t.MaxLag = max(t.MaxLag, runs.Span(lag))
		if rng.Float64() < failing {
			if t.Failed == nil {
				t.Failed = map[string]uint64{}
			}
			t.Failed[[]string{"timeout", "5xx", "5xx", "reset"}[rng.IntN(4)]]++
			t.Attempts += uint64(rng.IntN(3))
			continue
		}
		took := time.Duration(typical * math.Exp(0.7*rng.NormFloat64()) * float64(time.Second))
		response.Record(lag + took)
		service.Record(took)
		if lag+took <= 500*time.Millisecond {
			t.Good++
		}
	}
	t.Response, t.Service = response.Histogram(), service.Histogram()
}

// mark adds the marks and examples of what befell.
func (n wideNight) mark(r *runs.Run, end int) {
	if n.fault {
		from, to := n.long, n.long+n.short
		r.Examples = []runs.Example{
			{Cause: "5xx", At: at(from), Crowd: "readers", Action: "home", Status: 503, Says: `{"error":"the store does not answer"}`, Trace: "4bf92f3577b34da6a3ce929d0e0e4736"},
			{Cause: "reset", At: at(from + 1), Crowd: "posters", Action: "post", Says: "connection reset by peer"},
			{Cause: "timeout", At: at(from + 1), Crowd: "readers", Action: "user", Says: "no whole answer within 5s"},
		}
		for _, m := range []runs.Mark{
			{At: at(from), Kind: runs.MarkInjected, Text: "latency 400ms on the store"}, {At: at(from + 1), Kind: runs.MarkConfirmed, Text: "answers take 410ms"},
			{At: at(to - 1), Kind: runs.MarkMended, Text: "taken back"}, {At: at(to), Kind: runs.MarkClear, Text: "answers take 2ms"},
		} {
			m.Fault = "slow-store"
			r.Marks = append(r.Marks, m)
		}
	}
	if n.lowered {
		from := n.long + 2*n.short
		r.Marks = append(r.Marks, runs.Mark{At: at(from), Kind: runs.MarkIntervention, Text: "load to 2%"},
			runs.Mark{At: at(from + 10), Kind: runs.MarkRestored, Text: "the trickle is good"})
	}
	r.Marks = append(r.Marks, runs.Mark{At: at(end), Kind: runs.MarkEnd, Text: "the schedule is over"})
	added := r.Marks
	r.Marks = nil
	r.Add(&runs.Entry{Marks: added}) // in order
}

// aborted is the night, of which only so many seconds were played.
func aborted(t testing.TB, r *runs.Run, seconds int) *runs.Run {
	t.Helper()
	var tallies []runs.Tally
	for _, tally := range r.Tallies {
		if tally.Second < seconds {
			tallies = append(tallies, tally)
		}
	}
	var marks []runs.Mark
	for _, m := range r.Marks {
		if m.At < at(seconds) {
			marks = append(marks, m)
		}
	}
	r.Aborted = "success < 50% for 10s"
	r.Tallies, r.Marks = tallies, append(marks, runs.Mark{At: at(seconds), Kind: runs.MarkAborted, Text: r.Aborted})
	r.Ended = r.Began.Add(time.Duration(at(seconds)))
	r.Generator.Lags = nil
	runs.Judge(r)
	return r
}
