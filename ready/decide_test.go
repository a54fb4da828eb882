package ready

import (
	"strings"
	"testing"
	"time"

	"gameday/freeze"
	"gameday/runs"
)

// A defect is one thing that is wrong where all else is in order.
type defect struct {
	name     string
	plant    func(t *testing.T, e *Event, k *Evidence)
	want     Decision
	question string // that must not be answered yes
	says     string // what is said of it
}

const (
	aboutPassed    = "superbowl/staging/passed"
	aboutLoad      = "superbowl/staging/load"
	aboutAge       = "superbowl/staging/age"
	aboutGenerator = "superbowl/staging/generator"
	aboutIdentity  = "superbowl/staging/identity"
	aboutFreeze    = "freeze/staging"
)

// run plants a defect in the rehearsal of superbowl.
func run(change func(r *Run)) func(*testing.T, *Event, *Evidence) {
	return func(_ *testing.T, _ *Event, k *Evidence) { change(&k.Runs[0]) }
}

// lock plants a defect in what is frozen.
func lock(change func(f *Frozen)) func(*testing.T, *Event, *Evidence) {
	return func(_ *testing.T, _ *Event, k *Evidence) {
		f := k.Frozen["staging"]
		change(&f)
		k.Frozen["staging"] = f
	}
}

// found plants a defect in what runs now.
func found(change func(n *Now)) func(*testing.T, *Event, *Evidence) {
	return func(_ *testing.T, _ *Event, k *Evidence) {
		n := k.Now["staging"]
		change(&n)
		k.Now["staging"] = n
	}
}

// more plants another run of superbowl.
func more(since time.Duration, change func(r *Run)) func(*testing.T, *Event, *Evidence) {
	return func(t *testing.T, _ *Event, k *Evidence) {
		r := rehearsed(t, "superbowl", since)
		change(&r)
		k.Runs = append(k.Runs, r)
	}
}

// said plants what came of the check of backups.
func said(r Result) func(*testing.T, *Event, *Evidence) {
	return func(_ *testing.T, _ *Event, k *Evidence) { k.Checks["backups"] = r }
}

func event(change func(e *Event)) func(*testing.T, *Event, *Evidence) {
	return func(_ *testing.T, e *Event, _ *Evidence) { change(e) }
}

