package runs

import (
	"cmp"
	"fmt"
	"math"
	"time"
)

const (
	fewestUnits = 10 // of time, without which nothing is told
	fewestSlow  = 10 // requests beyond a quantile, in each run
)

// phaseDoubts are why the rows of a phase say nothing; empty if they do.
type phaseDoubts []string

// doubtsOf are those about the generator, missing requests and a target that
// changed, in either run.
func doubtsOf(base, head *Run) phaseDoubts {
	all := make(phaseDoubts, len(base.Phases))
	for _, side := range []struct {
		name string
		run  *Run
	}{{"base", base}, {"head", head}} {
		for i, sums := range side.run.SumByPhase() {
			if why := cmp.Or(side.run.changed(), side.run.lacks(i, sums), heldBack(sums)); why != "" && all[i] == "" {
				all[i] = fmt.Sprintf("Of the %s, in %s: %s.", side.name, side.run.Phases[i].Name, why)
			}
		}
	}
	return all
}

// any is the first doubt.
func (d phaseDoubts) any() string { return cmp.Or(d...) }

// doubt says why nothing can be told of a pair; it is empty if something can.
func (p *pair) doubt() string {
	switch {
	case p.base.units < fewestUnits:
		return fmt.Sprintf("It lasted %s; %d are needed.", plural(uint64(p.base.units), "second"), fewestUnits)
	case p.base.offered[p.base.units] == 0:
		return "There are no requests of it in the base."
	case p.head.offered[p.head.units] == 0:
		return "There are no requests of it in the head."
	}
	return ""
}

// rows has a row for each measure of a pair.
func (p *pair) rows(of subject, base *Run, doubt string, memory persistence) []Row {
	out := make([]Row, measures)
	var shifts [measures]shift
	if doubt == "" {
		shifts = p.shifts(memory)
	}
	for i := range out {
		r := &out[i]
		*r = Row{Action: of.action, Measure: measureNames[i], time: i < atErrors}
		r.Needed = of == subject{wholeRun, ""} && i != atP90 && i != atP999
		if of.phase != wholeRun {
			r.Phase = base.Phases[of.phase].Name
		}
		why := doubt
		if why == "" && r.time {
			why = p.doubtTail(i, &shifts[i])
		}
		if why != "" {
			r.without(why)
			continue
		}
		r.shift = &shifts[i]
		r.fill()
	}
	return out
}

// doubtTail says why a quantile cannot be told; it is empty if it can.
func (p *pair) doubtTail(measure int, s *shift) string {
	beyond := 1 - compareQuantiles[measure]
	for _, side := range []struct {
		name string
		*sample
		answered bool
	}{{"base", p.base, s.baseAnswered}, {"head", p.head, s.headAnswered}} {
		n := side.offered[side.units]
		switch {
		case n*beyond*(1+1e-9) < fewestSlow:
			return fmt.Sprintf("The %s has %s; %.0f are needed.", side.name, plural(uint64(n), "request"), math.Ceil(fewestSlow/beyond-1e-6))
		case !side.answered:
			return fmt.Sprintf("In the %s the request of that rank failed.", side.name)
		case side.late > n*beyond/2:
			return fmt.Sprintf("Of the %s the generator sent %s over 10ms late, too many to tell the service's from its own.", side.name, plural(uint64(side.late), "request"))
		}
	}
	return ""
}

// without leaves a row without figures.
func (r *Row) without(why string) {
	r.Why = why
	for _, f := range []*Figure{&r.Base, &r.Head, &r.Change, &r.Low, &r.High, &r.Chance} {
		*f = unknown(why)
	}
}

// fill writes the figures of a row, but for what the others decide.
func (r *Row) fill() {
	s := r.shift
	low, high := s.interval()
	if r.time {
		r.Base, r.Head = seconds9(math.Exp(s.base)), seconds9(math.Exp(s.head))
		r.Change, r.Low, r.High = exact(math.Expm1(s.by)), exact(math.Expm1(low)), exact(math.Expm1(high))
		return
	}
	r.Base, r.Head = exact(s.base), exact(s.head)
	r.Change, r.Low, r.High = exact(s.by), exact(max(low, -1)), exact(min(high, 1))
}

// seconds9 is a time to the nanosecond.
func seconds9(s float64) Figure { return Figure{Is: Exact, Value: math.Round(s*1e9) / 1e9} }

// beyond reports whether a shift matters, and which way is worse.
func (r *Row) beyond(t Tolerance, by float64) bool {
	if r.time {
		return t.beyond(by, math.Exp((r.shift.base+r.shift.head)/2))
	}
	return math.Abs(by) > t.Share
}

// decide says what came of a row that was tested, as one of so many.
func (r *Row) decide(t Tolerance, tested int) {
	s := r.shift
	low, high := s.interval()
	bad := s.by > 0 != (r.Measure == measureNames[atGoodput])
	stands := r.Chance.Value < chance
	switch {
	case stands && r.beyond(t, s.by) && bad:
		r.Verdict, r.Why = Worse, fmt.Sprintf("%s (%s).", r.says(s.by), r.between(low, high))
	case stands && r.beyond(t, s.by):
		r.Verdict, r.Why = Better, fmt.Sprintf("%s (%s).", r.says(s.by), r.between(low, high))
	case !r.beyond(t, low) && !r.beyond(t, high):
		r.Verdict, r.Why = Same, fmt.Sprintf("The difference does not matter (%s).", r.between(low, high))
	default:
		worst := high
		if r.Measure == measureNames[atGoodput] {
			worst = -low
		}
		r.NotWorse = worst <= 0 || !r.beyond(t, worst)
		r.Why = fmt.Sprintf("It may be anything from %s.", r.between(low, high))
		switch {
		case r.NotWorse:
			r.Why = fmt.Sprintf("It did not get worse, but may be better (%s).", r.between(low, high))
		case low > 0 || high < 0:
			r.Why = fmt.Sprintf("%s (%s), which may be chance, as one of %d.", r.says(s.by), r.between(low, high), tested)
		}
	}
}

// says is a shift as a clause.
func (r *Row) says(by float64) string {
	size, much := r.size(by)
	word := map[bool]string{true: "more", false: "less"}[by > 0]
	if r.time {
		word = map[bool]string{true: "longer", false: "shorter"}[by > 0]
		d := time.Duration(math.Abs(math.Exp(r.shift.head)-math.Exp(r.shift.base)) * 1e9)
		much = ", " + Short(d)
	}
	return fmt.Sprintf("%s %s%s", size, word, much)
}

// between is an interval.
func (r *Row) between(low, high float64) string {
	a, unit := r.signed(low)
	b, _ := r.signed(high)
	return fmt.Sprintf("%s to %s%s", a, b, unit)
}

func (r *Row) size(by float64) (text, unit string) {
	if r.time {
		return fmt.Sprintf("%.1f%%", math.Abs(math.Expm1(by))*100), ""
	}
	return fmt.Sprintf("%.3g", math.Abs(by)*100), " percentage points"
}

func (r *Row) signed(by float64) (text, unit string) {
	if r.time {
		v := math.Expm1(by) * 100
		if v > 1000 {
			return "over +1000%", ""
		}
		return fmt.Sprintf("%+.1f%%", v), ""
	}
	return fmt.Sprintf("%+.3g", by*100), " percentage points"
}
