package runs

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A promisedCase is a night, what is promised of it, and what becomes of that.
type promisedCase struct {
	name    string
	night   stormCase
	tweak   func(*Run)
	verdict Verdict
	found   []string // "verdict phase | promise | got | why"
}

var (
	slowly   = []spell{calm, down, {seconds: 20, good: 50, attempts: 2}, fine}
	overload = []spell{calm, {seconds: 10, good: 45, rate: 2}, fine}
)

var promisedCases = []promisedCase{
	{
		name: "kept", night: stormCase{spells: slowly, expect: "recovers within 20s", marks: fault("f", 40, 50)}, verdict: Pass,
		found: []string{"pass s1 | recovers within 20s | 20s | "},
	}, {
		name: "broken", night: stormCase{spells: slowly, expect: "recovers within 19s", marks: fault("f", 40, 50)}, verdict: Fail,
		found: []string{"fail s1 | recovers within 19s | 20s | the fault f: slow: Goodput was back at 95% of the baseline's only 20s after it was over; 19s were allowed"},
	}, {
		name: "never back", night: stormCase{spells: []spell{calm, down, {seconds: 60, good: 70}}, expect: "recovers within 1m", marks: fault("f", 40, 50)}, verdict: Fail,
		found: []string{"fail s1 | recovers within 1m | > 1m0s | the fault f: degraded: It was not back after 1m0s, and at the end stood at 70% of the baseline's goodput"},
	}, {
		name: "not watched for long enough", night: stormCase{spells: []spell{calm, down, {seconds: 59, good: 70}}, expect: "recovers within 1m", marks: fault("f", 40, 50)}, verdict: Unclear,
		found: []string{"unclear s1 | recovers within 1m | > 59s | the fault f: inconclusive: It was not back after 59s, when the schedule ends; 1m0s were allowed"},
	}, {
		name: "the phase's own goes first", night: stormCase{spells: slowly, expect: "recovers within 1s", own: map[int]string{1: "recovers within 20s"}, marks: fault("f", 40, 50)}, verdict: Pass,
		found: []string{"pass s1 | recovers within 20s | 20s | "},
	}, {
		name: "of two in a phase the worse", night: stormCase{
			spells: []spell{calm, {seconds: 70, good: 100}, {seconds: 35, good: 100}}, expect: "recovers within 5s", marks: append(fault("a", 40, 50), fault("b", 70, 80)...),
		}, tweak: without(MarkClear), verdict: Unclear,
		found: []string{"unclear s1 | recovers within 5s |  | the fault a: inconclusive: The fault was not seen to be gone"},
	}, {
		name: "of a crowd, of an action", night: stormCase{spells: slowly, expect: "people recovers within 20s, home recovers within 19s", marks: fault("f", 40, 50)}, verdict: Fail,
		found: []string{"pass s1 | people recovers within 20s | 20s | ", "fail s1 | home recovers within 19s | 20s | the fault f: slow: Goodput was back at 95% of the baseline's only 20s after it was over; 19s were allowed"},
	}, {
		name: "nothing befell it", night: stormCase{spells: []spell{calm, fine}, expect: "recovers within 20s, budget <= 5%, success >= 99%"}, verdict: Unclear,
		found: []string{
			"pass s0 | success >= 99% | 100% | ", "pass s1 | success >= 99% | 100% | ",
			"unclear  | recovers within 20s |  | there was nothing to recover from: no spike and no fault",
			"unclear  | budget <= 5% |  | there was nothing to recover from: no spike and no fault",
		},
	}, {
		name: "promised of a phase in which nothing begins", night: stormCase{spells: overload, own: map[int]string{2: "budget <= 5%, goodput >= 90% of baseline"}}, verdict: Unclear,
		found: []string{"unclear s2 | budget <= 5% |  | no spike and no fault began in this phase", "unclear s2 | goodput >= 90% of baseline |  | no spike and no fault began in this phase"},
	}, {
		name: "a plateau", night: stormCase{spells: overload, expect: "goodput >= 90% of baseline"}, verdict: Pass,
		found: []string{"pass s1 | goodput >= 90% of baseline | 90% | "},
	}, {
		name: "no plateau", night: stormCase{spells: overload, expect: "goodput > 90% of baseline"}, verdict: Fail,
		found: []string{"fail s1 | goodput > 90% of baseline | 90% | the spike s1: goodput was 90%"},
	}, {
		// 900 and 1000 of 100 requests a second for 30 days, of which 1 % may be bad.
		name: "budget", night: stormCase{spells: slowly, expect: "budget <= 0.08%", marks: fault("f", 40, 50)}, verdict: Pass,
		found: []string{"pass s1 | budget <= 0.08% | 0.0733% | "},
	}, {
		name: "over budget", night: stormCase{spells: slowly, expect: "budget <= 0.07%", marks: fault("f", 40, 50)}, verdict: Fail,
		found: []string{"fail s1 | budget <= 0.07% | 0.0733% | the fault f: budget was 0.0733%"},
	}, {
		name: "a budget that goes on", night: stormCase{spells: []spell{calm, down, {seconds: 60, good: 70}}, expect: "budget <= 5%", marks: fault("f", 40, 50)}, verdict: Unclear,
		found: []string{"unclear s1 | budget <= 5% | >= 0.104% | the fault f: it was >= 0.104%, and would have grown: it was not back when the watch ended"},
	}, {
		name: "a budget of nothing", night: stormCase{spells: slowly, expect: "budget <= 5%, success >= 100%", marks: fault("f", 40, 50), own: map[int]string{0: "success > 0%", 1: "success > 0%, goodput >= 100%", 2: "success > 0%", 3: "success > 0%"}}, verdict: Fail,
		found: []string{
			"pass s0 | success > 0% | 100% | ", "unclear s1 | budget <= 5% |  | the fault f: an objective of 100% has no budget", "pass s1 | success > 0% | 10% | ",
			"fail s1 | goodput >= 100% | 10% | goodput was 10% (900 timeout); worst in second 40, with 10%", "pass s2 | success > 0% | 50% | ", "pass s3 | success > 0% | 100% | ",
		},
	}, {
		name: "tries", night: stormCase{spells: slowly, expect: "attempts <= 1.2x", own: map[int]string{2: "attempts <= 2x"}, marks: fault("f", 40, 50)}, verdict: Pass,
		found: []string{"pass s0 | attempts <= 1.2x | 1x | ", "pass s1 | attempts <= 1.2x | 1x | ", "pass s2 | attempts <= 2x | 2x | ", "pass s3 | attempts <= 1.2x | 1x | "},
	}, {
		name: "too many tries", night: stormCase{spells: []spell{{seconds: 2, good: 100}, {seconds: 1, good: 100, attempts: 2}}, own: map[int]string{1: "attempts < 2x", 0: "attempts >= 1x"}}, verdict: Fail,
		found: []string{"pass s0 | attempts >= 1x | 1x | ", "fail s1 | attempts < 2x | 2x | each request was tried 2 times on average"},
	}, {
		name: "tries that nobody counted", night: stormCase{spells: []spell{calm}, expect: "attempts <= 2x"}, tweak: func(r *Run) { r.Tallies[3].Attempts = 0 }, verdict: Unclear,
		found: []string{"unclear s0 | attempts <= 2x |  | the record holds 3900 tries of 4000 answered requests"},
	}, {
		name: "held back", night: stormCase{spells: []spell{calm, {seconds: 10, good: 100, held: 90}}, expect: "success >= 90%"}, verdict: Unclear,
		found: []string{"pass s0 | success >= 90% | 100% | ", "unclear s1 | success >= 90% | 100% | 900 of 1000 requests were held back to let the service recover"},
	}, {
		name: "a fault that was not seen to bite", night: stormCase{spells: []spell{calm, fine}, expect: "success >= 90%", marks: fault("f", 40, 50)}, tweak: without(MarkConfirmed), verdict: Unclear,
		found: []string{"pass s0 | success >= 90% | 100% | ", "pass s1 | success >= 90% | 100% | "},
	}, {
		name: "a fault that was not seen to be gone", night: stormCase{spells: []spell{calm, fine}, expect: "success >= 90%", marks: fault("f", 40, 50)}, tweak: without(MarkClear), verdict: Unclear,
		found: []string{"pass s0 | success >= 90% | 100% | ", "pass s1 | success >= 90% | 100% | "},
	}, {
		name: "a fault that nobody promises anything of", night: stormCase{spells: []spell{calm, fine}, expect: "success >= 90%", marks: fault("f", 40, 50)}, verdict: Pass,
		found: []string{"pass s0 | success >= 90% | 100% | ", "pass s1 | success >= 90% | 100% | "},
	},
}

