package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"gameday/freeze"
	"gameday/runs"
	"gameday/scenarios"
)

const nightYAML = `
name: touchdown
asks: Does the timeline stay fresh when everyone posts at once?
seed: 48
crowds:
  - {name: readers, rate: 300000/s, do: [home 80, user 7]}
  - {name: posters, rate: 6000/s,   do: [post 1]}
phases:
  - {name: drive,     for: 10s, load: [posters 2x]}
  - {name: touchdown, for: 15s, load: [readers 1.5x, posters 3.5x in 5s], expect: [readers p99 <= 250ms]}
  - {name: shoulder,  for: 10s, load: [readers 1.2x, posters 3x to 1x]}
expect:
  - success >= 99.9%
  - readers p99 <= 100ms
  - posters p99.9 <= 1s
  - fresh max <= 5s
`

// night is a run of three phases and two crowds, in which the service is slow
// and drops requests for three seconds after the touchdown. Every call returns a
// run of its own.
func night(t testing.TB) *runs.Run {
	t.Helper()
	data, err := record()
	if err != nil {
		t.Fatal(err)
	}
	r, err := runs.ReadRun(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var record = sync.OnceValues(func() ([]byte, error) {
	s, err := scenarios.Read("touchdown.yaml", []byte(nightYAML))
	if err != nil {
		return nil, err
	}
	began := time.Date(2027, 2, 14, 23, 30, 0, 0, time.UTC)
	r := &runs.Run{
		Schema: runs.Schema, ID: "20270214T233000Z-touchdown", Gameday: "0.1.0", Scenario: s,
		Target:   runs.Target{Name: "staging", URL: "https://timeline.staging.example", Dialect: "mastodon", Transport: "http1"},
		Identity: freeze.Identity{"config": {"9a3b1f"}, "build": {"4.2.1"}},
		Scale:    0.001, Seed: s.Seed,
		Schedule: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
		Began:    began, Ended: began.Add(s.Duration() + 140*time.Millisecond),
		Host: runs.Host{Name: "loadgen-1", OS: "linux", Arch: "amd64", CPUs: 2, Go: "go1.26"},
	}
	r.Witness = runs.Witness{Posts: 35, Seen: 35, Failed: 1, Fresh: make([]runs.Histogram, len(s.Phases))}
	r.Generator = runs.Generator{InFlightPeak: 1204, CPU: runs.Span(9100 * time.Millisecond), CPUShare: 0.065, Starved: 3, MemoryPeak: 45_100_000,
		GC: runs.GC{Count: 31, Total: runs.Span(2170 * time.Microsecond), Max: runs.Span(131 * time.Microsecond), CPUShare: 0.012}}
	r.Selftest = &runs.Selftest{At: began.Add(-time.Hour), Gameday: "0.1.0", Host: r.Host, Verdict: runs.Pass}
	r.Examples = []runs.Example{
		{Cause: "5xx", At: runs.Span(15211 * time.Millisecond), Crowd: "readers", Action: "home", Status: 500, Says: `{"error":"over capacity; the timeline of 1|2 is being rebuilt"}`},
		{Cause: "timeout", At: runs.Span(15034 * time.Millisecond), Crowd: "readers", Action: "home", Says: "no whole answer within 5s"},
	}
	play(r)
	runs.Judge(r)
	return json.Marshal(r)
})

// play fills in the phases and the tallies, with whole numbers only, so that
// every machine plays the same.
func play(r *runs.Run) {
	rng := rand.New(rand.NewPCG(r.Seed, 0))
	rates := [3][2]int{{300, 12}, {450, 21}, {360, 12}}
	second := 0
	for i, p := range r.Scenario.Phases {
		phase := runs.Phase{Name: p.Name, Begin: runs.Span(time.Duration(second) * time.Second), Due: map[string]uint64{}}
		r.Marks = append(r.Marks, runs.Mark{At: phase.Begin, Kind: runs.MarkPhase, Text: p.Name})
		lags := [2]runs.Histogram{}
		for range int(p.For / time.Second) {
			for c, crowd := range r.Scenario.Crowds {
				tally := answers(rng, rates[i][c], i == 1 && second >= 15 && second < 18, &lags[c])
				tally.Phase, tally.Second, tally.Crowd, tally.Action = i, second, crowd.Name, crowd.Do[0].Name
				phase.Due[crowd.Name] += tally.Offered
				r.Tallies = append(r.Tallies, tally)
			}
			r.Witness.Fresh[i].Record(time.Duration(10+rng.IntN(30*(i+1))) * time.Millisecond)
			second++
		}
		for c, crowd := range r.Scenario.Crowds {
			r.Generator.Lags = append(r.Generator.Lags, runs.LagTally{Phase: i, Crowd: crowd.Name, Lag: lags[c]})
		}
		phase.End = runs.Span(time.Duration(second) * time.Second)
		r.Phases = append(r.Phases, phase)
	}
	r.Marks = append(r.Marks, runs.Mark{At: runs.Span(time.Duration(second) * time.Second), Kind: runs.MarkEnd})
}

// answers is how n requests of one second fare.
func answers(rng *rand.Rand, n int, bad bool, lags *runs.Histogram) runs.Tally {
	t := runs.Tally{Offered: uint64(n), Attempts: uint64(n)}
	for range n {
		lag := time.Duration(rng.IntN(400)) * time.Microsecond
		service := time.Duration(2000+rng.IntN(6000)) * time.Microsecond
		if rng.IntN(40) == 0 {
			service *= 8
		}
		if bad {
			service *= 40
		}
		if rng.IntN(5000) == 0 {
			lag += 12 * time.Millisecond
			t.Late++
		}
		lags.Record(lag)
		t.MaxLag = max(t.MaxLag, runs.Span(lag))
		if bad && rng.IntN(30) == 0 {
			if t.Failed == nil {
				t.Failed = map[string]uint64{}
			}
			t.Failed[[]string{"timeout", "timeout", "5xx"}[rng.IntN(3)]]++
			continue
		}
		t.Response.Record(lag + service)
		t.Service.Record(service)
		if lag+service <= 250*time.Millisecond {
			t.Good++
		}
	}
	return t
}

// killed is the same night, of which only the first 17 seconds were recorded.
func killed(t testing.TB) *runs.Run {
	r := night(t)
	r.Ended = time.Time{}
	r.Aborted = "the play was killed"
	for i := range r.Tallies {
		if r.Tallies[i].Second >= 17 {
			r.Tallies = r.Tallies[:i]
			break
		}
	}
	r.Marks, r.Generator.Lags = r.Marks[:2], r.Generator.Lags[:4]
	r.Witness.Fresh, r.Witness.Posts, r.Witness.Seen = r.Witness.Fresh[:2], 17, 16
	runs.Judge(r)
	return r
}

// unplayed is a run of which nothing but the beginning was recorded.
func unplayed(t testing.TB) *runs.Run {
	r := night(t)
	r.Ended, r.Tallies, r.Examples, r.Marks, r.Generator = time.Time{}, nil, nil, nil, runs.Generator{}
	r.Witness = runs.Witness{Absent: "the target has no accounts to read with"}
	r.Verdict, r.Why, r.Findings, r.Recovery = runs.Unclear, "", nil, nil
	return r
}

// nasty is what no name should be.
const nasty = "<script>alert('|`1`|')</script>\x1b[31m\n\r\t\x00\ufffe\u202e &amp; **[x](y)** @all ]]> \xff 'quoted' $(reboot)"

// hostile is the same night with nasty words wherever a record has words.
func hostile(t testing.TB) *runs.Run {
	r := night(t)
	rename(r, nasty)
	return r
}

// rename puts one word wherever a record has words.
func rename(r *runs.Run, nasty string) {
	s := *r.Scenario
	s.Name, s.Asks = nasty, nasty
	r.Scenario = &s
	r.ID, r.Gameday, r.Schedule, r.Aborted, r.DuringFreeze, r.Why = nasty, nasty, nasty, nasty, nasty, nasty
	r.Target = runs.Target{Name: nasty, URL: nasty, Dialect: nasty, Transport: nasty}
	r.Identity = freeze.Identity{nasty: {nasty}}
	r.Host = runs.Host{Name: nasty, OS: nasty, Arch: nasty, CPUs: -1, Go: nasty}
	for i := range r.Phases {
		r.Phases[i].Name = nasty
		r.Phases[i].Due = map[string]uint64{nasty: 1}
	}
	for i := range r.Tallies {
		r.Tallies[i].Crowd = nasty
		r.Tallies[i].Action = nasty
		r.Tallies[i].Failed = map[string]uint64{nasty: 7, nasty + "2": 1}
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		f.Expect, f.Phase, f.Crowd, f.Limit, f.Got, f.Why = nasty, nasty, nasty, nasty, nasty, nasty
	}
	r.Examples = []runs.Example{{Cause: nasty, At: -5, Crowd: nasty, Action: nasty, Status: -1, Says: nasty}}
	r.Marks = []runs.Mark{{At: -5, Kind: nasty, Fault: nasty, Text: nasty}}
	r.Recovery = []runs.Recovery{{Trigger: runs.Trigger{Kind: nasty, Name: nasty, Phase: nasty, From: -5}, Verdict: runs.Aborted, Why: nasty}}
	for i, f := range r.Recovery[0].Figures() {
		*f = runs.Figure{Is: runs.Known(i % 5), Value: -1e300 * float64(i), Why: nasty}
	}
	r.Witness.Absent, r.Witness.Lies, r.Witness.Lied = nasty, []string{nasty, ""}, 2
	r.Generator.Notes = []string{nasty}
}

// silent is a night in which nobody of one crowd pressed.
func silent(t testing.TB) *runs.Run {
	r := night(t)
	var kept []runs.Tally
	for _, tally := range r.Tallies {
		if tally.Crowd == "readers" {
			kept = append(kept, tally)
		}
	}
	r.Tallies = kept
	for i := range r.Phases {
		r.Phases[i].Due["posters"] = 0
	}
	runs.Judge(r)
	return r
}

// long has very many phases, every fifth with a promise of every verdict.
func long(t testing.TB) *runs.Run {
	r := night(t)
	s := *r.Scenario
	r.Scenario = &s
	s.Phases, r.Phases, r.Findings = nil, nil, nil
	for i := range 400 {
		name := fmt.Sprintf("phase-%d", i)
		s.Phases = append(s.Phases, scenarios.Phase{Name: name, For: time.Second})
		begin := time.Duration(i) * time.Second
		r.Phases = append(r.Phases, runs.Phase{Name: name, Begin: runs.Span(begin), End: runs.Span(begin + time.Second)})
		for v := range runs.Verdict(3) {
			if i%5 > 0 {
				break
			}
			r.Findings = append(r.Findings, runs.Finding{Expect: "p99 <= 1s", Limit: "<= 1s", Phase: name, Verdict: v, Why: strings.Repeat("for a reason ", 9)})
		}
	}
	for i := range r.Tallies {
		r.Tallies[i].Phase = i * 8
	}
	for range 250 {
		r.Generator.Notes = append(r.Generator.Notes, strings.Repeat("&", 500))
	}
	return r
}

// huge has counts and times at the end of what a record can hold.
func huge(t testing.TB) *runs.Run {
	r := night(t)
	var most runs.Histogram
	if err := most.UnmarshalJSON([]byte(`{"count":9007199254740992,"sum":9223372036854775807,"min":9223372036854775807,"max":9223372036854775807,"buckets":[[1060,9007199254740992]]}`)); err != nil {
		t.Fatal(err)
	}
	for i := range r.Tallies {
		c := &r.Tallies[i]
		c.Offered, c.Good, c.Late, c.Waited, c.Attempts = 1<<53, 1<<53, 1<<53, 1<<53, 1<<64-1
		c.MaxLag, c.Response, c.Service, c.Second = 1<<63-1, most, most, 1<<63-1
	}
	r.Ended = time.Time{}
	r.Began = time.Date(9999, 12, 31, 23, 59, 59, 0, time.FixedZone("", -3600))
	r.Generator = runs.Generator{
		InFlightPeak: -1 << 63, CPU: -1 << 63, CPUShare: 1e300, Starved: 1<<63 - 1, MemoryPeak: 1<<64 - 1,
		Steal: -1 << 63, StealShare: 1e300, GC: runs.GC{Count: 1<<64 - 1, Total: -1 << 63, Max: 1<<63 - 1, CPUShare: 1e300},
	}
	r.Phases[1].Begin, r.Phases[1].End = 1<<63-1, -1<<63
	return r
}

// all are the runs that every format must cope with, by name.
func all(t testing.TB) map[string]*runs.Run {
	return map[string]*runs.Run{
		"night": night(t), "killed": killed(t), "unplayed": unplayed(t), "hostile": hostile(t),
		"silent": silent(t), "storm": storm(t), "long": long(t), "huge": huge(t), "zero": {}, "bad verdict": {Verdict: 7, Findings: []runs.Finding{{Verdict: -1}}},
	}
}
