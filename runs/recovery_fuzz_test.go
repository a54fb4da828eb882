package runs

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// FuzzRecovery judges records that nobody has looked through, with marks in any
// order, without ends, and of other times than theirs.
func FuzzRecovery(f *testing.F) {
	all := storms(f)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if r := all[name]; len(r.Marks) > 3 {
			f.Add([]byte(text(f, r.Marks)), int64(time.Second), uint64(3), 0.95)
		}
	}
	f.Add([]byte(`[{"at":-5,"kind":"fault-clear-confirmed"},{"at":9e9,"kind":"fault-injected"},{"at":60,"kind":"intervention-ended","fault":"x"},{"at":1,"kind":"intervention-began"}]`), int64(-1), uint64(1<<63), 1e300)
	f.Add([]byte(`[{"at":9223372036,"kind":"fault-injected","fault":"a"},{"at":0,"kind":"stop-condition"},{"at":0.5,"kind":"fault-injected","fault":"a"},{"at":1e-9,"kind":"fault-mended","fault":"a"}]`), int64(1<<62), uint64(0), -1.0)
	f.Fuzz(func(t *testing.T, marks []byte, shift int64, n uint64, share float64) {
		var list []Mark
		if json.Unmarshal(marks, &list) != nil || len(list) > 100 {
			return
		}
		r := storm(t, stormCase{spells: []spell{{seconds: 31, good: 100}, {seconds: 3, good: 10, rate: 2}, {seconds: 40, good: 90}}, expect: "recovers within 30s, budget <= 5%, goodput >= 1% of baseline, attempts <= 2x"})
		r.Marks = append(r.Marks, list...)
		judges(t, r)
		rules := DefaultRules
		rules.Back, rules.Spike, rules.Capacity, rules.Deadline, rules.LeastInBin, rules.InARow = share, share, share, Span(shift), n, int(n)
		r.RecoveryRules = &rules
		judges(t, r)
		one := &r.Tallies[int(n%uint64(len(r.Tallies)))]
		one.Offered, one.Good, one.Attempts, one.Held, one.Second = n, n/2, n/3, n/5, int(shift)
		judges(t, r)
		r.Phases[1].Begin, r.Phases[1].End = Span(shift), -Span(shift)
		judges(t, r)
		r.Phases = r.Phases[:2]
		judges(t, r)
		r.Scenario.Phases[0].For = time.Duration(shift)
		r.Phases = append(r.Phases, Phase{})
		judges(t, r)
	})
}

// judges fails unless r can be judged, and what it comes to can be written.
func judges(t *testing.T, r *Run) {
	t.Helper()
	Judge(r)
	if _, err := json.Marshal(r.Recovery); err != nil {
		t.Fatal(err)
	}
	for _, rec := range r.Recovery {
		if rec.Why == "" || rec.Verdict == Recovered && (rec.Recover.Is != Exact || rec.Trigger.Clear == nil || len(r.Tallies) == 0) {
			t.Fatalf("%s: %q, back after %+v", rec.Verdict, rec.Why, rec.Recover)
		}
	}
}

// A record without anything at all is judged too.
func TestRecoveryOfNothing(t *testing.T) {
	whole := storm(t, stormCase{spells: []spell{calm, down, fine}, marks: fault("f", 40, 50), expect: "recovers within 30s"})
	for name, spoil := range map[string]func(*Run){
		"no tallies": func(r *Run) { r.Tallies = nil }, "no phases": func(r *Run) { r.Phases = nil },
		"no phases at all": func(r *Run) { r.Phases, r.Scenario.Phases = nil, nil }, "no crowds": func(r *Run) { r.Scenario.Crowds = nil },
		"empty phases": func(r *Run) { r.Phases = make([]Phase, len(r.Phases)) },
		"no marks":     func(r *Run) { r.Marks = nil }, "no scenario": func(r *Run) { r.Scenario = nil },
	} {
		r := copied(whole)
		s := *r.Scenario
		r.Scenario = &s
		spoil(r)
		Judge(r)
		for _, rec := range r.Recovery {
			if rec.Verdict != Inconclusive {
				t.Errorf("%s: %s: %s", name, rec.Verdict, rec.Why)
			}
		}
		if r.Verdict != Unclear {
			t.Errorf("%s: the run is %s: %s", name, r.Verdict, r.Why)
		}
	}
}

// Rules that nothing can be judged by are refused, in a sentence with their key.
func TestHostileRules(t *testing.T) {
	r := storm(t, stormCase{spells: []spell{calm, down, fine}, marks: fault("f", 40, 50), expect: "recovers within 30s"})
	Judge(r)
	good := text(t, r)
	for old, new := range map[string]string{
		`"back":0.95`: `"back":0`, `"in_a_row":5`: `"in_a_row":0`, `"least_in_bin":20`: `"least_in_bin":0`, `"collapse":0.5,"collapse_over"`: `"collapse":-1,"collapse_over"`,
		`"deadline":30,"collapse"`: `"deadline":-1,"collapse"`, `"slo":0.99,"budget_for":2592000`: `"slo":2,"budget_for":2592000`, `"budget_for":2592000`: `"budget_for":0`,
		`"spike":1.5`: `"spike":0.1`, `"asked_over":10`: `"asked_over":-10`,
	} {
		key, _, _ := strings.Cut(strings.TrimPrefix(new, `"`), `"`)
		_, err := ReadRun(strings.NewReader(strings.Replace(good, old, new, 1)))
		if !strings.Contains(good, old) || err == nil || !strings.HasPrefix(err.Error(), "recovery_rules."+key+": ") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", new, err)
		}
	}
	for old, new := range map[string]string{`"verdict":"recovered"`: `"verdict":"splendid"`, `"is":"exact"`: `"is":"so"`} {
		if _, err := ReadRun(strings.NewReader(strings.Replace(good, old, new, 1))); err == nil || !strings.Contains(err.Error(), "want") {
			t.Errorf("%s: %v", new, err)
		}
	}
	r.RecoveryRules.Back = 0
	if Judge(r); r.Recovery[0].Verdict != Inconclusive || !strings.Contains(r.Recovery[0].Why, "ecovery_rules.back") {
		t.Errorf("%s: %s", r.Recovery[0].Verdict, r.Recovery[0].Why)
	}
}

// What was judged reads as it was, and is judged the same again from its file.
func TestRecoveryFromAFile(t *testing.T) {
	for name, r := range storms(t) {
		Judge(r)
		dir := t.TempDir()
		if err := r.Save(dir); err != nil {
			t.Fatal(err)
		}
		again, err := Load(dir)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if text(t, again) != text(t, r) {
			t.Errorf("%s reads as\n%s\nwant\n%s", name, text(t, again.Recovery), text(t, r.Recovery))
		}
		again.Recovery = nil
		if Judge(again); text(t, again) != text(t, r) {
			t.Errorf("%s is judged otherwise from a file", name)
		}
	}
}
