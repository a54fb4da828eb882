package reports

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"gameday/runs"
)

// Long lists are cut for the page as they are for Markdown: it is for people.
const (
	mostPromises = 500
	mostRows     = 200
	mostChars    = 400
)

// NewView makes the View of a run. It only reads r, and the same run always gives
// the same View.
func NewView(r *runs.Run) *View {
	d := newDrawing(r)
	d.add(r.Tallies)
	v := &View{Schema: ViewSchema, viewHead: headOf(r, d.bins)}
	d.draw(v, nil)
	v.addExamples(r)
	v.At = min(inSeconds(length(r)), v.Lasts)
	v.Verdict, v.Why = known(r.Verdict).String(), why(r)
	v.Promises, v.More = promisesOf(r)
	v.tell(r, bandsOf(r))
	v.Recovery = recoveriesOf(r)
	if len(v.Recovery) > 0 {
		v.Judged = "Judged by: " + ruleText(rulesOf(r))
	}
	v.Sections = sectionsOf(r)
	return v
}

// headOf is what is known of a run as it begins.
func headOf(r *runs.Run, b *bins) viewHead {
	h := viewHead{
		Name: name(r), ID: clean(r.ID), Began: instant(r.Began), Scale: r.Scale.String(), Seed: strconv.FormatUint(r.Seed, 10),
		Target: clean(target(r.Target)), Host: clean(host(r)), Gameday: clean(r.Gameday), DuringFreeze: clean(r.DuringFreeze),
		Command: command(r), Wanted: b.rates(r),
	}
	if s := r.Scenario; s != nil {
		h.Asks, h.Story, h.Source = clean(s.Asks), clean(s.Story), clean(s.Source)
	}
	for _, kind := range slices.Sorted(maps.Keys(r.Identity)) {
		h.Identity = append(h.Identity, [2]string{clean(kind), cmp.Or(clean(strings.Join(r.Identity[kind], "+")), "unknown")})
	}
	for _, p := range r.Phases {
		h.Phases = append(h.Phases, viewPhase{clean(p.Name), inSeconds(time.Duration(p.Begin)), inSeconds(time.Duration(p.End))})
	}
	return h
}

// instant writes when something was; nothing if it is not known.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// tell puts into the View what happened so far, but for what is drawn.
func (v *View) tell(r *runs.Run, bands []viewBand) {
	v.Aborted, v.Ended, v.Schedule = clean(r.Aborted), instant(r.Ended), clean(r.Schedule)
	v.Bands, v.Marks = bands, marksOf(r)
	v.Witness = witnessOf(&r.Witness)
	v.Generator = generatorOf(&r.Generator, &v.Series[0].All)
}

// promisesOf are what became of the promises, in the order of the report in text,
// and how many more there are.
func promisesOf(r *runs.Run) (all []viewPromise, more int) {
	rows := promiseSection(r, runs.Fail.String(), runs.Unclear.String(), runs.Pass.String()).table.rows
	for _, row := range rows[:min(len(rows), mostPromises)] {
		c := row.cells
		p := viewPromise{Verdict: row.group, Phase: c[0], Promise: c[1], Limit: c[2], Got: c[3], Why: short(c[4])}
		if p.Phase == "throughout" {
			p.Phase = ""
		}
		all = append(all, p)
	}
	return all, len(rows) - len(all)
}

// short cuts what is too long for a page.
func short(s string) string { return cut(s, mostChars) }

// rulesOf are the limits by which recoveries are judged.
func rulesOf(r *runs.Run) *runs.RecoveryRules {
	if r.RecoveryRules != nil {
		return r.RecoveryRules
	}
	return &runs.DefaultRules
}

// recoveriesOf tells of each recovery, with its numbers in words.
func recoveriesOf(r *runs.Run) []viewRecovery {
	var all []viewRecovery
	for i := range r.Recovery {
		rec := &r.Recovery[i]
		v := viewRecovery{
			Name: clean(rec.Trigger.Name), Kind: clean(rec.Trigger.Kind), Phase: clean(rec.Trigger.Phase), When: triggerTimes(&rec.Trigger),
			Verdict: rec.Verdict.String(), Why: clean(rec.Why),
		}
		for _, f := range figures(rec, rulesOf(r)) {
			n := viewNumber{Name: f.name, Text: f.value(), Explained: f.what}
			if f.Is != runs.Exact && f.Why != "" {
				n.Explained += " (" + clean(f.Why) + ")"
			}
			v.Numbers = append(v.Numbers, n)
		}
		all = append(all, v)
	}
	return all
}

func witnessOf(w *runs.Witness) *viewWitness {
	v := &viewWitness{Absent: clean(w.Absent), Posts: w.Posts, Seen: w.Seen, Failed: w.Failed, Lied: w.Lied}
	for _, lie := range w.Lies {
		v.Lies = append(v.Lies, short(clean(lie)))
	}
	var all runs.Histogram
	for i := range w.Fresh {
		all.Merge(&w.Fresh[i])
		v.Phases = append(v.Phases, spreadOf(&w.Fresh[i]))
	}
	v.Fresh = spreadOf(&all)
	return v
}

func spreadOf(h *runs.Histogram) viewSpread {
	if h.Count() == 0 {
		return viewSpread{P50: missing, P99: missing, P999: missing, Max: missing}
	}
	q := func(q float64) amount { return inSeconds(h.Quantile(q)) }
	return viewSpread{h.Count(), q(0.5), q(0.99), q(0.999), inSeconds(h.Max())}
}

func generatorOf(g *runs.Generator, all *viewTotals) *viewGenerator {
	var lag runs.Histogram
	for i := range g.Lags {
		lag.Merge(&g.Lags[i].Lag)
	}
	v := &viewGenerator{
		InFlightPeak: g.InFlightPeak, Late: all.Late, Waited: all.Waited, Lag: spreadOf(&lag),
		CPU: inSeconds(time.Duration(g.CPU)), CPUShare: amount(g.CPUShare), Starved: amount(g.Starved) / 10, StealShare: amount(g.StealShare),
		GCCount: g.GC.Count, GCTotal: inSeconds(time.Duration(g.GC.Total)), GCMax: inSeconds(time.Duration(g.GC.Max)), GCShare: amount(g.GC.CPUShare),
		MemoryPeak: g.MemoryPeak,
	}
	for _, n := range g.Notes[:min(len(g.Notes), mostRows)] {
		v.Notes = append(v.Notes, short(clean(n)))
	}
	return v
}
