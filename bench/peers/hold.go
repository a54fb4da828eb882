package main

import (
	"context"
	"fmt"
	"slices"
)

// A row is what was learned about one tool.
type row struct {
	tool    tool
	version string
	missing string // why the program is not to be had; empty: it was measured

	// beside is what wrk made a second just before and just after, in its closed
	// loop: how fast the host was then. Zero: it is not there.
	beside [2]float64

	rate     int     // the highest that was held; zero: none
	at       outcome // there; of a closed loop, at its own pace
	nextRate int     // the one above it, not held; zero: there is none
	next     outcome // there
	frozen   outcome // while the service stood still for a time
}

// measureAll installs all tools, then measures them one after the other.
func (b *bench) measureAll(ctx context.Context, s *shop, o *order) ([]row, error) {
	rows := make([]row, len(o.tools))
	paths := make([]string, len(o.tools))
	for i, t := range o.tools {
		rows[i].tool = t
		got, err := s.get(ctx, t.program)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil && t.program == gameday.program {
			return nil, err
		}
		if err != nil {
			rows[i].missing = err.Error()
			b.progress("%s: %s", t.name, rows[i].missing)
		}
		paths[i], rows[i].version = got.path, got.version
	}
	beside := func() (float64, error) { return 0, nil }
	if i := slices.IndexFunc(rows, func(r row) bool { return r.tool.name == wrk.name && r.missing == "" }); i >= 0 {
		beside = func() (float64, error) {
			o, err := b.try(ctx, &wrk, paths[i], load{lasts: o.plan.lasts})
			return o.perSecond(), err
		}
	}
	for i := range rows {
		r := &rows[i]
		if r.missing != "" {
			continue
		}
		var err error
		if r.beside[0], err = beside(); err == nil {
			err = b.measure(ctx, r, paths[i], o.plan)
		}
		if err == nil {
			r.beside[1], err = beside()
		}
		if err != nil {
			return nil, fmt.Errorf("measuring %s: %w", r.tool.name, err)
		}
	}
	return rows, nil
}

// measure finds the highest rate that a tool holds, and what it says of a service
// that stands still.
func (b *bench) measure(ctx context.Context, r *row, path string, p plan) error {
	if err := b.seek(ctx, r, path, p); err != nil {
		return err
	}
	b.progress("%s, %d/s, nginx stands still for %v", r.tool.name, p.freeze.rate, p.freeze.haltFor)
	frozen, err := b.try(ctx, &r.tool, path, p.freeze)
	if err != nil {
		return err
	}
	r.frozen = frozen
	b.progress("%s: %s", r.tool.name, frozen.says())
	return nil
}

// seek finds the highest rate that a tool holds, or how fast it goes if it knows
// no rate.
func (b *bench) seek(ctx context.Context, r *row, path string, p plan) error {
	if r.tool.loop == closed {
		at, err := b.repeat(ctx, &r.tool, path, load{lasts: p.lasts}, p.repetitions)
		r.at = at
		return err
	}
	at := make([]outcome, len(p.rates))
	best, err := top(len(p.rates), func(rung int) (bool, error) {
		l := load{rate: p.rates[rung], lasts: p.lasts}
		o, err := b.repeat(ctx, &r.tool, path, l, p.repetitions)
		at[rung] = o
		return o.held(), err
	})
	if err != nil {
		return err
	}
	if best >= 0 {
		r.rate, r.at = p.rates[best], at[best]
	}
	if best+1 < len(p.rates) {
		r.nextRate, r.next = p.rates[best+1], at[best+1]
	}
	return nil
}

// repeat runs a tool so many times and returns the outcome in the middle. It stops
// once that cannot be one that held.
func (b *bench) repeat(ctx context.Context, t *tool, path string, l load, times int) (outcome, error) {
	var all []outcome
	for missed := 0; len(all) < times && missed <= times/2; {
		o, err := b.try(ctx, t, path, l)
		if err != nil {
			return outcome{}, err
		}
		all = append(all, o)
		verdict := "held"
		if !o.held() {
			missed++
			verdict = "not held"
		}
		what := "as fast as it goes"
		if l.rate > 0 {
			what = thousands(uint64(l.rate)) + "/s"
		}
		b.progress("%s, %s, %d of %d: %s; %s", t.name, what, len(all), times, verdict, o.says())
	}
	return middle(all), nil
}
