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
	"sync"
	"sync/atomic"
	"time"

	"gameday/runs"
	"gameday/scenarios"
	"gameday/targets"
)

// A Harness plays scenarios. Its fields are not changed while it plays.
type Harness struct {
	Scale     scenarios.Scale   // share of the real night; must be above zero
	Timeout   time.Duration     // of one request, from when it is sent; zero: 5 s
	Safety    Safety            // zero: loopback only
	Transport http.RoundTripper // zero: net/http's, over its own connections
	Accounts  []targets.Account // who signs in, the most popular first
	Version   string            // of gameday; goes into every request's User-Agent
	ID        string            // of the run; empty: made from the time and the scenario's name
	Journal   io.Writer         // gets an entry as a line of JSON every second; may be nil
	Watch     func(Moment)      // sees what the play came to, about every second; may be nil
	Ready     func(*runs.Run)   // is told of the run as it begins; may be nil
	Reason    string            // why it is played in a freeze window, if it is
}

// A Moment is what a play came to since the moment before.
type Moment struct {
	At       time.Duration // after the start
	Of       time.Duration // how long the schedule is
	Phase    int
	Rates    []float64 // requests per second that the schedule wants now, by crowd
	InFlight int
	Entry    *runs.Entry // what is new; do not keep or change it
	Last     bool        // nothing comes after this
}

// DefaultTimeout is how long a client waits for an answer.
const DefaultTimeout = 5 * time.Second

// Play plays s against target and returns the record of it, judged.
//
// A service that breaks its promises is not an error: it is a run whose verdict
// is fail. An error means that no request of the rehearsal was sent. A play that
// is ended by ctx returns the record up to there, with the cause of the end.
func (h *Harness) Play(ctx context.Context, s *scenarios.Scenario, target targets.Target) (*runs.Run, error) {
	schedule := scenarios.NewSchedule(s, h.Scale)
	if err := h.Safety.Check(target.URL, schedule); err != nil {
		return nil, err
	}
	base, err := url.Parse(target.URL)
	if err != nil {
		return nil, fmt.Errorf("target %s: %w", target.Name, err)
	}
	p := &play{
		Harness: h, schedule: schedule, base: base,
		agent: "gameday/" + h.Version, transport: h.transport(base),
	}
	if h.Transport == nil {
		defer p.transport.(*http.Transport).CloseIdleConnections()
	}
	began := time.Now()
	p.run = &runs.Run{
		Schema: runs.Schema, ID: cmp.Or(h.ID, runs.NewID(began, s.Name)), Gameday: h.Version,
		Scenario: s, Target: runs.Target{Name: target.Name, URL: target.URL, Dialect: target.Dialect},
		Scale: h.Scale, Seed: s.Seed, Host: thisHost(), DuringFreeze: h.Reason, Phases: phases(schedule),
	}
	var actions []scenarios.Action
	for _, c := range s.Crowds {
		actions = append(actions, c.Do...)
	}
	opening := targets.Opening{
		Transport: p.transport, Agent: p.agent, Accounts: h.Accounts, Hot: s.Population.Hot, Actions: actions, Run: p.run.ID,
	}
	if p.api, p.run.Identity, err = target.Open(ctx, opening); err != nil {
		return nil, err
	}
	if err := p.begin(); err != nil {
		return nil, err
	}
	p.press(ctx)
	p.end(ctx)
	return p.run, nil
}

// play is one play, from the first request to the verdict.
type play struct {
	*Harness
	schedule  *scenarios.Schedule
	base      *url.URL
	agent     string
	transport http.RoundTripper
	api       targets.API
	run       *runs.Run

	start    time.Time // when second 0 of the schedule is
	inFlight atomic.Int64
	peak     atomic.Int64 // of inFlight
	health   health
	crowds   []*crowd
	witness  *witness
	trouble  error // of the journal, once
}

// crowd is one crowd at work.
type crowd struct {
	name  string
	table *scenarios.Timetable
	share scenarios.Share
	pacer *pacer
	book  *book
}

// begin takes the time and tells everybody.
func (p *play) begin() error {
	p.start = time.Now()
	p.run.Began = p.start.UTC()
	if err := p.write(&runs.Entry{Run: p.run}); err != nil {
		return err
	}
	if p.Ready != nil {
		p.Ready(p.run)
	}
	p.start = time.Now()
	p.run.Began = p.start.UTC()
	return nil
}

