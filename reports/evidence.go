package reports

import (
	"math"
	"slices"
	"time"

	"gameday/runs"
)

// evidence is what a run's tallies come to, added up once for all tables.
type evidence struct {
	crowds []string // the scenario's in its order, then any others in the record
	cells  map[cell]*counts
}

// A cell is one crowd in one phase.
type cell struct {
	phase int
	crowd string
}

// counts are what requests came to.
type counts struct {
	runs.Tally
	lag runs.Histogram
}

func (c *counts) merge(o *counts) {
	c.Tally.Merge(&o.Tally)
	c.lag.Merge(&o.lag)
}

func gather(r *runs.Run) *evidence {
	e := &evidence{cells: map[cell]*counts{}}
	if r.Scenario != nil {
		for _, c := range r.Scenario.Crowds {
			e.crowds = append(e.crowds, c.Name)
		}
	}
	known := len(e.crowds)
	for phase, sums := range r.SumByPhase() {
		for i := range sums {
			at := cell{phase, sums[i].Crowd}
			if e.cells[at] == nil {
				e.cells[at] = &counts{}
				if !slices.Contains(e.crowds, at.crowd) {
					e.crowds = append(e.crowds, at.crowd)
				}
			}
			e.cells[at].Tally.Merge(&sums[i])
		}
	}
	slices.Sort(e.crowds[known:])
	for i := range r.Generator.Lags {
		l := &r.Generator.Lags[i]
		if c := e.cells[cell{l.Phase, l.Crowd}]; c != nil {
			c.lag.Merge(&l.Lag)
		}
	}
	return e
}

// at returns what a crowd's requests came to in a phase.
func (e *evidence) at(phase int, crowd string) *counts {
	if c := e.cells[cell{phase, crowd}]; c != nil {
		return c
	}
	return &counts{}
}

// phase returns what the requests of all crowds came to in a phase.
func (e *evidence) phase(i int) *counts {
	var sum counts
	for _, c := range e.crowds {
		sum.merge(e.at(i, c))
	}
	return &sum
}

// crowd returns what a crowd's requests came to in all of so many phases.
func (e *evidence) crowd(name string, phases int) *counts {
	var sum counts
	for i := range phases {
		sum.merge(e.at(i, name))
	}
	return &sum
}

// all returns what all requests came to.
func (e *evidence) all(phases int) *counts {
	var sum counts
	for i := range phases {
		sum.merge(e.phase(i))
	}
	return &sum
}

// length is how long a run took, or, if it has no end, how far its record goes.
func length(r *runs.Run) time.Duration {
	if !r.Ended.IsZero() {
		return max(0, r.Ended.Sub(r.Began))
	}
	seconds := 0
	for i := range r.Tallies {
		seconds = max(seconds, r.Tallies[i].Second+1)
	}
	return time.Duration(min(seconds, math.MaxInt64/int(time.Second))) * time.Second
}

// lasted is how long a phase was played, of a run of that length.
func lasted(r *runs.Run, p *runs.Phase, length time.Duration) time.Duration {
	end := time.Duration(p.End)
	if partial(r) {
		end = min(end, length)
	}
	return max(0, end-time.Duration(p.Begin))
}

// partial reports whether a run may lack some of its schedule.
func partial(r *runs.Run) bool { return r.Aborted != "" || r.Ended.IsZero() }
