package runs

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// OnTime is how late a request may leave and still count as on time.
const OnTime = 10 * time.Millisecond

// lateShare is the share of a phase's requests that the generator may send over
// 10 ms late before nothing measured in the phase counts.
const lateShare = 0.01

// Judge sets the verdict of r, the sentence for it, the findings and the
// recoveries. It looks at nothing but the record, so a run read from a file is
// judged as it was when it was played.
//
// A run passes only if it came to its end, every promise was kept in every phase,
// the generator kept up, the target stayed what it was, all requests of the
// schedule are in the record, and they are enough to say so. It fails if a promise was broken while the generator kept
// up, or if the witness saw a lie. Anything else is unclear.
func Judge(r *Run) {
	r.Findings, r.Recovery = nil, nil
	if r.Scenario == nil || len(r.Scenario.Phases) != len(r.Phases) {
		r.Verdict, r.Why = Unclear, "The record does not hold the phases of its scenario."
		return
	}
	if r.Witness.Lied > 0 {
		r.Findings = append(r.Findings, Finding{
			Expect: "the service tells the truth", Limit: "0 lies",
			Got: plural(r.Witness.Lied, "lie"), Verdict: Fail, Why: strings.Join(r.Witness.Lies, "; "),
		})
	}
	all := r.SumByPhase()
	lacks := make([]string, len(all))
	for i, sums := range all {
		lacks[i] = cmp.Or(r.changed(), r.lacks(i, sums))
	}
	r.Recovery = r.recoveries(lacks, nil, 0)
	if len(r.Recovery) > 0 && r.RecoveryRules == nil {
		rules := DefaultRules
		r.RecoveryRules = &rules
	}
	for i, sums := range all {
		doubt := cmp.Or(lacks[i], heldBack(sums))
		for _, e := range r.Scenario.Expectations(i) {
			if e.OfTrigger() {
				r.findRecovery(i, e, lacks)
				continue
			}
			f, applies := r.find(i, e, sums)
			if !applies {
				continue
			}
			if doubt != "" {
				f.Verdict, f.Why = Unclear, doubt
			}
			r.Findings = append(r.Findings, f)
		}
	}
	r.findNothingToRecoverFrom()
	r.Verdict, r.Why = r.conclude()
}

// conclude is the verdict that the findings come to, in a sentence.
func (r *Run) conclude() (Verdict, string) {
	var kept, broken, unclear []Finding
	for _, f := range r.Findings {
		switch f.Verdict {
		case Pass:
			kept = append(kept, f)
		case Fail:
			broken = append(broken, f)
		default:
			unclear = append(unclear, f)
		}
	}
	of := fmt.Sprintf("%d of %s", len(broken), plural(uint64(len(r.Findings)), "promise"))
	switch {
	case len(broken) > 0:
		f := broken[0]
		return Fail, fmt.Sprintf("%s broken, the first %s: %s; %s.", of, inPhase(f), f.Expect, f.Why)
	case r.Aborted != "":
		return Unclear, fmt.Sprintf("The play was ended early: %s.", r.Aborted)
	case len(r.Findings) == 0:
		return Unclear, "Nothing was promised, so nothing was proved."
	case len(unclear) > 0:
		f := unclear[0]
		return Unclear, fmt.Sprintf("%d of %s cannot be decided, the first %s: %s; %s.", len(unclear), plural(uint64(len(r.Findings)), "promise"), inPhase(f), f.Expect, f.Why)
	case r.Ended.IsZero():
		return Unclear, "The record has no end."
	}
	for _, rec := range r.Recovery {
		if rec.Trigger.Kind == Fault && (rec.Verdict == NotTriggered || rec.Trigger.Clear == nil) {
			return Unclear, fmt.Sprintf("Of the fault %s nothing is proved. %s", rec.Trigger.Name, rec.Why)
		}
	}
	if len(kept) == 1 {
		return Pass, "The promise was kept."
	}
	return Pass, fmt.Sprintf("All %d promises were kept.", len(kept))
}

func inPhase(f Finding) string {
	if f.Phase == "" {
		return "throughout"
	}
	return "in " + f.Phase
}

// changed says how the target is not what it was as the play began, so that
// nobody knows what was rehearsed; it is empty if it is.
func (r *Run) changed() string {
	for _, m := range r.Marks {
		if m.Kind == MarkChanged {
			return fmt.Sprintf("the target changed %s after the start: %s", Short(time.Duration(m.At)), m.Text)
		}
	}
	return ""
}

// lacks says why nothing measured in a phase, which came to sums, counts; it is
// empty if all does.
func (r *Run) lacks(phase int, sums []Tally) string {
	for _, c := range r.Scenario.Crowds {
		sum := total(sums, func(t *Tally) bool { return t.Crowd == c.Name })
		due, known := r.Phases[phase].Due[c.Name]
		if !known {
			return fmt.Sprintf("the record does not say how many requests were due from %s", c.Name)
		}
		if has := sum.Offered + sum.Held; has != due {
			return fmt.Sprintf("the record holds %d of the %d requests due from %s", has, due, c.Name)
		}
		if share := part(sum.Late, sum.Offered); share > lateShare {
			return fmt.Sprintf("the generator did not keep up: %s of the requests of %s left over 10ms late; %s", Percent(share), c.Name, r.Generator.advice())
		}
	}
	for i := range sums {
		if crowd := sums[i].Crowd; r.Scenario.Crowd(crowd) < 0 {
			return fmt.Sprintf("the record holds requests of %q, which is no crowd of the scenario", crowd)
		}
	}
	return ""
}

// heldBack says that a phase was not played as it was meant.
func heldBack(sums []Tally) string {
	if all := total(sums, nil); all.Held > 0 {
		return fmt.Sprintf("%d of %s were held back to let the service recover", all.Held, plural(all.Offered+all.Held, "request"))
	}
	return ""
}
