package runs

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// storms are nights of many kinds, by name.
func storms(t testing.TB) map[string]*Run {
	all := map[string]*Run{}
	for _, c := range recoveryCases {
		night := c.night
		if c.after != nil {
			night = stormCase{spells: append([]spell{calm, down}, c.after...), marks: fault("store-down", 40, 50)}
		}
		r := storm(t, night)
		if c.tweak != nil {
			c.tweak(r)
		}
		all[c.name] = r
	}
	all["confirmed"] = storm(t, stormCase{
		spells: []spell{calm, down, broken, {seconds: 30, good: 100, held: 80}, fine},
		marks:  append(fault("f", 40, 50), Mark{At: seconds(110), Kind: MarkIntervention}, Mark{At: seconds(140), Kind: MarkRestored}),
	})
	return all
}

// copied is a run that can be changed without the other.
func copied(r *Run) *Run {
	c := *r
	c.Tallies, c.Marks, c.Phases = slices.Clone(r.Tallies), slices.Clone(r.Marks), slices.Clone(r.Phases)
	for i := range c.Phases {
		c.Phases[i].Due = maps.Clone(c.Phases[i].Due)
	}
	return &c
}

// Tallies that are counted by many, and added in any order, come to the same.
func TestRecoveryOfAnyGrouping(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for name, r := range storms(t) {
		Judge(r)
		var parts []Tally
		for _, whole := range r.Tallies {
			one := whole // one worker took the answered, another the rest
			rest := Tally{Phase: whole.Phase, Second: whole.Second, Crowd: whole.Crowd, Action: whole.Action, Failed: whole.Failed}
			one.Failed = nil
			one.Offered, rest.Offered = whole.Response.Count(), whole.Offered-whole.Response.Count()
			one.Attempts, rest.Attempts = whole.Attempts/3, whole.Attempts-whole.Attempts/3
			one.Held, rest.Held = whole.Held/2, whole.Held-whole.Held/2
			parts = append(parts, one, rest)
		}
		rng.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		again := copied(r)
		again.Tallies = nil
		for chunk := range slices.Chunk(parts, 7) {
			again.Add(&Entry{Tallies: chunk})
		}
		rng.Shuffle(len(again.Marks), func(i, j int) {
			if again.Marks[i].At != again.Marks[j].At {
				again.Marks[i], again.Marks[j] = again.Marks[j], again.Marks[i]
			}
		})
		rng.Shuffle(len(again.Tallies), func(i, j int) { again.Tallies[i], again.Tallies[j] = again.Tallies[j], again.Tallies[i] })
		if Judge(again); text(t, again.Recovery) != text(t, r.Recovery) {
			t.Errorf("%s: grouped otherwise it is\n%s\nwant\n%s", name, text(t, again.Recovery), text(t, r.Recovery))
		}
	}
}

// claims are what a verdict claims for a service: what is taken out of a record
// must not add to it.
func claims(o Outcome) int {
	switch o {
	case Recovered:
		return 3
	case Slow:
		return 2
	case Degraded, Draining, MetastableConfirmed:
		return 1
	}
	return 0
}

// Whatever is taken out of a record, no verdict looks better for it.
func TestLessDataNeverLooksBetter(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for name, whole := range storms(t) {
		Judge(whole)
		before := whole.Recovery[0]
		check := func(what string, cut func(*Run)) {
			t.Helper()
			r := copied(whole)
			cut(r)
			Judge(r)
			for _, rec := range r.Recovery {
				if rec.Trigger.Name == before.Trigger.Name && claims(rec.Verdict) > claims(before.Verdict) {
					t.Errorf("%s, %s: from %s (%s) to %s (%s)", name, what, before.Verdict, before.Why, rec.Verdict, rec.Why)
				}
			}
		}
		for range 6 {
			i := rng.IntN(len(whole.Tallies))
			check("without a second", func(r *Run) { r.Tallies = slices.Delete(r.Tallies, i, i+1) })
			check("cut off", func(r *Run) { r.Tallies = r.Tallies[:i] })
			check("only the end", func(r *Run) { r.Tallies = r.Tallies[i:] })
		}
		for i := range whole.Marks {
			check("without the mark "+whole.Marks[i].Kind, func(r *Run) { r.Marks = slices.Delete(r.Marks, i, i+1) })
			check("marks cut off", func(r *Run) { r.Marks = r.Marks[:i] })
		}
		for i := range whole.Phases {
			check("without due", func(r *Run) { r.Phases[i].Due = nil })
			check("without due", func(r *Run) { delete(r.Phases[i].Due, "people") })
		}
		check("without attempts", func(r *Run) {
			for i := range r.Tallies {
				r.Tallies[i].Attempts = 0
			}
		})
		check("without an end", func(r *Run) { r.Ended = time.Time{} })
	}
}