// rehearsals are the defects of what was rehearsed.
var rehearsals = []defect{
	{"it was never rehearsed", func(_ *testing.T, _ *Event, k *Evidence) { k.Runs = k.Runs[1:] }, NotKnown, aboutPassed, "No run of it is recorded against https://timeline.staging.example."},
	{"it failed", run(func(r *Run) { *r = failed(*r) }), NoGo, aboutPassed, "It failed: 1 of 2 promises"},
	{"it is unclear", run(func(r *Run) { r.Verdict, r.Why = runs.Unclear, "the generator did not keep up" }), NotKnown, aboutPassed, "It is unclear: the generator did not"},
	{"nobody judged it", run(func(r *Run) { r.Verdict = 0 }), NotKnown, aboutPassed, "unclear"},
	{"it was ended early", run(func(r *Run) { r.Aborted = "a signal" }), NotKnown, aboutPassed, "ended early: a signal"},
	{"it was killed", run(func(r *Run) { r.Ended, r.Verdict, r.Aborted = time.Time{}, runs.Unclear, "the play was killed" }), NotKnown, aboutPassed, "unclear"},
	{"its record cannot be read", run(func(r *Run) { r.Trouble, r.Verdict = "it is cut off", runs.Unclear }), NotKnown, aboutPassed, "cannot be read, and may be the newest: it is cut off"},
	{"the scenario was changed since", run(func(r *Run) { r.Scenario.Expect = r.Scenario.Expect[1:] }), NoGo, aboutPassed, "the scenario has been changed since"},
	{"it was played at a smaller load", run(func(r *Run) { r.Scale = 0.5 }), NoGo, aboutLoad, "played at 50% of the real night; the event needs 100% with headroom 1.2, that is 120%"},
	{"it was played without headroom", run(func(r *Run) { r.Scale = 1.19 }), NoGo, aboutLoad, "played at 119%"},
	{"it does not say at what load", run(func(r *Run) { r.Scale = 0 }), NotKnown, aboutLoad, "does not say at what scale"},
	{"it was too long ago", run(func(r *Run) { r.Began, r.Ended = ago(73*time.Hour), ago(72*time.Hour+1) }), NoGo, aboutAge, "It ended 3d ago; 3d is allowed."},
	{"it ended in the future", run(func(r *Run) { r.Ended = now.Add(time.Minute) }), NotKnown, aboutAge, "dated in the future"},
	{"it ended before it began", run(func(r *Run) { r.Began = r.Ended.Add(time.Second) }), NotKnown, aboutAge, "ended before it began"},
	{"nobody knows when it was", run(func(r *Run) { r.Began, r.Ended = time.Time{}, time.Time{} }), NotKnown, aboutAge, "no end"},
	{"its host failed the selftest", run(func(r *Run) { r.Selftest.Verdict = runs.Fail }), NotKnown, aboutGenerator, "came to fail"},
	{"the selftest of its host is unclear", run(func(r *Run) { r.Selftest.Verdict = runs.Unclear }), NotKnown, aboutGenerator, "came to unclear"},
	{"another host passed the selftest", run(func(r *Run) { r.Selftest.Host.CPUs = 96 }), NotKnown, aboutGenerator, "by another host, loadgen-1"},
	{"it was another target", run(func(r *Run) { r.Target.URL = "https://other.example" }), NotKnown, aboutPassed, "No run of it is recorded"},
	{"another scenario was played", run(func(r *Run) { r.Scenario.Name = "steady" }), NotKnown, aboutPassed, "No run of it is recorded"},
	{"a newer one failed", more(time.Hour, func(r *Run) { *r = failed(*r) }), NoGo, aboutPassed, "It failed"},
	{"a newer one failed at a smaller load", more(time.Hour, func(r *Run) { *r = failed(*r); r.Scale = 0.01 }), NoGo, aboutPassed, "It failed"},
	{"a newer one is unclear", more(time.Hour, func(r *Run) { r.Verdict = runs.Unclear }), NotKnown, aboutPassed, "unclear"},
	{"a newer one was against another build", more(time.Hour, func(r *Run) { r.Identity["build"] = []string{"4.3.0"} }), NoGo, aboutIdentity, "Another build was rehearsed, 4.3.0, than runs now, 4.2.1."},
	{"a newer one cannot be read", more(time.Hour, func(r *Run) { *r = Run{Trouble: "it is cut off", Run: runs.Run{Began: r.Began}} }), NotKnown, aboutPassed, "it is cut off"},
	{"one that cannot be read has no time", more(time.Hour, func(r *Run) { *r = Run{Trouble: "it is empty"} }), NotKnown, aboutPassed, "it is empty"},
	{"one of the same instant failed", more(20*time.Hour, func(r *Run) { *r = failed(*r) }), NoGo, aboutPassed, "It failed"},
	{"another scenario that is required failed", func(_ *testing.T, _ *Event, k *Evidence) { k.Runs[1] = failed(k.Runs[1]) }, NoGo, "touchdown/staging/passed", "It failed"},
}

