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
	told     atomic.Bool // that it changed
	news     news
	border   int   // of the phases, the next to be marked
	trouble  error // of the journal, once

	gate         gate
	intervention intervention
	guards       []*guard
	stopping     atomic.Bool // one of them was met
}

// crowd is one crowd at work.
type crowd struct {
	name  string
	table *scenarios.Timetable
	share scenarios.Share
	pacer *pacer
	book  *book

	traces *traces // nil: requests carry none
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

// press attacks with all crowds at once, while what the scenario says is broken. It
// returns when every request has been answered and all is mended, or the play was
// ended, and then why.
func (p *play) press(ctx context.Context) (ended error) {
	ctx, stop := context.WithCancelCause(ctx)
	breaking, heal := context.WithCancel(ctx)
	healed := make(chan struct{})
	defer func() { // also of a panic
		stop(nil)
		<-healed
	}()
	abort := func(why error) {
		go func() { // first mend, then no more load
			heal()
			<-healed
			stop(why)
		}()
	}
	defer context.AfterFunc(ctx, p.wire.cut)()
	peak := p.schedule.Peak()
	for i, places := range p.Safety.places(p.schedule) {
		c := p.newCrowd(ctx, i, places, peak)
		defer c.pacer.kick.close()
		p.crowds = append(p.crowds, c)
	}
	p.witness = newWitness(p)
	go func() {
		defer close(healed)
		p.breaks(breaking, abort)
	}()
	var helpers sync.WaitGroup
	looking, enough := context.WithCancel(ctx)
	helpers.Go(func() { p.health.watch(ctx) })
	helpers.Go(func() { p.keepWatch(looking) })
	helpers.Go(func() { p.askGuards(looking, abort) })
	done := make(chan struct{})
	go func() {
		p.attackAll(ctx)
		enough()
		<-healed
		if p.Transport == nil && ctx.Err() == nil {
			p.lookAgain(ctx)
		}
		close(done)
	}()
	p.follow(done, abort)
	ended = context.Cause(ctx)
	stop(nil)
	helpers.Wait()
	return ended
}

// attackAll attacks with all crowds, watched by the witness, until the last request
// is answered.
func (p *play) attackAll(ctx context.Context) {
	var attacks, witness sync.WaitGroup
	load := make(chan struct{})
	witness.Go(func() { p.witness.watch(ctx, load) })
	for _, c := range p.crowds {
		attacks.Go(func() { p.attack(ctx, c) })
	}
	attacks.Wait()
	close(load)
	witness.Wait()
}

// follow takes note every second of what the play came to, until it is done.
func (p *play) follow(done <-chan struct{}, abort func(error)) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
			e := p.flush()
			p.learn(e, false)
			now := time.Since(p.start)
			p.intervene(now)
			p.guard(now, e, abort)
		}
	}
}

// newCrowd gets crowd i ready, which has so many places in flight. All crowds peak
// together at that rate.
func (p *play) newCrowd(ctx context.Context, i, places int, peak float64) *crowd {
	table := p.schedule.Crowds[i]
	few, part := fewPlaces(table.Peak(), peak)
	c := &crowd{name: p.schedule.Scenario.Crowds[i].Name, table: table, book: newBook(p.schedule, i)}
	if p.target.Trace {
		c.traces = newTraces(p.run.ID, c.book)
	}
	c.pacer = &pacer{
		ctx: ctx, start: p.start, table: table, health: &p.health,
		places: int64(places), few: few, part: part, freed: make(chan struct{}, 1),
		deadline: p.schedule.Scenario.Duration() + overrun,
	}
	if p.Transport == nil {
		c.pacer.kick, c.pacer.grain = newKick(), grain
	}
	return c
}

// in is the time d from now. (time.Now would ask two clocks.)
func (p *play) in(d time.Duration) time.Time { return p.start.Add(time.Since(p.start) + d) }

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
	e.Marks = append(p.borders(time.Since(p.start)), p.news.take()...)
	e.Generator = p.generator()
	return e
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
		InFlight: int(p.inFlight.Load()), Faults: p.inForce(), Lowered: p.gate.lowered(), Entry: e, Last: last, Exemplars: p.exemplars(),
	})
}

// inForce are the faults that are in force.
func (p *play) inForce() []string {
	if p.Keeper == nil {
		return nil
	}
	return p.Keeper.InForce()
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

// end closes the record and judges it. Ended is why the play ended early; nil: it
// did not.
func (p *play) end(ended error) {
	e := p.flush()
	if ended == nil { // perhaps a moment before the schedule's end, after its last request
		e.Marks = append(e.Marks, p.borders(p.schedule.Scenario.Duration())...)
	}
	for i, c := range p.crowds {
		e.Tallies = append(e.Tallies, p.unsent(i, c)...)
	}
	e.End = &runs.End{At: time.Now().UTC()}
	if p.schedule.Requests() <= maxHashed {
		e.End.Schedule = p.schedule.Hash()
	}
	if ended != nil {
		e.End.Aborted = ended.Error()
		if errors.Is(ended, context.Canceled) {
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
