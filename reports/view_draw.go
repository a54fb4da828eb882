package reports

import (
	"time"

	"gameday/runs"
)

// A drawing is the columns of a View, kept while a run grows: only bins that
// changed are drawn anew. It is not safe for concurrent use.
type drawing struct {
	*bins
	series []viewSeries // of all bins
	rows   []heatRow    // of all bins
}

func newDrawing(r *runs.Run) *drawing {
	d := &drawing{bins: newBins(r)}
	n := len(d.cells)
	d.rows = make([]heatRow, n)
	d.series = make([]viewSeries, len(d.lines))
	for i := range d.series {
		s := &d.series[i]
		s.Crowd, s.Action = clean(d.lines[i].crowd), clean(d.lines[i].action)
		for _, c := range s.counts() {
			*c = make(tallied, n)
		}
		for _, c := range s.times() {
			*c = make(amounts, n)
			for bin := range *c {
				(*c)[bin] = float64(missing)
			}
		}
	}
	return d
}

// counts and times are the columns of a series.
func (s *viewSeries) counts() []*tallied {
	return []*tallied{&s.Offered, &s.Good, &s.Failed, &s.Attempts, &s.Held, &s.Late, &s.Waited}
}

func (s *viewSeries) times() []*amounts {
	return []*amounts{&s.P50, &s.P99, &s.P999, &s.Service50, &s.Service99, &s.Lag}
}

// add adds tallies and returns the bins that changed, in rising order.
func (d *drawing) add(tallies []runs.Tally) []int {
	changed := d.bins.add(tallies)
	for _, bin := range changed {
		for i := range d.lines {
			t := d.of(&d.lines[i], bin)
			all := totalsOf(&t)
			s := &d.series[i]
			for c, n := range all.counts() {
				(*s.counts()[c])[bin] = n
			}
			for c, v := range all.times() {
				(*s.times()[c])[bin] = float64(v)
			}
			if i == 0 {
				d.rows[bin] = heatOf(&t.Response)
			}
		}
	}
	return changed
}

// counts and times are in the order of the columns of a series.
func (t *viewTotals) counts() [7]uint64 {
	return [...]uint64{t.Offered, t.Good, t.Failed, t.Attempts, t.Held, t.Late, t.Waited}
}

func (t *viewTotals) times() [6]amount {
	return [...]amount{t.P50, t.P99, t.P999, t.Service50, t.Service99, t.Lag}
}

func totalsOf(t *runs.Tally) viewTotals {
	v := viewTotals{
		Offered: t.Offered, Good: t.Good, Failed: t.Failures(), Attempts: t.Attempts, Held: t.Held, Late: t.Late, Waited: t.Waited,
		P50: rankOf(t, 0.5), P99: rankOf(t, 0.99), P999: rankOf(t, 0.999), Lag: missing,
	}
	service := sent(t)
	v.Service50, v.Service99 = rankOf(service, 0.5), rankOf(service, 0.99)
	if t.Offered > 0 {
		v.Lag = inSeconds(time.Duration(t.MaxLag))
	}
	return v
}

// rankOf is a quantile of all requests of a tally, or missing if the request of
// that rank failed.
func rankOf(t *runs.Tally, q float64) amount {
	d, answered := t.Quantile(q)
	if !answered {
		return missing
	}
	return inSeconds(d)
}

// draw puts the columns into a View: of the given bins only, or of all that are
// known if there are none given. The View shares nothing with the drawing.
func (d *drawing) draw(v *View, only []int) {
	v.Step, v.Lasts, v.Bins = d.step, amount(d.length), only
	v.Series = make([]viewSeries, len(d.series))
	for i := range d.series {
		from, to := &d.series[i], &v.Series[i]
		to.Crowd, to.Action = from.Crowd, from.Action
		all := d.lines[i].sum(d.all)
		to.All = totalsOf(&all)
		for c, column := range from.counts() {
			*to.counts()[c] = pick(*column, only, d.last)
		}
		for c, column := range from.times() {
			*to.times()[c] = pick(*column, only, d.last)
		}
	}
	v.Heat = viewHeat{Rows: pick(d.rows, only, d.last)}
	v.Heat.First, v.Heat.Bounds = heatBounds(d.rows)
	d.drawCauses(v, only)
}

// pick copies some values of a column, or all of the known.
func pick[C ~[]V, V any](column C, only []int, known int) C {
	if only == nil {
		return append(C{}, column[:known]...)
	}
	some := make(C, len(only))
	for i, bin := range only {
		some[i] = column[bin]
	}
	return some
}
