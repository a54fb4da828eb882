package harness

import (
	"context"
	"slices"
	"time"

	"gameday/freeze"
	"gameday/runs"
	"gameday/targets"
)

const (
	// identityEvery is how often the target is asked in mid-play what it runs.
	identityEvery = 5 * time.Second
	// identityTimes is how often each source is asked at the start, so that a
	// balancer shows who stands behind it.
	identityTimes = 5
	// identityPatience is how long it is waited for in mid-play, and at the end.
	identityPatience = 2 * time.Second
)

// identify notes what the target runs as the play begins: what its sources say,
// and what it said by itself when it was opened.
func (p *play) identify(ctx context.Context, t targets.Target, opened map[string]string) {
	p.target = t
	p.run.Identity = freeze.Identity{}
	if p.Transport == nil {
		s := t.Sample(ctx, targets.Sampling{Agent: p.agent, Times: identityTimes})
		p.run.Identity = s.Sets
	}
	for kind, value := range opened {
		if len(p.run.Identity[kind]) == 0 {
			p.run.Identity.Add(kind, value)
		}
	}
}

// keepWatch asks the target now and then until ctx ends what it runs, and marks
// the first change. It is not asked over a transport of the caller's.
func (p *play) keepWatch(ctx context.Context) {
	if p.Transport != nil || len(p.target.Sources()) == 0 {
		return
	}
	tick := time.NewTicker(identityEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		if p.lookAgain(ctx) {
			return
		}
	}
}

// lookAgain asks once, and reports whether the target has changed. What it does
// not say is no change, nor is what it says while we break it ourselves.
func (p *play) lookAgain(ctx context.Context) bool {
	if len(p.inForce()) > 0 {
		return false
	}
	ctx, stop := context.WithTimeout(ctx, identityPatience)
	defer stop()
	s := p.target.Sample(ctx, targets.Sampling{Agent: p.agent, Times: 1})
	known := freeze.Identity{}
	for kind, was := range p.run.Identity {
		known[kind] = was
		// One of several that were seen at the start is no change.
		if is := s.Sets[kind]; len(is) > 0 && !within(is, was) {
			known[kind] = is
		}
	}
	text := freeze.Changed(p.run.Identity, known)
	if text == "" || len(p.inForce()) > 0 {
		return false
	}
	if !p.told.CompareAndSwap(false, true) {
		return true
	}
	p.note(runs.MarkChanged, "", text)
	return true
}

// within reports whether all of some values are among others.
func within(some, others []string) bool {
	for _, v := range some {
		if !slices.Contains(others, v) {
			return false
		}
	}
	return true
}