// Nothing depends on when it happened.
func TestRecoveryShifts(t *testing.T) {
	for name, whole := range storms(t) {
		late := storm(t, stormCase{spells: []spell{{seconds: 17, good: 100, rate: 0.5}}})
		shift := seconds(17)
		for _, r := range []*Run{whole, late} { // the baseline keeps being that of the night
			s := *r.Scenario
			s.Phases = slices.Clone(s.Phases)
			s.Phases[0].Name, r.Phases[0].Name = "baseline", "baseline"
			r.Scenario = &s
		}
		late.Marks = nil
		late.Scenario.Phases[0].Name, late.Phases[0].Name = "before", "before"
		late.Scenario.Phases = append(late.Scenario.Phases, whole.Scenario.Phases...)
		late.Aborted, late.RecoveryRules = whole.Aborted, whole.RecoveryRules
		for _, p := range whole.Phases {
			p.Begin, p.End = p.Begin+shift, p.End+shift
			late.Phases = append(late.Phases, p)
		}
		for _, tally := range whole.Tallies {
			tally.Phase, tally.Second = tally.Phase+1, tally.Second+17
			late.Tallies = append(late.Tallies, tally)
		}
		for _, m := range whole.Marks {
			m.At += shift
			late.Marks = append(late.Marks, m)
		}
		Judge(whole)
		Judge(late)
		if len(late.Recovery) != len(whole.Recovery) {
			t.Fatalf("%s: %d triggers, and %d later", name, len(whole.Recovery), len(late.Recovery))
		}
		for i := range late.Recovery {
			a, b := &whole.Recovery[i], &late.Recovery[i]
			for _, at := range []*Span{b.Trigger.Seen, b.Trigger.Until, b.Trigger.Clear, &b.Trigger.From} {
				if at != nil {
					*at -= shift
				}
			}
			if a.Verdict == Aborted {
				a.Why, b.Why = "", "" // it says when
			}
			if text(t, a) != text(t, b) {
				t.Errorf("%s: later it is\n%s\nwant\n%s", name, text(t, b), text(t, a))
			}
		}
	}
}

// Of many times as many requests, all ratios and times are the same.
func TestRecoveryScales(t *testing.T) {
	for name, r := range storms(t) {
		large := copied(r)
		for i := range large.Tallies {
			for range 6 {
				one := large.Tallies[i]
				one.Failed = maps.Clone(one.Failed)
				large.Tallies[i].Failed = maps.Clone(one.Failed)
				large.Tallies[i].Merge(&one)
			}
			large.Tallies[i].Late = r.Tallies[i].Late * 64
		}
		for i := range large.Phases {
			large.Phases[i].Due["people"] *= 64
		}
		if r.RecoveryRules != nil {
			rules := *r.RecoveryRules
			rules.Capacity *= 64
			large.RecoveryRules = &rules
		}
		Judge(r)
		Judge(large)
		for i := range r.Recovery {
			a, b := r.Recovery[i], large.Recovery[i]
			if a.Verdict != b.Verdict {
				t.Errorf("%s: %s (%s) becomes %s (%s)", name, a.Verdict, a.Why, b.Verdict, b.Why)
			}
			b.Rate.Value /= 64
			b.Capacity.Value /= 64
			for k, f := range a.Figures() {
				if g := b.Figures()[k]; f.Is != g.Is || math.Abs(f.Value-g.Value) > 1e-4*max(1, math.Abs(f.Value)) {
					t.Errorf("%s: figure %d is %+v, of 64 times as many %+v", name, k, *f, *g)
				}
			}
		}
	}
}

// A bin is whole seconds that follow each other, none twice and none left out.
func TestBins(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 300 {
		s := make(series, 1+rng.IntN(40))
		p := &plan{rates: make([]float64, len(s))}
		var sum uint64
		for i := range s {
			s[i].offered = uint64(rng.IntN(30) * rng.IntN(2))
			sum += s[i].offered
			p.rates[i] = 7
		}
		all := s.bins(p, -3, len(s)+3, 20)
		at, got := 0, uint64(0)
		for _, b := range all {
			if b.from != at || b.until <= b.from || b.offered < 20 || math.Abs(b.planned-7) > 1e-9 {
				t.Fatalf("a bin %+v behind %d", b, at)
			}
			at, got = b.until, got+b.offered
		}
		if len(all) > 0 && (got != sum || at != len(s)) || len(all) == 0 && sum >= 20 {
			t.Fatalf("%d of %d requests in %d bins up to %d of %d: %s", got, sum, len(all), at, len(s), fmt.Sprint(s))
		}
	}
}
