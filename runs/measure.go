package runs

import (
	"fmt"
	"time"
)

// measure takes every number of a recovery that the record gives.
func (c *course) measure(rec *Recovery, w *aftermath) {
	if why := c.unfit(w); why != "" {
		rec.without(why)
		return
	}
	rec.Baseline, rec.Rate, rec.Capacity = exact(c.goodput), exact(c.rate), c.capacity
	all := append(append([]bin{}, w.during...), w.after...)
	if len(all) == 0 {
		rec.without("there are no requests in the record from when it began")
		return
	}
	rec.Depth, rec.Detect = c.depth(all), c.detect(w, all)
	rec.Recover = c.recover(w)
	suffered := all
	if w.back >= 0 {
		suffered = suffered[:len(w.during)]
		for _, b := range w.after {
			if b.from < w.back {
				suffered = append(suffered, b)
			}
		}
	}
	c.losses(rec, w, suffered)
	rec.Asked = c.asked(w)
	rec.Drain, rec.DrainBy = c.drain(rec, w)
	rec.Collapse = c.collapse(w)
	c.underLoad(rec, w)
}

// without leaves all numbers unknown.
func (rec *Recovery) without(why string) {
	for _, f := range rec.Figures() {
		if f.Is == Unknown && f.Why == "" {
			*f = unknown(why)
		}
	}
}

// Figures are all numbers of a recovery, in the order of its fields.
func (rec *Recovery) Figures() []*Figure {
	return []*Figure{
		&rec.Baseline, &rec.Rate, &rec.Depth, &rec.Detect, &rec.Recover, &rec.Attempts, &rec.Capacity, &rec.Asked, &rec.Drain,
		&rec.DrainBy, &rec.Collapse, &rec.Deficit, &rec.Budget, &rec.Degraded, &rec.Shed, &rec.Plateau, &rec.Overloaded,
	}
}

// depth is how far goodput fell: Bruneau's robustness (2003), from above.
func (c *course) depth(all []bin) Figure {
	least := c.goodput
	for i := range all {
		least = min(least, all[i].share())
	}
	return exact(1 - least/c.goodput)
}

// detect is when goodput first fell below what counts as back.
func (c *course) detect(w *aftermath, all []bin) Figure {
	for i := range all {
		if all[i].share() < c.Back*c.goodput {
			return exact(max(0, float64(all[i].from)-time.Duration(w.From).Seconds()))
		}
	}
	return unknown("goodput never fell below what counts as back")
}

// recover is the time to recover from when all was clear.
func (c *course) recover(w *aftermath) Figure {
	switch {
	case w.Clear == nil:
		return unknown("it was never seen to be over")
	case w.back >= 0:
		return exact(max(0, float64(w.back)-w.clear))
	}
	return atLeast(max(0, float64(w.until)-w.clear), "then "+w.ends)
}

// losses are what was lost from the beginning until goodput was back.
func (c *course) losses(rec *Recovery, w *aftermath, suffered []bin) {
	sum, _ := totalOf(suffered)
	got := exact
	if w.back < 0 {
		got = func(v float64) Figure { return atLeast(v, "it was not back when the watch ended") }
	}
	var missing float64
	for i := range suffered {
		b := &suffered[i]
		missing += max(0, c.goodput*float64(b.offered)-float64(b.good))
	}
	rec.Deficit = got(missing / (c.goodput * c.rate))
	rec.Budget = unknown("an objective of 100% has no budget")
	if rec.SLO < 1 {
		window := time.Duration(c.BudgetFor).Seconds()
		rec.Budget = got(float64(sum.offered-min(sum.good, sum.offered)) / ((1 - rec.SLO) * c.rate * window))
	}
	rec.Attempts, rec.Degraded = unknown("nothing was due"), unknown("nothing was due")
	if sum.offered > 0 {
		rec.Attempts = c.attempts(&sum)
		rec.Degraded = exact(float64(sum.answered-min(sum.good, sum.answered)) / float64(sum.offered))
	}
	rec.Shed = unknown("nothing failed")
	if sum.failed > 0 {
		rec.Shed = exact(part(sum.refused, sum.failed))
	}
}

// attempts are the tries for each request.
func (c *course) attempts(sum *second) Figure {
	if sum.attempts < sum.answered {
		return unknown("the record does not count how often requests were tried")
	}
	return exact(part(sum.attempts, sum.offered))
}

// collapse is the goodput over the last bins of the watch, over the baseline's.
func (c *course) collapse(w *aftermath) Figure {
	var last second
	n := 0
	for i := len(w.after) - 1; i >= 0 && n < c.CollapseOver; i-- {
		if b := &w.after[i]; !c.easy(b) || b.share() < c.Back*c.goodput {
			last.add(&b.second)
			n++
		}
	}
	if last.offered == 0 {
		return unknown("the record holds too few requests of the baseline's load after it was over")
	}
	return exact(part(last.good, last.offered) / c.goodput)
}

// underLoad is how the service held out while it lasted.
func (c *course) underLoad(rec *Recovery, w *aftermath) {
	sum, length := totalOf(w.during)
	rec.Overloaded = unknown("it lasted less than a second")
	if before, lasted := totalOf(c.before); length > 0 && before.good > 0 {
		rec.Overloaded = exact(float64(sum.good) / length / (float64(before.good) / lasted))
	}
	rec.Plateau = unknown("the capacity is not known")
	if c.capacity.Is == Unknown {
		return
	}
	var over []bin
	for _, b := range w.during {
		if load := float64(b.offered) / b.length() / c.capacity.Value; load >= c.PlateauFrom && load <= c.PlateauTo {
			over = append(over, b)
		}
	}
	rec.Plateau = unknown(fmt.Sprintf("the load was never %v to %v times the capacity", c.PlateauFrom, c.PlateauTo))
	if sum, length := totalOf(over); length > 0 {
		rec.Plateau = exact(float64(sum.good) / length / c.capacity.Value)
	}
}