func TestPromisesOfRecovery(t *testing.T) {
	for _, tt := range promisedCases {
		t.Run(tt.name, func(t *testing.T) {
			r := storm(t, tt.night)
			if tt.tweak != nil {
				tt.tweak(r)
			}
			Judge(r)
			if r.Verdict != tt.verdict || !strings.HasSuffix(r.Why, ".") {
				t.Errorf("the run is %s: %s, want %s", r.Verdict, r.Why, tt.verdict)
			}
			if diff := cmp.Diff(tt.found, told(r)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

// Every number of one night, worked out by hand.
func TestFiguresByHand(t *testing.T) {
	r := storm(t, stormCase{
		spells: []spell{
			{seconds: 40, good: 100}, {seconds: 10, good: 30, rate: 2, attempts: 3, cause: "503"},
			{seconds: 10, good: 40, attempts: 2, late: true}, {seconds: 50, good: 100},
		},
		own: map[int]string{1: "goodput >= 90%"},
	})
	rules := DefaultRules
	rules.Capacity = 120
	r.RecoveryRules = &rules
	Judge(r)
	rec := r.Recovery[0]
	want := map[string]float64{
		"baseline": 1, "rate": 100, "depth": 0.7, "detect": 0, "recover": 10, "capacity": 120, "collapse": 1,
		"amplification": 8000.0 / 3000,                // 3 of 2000 and 2 of 1000
		"omega":         2 * 100.0 / 120,              // 2 tries of 100 requests, of 120
		"deficit":       (1400 + 600) / 100.0,         // not good, of 100 a second
		"budget":        2000 / (0.1 * 100 * 2592000), // of 30 days
		"degraded":      600.0 / 3000,
		"shed":          1, // all that failed were told to go away
		"plateau":       60.0 / 120,
		"overloaded":    60.0 / 100,
	}
	got := map[string]float64{
		"baseline": rec.Baseline.Value, "rate": rec.Rate.Value, "depth": rec.Depth.Value, "detect": rec.Detect.Value, "recover": rec.Recover.Value,
		"capacity": rec.Capacity.Value, "collapse": rec.Collapse.Value, "amplification": rec.Attempts.Value, "omega": rec.Asked.Value, "deficit": rec.Deficit.Value,
		"budget": rec.Budget.Value, "degraded": rec.Degraded.Value, "shed": rec.Shed.Value, "plateau": rec.Plateau.Value, "overloaded": rec.Overloaded.Value,
	}
	for name, v := range want {
		want[name] = exact(v).Value
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("figures (-want +got):\n%s", diff)
	}
	if rec.SLO != 0.9 || rec.Drain.Is != Unknown || rec.Verdict != Recovered {
		t.Errorf("objective %v, drain %+v, %s", rec.SLO, rec.Drain, rec.Verdict)
	}
}