// press attacks with all crowds at once, and returns when every request has been
// answered or the play was ended.
func (p *play) press(ctx context.Context) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var attacks, watchers, health sync.WaitGroup
	places := p.Safety.places(p.schedule)
	for i, table := range p.schedule.Crowds {
		c := &crowd{name: p.schedule.Scenario.Crowds[i].Name, table: table}
		c.book = newBook(p.schedule, i)
		c.pacer = &pacer{ctx: ctx, start: p.start, table: table, health: &p.health, places: int64(places[i]), freed: make(chan struct{}, 1), deadline: p.schedule.Scenario.Duration() + overrun}
		p.crowds = append(p.crowds, c)
	}
	p.witness = newWitness(p)
	health.Go(func() { p.health.watch(ctx) })
	load, done := make(chan struct{}), make(chan struct{})
	watchers.Go(func() { p.witness.watch(ctx, load) })
	for _, c := range p.crowds {
		attacks.Go(func() { p.attack(ctx, c) })
	}
	go func() {
		attacks.Wait()
		close(load)
		watchers.Wait()
		close(done)
	}()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-done:
			stop()
			health.Wait()
			return
		case <-tick.C:
			p.learn(p.flush(), false)
		}
	}
}

// flush takes what was counted since the last time, and the marks that are due.
func (p *play) flush() *runs.Entry {
	e := &runs.Entry{}
	for _, c := range p.crowds {
		tallies, lags := c.book.flush()
		e.Tallies = append(e.Tallies, tallies...)
		e.Lags = append(e.Lags, lags...)
	}
	e.Witness = p.witness.flush()
	e.Marks = p.marks(time.Since(p.start))
	e.Generator = p.generator()
	return e
}

// marks are the borders that were passed since the last mark.
func (p *play) marks(now time.Duration) []runs.Mark {
	var marks []runs.Mark
	known := 0
	for _, m := range p.run.Marks {
		if m.Kind == runs.MarkPhase || m.Kind == runs.MarkEnd {
			known++
		}
	}
	for i := known; i <= len(p.run.Phases); i++ {
		m := runs.Mark{At: runs.Span(p.schedule.Scenario.Duration()), Kind: runs.MarkEnd, Text: "the schedule is over"}
		if i < len(p.run.Phases) {
			m = runs.Mark{At: p.run.Phases[i].Begin, Kind: runs.MarkPhase, Text: p.run.Phases[i].Name}
		}
		if time.Duration(m.At) > now {
			break
		}
		marks = append(marks, m)
	}
	return marks
}

// learn adds an entry to the run and shows it to everybody.
func (p *play) learn(e *runs.Entry, last bool) {
	p.run.Add(e)
	if err := p.write(e); err != nil && p.trouble == nil {
		p.trouble = err
	}
	if p.Watch == nil {
		return
	}
	now := time.Since(p.start)
	phase := len(p.run.Phases) - 1
	for i, ph := range p.run.Phases {
		if now < time.Duration(ph.End) {
			phase = i
			break
		}
	}
	rates := make([]float64, len(p.schedule.Crowds))
	for i, c := range p.schedule.Crowds {
		rates[i] = c.Rate(now)
	}
	p.Watch(Moment{
		At: now, Of: p.schedule.Scenario.Duration(), Phase: phase, Rates: rates,
		InFlight: int(p.inFlight.Load()), Entry: e, Last: last,
	})
}

func (p *play) write(e *runs.Entry) error {
	if p.Journal == nil {
		return nil
	}
	return e.Write(p.Journal)
}

// end closes the record and judges it.
func (p *play) end(ctx context.Context) {
	e := p.flush()
	for i, c := range p.crowds {
		e.Tallies = append(e.Tallies, p.unsent(i, c)...)
	}
	if ctx.Err() != nil {
		p.run.Aborted = context.Cause(ctx).Error()
		if errors.Is(context.Cause(ctx), context.Canceled) {
			p.run.Aborted = "it was cancelled"
		}
		e.Marks = append(e.Marks, runs.Mark{At: runs.Span(time.Since(p.start)), Kind: runs.MarkAborted, Text: p.run.Aborted})
	}
	p.run.Ended = time.Now().UTC()
	p.run.Schedule = p.schedule.Hash()
	p.learn(e, true)
	if p.trouble != nil {
		p.run.Generator.Notes = append(p.run.Generator.Notes, fmt.Sprintf("the journal has holes: %v", p.trouble))
	}
	runs.Judge(p.run)
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

// generator is how the load itself fared up to now, but for the lags.
func (p *play) generator() *runs.Generator {
	return p.health.record(int(p.peak.Load()))
}
