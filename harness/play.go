package harness

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"gameday/runs"
	"gameday/scenarios"
	"gameday/targets"
)

// play is one play, from the first request to the verdict.
type play struct {
	*Harness
	schedule *scenarios.Schedule
	base     *url.URL
	agent    string
	wire     wire
	api      targets.API
	run      *runs.Run

	start    time.Time // when second 0 of the schedule is
	inFlight atomic.Int64
	peak     atomic.Int64 // of inFlight
	health   health
	crowds   []*crowd
	witness  *witness
	examples examples
	target   targets.Target
	changed  atomic.Pointer[runs.Mark] // how the target changed; taken by flush
	told     atomic.Bool               // it did
	trouble  error                     // of the journal, once
}

// crowd is one crowd at work.
type crowd struct {
	name  string
	table *scenarios.Timetable
	share scenarios.Share
	pacer *pacer
	book  *book
}

// begin tells everybody, and takes the time: second 0 is once they know.
func (p *play) begin() error {
	p.run.Began = time.Now().UTC()
	if p.Ready != nil {
		p.Ready(p.run)
	}
	p.start = time.Now()
	p.run.Began = p.start.UTC()
	return p.write(&runs.Entry{Run: p.run})
}

// press attacks with all crowds at once, and returns when every request has been
// answered or the play was ended.
func (p *play) press(ctx context.Context) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	defer context.AfterFunc(ctx, p.wire.cut)()
	var attacks, watchers, health sync.WaitGroup
	places := p.Safety.places(p.schedule)
	for i, table := range p.schedule.Crowds {
		c := &crowd{name: p.schedule.Scenario.Crowds[i].Name, table: table}
		c.book = newBook(p.schedule, i)
		c.pacer = &pacer{ctx: ctx, start: p.start, table: table, health: &p.health, places: int64(places[i]), few: fewPlaces(table.Peak()), freed: make(chan struct{}, 1), deadline: p.schedule.Scenario.Duration() + overrun}
		if p.Transport == nil {
			c.pacer.kick, c.pacer.least = newKick(), leastSleep
			defer c.pacer.kick.close()
		}
		p.crowds = append(p.crowds, c)
	}
	p.witness = newWitness(p)
	health.Go(func() { p.health.watch(ctx) })
	load, done := make(chan struct{}), make(chan struct{})
	watchers.Go(func() { p.witness.watch(ctx, load) })
	looking, enough := context.WithCancel(ctx)
	health.Go(func() { p.keepWatch(looking) })
	for _, c := range p.crowds {
		attacks.Go(func() { p.attack(ctx, c) })
	}
	go func() {
		attacks.Wait()
		close(load)
		watchers.Wait()
		enough()
		if p.Transport == nil && ctx.Err() == nil {
			p.lookAgain(ctx)
		}
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
	e.Examples = p.examples.flush()
	e.Marks = p.marks(time.Since(p.start))
	if m := p.changed.Swap(nil); m != nil {
		e.Marks = append(e.Marks, *m)
	}
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

// maxHashed is how many requests a schedule may have for its hash to go into the
// record: more would keep whoever pressed Ctrl-C waiting for seconds.
const maxHashed = 20_000_000

// end closes the record and judges it.
func (p *play) end(ctx context.Context) {
	e := p.flush()
	for i, c := range p.crowds {
		e.Tallies = append(e.Tallies, p.unsent(i, c)...)
	}
	e.End = &runs.End{At: time.Now().UTC()}
	if p.schedule.Requests() <= maxHashed {
		e.End.Schedule = p.schedule.Hash()
	}
	if ctx.Err() != nil {
		e.End.Aborted = context.Cause(ctx).Error()
		if errors.Is(context.Cause(ctx), context.Canceled) {
			e.End.Aborted = "it was cancelled"
		}
		e.Marks = append(e.Marks, runs.Mark{At: runs.Span(time.Since(p.start)), Kind: runs.MarkAborted, Text: e.End.Aborted})
	}
	if p.trouble != nil {
		e.Generator.Notes = append(e.Generator.Notes, fmt.Sprintf("the journal has holes: %v", p.trouble))
	}
	p.learn(e, true)
	runs.Judge(p.run)
}

// generator is how the load itself fared up to now, but for the lags.
func (p *play) generator() *runs.Generator {
	return p.health.record(int(p.peak.Load()))
}
