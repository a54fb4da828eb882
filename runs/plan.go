package runs

import (
	"strings"
	"time"
)

// A plan is the load that was meant, from the scenario in the record.
type plan struct {
	rates    []float64 // in each second; see scenarios.Scenario.Planned
	baseline float64   // of the phase that is the baseline; 0: there is none
	from     Span      // when that phase begins
	end      Span      // of the schedule
}

// newPlan finds the baseline of a run: the phase of that name, or else the first
// that holds its load.
func newPlan(r *Run, rules *RecoveryRules) *plan {
	p := &plan{rates: r.Scenario.Planned()}
	if len(r.Phases) > 0 {
		p.end = min(r.Phases[len(r.Phases)-1].End, Span(len(p.rates))*Span(time.Second))
	}
	for i := range r.Phases {
		named := strings.EqualFold(r.Phases[i].Name, "baseline")
		if rate, steady := p.steady(&r.Phases[i], rules.Tolerance); steady && (named || p.baseline == 0) {
			p.baseline, p.from = rate, r.Phases[i].Begin
			if named {
				break
			}
		}
	}
	return p
}

// steady is the mean rate of a phase, and whether it is held throughout.
func (p *plan) steady(phase *Phase, tolerance float64) (float64, bool) {
	from, until := whole(phase.Begin), whole(phase.End)
	if from < 0 || until <= from || until > len(p.rates) {
		return 0, false
	}
	least, most, sum := p.rates[from], 0.0, 0.0
	for _, rate := range p.rates[from:until] {
		least, most, sum = min(least, rate), max(most, rate), sum+rate
	}
	return sum / float64(until-from), least > 0 && most <= least*(1+tolerance)
}

// at is the rate at a time.
func (p *plan) at(t Span) float64 {
	if i := whole(t); i >= 0 && i < len(p.rates) {
		return p.rates[i]
	}
	return 0
}

// spikes are the stretches behind the beginning of the baseline in which the load
// is above the baseline's and somewhere reaches a spike.
func (p *plan) spikes(r *Run, rules *RecoveryRules) []trigger {
	var all []trigger
	if p.baseline == 0 {
		return nil
	}
	above := p.baseline * (1 + rules.Tolerance)
	for i := whole(p.from); i < len(p.rates); i++ {
		if !(p.rates[i] > above) {
			continue
		}
		first, top := i, -1
		for ; i < len(p.rates) && p.rates[i] > above; i++ {
			if top < 0 && p.rates[i] >= rules.Spike*p.baseline {
				top = i
			}
		}
		if top < 0 {
			continue
		}
		t := trigger{Trigger: Trigger{Kind: Spike, Name: r.Phases[r.phaseAt(seconds(top))].Name, From: seconds(first)}}
		if until := seconds(i); until < p.end {
			t.Until, t.gone = &until, &until
		}
		all = append(all, t)
	}
	return all
}

// whole is the second in which a time lies.
func whole(t Span) int { return int(t / Span(time.Second)) }

func seconds(n int) Span { return Span(n) * Span(time.Second) }
