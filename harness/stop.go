package harness

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"gameday/runs"
	"gameday/scenarios"
	"gameday/targets"
)

// A guard watches a stop condition.
type guard struct {
	scenarios.Stop
	since time.Duration // when what ends the play began; negative: it has not
}

// newGuards are those of the configuration and of the scenario.
func (p *play) newGuards() []*guard {
	var all []*guard
	for _, conditions := range [][]scenarios.Stop{p.Safety.Stop, p.schedule.Scenario.Stop} {
		for _, c := range conditions {
			all = append(all, &guard{c, -1})
		}
	}
	return all
}

// met takes a value that was so at a time, or none if it is not known, and says
// whether the play is to end. What is not known changes nothing.
func (g *guard) met(now time.Duration, value float64, known bool) bool {
	switch {
	case !known:
	case !g.Ends(value):
		g.since = -1
	case g.since < 0:
		g.since = now
	}
	return g.since >= 0 && now-g.since >= g.For
}

// share is what a condition on the play looks at: of what came back lately, in
// percent, or the seconds that the play has lasted.
func (g *guard) share(now time.Duration, e *runs.Entry) (value float64, known bool) {
	if g.Measure == scenarios.Elapsed {
		return now.Seconds(), true
	}
	var all, failed uint64
	for i := range e.Tallies {
		all += e.Tallies[i].Offered
		failed += e.Tallies[i].Failures()
	}
	if all == 0 {
		return 0, false
	}
	errors := 100 * float64(failed) / float64(all)
	if g.Measure == scenarios.Errors {
		return errors, true
	}
	return 100 - errors, true
}

// guard looks at what the play came to lately, and aborts it if a condition is met.
func (p *play) guard(now time.Duration, e *runs.Entry, abort func(error)) {
	for _, g := range p.guards {
		if g.IsQuery() {
			continue
		}
		// Bad for so long is bad from the beginning of the first bad second.
		value, known := g.share(now, e)
		if known && g.since < 0 && g.Measure != scenarios.Elapsed {
			g.met(now-time.Second, value, known)
		}
		if g.met(now, value, known) {
			p.stop(g, abort)
		}
	}
}

// askGuards asks every second what the conditions with a query want to know, until
// ctx ends, and aborts the play if one is met.
func (p *play) askGuards(ctx context.Context, abort func(error)) {
	var all sync.WaitGroup
	for _, g := range p.guards {
		if !g.IsQuery() {
			continue
		}
		all.Go(func() {
			for sleep(ctx, time.Second) {
				value, known := p.inquire(ctx, g)
				if g.met(time.Since(p.start), value, known) {
					p.stop(g, abort)
					return
				}
			}
		})
	}
	all.Wait()
}

// stop aborts the play because of the first condition that is met.
func (p *play) stop(g *guard, abort func(error)) {
	if p.stopping.CompareAndSwap(false, true) {
		p.note(runs.MarkStop, "", g.String())
		abort(errStopped{g.String()})
	}
}

// inquire asks a Prometheus. Of several values, one that ends the play counts.
func (p *play) inquire(ctx context.Context, g *guard) (value float64, known bool) {
	ctx, enough := context.WithTimeout(ctx, 2*time.Second)
	defer enough()
	of := targets.Target{Name: "stop", URL: g.URL, Dialect: targets.DialectHTTP, Identity: []targets.Source{
		{Kind: "stop", URL: g.URL, Query: g.Query, Token: g.Token, CA: g.CA},
	}}
	for _, text := range of.Sample(ctx, targets.Sampling{Agent: p.agent, Times: 1}).Sets["stop"] {
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			continue
		}
		if value, known = v, true; g.Ends(v) {
			return v, true
		}
	}
	return value, known
}

// errStopped is why a play ended that a stop condition has ended.
type errStopped struct{ condition string }

func (e errStopped) Error() string { return fmt.Sprintf("the stop condition %q was met", e.condition) }
