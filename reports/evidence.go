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
	cells  map[cell]*runs.Tally
}

// A cell is one crowd in one phase.
type cell struct {
	phase int
	crowd string
}

func gather(r *runs.Run) *evidence {
	e := &evidence{cells: map[cell]*runs.Tally{}}
	if r.Scenario != nil {
		for _, c := range r.Scenario.Crowds {
			e.crowds = append(e.crowds, c.Name)
		}
	}
	known := len(e.crowds)
	for i := range r.Tallies {
		t := &r.Tallies[i]
		at := cell{t.Phase, t.Crowd}
		if e.cells[at] == nil {
			e.cells[at] = &runs.Tally{}
			if !slices.Contains(e.crowds, t.Crowd) {
				e.crowds = append(e.crowds, t.Crowd)
			}
		}
		e.cells[at].Merge(t)
	}
	slices.Sort(e.crowds[known:])
	return e
}

// at returns what a crowd's requests came to in a phase.
func (e *evidence) at(phase int, crowd string) *runs.Tally {
	if t := e.cells[cell{phase, crowd}]; t != nil {
		return t
	}
	return &runs.Tally{}
}

// phase returns what the requests of all crowds came to in a phase.
func (e *evidence) phase(i int) *runs.Tally {
	var sum runs.Tally
	for _, c := range e.crowds {
		sum.Merge(e.at(i, c))
	}
	return &sum
}

// crowd returns what a crowd's requests came to in all of so many phases.
func (e *evidence) crowd(name string, phases int) *runs.Tally {
	var sum runs.Tally
	for i := range phases {
		sum.Merge(e.at(i, name))
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
