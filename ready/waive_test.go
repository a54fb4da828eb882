package ready

import (
	"strings"
	"testing"
	"time"
)

// waiver is one that counts, of any question.
func waiver(question string) Waiver {
	return Waiver{question, "the last night was long", "Ada Lovelace", now.Add(time.Hour)}
}

// A waiver accepts a no for what may be waived, shows who answers for it, and
// accepts nothing else.
func TestWaivers(t *testing.T) {
	old := run(func(r *Run) { r.Began, r.Ended = ago(100*time.Hour), ago(99*time.Hour) })
	small := run(func(r *Run) { r.Scale = 0.5 })
	no := said(Result{now, No, "It exited 1."})
	for _, c := range []struct {
		name   string
		plant  func(*testing.T, *Event, *Evidence)
		waiver Waiver
		want   Decision
		says   string // of the question that the waiver is of
	}{
		{"age", old, waiver(aboutAge), Go, "It ended 4d 3h ago"},
		{"load", small, waiver(aboutLoad), Go, "played at 50%"},
		{"check", no, waiver("check/backups"), Go, "exited 1"},
		{"of another question", old, waiver(aboutLoad), NoGo, ""},
		{"of no question", old, waiver("superbowl"), NoGo, ""},
		{"expired", old, Waiver{aboutAge, "late", "Ada", ago(time.Second)}, NoGo, "The waiver of Ada expired at 2027-02-13 11:59 Z."},
		{"expires now", old, Waiver{aboutAge, "late", "Ada", now}, NoGo, "expired"},
		{"never expires", old, Waiver{aboutAge, "late", "Ada", time.Time{}}, NoGo, ""},
		{"for no reason", old, Waiver{aboutAge, " ", "Ada", now.Add(1)}, NoGo, ""},
		{"by nobody", old, Waiver{aboutAge, "late", "", now.Add(1)}, NoGo, ""},
		{"a failed run", run(func(r *Run) { *r = failed(*r) }), waiver(aboutPassed), NoGo, "It failed"},
		{"no run", func(_ *testing.T, _ *Event, k *Evidence) { k.Runs = nil }, waiver(aboutPassed), NotKnown, "No run"},
		{"another build", run(func(r *Run) { r.Identity["build"] = []string{"4.2.0"} }), waiver(aboutIdentity), NoGo, "Another build"},
		{"an unknown identity", run(func(r *Run) { r.Identity = nil }), waiver(aboutIdentity), NotKnown, "not known"},
		{"a violated freeze", found(func(n *Now) { n.Honoured = Violated }), waiver(aboutFreeze), Broken, ""},
		{"an unknown freeze", found(func(n *Now) { n.Honoured = Unknown }), waiver(aboutFreeze), NotKnown, ""},
		{"an unknown check", said(Result{now, Unknown, "It took too long."}), waiver("check/backups"), NotKnown, "too long"},
		{"an age in the future", run(func(r *Run) { r.Ended = now.Add(time.Hour) }), waiver(aboutAge), NotKnown, "future"},
		{"a failed selftest", run(func(r *Run) { r.Selftest.Verdict = 2 }), waiver(aboutGenerator), NotKnown, "selftest"},
		{"an event that is over", event(func(e *Event) { e.Date = ago(1) }), waiver("date"), NoGo, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, k := superBowl(t)
			e.Waivers = []Waiver{waiver(aboutLoad + "x"), c.waiver} // the first is of nothing
			c.plant(t, &e, &k)
			a := Decide(e, k, now)
			if a.Decision != c.want {
				t.Errorf("it is %s, want %s: %s", a.Decision, c.want, a.Why)
			}
			waived := 0
			for _, q := range a.Questions {
				if q.Reply == Waived {
					waived++
				}
				if (q.Reply == Waived) != (q.Waiver != nil) {
					t.Errorf("%s is %s, waived by %v", q.ID, q.Reply, q.Waiver)
				}
			}
			if want := map[Decision]int{Go: 1}[c.want]; waived != want {
				t.Errorf("%d questions are waived, want %d", waived, want)
			}
			if c.says == "" {
				return
			}
			q := question(t, a, c.waiver.Question)
			if !strings.Contains(q.Why, c.says) {
				t.Errorf("%s says %q, want %q", q.ID, q.Why, c.says)
			}
			if q.Waiver != nil && *q.Waiver != c.waiver {
				t.Errorf("it was waived by %+v", q.Waiver)
			}
		})
	}
}

// One that expired does not stand in the way of one that counts.
func TestOneWaiverIsEnough(t *testing.T) {
	e, k := superBowl(t)
	said(Result{now, No, "It exited 1."})(t, &e, &k)
	e.Waivers = []Waiver{{"check/backups", "before", "Ada", ago(1)}, waiver("check/backups")}
	a := Decide(e, k, now)
	if q := question(t, a, "check/backups"); a.Decision != Go || q.Why != "It exited 1." || q.Waiver.Reason != "the last night was long" {
		t.Errorf("it is %s: %+v", a.Decision, q)
	}
	if a.Why != "13 of 14 questions are answered yes, 1 waived." {
		t.Errorf("it says %q", a.Why)
	}
}
