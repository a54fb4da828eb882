package runs

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// A recoveryCase is a night, and what becomes of its first trigger.
type recoveryCase struct {
	name    string
	after   []spell   // behind forty calm seconds and ten of a fault
	night   stormCase // another night instead
	tweak   func(*Run)
	verdict Outcome
	says    string // in the sentence
	back    Known
	seconds float64 // the time to recover
}

var (
	calm   = spell{seconds: 40, good: 100}
	down   = spell{seconds: 10, good: 10}
	fine   = spell{seconds: 60, good: 100}
	broken = spell{seconds: 60, good: 0, attempts: 4}
)

// capacity is what a service is known to answer, in hundreds a second.
func capacity(hundreds float64) func(*Run) {
	return func(r *Run) {
		rules := DefaultRules
		rules.Capacity = 100 * hundreds
		r.RecoveryRules = &rules
	}
}

// without takes away the marks of a kind.
func without(kinds ...string) func(*Run) {
	return func(r *Run) {
		r.Marks = slices.DeleteFunc(r.Marks, func(m Mark) bool { return slices.Contains(kinds, m.Kind) })
	}
}

var recoveryCases = []recoveryCase{
	{name: "back at once", after: []spell{fine}, verdict: Recovered, says: "from the moment it was over", back: Exact},
	{name: "back in time", after: []spell{{seconds: 5, good: 50}, fine}, verdict: Recovered, says: "back at 95% of the baseline's 5s after", back: Exact, seconds: 5},
	{name: "back at the deadline", after: []spell{{seconds: 30, good: 94}, {seconds: 30, good: 95}}, verdict: Recovered, says: "30s after it was over; 30s were allowed", back: Exact, seconds: 30},
	{name: "back a second late", after: []spell{{seconds: 31, good: 94}, fine}, verdict: Slow, says: "only 31s after it was over; 30s were allowed", back: Exact, seconds: 31},
	{name: "five in a row", after: []spell{{seconds: 2, good: 50}, {seconds: 4, good: 100}, {seconds: 1, good: 50}, fine}, verdict: Recovered, back: Exact, seconds: 7},
	{name: "four bad in a row are no relapse", after: []spell{{seconds: 20, good: 100}, {seconds: 4, good: 50}, fine}, verdict: Recovered, back: Exact},
	{name: "a relapse", after: []spell{{seconds: 10, good: 100}, {seconds: 5, good: 50}, fine}, verdict: Recovered, back: Exact, seconds: 15},
	{name: "a relapse for good", after: []spell{{seconds: 40, good: 100}, {seconds: 20, good: 60}}, verdict: Degraded, says: "stood at 60% of", back: AtLeast, seconds: 60},
	{name: "degraded", after: []spell{{seconds: 60, good: 50}}, verdict: Degraded, says: "not back after 1m0s, and at the end stood at 50%", back: AtLeast, seconds: 60},
	{name: "flapping", after: slices.Repeat([]spell{{seconds: 4, good: 100}, {seconds: 3, good: 60}}, 9), verdict: Degraded, back: AtLeast, seconds: 63},
	{name: "asked for more than it can serve", after: []spell{broken}, tweak: capacity(2), verdict: MetastableSuspected, says: "asked for 2 times what it can serve", back: AtLeast, seconds: 60},
	{name: "exactly what it can serve", after: []spell{broken}, tweak: capacity(4), verdict: MetastableSuspected, says: "asked for 1 times", back: AtLeast, seconds: 60},
	{name: "should have drained", after: []spell{{seconds: 60, good: 0}}, tweak: capacity(2), verdict: MetastableSuspected, says: "though its backlog should have been gone after 18.5s", back: AtLeast, seconds: 60},
	{
		name:    "draining",
		night:   stormCase{spells: []spell{calm, {seconds: 10, good: 10, attempts: 10}, {seconds: 60, good: 0}}, marks: fault("store-down", 40, 50)},
		tweak:   capacity(2),
		verdict: Draining, says: "it should take 1m39s; watch for 2m33s", back: AtLeast, seconds: 60,
	},
	{name: "nothing was ever answered in time", after: []spell{{seconds: 60, good: 0, cause: "503"}}, verdict: MetastableSuspected, back: AtLeast, seconds: 60},

	{name: "it bit without hurting", night: stormCase{spells: []spell{calm, {seconds: 10, good: 100}, fine}, marks: fault("slow-store", 40, 50)}, verdict: Recovered, back: Exact},
	{
		name: "it neither bit nor hurt", night: stormCase{spells: []spell{calm, {seconds: 10, good: 100}, fine}, marks: fault("slow-store", 40, 50)},
		tweak: without(MarkConfirmed), verdict: NotTriggered, says: "not seen to bite", back: Exact,
	},
	{name: "it hurt and nobody saw it bite", after: []spell{fine}, tweak: without(MarkConfirmed), verdict: Recovered, back: Exact},
	{name: "not seen to be gone", after: []spell{fine}, tweak: without(MarkClear), verdict: Inconclusive, says: "not seen to be gone"},
	{name: "neither mended nor gone", after: []spell{fine}, tweak: without(MarkMended, MarkClear), verdict: Inconclusive, says: "not seen to be gone"},
	{name: "gone without being mended", after: []spell{fine}, tweak: without(MarkMended), verdict: Recovered, back: Exact},
	{name: "nobody injected it", after: []spell{fine}, tweak: without(MarkInjected), verdict: Inconclusive, says: "does not say when the fault store-down was injected"},

	{name: "aborted", after: []spell{fine}, tweak: func(r *Run) { r.Aborted = "it was cancelled" }, verdict: Aborted, says: "it was cancelled; the fault was over after 50s", back: Exact},
	{
		name: "stopped", after: []spell{fine}, verdict: Aborted, says: "success < 50% for 10s; the fault was over after 50s", back: Exact,
		tweak: func(r *Run) {
			r.Aborted = "a stop condition"
			r.Add(&Entry{Marks: []Mark{{At: seconds(60), Kind: MarkStop, Text: "success < 50% for 10s"}}})
		},
	},
	{name: "a second is missing", after: []spell{fine}, tweak: func(r *Run) { r.Tallies = slices.Delete(r.Tallies, 70, 71) }, verdict: Inconclusive, says: "In s2 the record holds 5900 of the 6000"},
	{name: "a second of the baseline is missing", after: []spell{fine}, tweak: func(r *Run) { r.Tallies = r.Tallies[1:] }, verdict: Inconclusive, says: "In s0 the record holds 3900 of the 4000"},
	{
		name: "the generator was late", after: []spell{fine}, verdict: Inconclusive, says: "the generator did not keep up",
		tweak: func(r *Run) {
			for i := range r.Tallies {
				r.Tallies[i].Late = 2
			}
		},
	},
	{name: "no mark of the end", after: []spell{fine}, tweak: without(MarkEnd), verdict: Inconclusive, says: "no mark of its end", back: Exact},
	{name: "a short baseline", night: stormCase{spells: []spell{{seconds: 29, good: 100}, down, fine}, marks: fault("f", 29, 39)}, verdict: Inconclusive, says: "has 29 seconds of enough requests; 30 are needed"},
	{name: "a bad baseline", night: stormCase{spells: []spell{{seconds: 40, good: 90}, down, fine}, marks: fault("f", 40, 50)}, verdict: Inconclusive, says: "Only 90% of the requests of the baseline were good"},
	{name: "no baseline", night: stormCase{spells: []spell{{seconds: 40, good: 0}, down, fine}, marks: fault("f", 40, 50)}, verdict: Inconclusive, says: "Only 0% of the requests of the baseline"},
	{name: "a short watch", after: []spell{{seconds: 29, good: 50}}, verdict: Inconclusive, says: "not back after 29s, when the schedule ends; 30s were allowed", back: AtLeast, seconds: 29},
	{name: "no watch", night: stormCase{spells: []spell{calm, down}, marks: fault("f", 40, 50)}, verdict: Inconclusive, says: "no end of it"},
	{
		name: "another fault ends the watch", night: stormCase{spells: []spell{calm, down, {seconds: 20, good: 50}, down, fine}, marks: append(fault("a", 40, 50), fault("b", 70, 80)...)},
		verdict: Inconclusive, says: "not back after 20s, when the fault b begins", back: AtLeast, seconds: 20,
	},
	{
		name: "another fault in force", night: stormCase{spells: []spell{calm, down, down, {seconds: 3, good: 40}, fine}, marks: append(fault("a", 40, 50), fault("b", 45, 60)...)},
		verdict: Recovered, back: Exact, seconds: 3,
	},
	{
		name: "in force across a border", night: stormCase{spells: []spell{calm, down, down, fine}, marks: append(fault("a", 40, 60), Mark{At: seconds(50), Kind: MarkInjected, Fault: "a"})},
		verdict: Recovered, back: Exact,
	},
	{name: "a spike", night: stormCase{spells: []spell{calm, {seconds: 10, good: 30, rate: 2}, {seconds: 7, good: 50}, fine}}, verdict: Recovered, says: "7s after", back: Exact, seconds: 7},
	{name: "a spike that did not hurt", night: stormCase{spells: []spell{calm, {seconds: 10, good: 100, rate: 2}, fine}}, verdict: Recovered, back: Exact},
	{name: "a spike in steps", night: stormCase{spells: []spell{calm, {seconds: 5, good: 100, rate: 1.2}, {seconds: 5, good: 30, rate: 2}, {seconds: 5, good: 50, rate: 1.2}, fine}}, verdict: Recovered, back: Exact},
	{name: "a spike without an end", night: stormCase{spells: []spell{calm, {seconds: 60, good: 100, rate: 2}}}, verdict: Inconclusive, says: "no end of it"},
	{name: "a spike, and then less", night: stormCase{spells: []spell{calm, {seconds: 10, good: 30, rate: 2}, {seconds: 60, good: 100, rate: 0.5}}}, verdict: Inconclusive, says: "less than the baseline's, which proves nothing", back: AtLeast, seconds: 60},
	{name: "less for a while", night: stormCase{spells: []spell{calm, {seconds: 10, good: 30, rate: 2}, {seconds: 10, good: 100, rate: 0.5}, fine}}, verdict: Recovered, back: Exact, seconds: 10},
	{
		name: "a phase that only promises", night: stormCase{spells: []spell{calm, {seconds: 10, good: 100}, fine}, own: map[int]string{1: "recovers within 10s"}},
		verdict: NotTriggered, says: "the load stayed below 1.5 times", back: Exact,
	},
	{
		name: "a promised deadline", night: stormCase{spells: []spell{calm, down, {seconds: 20, good: 50}, fine}, own: map[int]string{1: "recovers within 10s"}, marks: fault("f", 40, 50)},
		verdict: Slow, says: "only 20s after it was over; 10s were allowed", back: Exact, seconds: 20,
	},
}

