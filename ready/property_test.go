package ready

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"gameday/freeze"
	"gameday/runs"
	"gameday/scenarios"
)

// anything is an event and evidence in which each part is in order or is not, by
// chance, often enough that both kinds of answer come.
func anything(t *testing.T, r *rand.Rand) (Event, Evidence) {
	e, k := superBowl(t)
	odd := func() bool { return r.IntN(12) == 0 }
	for i := range 2 + r.IntN(4) {
		run := anyRun(t, r)
		if i < 2 && !odd() {
			run = rehearsed(t, []string{"superbowl", "touchdown"}[i], time.Duration(r.IntN(70))*time.Hour)
		}
		k.Runs = append(k.Runs, run)
	}
	k.Runs = k.Runs[2*r.IntN(2):]
	if odd() {
		k.Frozen = nil
	}
	if odd() {
		found(func(n *Now) { n.Honoured, n.Exempted = Reply(r.IntN(5)), []string{"build"} })(t, nil, &k)
	}
	if odd() {
		found(func(n *Now) { n.Identity = anyIdentity(r) })(t, nil, &k)
	}
	if odd() {
		said(Result{now, Reply(r.IntN(5)), ""})(t, nil, &k)
	}
	for id := range e.questions() {
		if odd() {
			e.Waivers = append(e.Waivers, Waiver{id, "because", "Ada", now.Add(time.Duration(r.IntN(3)-1) * time.Hour)})
		}
	}
	return e, k
}

// anyRun is a run that differs from one in order in some way, or in none.
func anyRun(t *testing.T, r *rand.Rand) Run {
	run := rehearsed(t, []string{"superbowl", "touchdown"}[r.IntN(2)], time.Duration(r.IntN(80))*time.Hour)
	run.Verdict = []runs.Verdict{runs.Pass, runs.Pass, runs.Pass, runs.Fail, runs.Unclear}[r.IntN(5)]
	run.Path = fmt.Sprint(r.Uint64()) // no two are the same
	run.Scale = []scenarios.Scale{1.2, 1.2, 2, 0.5}[r.IntN(4)]
	switch r.IntN(8) {
	case 0:
		run.Identity = nil
	case 1:
		run.Selftest = nil
	case 2:
		run.Ended = time.Time{}
	case 3:
		run.Identity["build"] = []string{"4.2.0"}
	}
	return run
}

func anyIdentity(r *rand.Rand) freeze.Identity {
	i := freeze.Identity{}
	for _, kind := range []string{"build", "config"} {
		for range r.IntN(3) {
			i.Add(kind, fmt.Sprint(r.IntN(2)))
		}
	}
	return i
}

// worsen takes evidence away, or adds what speaks against, and says which. Runs
// are taken away only all of a scenario together: who hides the newest leaves the
// word to the one before it.
func worsen(t *testing.T, r *rand.Rand, e *Event, k *Evidence) string {
	name := []string{"superbowl", "touchdown"}[r.IntN(2)]
	run := &k.Runs[r.IntN(len(k.Runs))]
	switch r.IntN(12) {
	case 0:
		e.Checks = append(e.Checks, "more")
		k.Checks["more"] = Result{now, No, "It exited 1."}
		return "a check that says no"
	case 1:
		e.Checks = append(e.Checks, "more")
		return "a check that was not made"
	case 2:
		delete(k.Checks, e.Checks[r.IntN(len(e.Checks))])
		return "a check forgotten"
	case 3:
		k.Runs = append(k.Runs, failed(rehearsed(t, name, time.Duration(r.IntN(80))*time.Hour)))
		return "a run that failed"
	case 4:
		more := rehearsed(t, name, time.Duration(r.IntN(80))*time.Hour)
		more.Verdict = runs.Unclear
		more.Scale = []scenarios.Scale{1.2, 2, 0.1}[r.IntN(3)]
		k.Runs = append(k.Runs, more)
		return "a run that is unclear"
	case 5:
		k.Runs = slices.DeleteFunc(k.Runs, func(r Run) bool { return r.name() == name })
		return "all runs of " + name
	case 6:
		k.Frozen = nil
		return "the lock"
	case 7:
		k.Now = nil
		return "what runs now"
	case 8:
		run.Identity = nil
		return "what a run was against"
	case 9:
		if run.Verdict == runs.Pass {
			run.Verdict = runs.Unclear
		}
		return "the pass of a run"
	case 10:
		e.Waivers = nil
		return "the waivers"
	}
	k.Runs = append(k.Runs, Run{Trouble: "it is cut off", Run: runs.Run{Began: ago(time.Duration(r.IntN(80)) * time.Hour)}})
	return "a run that cannot be read"
}

// Whatever was known, less evidence, or more that speaks against, never makes it a
// go. And a go is never without every single question answered.
func TestLessIsNeverMore(t *testing.T) {
	came := map[Decision]int{}
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 1))
		e, k := anything(t, r)
		before := Decide(e, k, now)
		came[before.Decision]++
		for range 3 {
			what := worsen(t, r, &e, &k)
			after := Decide(e, k, now)
			if after.Decision == Go && before.Decision != Go {
				t.Fatalf("seed %d: %s made a go of what was %s: %s", seed, what, before.Decision, before.Why)
			}
			for _, q := range after.Questions {
				if after.Decision == Go && q.Reply != Yes && q.Reply != Waived {
					t.Fatalf("seed %d: a go, though %s is %s", seed, q.ID, q.Reply)
				}
			}
			if before = after; len(k.Runs) == 0 {
				break
			}
		}
	}
	for _, d := range []Decision{Go, NoGo, NotKnown, Broken} {
		if came[d] < 20 {
			t.Errorf("of 2000 answers %d were %s: the evidence was one-sided: %v", came[d], d, came)
		}
	}
}

// The order in which evidence is found makes no difference.
func TestOrderDoesNotMatter(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 2))
		e, k := anything(t, r)
		first := Decide(e, k, now)
		r.Shuffle(len(k.Runs), func(i, j int) { k.Runs[i], k.Runs[j] = k.Runs[j], k.Runs[i] })
		if again := Decide(e, k, now); again.Decision != first.Decision || again.Why != first.Why {
			t.Fatalf("seed %d: %s, %s; then %s, %s", seed, first.Decision, first.Why, again.Decision, again.Why)
		}
	}
}