// identities are the defects of what was rehearsed, frozen, and runs.
var identities = []defect{
	{"the run does not say what it was against", run(func(r *Run) { r.Identity = nil }), NotKnown, aboutIdentity, "It is not known: build of what was rehearsed, config of what was rehearsed."},
	{"the run does not say a kind", run(func(r *Run) { delete(r.Identity, "config") }), NotKnown, aboutIdentity, "config of what was rehearsed"},
	{"the run has nothing for a kind", run(func(r *Run) { r.Identity["config"] = []string{""} }), NotKnown, aboutIdentity, "config of what was rehearsed"},
	{"another build was rehearsed", run(func(r *Run) { r.Identity["build"] = []string{"4.2.0"} }), NoGo, aboutIdentity, "Another build was rehearsed, 4.2.0, than runs now, 4.2.1."},
	{"another build runs, and nobody noticed", found(func(n *Now) { n.Identity = freeze.Identity{"build": {"4.2.2"}, "config": {"9a3b1f"}} }), NoGo, aboutIdentity, "Another build was rehearsed, 4.2.1, than runs now, 4.2.2."},
	{"two builds run", found(func(n *Now) { n.Identity["build"] = []string{"4.2.1", "4.2.2"} }), NoGo, aboutIdentity, "4.2.1+4.2.2"},
	{"another build was frozen", lock(func(f *Frozen) { f.Identity["build"] = []string{"4.2.0"} }), NoGo, aboutIdentity, "Another build is frozen, 4.2.0, than runs now, 4.2.1."},
	{"an override allows another kind", func(t *testing.T, e *Event, k *Evidence) {
		found(func(n *Now) { n.Exempted = []string{"config"} })(t, e, k)
		lock(func(f *Frozen) { f.Identity["build"] = []string{"4.2.0"} })(t, e, k)
	}, NoGo, aboutIdentity, "Another build is frozen"},
	{"a kind that runs is not known", found(func(n *Now) { n.Identity["config"] = nil }), NotKnown, aboutIdentity, "config of what runs now"},
	{"a kind that is frozen is not known", lock(func(f *Frozen) { f.Identity["config"] = nil }), NotKnown, aboutIdentity, "config of what is frozen"},
	{"what is allowed was not rehearsed", found(func(n *Now) {
		n.Exempted, n.Identity = []string{"build", "config"}, freeze.Identity{"build": {"4.2.2"}, "config": {"9a3b1f"}}
	}), NoGo, aboutIdentity, "Another build was rehearsed"},
}

// freezes are the defects of the freeze.
var freezes = []defect{
	{"nothing is frozen", func(_ *testing.T, _ *Event, k *Evidence) { k.Frozen = nil }, NotKnown, aboutFreeze, "nobody knows what is frozen"},
	{"the lock cannot be read", lock(func(f *Frozen) { *f = Frozen{Trouble: "It was edited by hand."} }), NotKnown, aboutFreeze, "edited by hand"},
	{"the lock holds no identity", lock(func(f *Frozen) { f.Identity = nil }), NotKnown, aboutIdentity, "Nobody knows what is frozen."},
	{"the lock holds only when it was started", lock(func(f *Frozen) { f.Identity = freeze.Identity{freeze.Started: {"x"}} }), NotKnown, aboutIdentity, "Nobody knows what is frozen."},
	{"the lock has no time", lock(func(f *Frozen) { f.Captured = time.Time{} }), NotKnown, aboutFreeze, "does not say when"},
	{"the lock is of the future", lock(func(f *Frozen) { f.Captured = now.Add(time.Hour) }), NotKnown, aboutFreeze, "dated in the future"},
	{"the freeze is violated", found(func(n *Now) { n.Honoured, n.Why = Violated, "Added build 4.2.2." }), Broken, aboutFreeze, "Added build 4.2.2."},
	{"it cannot be verified", found(func(n *Now) { n.Honoured, n.Why = Unknown, "It cannot be reached." }), NotKnown, aboutFreeze, "It cannot be reached."},
	{"nobody verified it", func(_ *testing.T, _ *Event, k *Evidence) { k.Now = nil }, NotKnown, aboutFreeze, "was not asked"},
	{"it was verified at no time", found(func(n *Now) { n.At = time.Time{} }), NotKnown, aboutFreeze, "Nobody knows when"},
	{"it was verified in the future", found(func(n *Now) { n.At = now.Add(time.Hour) }), NotKnown, aboutFreeze, "Nobody knows when"},
	{"a second target is not frozen", event(func(e *Event) { e.Targets = append(e.Targets, Target{"prod", "https://prod.example"}) }), NotKnown, "freeze/prod", "nobody knows what is frozen"},
}