func TestRecoveries(t *testing.T) {
	names := map[string]bool{}
	for _, tt := range recoveryCases {
		if names[tt.name] || (tt.after == nil) == (tt.night.spells == nil) {
			t.Fatalf("the table has %q twice, or not one night in it", tt.name)
		}
		names[tt.name] = true
		t.Run(tt.name, func(t *testing.T) {
			if tt.after != nil {
				tt.night = stormCase{spells: append([]spell{calm, down}, tt.after...), marks: fault("store-down", 40, 50)}
			}
			r := storm(t, tt.night)
			if tt.tweak != nil {
				tt.tweak(r)
			}
			Judge(r)
			if len(r.Recovery) == 0 {
				t.Fatal("there is no recovery")
			}
			rec := r.Recovery[0]
			if rec.Verdict != tt.verdict || !strings.Contains(rec.Why, tt.says) || !strings.HasSuffix(rec.Why, ".") {
				t.Errorf("%s: %s\nwant %s: …%s…", rec.Verdict, rec.Why, tt.verdict, tt.says)
			}
			if rec.Recover.Is != tt.back || rec.Recover.Value != tt.seconds {
				t.Errorf("recovered after %+v, want %s %v", rec.Recover, tt.back, tt.seconds)
			}
			for _, f := range rec.Figures() {
				if (f.Is == Exact) != (f.Why == "") {
					t.Errorf("a figure is %+v", *f)
				}
			}
		})
	}
}

