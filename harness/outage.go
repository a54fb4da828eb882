package harness

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"gameday/faults"
	"gameday/runs"
	"gameday/scenarios"
)

const (
	// confirmPatience is how long it is looked for whether a fault bites, and
	// clearPatience whether it is gone.
	confirmPatience = 5 * time.Second
	clearPatience   = 10 * time.Second
	// toggleEvery is how often it is looked whether somebody wants all whole.
	toggleEvery = 100 * time.Millisecond
)

// breakable refuses a scenario with faults where nothing can be broken.
func (h *Harness) breakable(s *scenarios.Scenario) error {
	if len(s.Faults) > 0 && h.Keeper == nil {
		return fmt.Errorf("scenario %s has faults, and nothing of this target can be broken", s.Name)
	}
	return nil
}

// An outage is one fault in force for a while.
type outage struct {
	scenarios.FaultSpan
	mended chan struct{} // closed when it is over, for those that break the same
}

// breaks puts in force what the scenario says, on the clock of the load, until ctx
// ends. It returns when all is mended, however it ends, and calls fail when
// something cannot be broken.
func (p *play) breaks(ctx context.Context, fail func(error)) {
	var all sync.WaitGroup
	var before []*outage
	for _, span := range p.schedule.Scenario.FaultPlan() {
		o := &outage{span, make(chan struct{})}
		first := slices.Clone(before)
		before = append(before, o)
		all.Go(func() {
			defer close(o.mended)
			for _, other := range first {
				if other.Until <= o.From && o.sharesPlace(other) {
					<-other.mended
				}
			}
			if err := p.outage(ctx, o); err != nil && ctx.Err() == nil {
				fail(err)
			}
		})
	}
	all.Wait()
}

func (o *outage) sharesPlace(other *outage) bool {
	return o.Fault.Name == other.Fault.Name || o.Fault.Overlaps(other.Fault) != ""
}

// outage holds one fault in force for its time, but for when somebody wants all
// whole.
func (p *play) outage(ctx context.Context, o *outage) error {
	if !sleep(ctx, time.Until(p.start.Add(o.From))) {
		return nil
	}
	until, over := context.WithDeadline(ctx, p.start.Add(o.Until))
	defer over()
	for until.Err() == nil {
		if p.wholeWanted() {
			sleep(until, toggleEvery)
			continue
		}
		err := p.hold(until, o.Fault)
		if err := errors.Join(err, p.mend(o.Fault)); err != nil {
			return err
		}
	}
	return nil
}

func (p *play) wholeWanted() bool { return p.Whole != nil && p.Whole.Load() }

// hold injects a fault and looks whether it bites, and returns when ctx ends or
// somebody wants all whole.
func (p *play) hold(ctx context.Context, f faults.Fault) error {
	at := time.Since(p.start)
	if err := p.Keeper.Keep(ctx, f); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	p.noteAt(at, runs.MarkInjected, f.Name, faultText(f))
	look, enough := context.WithTimeout(ctx, confirmPatience)
	err := p.Keeper.Await(look, f.Name, true)
	enough()
	if err == nil {
		p.note(runs.MarkConfirmed, f.Name, "it was seen to bite")
	}
	for ctx.Err() == nil && !p.wholeWanted() {
		if p.Whole == nil {
			<-ctx.Done()
		} else {
			sleep(ctx, toggleEvery)
		}
	}
	return nil
}

// mend takes a fault back and looks whether it is gone, whatever has ended.
func (p *play) mend(f faults.Fault) error {
	reach, counted := p.Keeper.Reach(f.Name)
	if err := p.Keeper.Mend(f.Name); err != nil {
		return err
	}
	text := "it was taken back"
	if counted {
		text += fmt.Sprintf("; of %d connections it had touched %d, and %d bytes", reach.Connections, reach.Hit, reach.Bytes)
	}
	p.note(runs.MarkMended, f.Name, text)
	look, enough := context.WithTimeout(context.Background(), clearPatience)
	defer enough()
	if err := p.Keeper.Await(look, f.Name, false); err != nil {
		return nil // the record has no mark of it, and so is inconclusive
	}
	p.note(runs.MarkClear, f.Name, "it was seen to be gone")
	return nil
}

// faultText says what a fault is, in a few words.
func faultText(f faults.Fault) string {
	text := f.Kind
	for _, word := range []string{f.Toxic, f.Do} {
		if word != "" {
			text += " " + word
		}
	}
	if f.On != "" {
		text += " on " + f.On
	}
	return text
}
