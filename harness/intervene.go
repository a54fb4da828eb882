package harness

import (
	"fmt"
	"time"

	"gameday/runs"
)

// An intervention lowers the load of a service that is suspected not to come back
// by itself, once in a play, until what is left of it is served well: never for a
// fixed time, which proves nothing while the backlog is still there.
type intervention struct {
	began time.Duration // after the start; 0: it has not begun
	over  bool
}

// intervene looks at what is known by now, and lowers the load or brings it back.
// The play goes on with what it returns.
func (p *play) intervene(now time.Duration) {
	allowed, i := p.schedule.Scenario.Intervention, &p.intervention
	if allowed.Load == 0 || i.over || now >= p.schedule.Scenario.Duration() {
		return
	}
	// What was due later than this may still be tried.
	known := now - p.patience() - time.Second
	switch {
	case i.began == 0:
		why := p.run.Suspect(runs.Span(known))
		if why == "" {
			return
		}
		i.began = now
		p.gate.lower(allowed.Load)
		p.note(runs.MarkIntervention, "", fmt.Sprintf("load is lowered to %s until what is left is served well", runs.Percent(allowed.Load)))
	case p.run.Trickle(runs.Span(i.began), runs.Span(known)):
		p.restore("what was left was served well")
	case now-i.began >= allowed.Lasts():
		p.restore(fmt.Sprintf("even what was left was not served well within %s", runs.Short(allowed.Lasts())))
	}
}

// restore brings the load back.
func (p *play) restore(why string) {
	p.intervention.over = true
	p.gate.lower(1)
	p.note(runs.MarkRestored, "", "load is brought back: "+why)
}

// patience is how long the most patient crowd goes on with one request.
func (p *play) patience() time.Duration {
	var most time.Duration
	for i := range p.schedule.Scenario.Crowds {
		most = max(most, p.clients(i).Patience())
	}
	return most
}
