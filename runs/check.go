package runs

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"gameday/scenarios"
)

// check refuses records that this package could not have written.
func (r *Run) check() error {
	if err := r.checkHead(); err != nil {
		return err
	}
	if len(r.Phases) != len(r.Scenario.Phases) {
		return fmt.Errorf("the record has %d phases, its scenario %d", len(r.Phases), len(r.Scenario.Phases))
	}
	if found := r.Scenario.Validate("the record's scenario"); len(found) > 0 {
		return found
	}
	if err := r.checkPhases(); err != nil {
		return err
	}
	offered, err := r.checkTallies()
	if err != nil {
		return err
	}
	return cmp.Or(r.checkExamples(), r.checkLags(offered), r.checkWitness(), r.RecoveryRules.check())
}

// checkPhases compares the phases with those of the scenario.
func (r *Run) checkPhases() error {
	var begin time.Duration
	for i, p := range r.Phases {
		want := r.Scenario.Phases[i]
		end := begin + want.For
		if p.Name != want.Name || time.Duration(p.Begin) != begin || time.Duration(p.End) != end {
			return fmt.Errorf("phases[%d] is not laid out as in the scenario", i)
		}
		for crowd := range p.Due {
			if r.Scenario.Crowd(crowd) < 0 {
				return fmt.Errorf("phases[%d].due: the scenario has no crowd %q", i, crowd)
			}
		}
		begin = end
	}
	return nil
}

// checkTallies returns the requests by phase and crowd. Together they are few
// enough to be added without an overflow.
func (r *Run) checkTallies() (offered map[Key]uint64, err error) {
	known := map[Key]bool{}
	for _, c := range r.Scenario.Crowds {
		for _, a := range c.Do {
			known[Key{Crowd: c.Name, Action: a.Name}] = true
		}
	}
	offered = map[Key]uint64{}
	twice := map[Key]bool{}
	var all uint64
	for i := range r.Tallies {
		t := &r.Tallies[i]
		switch {
		case !known[Key{Crowd: t.Crowd, Action: t.Action}]:
			return nil, fmt.Errorf("tallies[%d]: the scenario has no crowd %q that does %q", i, t.Crowd, t.Action)
		case !t.within(r.Phases) || !t.plausible():
			return nil, fmt.Errorf("tallies[%d] does not add up", i)
		case twice[t.Key()]:
			return nil, fmt.Errorf("tallies[%d] is of what another tally is of", i)
		}
		twice[t.Key()] = true
		offered[Key{Phase: t.Phase, Crowd: t.Crowd}] += t.Offered
		if all += t.Offered + t.Held; all > largestCount {
			return nil, errors.New("the record holds more than 2^53 requests")
		}
	}
	return offered, nil
}

// within reports whether the second of a tally lies in its phase.
func (t *Tally) within(phases []Phase) bool {
	if t.Phase < 0 || t.Phase >= len(phases) || t.Second < 0 || t.Second > int(scenarios.MaxDuration/time.Second) {
		return false
	}
	p, begin := phases[t.Phase], Span(t.Second)*Span(time.Second)
	return begin < p.End && begin+Span(time.Second) > p.Begin
}

// plausible reports whether the counts of a tally can be of the same requests.
func (t *Tally) plausible() bool {
	for _, n := range t.Failed {
		if n > largestCount {
			return false
		}
	}
	answered := t.Response.Count()
	return t.Offered <= largestCount && t.Attempts <= largestCount && t.Held <= largestCount &&
		t.Offered == answered+t.Failures() && t.Service.Count() == answered &&
		t.Good <= answered && t.Late <= t.Offered && t.Waited <= t.Offered-t.Late
}

// checkExamples holds examples against what Add keeps.
func (r *Run) checkExamples() error {
	for i, e := range r.Examples {
		switch {
		case i > 0 && r.Examples[i-1].Cause >= e.Cause:
			return fmt.Errorf("examples[%d] is not behind the one before, in order of cause", i)
		case e.Says != Line(e.Says):
			return fmt.Errorf("examples[%d].says is not one line of at most %d bytes that can be printed", i, maxSays)
		}
	}
	return nil
}

// checkLags compares the lags with the requests, by phase and crowd.
func (r *Run) checkLags(offered map[Key]uint64) error {
	twice := map[Key]bool{}
	for i := range r.Generator.Lags {
		l := &r.Generator.Lags[i]
		key := Key{Phase: l.Phase, Crowd: l.Crowd}
		if twice[key] {
			return fmt.Errorf("generator.lags[%d] is of what another is of", i)
		}
		twice[key] = true
		if n := l.Lag.Count(); n > offered[key] {
			return fmt.Errorf("generator.lags[%d] is of %d requests; the tallies hold %d", i, n, offered[key])
		}
	}
	return nil
}

// checkWitness compares what the witness saw with what it posted.
func (r *Run) checkWitness() error {
	w := &r.Witness
	var fresh dense
	for i := range w.Fresh[:min(len(w.Fresh), len(r.Phases))] {
		fresh.add(&w.Fresh[i])
	}
	if w.Seen > w.Posts || fresh.count > w.Posts || len(w.Fresh) > len(r.Phases) || uint64(len(w.Lies)) > w.Lied {
		return errors.New("witness does not add up")
	}
	return nil
}
