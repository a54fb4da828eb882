package ready

import (
	"sync"
	"testing"
	"time"

	"gameday/freeze"
	"gameday/runs"
	"gameday/scenarios"
)

// now is when the tests ask.
var now = time.Date(2027, 2, 13, 12, 0, 0, 0, time.UTC)

func ago(d time.Duration) time.Time { return now.Add(-d) }

// scenario is a small one of that name, which every call returns a copy of.
func scenario(t testing.TB, name string) *scenarios.Scenario {
	t.Helper()
	s, err := small()
	if err != nil {
		t.Fatal(err)
	}
	s.Name = name
	return &s
}

var small = sync.OnceValues(func() (scenarios.Scenario, error) {
	s, err := scenarios.Read("small.yaml", []byte(`
name: small
asks: Does it hold?
crowds: [{name: readers, rate: 1000/s, do: [home 80, user 7]}]
phases: [{name: all, for: 30s, load: [readers 2x]}]
expect: [success >= 99.9%, readers p99 <= 100ms]
`))
	if err != nil {
		return scenarios.Scenario{}, err
	}
	return *s, nil
})

var staging = Target{"staging", "https://timeline.staging.example"}

// superBowl is an event with everything in order, and all that must be known for a
// go, no more. Every call returns its own.
func superBowl(t testing.TB) (Event, Evidence) {
	t.Helper()
	e := Event{
		Name: "super-bowl", Date: now.Add(30 * time.Hour), Targets: []Target{staging},
		Require: []Requirement{{scenario(t, "superbowl"), 1}, {scenario(t, "touchdown"), 1}},
		MaxAge:  72 * time.Hour, Headroom: 1.2, Checks: []string{"backups", "budget"},
	}
	k := Evidence{
		Runs:   []Run{rehearsed(t, "superbowl", 20*time.Hour), rehearsed(t, "touchdown", 19*time.Hour)},
		Lock:   "freeze.lock.json",
		Frozen: map[string]Frozen{"staging": {Captured: ago(48 * time.Hour), Identity: running()}},
		Now:    map[string]Now{"staging": {At: now, Honoured: Yes, Why: "It runs what was frozen.", Identity: running()}},
		Checks: map[string]Result{
			"backups": {now, Yes, "It exited 0: last backup 2 hours old."},
			"budget":  {now, Yes, "0.7 is > 0.5."},
		},
	}
	return e, k
}

// running is what is frozen, and runs, and was rehearsed.
func running() freeze.Identity { return freeze.Identity{"build": {"4.2.1"}, "config": {"9a3b1f"}} }

// rehearsed is a run that passed and ended so long ago, against staging, at just
// the load that is needed.
func rehearsed(t testing.TB, name string, since time.Duration) Run {
	t.Helper()
	host := runs.Host{Name: "loadgen-1", OS: "linux", Arch: "amd64", CPUs: 2, Go: "go1.26"}
	r := Run{Path: "reports/out/" + runs.NewID(ago(since), name) + "/report.txt"}
	r.Run = runs.Run{
		Schema: runs.Schema, Scenario: scenario(t, name), Scale: 1.2, Began: ago(since + time.Minute), Ended: ago(since), Host: host,
		Target:   runs.Target{Name: staging.Name, URL: staging.URL, Dialect: "mastodon"},
		Identity: freeze.Identity{"build": {"4.2.1"}, "config": {"9a3b1f"}},
		Selftest: &runs.Selftest{At: ago(since + time.Hour), Host: host, Verdict: runs.Pass},
		Verdict:  runs.Pass, Why: "All 2 promises were kept.",
	}
	return r
}

// failed makes a run one that failed.
func failed(r Run) Run {
	r.Verdict, r.Why = runs.Fail, "1 of 2 promises broken, the first in all: success >= 99.9%; success was 98%."
	return r
}