// The verdicts of an intervention need the trickle good, the load back, and the
// service good under it.
func TestInterventions(t *testing.T) {
	trickle := spell{seconds: 30, good: 100, rate: 1, held: 80}
	for name, c := range map[string]struct {
		trickle, after spell
		tweak          func(*Run)
		want           Outcome
		says           string
	}{
		"confirmed":            {trickle, fine, nil, MetastableConfirmed, "stayed good under the same load"},
		"trickle never good":   {spell{seconds: 30, good: 50, held: 80}, fine, nil, OutagePersists, "even then only 50% of the requests were good"},
		"falls again":          {trickle, broken, nil, MetastableSuspected, "fell again"},
		"degrades":             {trickle, spell{seconds: 60, good: 90}, nil, MetastableSuspected, "fell again"},
		"not watched":          {trickle, spell{seconds: 10, good: 100}, nil, MetastableSuspected, "not watched for long enough"},
		"too few left":         {spell{seconds: 30, good: 100, held: 98}, fine, nil, MetastableSuspected, "too few requests were left"},
		"not brought back":     {trickle, fine, without(MarkRestored), MetastableSuspected, "not seen to be brought back"},
		"only half of it back": {trickle, spell{seconds: 60, good: 100, held: 50}, nil, MetastableSuspected, "not brought back in full"},
		"a second is missing":  {trickle, fine, func(r *Run) { r.Tallies = r.Tallies[:len(r.Tallies)-1] }, MetastableSuspected, "cannot be told: in s4"},
	} {
		r := storm(t, stormCase{
			spells: []spell{calm, down, broken, c.trickle, c.after},
			marks:  append(fault("f", 40, 50), Mark{At: seconds(110), Kind: MarkIntervention}, Mark{At: seconds(140), Kind: MarkRestored}),
		})
		if c.tweak != nil {
			c.tweak(r)
		}
		Judge(r)
		if rec := r.Recovery[0]; rec.Verdict != c.want || !strings.Contains(rec.Why, c.says) {
			t.Errorf("%s: %s: %s\nwant %s: …%s…", name, rec.Verdict, rec.Why, c.want, c.says)
		}
		if rec := r.Recovery[0]; rec.Watched != Span(time.Minute) {
			t.Errorf("%s: watched for %s", name, rec.Watched)
		}
	}
}

// An intervention while the trigger is still there proves nothing.
func TestEarlyIntervention(t *testing.T) {
	r := storm(t, stormCase{spells: []spell{calm, down, fine}, marks: append(fault("f", 40, 50), Mark{At: seconds(45), Kind: MarkIntervention}, Mark{At: seconds(48), Kind: MarkRestored})})
	Judge(r)
	if rec := r.Recovery[0]; rec.Verdict != Inconclusive || !strings.Contains(rec.Why, "Load was lowered before it was over") {
		t.Errorf("%s: %s", rec.Verdict, rec.Why)
	}
}
