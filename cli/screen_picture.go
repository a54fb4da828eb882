package cli

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"gameday/harness"
	"gameday/runs"
	"gameday/scenarios"
)

const (
	// recently is how many moments the table's figures are of: fewer, and the 99.9th
	// percentile is one request; more, and what happens now comes too late.
	recently = 5
	// longest is how many moments the widest chart can show.
	longest = 600
)

// A picture is what a terminal shows of a play. It is pure: what it draws depends
// on what was added and pressed alone. The zero picture is not ready; newPicture is.
type picture struct {
	scenario  *scenarios.Scenario
	scale     scenarios.Scale
	target    string
	reason    string // why it is played in a freeze; empty: there is none
	dashboard string // address of the page; empty: there is none
	keyboard  bool   // keys can be pressed
	breakable bool   // there are faults, which can be paused

	now    harness.Moment // the newest, without its entry
	recent []runs.Tally   // of each crowd, of the newest moments
	took   time.Duration  // that the newest moments lasted
	wanted []float64      // requests a second of each crowd, in their mean
	last   []second       // the newest moments, oldest first
	rates  []rate         // the same for the chart, which goes further back
	causes map[string]uint64
	slow   uint64 // answered, but later than promised
	peak   int    // requests in flight at once
	lied   uint64 // by the service
	steal  float64
	marks  []string // what happened and stays true, in words

	key     string // that was pressed last
	ending  bool   // somebody asked for the end
	whole   bool   // faults are paused
	address bool   // the dashboard's address is shown
	says    string // the last line that somebody else wrote
}

// A second is what was learned in one moment.
type second struct {
	took   time.Duration
	rates  []float64
	crowds []runs.Tally
}

// A rate is requests a second.
type rate struct{ offered, good float64 }

func newPicture(s *scenarios.Scenario, scale scenarios.Scale) *picture {
	return &picture{
		scenario: s, scale: scale, causes: map[string]uint64{}, recent: make([]runs.Tally, len(s.Crowds)),
		wanted: make([]float64, len(s.Crowds)), now: harness.Moment{Of: s.Duration()},
	}
}

// add takes in a moment, of which it keeps nothing.
func (p *picture) add(m harness.Moment) {
	s := second{took: max(m.At-p.now.At, time.Millisecond), rates: slices.Clone(m.Rates), crowds: make([]runs.Tally, len(p.scenario.Crowds))}
	var all runs.Tally
	for i := range m.Entry.Tallies {
		t := &m.Entry.Tallies[i]
		s.crowds[p.scenario.Crowd(t.Crowd)].Merge(t)
		all.Offered += t.Offered
		all.Good += t.Good
		p.slow += t.Offered - min(t.Good+t.Failures(), t.Offered)
		for cause, n := range t.Failed {
			p.causes[cause] += n
		}
	}
	p.last = newest(append(p.last, s), recently)
	p.rates = newest(append(p.rates, rate{float64(all.Offered) / s.took.Seconds(), float64(all.Good) / s.took.Seconds()}), longest)
	p.sum()
	p.learn(m.Entry)
	p.peak = max(p.peak, m.InFlight)
	m.Entry, m.Rates, m.Faults = nil, nil, slices.Clone(m.Faults)
	p.now = m
}

// newest are the last n of all, in memory that does not grow.
func newest[T any](all []T, n int) []T {
	if len(all) > n {
		return slices.Delete(all, 0, len(all)-n)
	}
	return all
}

// sum adds up the newest moments.
func (p *picture) sum() {
	clear(p.recent)
	clear(p.wanted)
	p.took = 0
	for _, s := range p.last {
		p.took += s.took
		for i := range s.crowds {
			p.recent[i].Merge(&s.crowds[i])
		}
		for i := range min(len(s.rates), len(p.wanted)) {
			p.wanted[i] += s.rates[i] * s.took.Seconds()
		}
	}
	for i := range p.wanted {
		p.wanted[i] /= p.took.Seconds()
	}
}

// learn takes from an entry what is not of requests.
func (p *picture) learn(e *runs.Entry) {
	if e.Generator != nil {
		p.peak, p.steal = max(p.peak, e.Generator.InFlightPeak), e.Generator.StealShare
	}
	if e.Witness != nil {
		p.lied += e.Witness.Lied
	}
	for _, m := range e.Marks {
		if m.Kind == runs.MarkChanged || m.Kind == runs.MarkStop {
			p.marks = append(p.marks, clean(m.Text))
		}
	}
}

// What the picture wants done after a key.
type wish int

const (
	wishNothing wish = iota
	wishEnd          // of the play
	wishNow          // the end of gameday, at once
	wishFaults       // p.whole is to be told
	wishBrowser      // the dashboard is to be opened
)

// press is a key that was pressed, and what is to be done about it.
func (p *picture) press(key string) wish {
	p.key = key
	switch {
	case key == "ctrl+c" && p.ending:
		return wishNow
	case key == "ctrl+c", key == "q" && !p.ending:
		p.ending = true
		return wishEnd
	case key == "p" && p.breakable:
		p.whole = !p.whole
		return wishFaults
	case key == "d" && p.dashboard != "":
		p.address = true
		return wishBrowser
	}
	return wishNothing
}

// warnings are what makes the figures doubtful, the worst first.
func (p *picture) warnings(all *runs.Tally) []string {
	why := lateness(all)
	if p.lied > 0 {
		why = append(why, fmt.Sprintf("the service did not tell the truth %d times", p.lied))
	}
	why = append(why, p.marks...)
	if p.now.Lowered {
		why = append(why, "load is lowered on purpose, so that the service can recover")
	}
	if p.steal >= runs.StealMatters {
		why = append(why, fmt.Sprintf("the host takes away %s of its CPUs' time", runs.Percent(p.steal)))
	}
	return why
}

// errors are the failures of the whole play by cause, the most frequent first.
func (p *picture) errors() string {
	causes := slices.SortedFunc(maps.Keys(p.causes), func(a, b string) int {
		return cmp.Or(cmp.Compare(p.causes[b], p.causes[a]), cmp.Compare(a, b))
	})
	var parts []string
	for _, c := range causes {
		parts = append(parts, c+" "+number(float64(p.causes[c])))
	}
	if parts == nil {
		parts = []string{"none"}
	}
	if p.slow > 0 {
		parts = append(parts, "and "+number(float64(p.slow))+" answers later than promised")
	}
	return strings.Join(parts, ", ")
}

// faults say what is broken on purpose.
func (p *picture) faults() string {
	switch inForce := clean(strings.Join(p.now.Faults, ", ")); {
	case p.whole && inForce != "":
		return "being paused: " + inForce
	case p.whole:
		return "paused: nothing is broken until p is pressed again"
	case inForce != "":
		return inForce
	}
	return "none in force"
}
