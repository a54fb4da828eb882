package harness

import (
	"sync"
	"time"

	"gameday/runs"
	"gameday/scenarios"
)

// A book counts what came of the requests of one crowd since it was last
// flushed. Its memory does not grow with the length of the play.
type book struct {
	crowd    int
	name     string
	do       []scenarios.Action
	promises [][]time.Duration // by phase and action; zero: none

	mu   sync.Mutex
	open map[runs.Key]*page
	last []*page // of each action, to find it without looking
	free []*page
	lags map[int]*runs.Recorder // by phase
}

// A page is an open tally.
type page struct {
	runs.Tally        // but for its histograms
	response, service runs.Recorder
}

func newBook(s *scenarios.Schedule, crowd int) *book {
	c := s.Scenario.Crowds[crowd]
	b := &book{
		crowd: crowd, name: c.Name, do: c.Do,
		open: map[runs.Key]*page{}, last: make([]*page, len(c.Do)), lags: map[int]*runs.Recorder{},
	}
	for phase := range s.Scenario.Phases {
		of := make([]time.Duration, len(c.Do))
		for i, a := range c.Do {
			of[i] = s.Scenario.Promise(phase, crowd, a.Name)
		}
		b.promises = append(b.promises, of)
	}
	return b
}

// An outcome is what came of one request.
type outcome struct {
	lag     time.Duration // how late it left
	service time.Duration // how long it then took, with all its tries
	cause   string        // why it failed; empty: it did not
	tries   int
	waited  bool // it was late for want of a place in flight
}

// record counts one request.
func (b *book) record(r scenarios.Request, a outcome) {
	response := a.lag + a.service
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lag(r.Phase).Record(a.lag)
	p := b.page(r)
	p.Offered++
	p.Attempts += uint64(a.tries)
	p.MaxLag = max(p.MaxLag, runs.Span(a.lag))
	switch {
	case a.lag <= runs.OnTime:
	case a.waited:
		p.Waited++
	default:
		p.Late++
	}
	if a.cause != "" {
		if p.Failed == nil {
			p.Failed = map[string]uint64{}
		}
		p.Failed[a.cause]++
		return
	}
	p.response.Record(response)
	p.service.Record(a.service)
	if promise := b.promises[r.Phase][r.Action]; promise == 0 || response <= promise {
		p.Good++
	}
}

// hold counts one request that was held back.
func (b *book) hold(r scenarios.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.page(r).Held++
}

// page returns the open tally that r belongs in.
func (b *book) page(r scenarios.Request) *page {
	second := int(r.Due / time.Second)
	if p := b.last[r.Action]; p != nil && p.Second == second && p.Phase == r.Phase {
		return p
	}
	key := runs.Key{Phase: r.Phase, Second: second, Crowd: b.name, Action: b.do[r.Action].Name}
	p := b.open[key]
	if p == nil {
		if n := len(b.free); n > 0 {
			p, b.free = b.free[n-1], b.free[:n-1]
		} else {
			p = &page{}
		}
		p.Tally = runs.Tally{Phase: key.Phase, Second: key.Second, Crowd: key.Crowd, Action: key.Action}
		b.open[key] = p
	}
	b.last[r.Action] = p
	return p
}

func (b *book) lag(phase int) *runs.Recorder {
	l := b.lags[phase]
	if l == nil {
		l = &runs.Recorder{}
		b.lags[phase] = l
	}
	return l
}

// flush returns what was counted since the last flush, and forgets it.
func (b *book) flush() ([]runs.Tally, []runs.LagTally) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var tallies []runs.Tally
	for key, p := range b.open {
		t := p.Tally
		t.Response, t.Service = p.response.Histogram(), p.service.Histogram()
		tallies = append(tallies, t)
		p.response.Reset()
		p.service.Reset()
		delete(b.open, key)
		b.free = append(b.free, p)
	}
	clear(b.last)
	var lags []runs.LagTally
	for phase, l := range b.lags {
		lags = append(lags, runs.LagTally{Phase: phase, Crowd: b.name, Lag: l.Histogram()})
		delete(b.lags, phase)
	}
	return tallies, lags
}

// unsent are the tallies of what a crowd was too far behind to send.
func (p *play) unsent(i int, c *crowd) []runs.Tally {
	if !c.pacer.overdue {
		return nil // all were sent, or the play was ended and nobody wanted them
	}
	open := map[runs.Key]*runs.Tally{}
	do := p.schedule.Scenario.Crowds[i].Do
	var tallies []runs.Tally
	for k := c.pacer.sent; c.share.Nth(k) < c.table.Count(); k++ {
		r := c.table.At(c.share.Nth(k))
		key := runs.Key{Phase: r.Phase, Second: int(r.Due / time.Second), Crowd: c.name, Action: do[r.Action].Name}
		t := open[key]
		if t == nil {
			t = &runs.Tally{Phase: key.Phase, Second: key.Second, Crowd: key.Crowd, Action: key.Action, Failed: map[string]uint64{}}
			open[key] = t
		}
		t.Offered++
		t.Failed[causeUnsent]++
		if c.pacer.waiting {
			t.Waited++
		} else {
			t.Late++
		}
	}
	for _, t := range open {
		tallies = append(tallies, *t)
	}
	return tallies
}