// others are the defects of checks, waivers and of the event itself.
var others = []defect{
	{"a check says no", said(Result{now, No, "It exited 1."}), NoGo, "check/backups", "It exited 1."},
	{"a check did not answer in time", said(Result{now, Unknown, "It took longer than 30s."}), NotKnown, "check/backups", "longer than 30s"},
	{"a check was not made", func(_ *testing.T, _ *Event, k *Evidence) { delete(k.Checks, "backups") }, NotKnown, "check/backups", "not made"},
	{"a check has no time", said(Result{time.Time{}, Yes, ""}), NotKnown, "check/backups", "when the check was made"},
	{"a check is of the future", said(Result{now.Add(time.Minute), Yes, ""}), NotKnown, "check/backups", "dated in the future"},
	{"a check says what no check can say", said(Result{now, Waived, "never mind"}), NotKnown, "check/backups", "never mind"},
	{"the event is over", event(func(e *Event) { e.Date = ago(time.Second) }), NoGo, "date", "nothing left to decide"},
	{"the event begins now", event(func(e *Event) { e.Date = now }), NoGo, "date", "nothing left to decide"},
	{"the event has no date", event(func(e *Event) { e.Date = time.Time{} }), NotKnown, "date", "no date"},
	{"the event allows no age", event(func(e *Event) { e.MaxAge = 0 }), NotKnown, aboutAge, "how old"},
	{"the event requires nothing", event(func(e *Event) { e.Require = nil }), NotKnown, "rehearsals", "requires no scenario"},
	{"the event has no target", event(func(e *Event) { e.Targets = nil }), NotKnown, "rehearsals", "names no target"},
	{"the event needs no load", event(func(e *Event) { e.Headroom = 0 }), NotKnown, aboutLoad, "scale"},
}

// Each single defect, planted where everything else is in order, makes a go
// something else, and says why.
func TestEachDefectIsFound(t *testing.T) {
	e, k := superBowl(t)
	if a := Decide(e, k, now); a.Decision != Go || a.Why != "All 14 questions are answered yes." {
		t.Fatalf("without a defect it is %s: %s", a.Decision, a.Why)
	}
	for _, group := range [][]defect{rehearsals, identities, freezes, others} {
		for _, c := range group {
			t.Run(c.name, func(t *testing.T) {
				e, k := superBowl(t)
				c.plant(t, &e, &k)
				a := Decide(e, k, now)
				if a.Decision != c.want {
					t.Errorf("it is %s, want %s: %s", a.Decision, c.want, a.Why)
				}
				if !a.Until.IsZero() {
					t.Errorf("it holds until %s", a.Until)
				}
				q := question(t, a, c.question)
				if q.Reply == Yes || q.Reply == Waived || !strings.Contains(q.Why, c.says) {
					t.Errorf("%s is answered %s: %s; want %q", q.ID, q.Reply, q.Why, c.says)
				}
			})
		}
	}
}

// question is the one with that id, of which there is no other.
func question(t *testing.T, a Answer, id string) Question {
	t.Helper()
	var all []Question
	for _, q := range a.Questions {
		if q.ID == id {
			all = append(all, q)
		}
	}
	if len(all) != 1 {
		t.Fatalf("there are %d questions %s", len(all), id)
	}
	return all[0]
}

