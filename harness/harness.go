// Package harness makes a rehearsal happen: it presses a target as a scenario
// says and returns the record.
//
// Vegeta does the attacking, one attack a crowd for the whole scenario. Our own
// parts sit around it: the pacer says when, the sender says what and how, the
// book counts what came of it.
package harness

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"sync/atomic"
	"time"

	"gameday/faults"
	"gameday/runs"
	"gameday/scenarios"
	"gameday/targets"
)

// A Harness plays scenarios. Its fields are not changed while it plays.
type Harness struct {
	Scale     scenarios.Scale   // share of the real night; must be above zero
	Clients   scenarios.Clients // of crowds that say nothing else; zero: they wait for 5 s, and try once
	Safety    Safety            // zero: loopback only
	Keeper    *faults.Keeper    // breaks what the scenario says, and is closed by whoever opened it; nil: nothing can be broken
	Whole     *atomic.Bool      // while it is true, no fault is in force; may be nil
	Transport http.RoundTripper // zero: the target's, over connections of this play
	Accounts  []targets.Account // who signs in, the most popular first
	Version   string            // of gameday; goes into every request's User-Agent
	ID        string            // of the run; empty: made from the time and the scenario's name
	Journal   io.Writer         // gets an entry as a line of JSON every second; may be nil
	Watch     func(Moment)      // sees what the play came to, about every second; may be nil
	Ready     func(*runs.Run)   // is told of the run before it begins, and may add to it; may be nil
	Reason    string            // why it is played in a freeze window, if it is
}

// A Moment is what a play came to since the moment before.
type Moment struct {
	At       time.Duration // after the start
	Of       time.Duration // how long the schedule is
	Phase    int
	Rates    []float64 // requests per second that the schedule wants now, by crowd
	InFlight int
	Faults   []string // in force, by name
	Lowered  bool     // load is lowered to let the service recover
	// Exemplars are some of the requests that were answered; none if they carry no
	// traces.
	Exemplars []Exemplar
	Entry     *runs.Entry // what is new; do not keep or change it
	Last      bool        // nothing comes after this
}

// DefaultTimeout is how long a client waits for an answer.
const DefaultTimeout = 5 * time.Second

func (h *Harness) timeout() time.Duration { return cmp.Or(h.Clients.Timeout, DefaultTimeout) }

// Play plays s against target and returns the record of it, judged.
//
// A service that breaks its promises is not an error: it is a run whose verdict
// is fail. An error means that no request of the rehearsal was sent. A play that
// is ended by ctx returns the record up to there, with the cause of the end.
func (h *Harness) Play(ctx context.Context, s *scenarios.Scenario, target targets.Target) (*runs.Run, error) {
	schedule := scenarios.NewSchedule(s, h.Scale)
	if err := errors.Join(h.Safety.Check(target.URL, schedule), h.breakable(s)); err != nil {
		return nil, err
	}
	base, err := url.Parse(target.URL)
	if err != nil {
		return nil, fmt.Errorf("target %s: %w", target.Name, err)
	}
	p := &play{
		Harness: h, schedule: schedule, base: base,
		agent: "gameday/" + h.Version,
	}
	p.guards, p.health.apart = p.newGuards(), h.Transport != nil
	way, err := h.connect(ctx, target, p)
	if err != nil {
		return nil, err
	}
	defer way.close(h)
	p.wire = way.wire
	began := time.Now()
	p.run = &runs.Run{
		Schema: runs.Schema, ID: cmp.Or(h.ID, runs.NewID(began, s.Name)), Gameday: h.Version,
		Scenario: s, Target: runs.Target{Name: target.Name, URL: target.URL, Dialect: target.Dialect, Transport: way.transport},
		Scale: h.Scale, Seed: s.Seed, Host: thisHost(), DuringFreeze: h.Reason, Phases: phases(schedule),
	}
	var actions []scenarios.Action
	for _, c := range s.Crowds {
		actions = append(actions, c.Do...)
	}
	opening := targets.Opening{
		Transport: way.questions, Agent: p.agent, Accounts: h.Accounts, Hot: s.Population.Hot, Actions: actions, Run: p.run.ID,
	}
	var build map[string]string
	if p.api, build, err = target.Open(ctx, opening); err != nil {
		return nil, err
	}
	p.identify(ctx, target, build)
	p.setRules()
	if err := p.begin(); err != nil {
		return nil, err
	}
	p.end(p.press(ctx))
	return p.run, nil
}

// setRules records by what recoveries are judged, where clients are more patient or
// less than the rules have them.
func (p *play) setRules() {
	rules := runs.DefaultRules
	if rules.Patience = runs.Span(p.patience()); rules != runs.DefaultRules {
		p.run.RecoveryRules = &rules
	}
}

// clients are how the people of a crowd wait and try again.
func (p *play) clients(crowd int) scenarios.Clients {
	return p.schedule.Scenario.ClientsOf(crowd, p.Clients.Or(scenarios.Clients{Timeout: DefaultTimeout, Retries: scenarios.NoRetries}))
}

// phases lays out the phases of the record.
func phases(s *scenarios.Schedule) []runs.Phase {
	out := make([]runs.Phase, len(s.Scenario.Phases))
	for i, p := range s.Scenario.Phases {
		begin, end := s.Phase(i)
		out[i] = runs.Phase{Name: p.Name, Begin: runs.Span(begin), End: runs.Span(end), Due: map[string]uint64{}}
		for c, crowd := range s.Scenario.Crowds {
			out[i].Due[crowd.Name] = s.Count(c, i)
		}
	}
	return out
}

func thisHost() runs.Host {
	name, err := os.Hostname()
	if err != nil {
		name = "unknown"
	}
	return runs.Host{Name: name, OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.GOMAXPROCS(0), Go: runtime.Version()}
}
