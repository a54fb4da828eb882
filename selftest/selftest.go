// Package selftest is PROVING the instrument: whether what is measured on this
// host can be believed.
//
// It plays loads with the harness against a small server of known behaviour
// ([Serve]), which keeps a record of what it really did, and holds what gameday
// reports against that. The outcome is a [runs.Selftest]: checks, each with its
// limit, what was measured, and a verdict of its own.
package selftest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gameday/runs"
)

// A Test is one test of a host. Its fields are not changed while it runs.
type Test struct {
	URL     string       // of the server, that nobody else presses
	PID     int          // of the server's process; zero: this one
	Version string       // of gameday
	Plan    Plan         // how long each check lasts
	Say     func(string) // is told what is measured next; may be nil
}

// A Plan is how long the loads of a test last. Beyond it goes what is still on
// its way when a load ends, up to grace, or stepGrace in the search.
type Plan struct {
	Pacing      time.Duration // of each kind of arrivals
	Percentiles time.Duration
	Freeze      time.Duration // of which the server freezes a sixth, from the first third on
	Step        time.Duration // of the search for the top rate
	Steps       int           // of it
}

// grace is what a load may take longer than it lasts: the slowest answer takes two
// seconds, and nothing is proved by a host that is further behind.
const grace = 2500 * time.Millisecond

// Whole is the plan of a test that proves something. With every grace it stays
// under a minute.
var Whole = Plan{
	Pacing: 2 * time.Second, Percentiles: 5 * time.Second, Freeze: 30 * time.Second,
	Step: time.Second, Steps: 6,
}

// Run tests the host, one check after another. An error means that there is no
// outcome: the server could not be spoken to, or ctx has ended.
func (t *Test) Run(ctx context.Context) (*runs.Selftest, error) {
	b := &bench{Test: t}
	out := &runs.Selftest{At: time.Now().UTC(), Gameday: t.Version}
	for _, part := range []struct {
		says    string
		measure func(context.Context) ([]runs.Check, error)
	}{
		{"pacing: whether requests leave when they are due", b.pacing},
		{"percentiles: whether what is reported is what the server did", b.percentiles},
		{"freeze: whether a server that stands still is seen", b.freeze},
		{"top rate: how fast this host can press", b.topRate},
		{"memory: how much all of this took", b.memory},
	} {
		if t.Say != nil {
			t.Say(part.says)
		}
		checks, err := part.measure(ctx)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if err != nil {
			return nil, fmt.Errorf("measuring %w", err)
		}
		out.Checks = append(out.Checks, checks...)
	}
	if b.host.Name == "" {
		return nil, errors.New("the host was too slow to begin with any check")
	}
	out.Host = b.host
	out.Conclude()
	return out, nil
}

// memoryLimit is how many bytes the generator may take.
const memoryLimit = 100e6

// memory checks the most that any play took.
func (b *bench) memory(context.Context) ([]runs.Check, error) {
	c := runs.Check{
		Name: "memory", Asks: "What the generator took from the operating system, at the most, in all of this.",
		Limit: "<= 100 MB", Got: fmt.Sprintf("%.1f MB", float64(b.peak)/1e6), Value: float64(b.peak), Unit: "B",
	}
	switch {
	case b.peak == 0:
		c.Why = "the record does not say how much memory was taken"
	case b.peak <= memoryLimit:
		c.Verdict = runs.Pass
	default:
		c.Verdict, c.Why = runs.Fail, "long plays on this host may run out of memory; watch it, or lower safety.max_in_flight"
	}
	return []runs.Check{c}, nil
}
