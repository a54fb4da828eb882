package runs

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"gameday/freeze"
)

// A Comparison is what became of a service from one run, the base, to another of
// the same scenario, the head.
type Comparison struct {
	Base      Side      `json:"base"`
	Head      Side      `json:"head"`
	Tolerance Tolerance `json:"tolerance"`

	// Verdict is fail if anything is worse, unclear if what is needed cannot be told,
	// otherwise pass. Why is the verdict in a sentence.
	Verdict Verdict `json:"verdict"`
	Why     string  `json:"why"`

	Differs []string `json:"differs"` // why the runs cannot be compared; then there are no rows
	Notes   []string `json:"notes"`   // what else is not the same
	Rows    []Row    `json:"rows"`    // the whole run, the phases, the recoveries
	Tested  int      `json:"tested"`  // rows that a difference by chance was reckoned with
}

// A Side is one of the two runs.
type Side struct {
	ID       string          `json:"id"`
	Scenario string          `json:"scenario"`
	Target   Target          `json:"target"`
	Identity freeze.Identity `json:"identity,omitempty"`
	Gameday  string          `json:"gameday"`
	Began    time.Time       `json:"began"`
	Verdict  Verdict         `json:"verdict"`
	Why      string          `json:"why"`
}

// A Row is one measure of one subject in both runs. Times are in seconds.
type Row struct {
	Phase   string `json:"phase"`             // empty: the whole run
	Action  string `json:"action"`            // empty: everybody's
	Trigger string `json:"trigger,omitempty"` // of a recovery: "spike touchdown"
	Measure string `json:"measure"`           // p50, p90, p99, p99.9, errors, goodput, recovers

	Base Figure `json:"base"`
	Head Figure `json:"head"`
	// Change is that of a time as a share of the base's, 0.1 for 10 % longer; that of
	// a share is the difference. It lies from Low to High in 19 of 20 cases.
	Change Figure `json:"change"`
	Low    Figure `json:"low"`
	High   Figure `json:"high"`
	// Chance is how probable it is that any row of a comparison of a service with
	// itself stands out as this does.
	Chance Figure `json:"chance"`

	Needed   bool   `json:"needed"` // unless it is NotWorse, the verdict is no pass
	NotWorse bool   `json:"not_worse"`
	Verdict  Change `json:"verdict"`
	Why      string `json:"why"` // in a sentence

	shift *shift // nil: not tested
	time  bool   // the shift is of logarithms
}

// Compare compares two judged runs. It looks at nothing but the records: the same
// two give the same comparison. It only reads them.
func Compare(base, head *Run, t Tolerance) *Comparison {
	c := &Comparison{Base: sideOf(base), Head: sideOf(head), Tolerance: t, Differs: []string{}, Notes: []string{}, Rows: []Row{}}
	if base.Scenario == nil || head.Scenario == nil || len(base.Phases) != len(base.Scenario.Phases) || len(head.Phases) != len(head.Scenario.Phases) {
		c.Differs = append(c.Differs, "a record does not hold the phases of its scenario")
	} else {
		c.Differs, c.Notes = differences(base, head)
	}
	if len(c.Differs) == 0 {
		c.Rows = subjectRows(base, head, t)
		c.Tested = correct(c.Rows)
		for i := range c.Rows {
			if r := &c.Rows[i]; r.shift != nil {
				r.decide(t, c.Tested)
			}
		}
		c.Rows = append(c.Rows, recoveryRows(base, head)...)
		for i := range c.Rows {
			r := &c.Rows[i]
			r.NotWorse = r.NotWorse || r.Verdict == Same || r.Verdict == Better
		}
	}
	c.Verdict, c.Why = c.conclude(base, head)
	return c
}

func sideOf(r *Run) Side {
	s := Side{ID: r.ID, Target: r.Target, Identity: r.Identity, Gameday: r.Gameday, Began: r.Began, Verdict: r.Verdict, Why: r.Why}
	if r.Scenario != nil {
		s.Scenario = r.Scenario.Name
	}
	return s
}

// conclude is the verdict that the rows come to, in a sentence.
func (c *Comparison) conclude(base, head *Run) (Verdict, string) {
	if len(c.Differs) > 0 {
		return Unclear, fmt.Sprintf("The runs cannot be compared: %s.", c.Differs[0])
	}
	var worse, untold []*Row
	told, better := 0, 0
	for i := range c.Rows {
		r := &c.Rows[i]
		switch r.Verdict {
		case Worse:
			worse = append(worse, r)
		case CannotTell:
			if r.Needed && !r.NotWorse {
				untold = append(untold, r)
			}
			continue
		case Better:
			better++
		}
		told++
	}
	switch {
	case len(worse) > 0:
		return Fail, fmt.Sprintf("%d of %s got worse, the first %s: %s", len(worse), plural(uint64(len(c.Rows)), "comparison"), worse[0].Title(), worse[0].Why)
	case base.Aborted != "" || base.Verdict == Unclear:
		return Unclear, "The base proves nothing by itself: " + cmp.Or(base.Why, "nobody has judged it.")
	case head.Aborted != "" || head.Verdict == Unclear:
		return Unclear, "The head proves nothing by itself: " + cmp.Or(head.Why, "nobody has judged it.")
	case len(untold) > 0:
		return Unclear, fmt.Sprintf("It cannot be told whether it got worse, %s: %s", untold[0].Title(), untold[0].Why)
	case told == 0:
		return Unclear, "Nothing was compared, so nothing was proved."
	}
	return Pass, fmt.Sprintf("Nothing got worse: of %s %d are the same, %d better, and %d cannot be told and are not needed.", plural(uint64(len(c.Rows)), "comparison"), told-better, better, len(c.Rows)-told)
}

// Title names a row in a sentence: p99 of everybody in the whole run.
func (r *Row) Title() string {
	where, who := "in the whole run", cmp.Or(r.Action, r.Trigger, "everybody")
	if r.Phase != "" {
		where = "in " + r.Phase
	}
	return fmt.Sprintf("%s of %s %s", r.Measure, who, where)
}

// subjectRows are those of everybody and of each action in the whole run, and in
// each phase.
func subjectRows(base, head *Run, t Tolerance) []Row {
	b, h := grouped(base), grouped(head)
	union := maps.Clone(b)
	maps.Copy(union, h)
	union[subject{wholeRun, ""}] = nil
	subjects := slices.SortedFunc(maps.Keys(union), subject.compare)
	doubts := doubtsOf(base, head)
	var rows []Row
	var memory persistence
	for _, s := range subjects {
		from, until, doubt := 0, base.seconds(), doubts.any()
		if s.phase != wholeRun {
			p := &base.Phases[s.phase]
			from, until, doubt = whole(p.Begin), int((p.End+Span(time.Second)-1)/Span(time.Second)), doubts[s.phase]
		}
		pair := pairOf(b[s], h[s], from, until)
		if s == (subject{wholeRun, ""}) {
			memory = pair.persistence()
		}
		rows = append(rows, pair.rows(s, base, cmp.Or(doubt, pair.doubt()), memory)...)
	}
	return rows
}

// seconds is how many seconds the schedule touches.
func (r *Run) seconds() int {
	if len(r.Phases) == 0 {
		return 0
	}
	return int((r.Phases[len(r.Phases)-1].End + Span(time.Second) - 1) / Span(time.Second))
}