// What is no defect stays a go.
func TestHarmless(t *testing.T) {
	for _, c := range []defect{
		{name: "no selftest is recorded", plant: run(func(r *Run) { r.Selftest = nil })},
		{name: "the run knows a kind more", plant: run(func(r *Run) { r.Identity["flags"] = []string{"x"} })},
		{name: "the target runs a kind more", plant: found(func(n *Now) { n.Identity["flags"] = []string{"x"} })},
		{name: "it was started anew", plant: lock(func(f *Frozen) { f.Identity[freeze.Started] = []string{"x"} })},
		{name: "another seed was played", plant: run(func(r *Run) { r.Scenario.Seed = 7 })},
		{name: "it was played at a greater load", plant: run(func(r *Run) { r.Scale = 3 })},
		{name: "it is exactly as old as it may be", plant: run(func(r *Run) { r.Began, r.Ended = ago(73*time.Hour), ago(72*time.Hour) })},
		{name: "clocks differ a little", plant: run(func(r *Run) { r.Ended = now.Add(2 * time.Second) })},
		{name: "an older one failed", plant: more(30*time.Hour, func(r *Run) { *r = failed(*r) })},
		{name: "an older one cannot be read", plant: more(30*time.Hour, func(r *Run) { *r = Run{Trouble: "cut off", Run: runs.Run{Began: r.Began}} })},
		{name: "a newer one at a smaller load is unclear", plant: more(time.Hour, func(r *Run) { r.Scale, r.Verdict = 0.01, runs.Unclear })},
		{name: "a newer one of another scenario failed", plant: more(time.Hour, func(r *Run) { *r = failed(*r); r.Scenario.Name = "steady" })},
		{name: "a newer one against another target failed", plant: more(time.Hour, func(r *Run) { *r = failed(*r); r.Target.URL = "http://127.0.0.1:1" })},
		{name: "an override allows what was rehearsed and runs", plant: func(t *testing.T, _ *Event, k *Evidence) {
			found(func(n *Now) { n.Exempted = []string{"build"} })(t, nil, k)
			lock(func(f *Frozen) { f.Identity["build"] = []string{"4.2.0"} })(t, nil, k)
		}},
	} {
		e, k := superBowl(t)
		c.plant(t, &e, &k)
		if a := Decide(e, k, now); a.Decision != Go {
			t.Errorf("%s: it is %s: %s", c.name, a.Decision, a.Why)
		}
	}
}

// A go holds until the first of its evidence expires, or the event begins.
func TestUntil(t *testing.T) {
	e, k := superBowl(t)
	if a := Decide(e, k, now); !a.Until.Equal(e.Date) {
		t.Errorf("it holds until %s, want %s", a.Until, e.Date)
	}
	k.Runs[0].Began, k.Runs[0].Ended = ago(71*time.Hour), ago(70*time.Hour)
	if a, want := Decide(e, k, now), now.Add(2*time.Hour); !a.Until.Equal(want) {
		t.Errorf("it holds until %s, want %s", a.Until, want)
	}
	k.Checks["backups"] = Result{now, No, "It exited 1."}
	e.Waivers = []Waiver{{"check/backups", "by hand", "Ada", now.Add(time.Hour)}}
	if a, want := Decide(e, k, now), now.Add(time.Hour); !a.Until.Equal(want) {
		t.Errorf("it holds until %s, want %s", a.Until, want)
	}
}

// The verdict of a run matters if and only if Deciding says so.
func TestDeciding(t *testing.T) {
	e, k := superBowl(t)
	k.Runs = append(k.Runs,
		rehearsed(t, "superbowl", 30*time.Hour), // older than what decides
		rehearsed(t, "superbowl", time.Hour),    // newer, at a smaller load
		rehearsed(t, "superbowl", 20*time.Hour), // of the same instant
		rehearsed(t, "steady", time.Hour),
	)
	k.Runs[3].Scale = 0.5
	for i := range k.Runs {
		k.Runs[i].Verdict = runs.Unclear // nothing is judged yet
	}
	want := []int{0, 1, 3, 4}
	got := e.Deciding(k.Runs)
	if len(got) != len(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
}
