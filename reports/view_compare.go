package reports

import (
	"cmp"
	"math"
	"slices"
	"time"

	"gameday/runs"
)

// A viewComparison is what became of the service since another run, the base.
type viewComparison struct {
	First   bool   `json:"first"`   // the page is about this; otherwise about the run
	Verdict string `json:"verdict"` // pass, fail or unclear
	Word    string `json:"word"`    // better, same, worse or cannot be told
	Why     string `json:"why"`

	Base    string       `json:"base"` // the two runs in a line each
	Head    string       `json:"head"`
	Matters string       `json:"matters"`           // which differences matter
	Differs []string     `json:"differs,omitempty"` // why the runs cannot be compared
	Notes   []string     `json:"notes,omitempty"`   // what else is not the same
	Rows    []viewChange `json:"rows,omitempty"`    // worse, cannot be told, better, same
	More    int          `json:"more,omitempty"`    // rows that are not shown
}

// A viewChange is one measure of one subject in both runs, in words and as numbers
// to draw: in units of the smallest difference that matters, where more is worse.
type viewChange struct {
	Verdict string `json:"verdict"`          // worse, cannot be told, better or same
	Main    bool   `json:"main,omitempty"`   // it is one of everybody in the whole run
	Needed  bool   `json:"needed,omitempty"` // it keeps the comparison from passing
	Of      string `json:"of"`
	Measure string `json:"measure"`
	Base    string `json:"base"`
	Head    string `json:"head"`
	Change  string `json:"change"`
	Likely  string `json:"likely,omitempty"`
	Why     string `json:"why"`
	By      amount `json:"by"` // null: there is nothing to draw
	Low     amount `json:"low"`
	High    amount `json:"high"`
}

// A viewBase is what came of everybody's requests in the base, in the bins of the
// run that is shown.
type viewBase struct {
	Offered tallied `json:"offered"`
	Good    tallied `json:"good"`
	P50     amounts `json:"p50"`
	P99     amounts `json:"p99"`
}

// compared puts a comparison with a base into the View of the head.
func (v *View) compared(base *runs.Run, c *runs.Comparison, first bool) {
	v.Comparison = comparisonOf(c, first)
	if len(c.Differs) > 0 {
		return // what is drawn behind each other would be believed
	}
	d := newDrawing(base)
	d.lines, d.series = d.lines[:1], d.series[:1]
	d.add(base.Tallies)
	if s := &d.series[0]; d.step == v.Step {
		v.Base = &viewBase{s.Offered[:d.last], s.Good[:d.last], s.P50[:d.last], s.P99[:d.last]}
	}
}

func comparisonOf(c *runs.Comparison, first bool) *viewComparison {
	facts := compareFacts(c)
	v := &viewComparison{First: first, Verdict: known(c.Verdict).String(), Why: clean(c.Why), Base: short(facts[0].value), Head: short(facts[1].value), Matters: facts[2].value}
	for _, d := range c.Differs {
		v.Differs = append(v.Differs, short(clean(d)))
	}
	for _, n := range c.Notes {
		v.Notes = append(v.Notes, short(clean(n)))
	}
	v.Word = wordOf(c)
	for i := range c.Rows {
		v.Rows = append(v.Rows, changeOf(&c.Rows[i], c.Tolerance))
	}
	order := map[string]int{runs.Worse.String(): 0, runs.CannotTell.String(): 2, runs.Better.String(): 3, runs.Same.String(): 4}
	place := func(r *viewChange) int {
		if r.Needed {
			return 1
		}
		return order[r.Verdict]
	}
	slices.SortStableFunc(v.Rows, func(a, b viewChange) int { return cmp.Compare(place(&a), place(&b)) })
	v.More = max(0, len(v.Rows)-mostChanges)
	v.Rows = v.Rows[:len(v.Rows)-v.More]
	return v
}

// mostChanges are as many rows of a comparison as a page shows.
const mostChanges = 1000

// wordOf is a comparison in a word. Better is what got better of everybody in the
// whole run, while nothing got worse.
func wordOf(c *runs.Comparison) string {
	switch c.Verdict {
	case runs.Fail:
		return runs.Worse.String()
	case runs.Pass:
		for i := range c.Rows {
			if r := &c.Rows[i]; r.Verdict == runs.Better && isMain(r) {
				return runs.Better.String()
			}
		}
		return runs.Same.String()
	}
	return runs.CannotTell.String()
}

// isMain reports whether a row is of everybody in the whole run.
func isMain(r *runs.Row) bool { return r.Phase == "" && r.Action == "" && r.Trigger == "" }

func changeOf(r *runs.Row, t runs.Tolerance) viewChange {
	cells := rowCells(r)
	v := viewChange{
		Verdict: r.Verdict.String(), Main: isMain(r), Needed: r.Verdict == runs.CannotTell && r.Needed && !r.NotWorse,
		Of: rowGroup(r), Measure: cells[0], Base: cells[1], Head: cells[2], Change: cells[3], Why: short(clean(r.Why)),
		By: missing, Low: missing, High: missing,
	}
	if r.Low.Is != runs.Exact || r.High.Is != runs.Exact || r.Change.Is != runs.Exact {
		return v
	}
	v.Likely = cells[4]
	unit := mattersOf(r, t)
	scaled := func(f runs.Figure) amount {
		by := f.Value
		if !isShare(r) {
			by = math.Log1p(max(by, -1+1e-9))
		}
		return amount(by / unit)
	}
	v.By, v.Low, v.High = scaled(r.Change), scaled(r.Low), scaled(r.High)
	if r.Measure == "goodput" {
		v.By, v.Low, v.High = -v.By, -v.High, -v.Low
	}
	return v
}

// mattersOf is the smallest difference that matters in a row: of a share, or of the
// natural logarithm of a time, as [runs.Tolerance] has it.
func mattersOf(r *runs.Row, t runs.Tolerance) float64 {
	if isShare(r) {
		return t.Share
	}
	mean := math.Sqrt(max(r.Base.Value, 1e-9) * max(r.Head.Value, 1e-9))
	return max(math.Log1p(t.Relative), 2*math.Asinh(time.Duration(t.Least).Seconds()/2/mean))
}
