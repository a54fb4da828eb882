package runs

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const ms = time.Millisecond

// A judged is a hand-made night and what it must come to.
type judged struct {
	name    string
	expect  string   // of the scenario
	own     []string // of the phases; one phase where left out
	loads   []load
	tweak   func(*Run)
	verdict Verdict
	why     string
	found   []string // "verdict phase | promise | got | why"
}

// checkJudged judges every night of a table.
func checkJudged(t *testing.T, table []judged) {
	t.Helper()
	names := map[string]bool{}
	for _, tt := range table {
		if names[tt.name] || !strings.HasSuffix(tt.why, ".") {
			t.Fatalf("the table has %q twice, or a verdict without a sentence: %q", tt.name, tt.why)
		}
		names[tt.name] = true
		t.Run(tt.name, func(t *testing.T) {
			if tt.own == nil {
				tt.own = []string{""}
			}
			r := play(night(t, tt.expect, tt.own...), tt.loads...)
			if tt.tweak != nil {
				tt.tweak(r)
			}
			Judge(r)
			if r.Verdict != tt.verdict || r.Why != tt.why {
				t.Errorf("verdict %s: %s\nwant %s: %s", r.Verdict, r.Why, tt.verdict, tt.why)
			}
			if diff := cmp.Diff(tt.found, told(r)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

// told are the findings of a run as lines.
func told(r *Run) []string {
	var lines []string
	for _, f := range r.Findings {
		lines = append(lines, fmt.Sprintf("%s %s | %s | %s | %s", f.Verdict, f.Phase, f.Expect, f.Got, f.Why))
	}
	return lines
}

func TestJudgeShares(t *testing.T) {
	checkJudged(t, shares)
}

var answered = load{n: 990, took: 10 * ms}

var shares = []judged{
	{
		name: "exactly at every limit", expect: "success >= 99%, errors <= 1%, goodput >= 98.9%",
		loads:   []load{{n: 989, took: 10 * ms}, {n: 1, took: 80 * ms, slow: true}, {n: 10, failed: "5xx"}},
		verdict: Pass, why: "All 3 promises were kept.",
		found: []string{
			"pass p0 | success >= 99% | 99% | ",
			"pass p0 | errors <= 1% | 1% | ",
			"pass p0 | goodput >= 98.9% | 98.9% | ",
		},
	}, {
		name: "exactly at strict limits", expect: "success > 99%, errors < 1%",
		loads:   []load{answered, {n: 10, failed: "5xx"}},
		verdict: Fail, why: "2 of 2 promises broken, the first in p0: success > 99%; success was 99% (10 5xx); worst in second 0, with 99%.",
		found: []string{
			"fail p0 | success > 99% | 99% | success was 99% (10 5xx); worst in second 0, with 99%",
			"fail p0 | errors < 1% | 1% | errors was 1% (10 5xx); worst in second 0, with 1%",
		},
	}, {
		name: "causes and the worst second", expect: "success >= 99%",
		loads:   []load{answered, {n: 100, took: ms, second: 3}, {n: 5, failed: "timeout", second: 3}, {n: 7, failed: "reset", second: 4}, {n: 7, took: ms, second: 4}, {n: 7, failed: "5xx", second: 5}, {n: 100, took: ms, second: 5}},
		verdict: Fail, why: "1 of 1 promise broken, the first in p0: success >= 99%; success was 98.44% (7 5xx, 7 reset, 5 timeout); worst in second 4, with 50%.",
		found: []string{"fail p0 | success >= 99% | 98.44% | success was 98.44% (7 5xx, 7 reset, 5 timeout); worst in second 4, with 50%"},
	}, {
		name: "late answers are not good", expect: "success >= 99%, goodput >= 99%",
		loads:   []load{answered, {n: 20, took: time.Second, slow: true}},
		verdict: Fail, why: "1 of 2 promises broken, the first in p0: goodput >= 99%; goodput was 98.02%; worst in second 0, with 98.02%.",
		found: []string{
			"pass p0 | success >= 99% | 100% | ",
			"fail p0 | goodput >= 99% | 98.02% | goodput was 98.02%; worst in second 0, with 98.02%",
		},
	}, {
		name: "everybody, a crowd, and an action", expect: "success >= 90%, readers success >= 90%, user success >= 90%, posters success >= 90%",
		loads:   []load{{n: 900, took: ms}, {n: 60, failed: "5xx", who: "readers user"}, {n: 40, took: ms, who: "readers user"}, {n: 100, took: ms, who: "posters post"}},
		verdict: Fail, why: "1 of 4 promises broken, the first in p0: user success >= 90%; success was 40% (60 5xx); worst in second 0, with 40%.",
		found: []string{
			"pass p0 | success >= 90% | 94.55% | ",
			"pass p0 | readers success >= 90% | 94% | ",
			"fail p0 | user success >= 90% | 40% | success was 40% (60 5xx); worst in second 0, with 40%",
			"pass p0 | posters success >= 90% | 100% | ",
		},
	}, {
		name: "promises that want a fault to bite", expect: "errors >= 5%, success < 99.9%, goodput <= 10%",
		loads:   []load{{n: 9, took: ms}, {n: 1, failed: "5xx"}},
		verdict: Fail, why: "1 of 3 promises broken, the first in p0: goodput <= 10%; goodput was 90% (1 5xx).",
		found: []string{
			"pass p0 | errors >= 5% | 10% | ",
			"pass p0 | success < 99.9% | 90% | ",
			"fail p0 | goodput <= 10% | 90% | goodput was 90% (1 5xx)",
		},
	}, {
		name: "all must succeed", expect: "success >= 100%, errors <= 0%",
		loads:   []load{{n: 1, took: ms}},
		verdict: Pass, why: "All 2 promises were kept.",
		found: []string{"pass p0 | success >= 100% | 100% | ", "pass p0 | errors <= 0% | 0% | "},
	}, {
		name: "too few to decide", expect: "success >= 99%",
		loads:   []load{{n: 299, took: ms}},
		verdict: Unclear, why: "1 of 1 promise cannot be decided, the first in p0: success >= 99%; 299 requests are too few to decide; 300 are needed.",
		found: []string{"unclear p0 | success >= 99% | 100% | 299 requests are too few to decide; 300 are needed"},
	}, {
		name: "few, but too many bad for chance", expect: "success >= 99%",
		loads:   []load{{n: 33, took: ms}, {n: 2, failed: "timeout"}}, // P(X >= 2 | 35, 0.01) = 4.8 %
		verdict: Fail, why: "1 of 1 promise broken, the first in p0: success >= 99%; success was 94.29% (2 timeout); worst in second 0, with 94.29%.",
		found: []string{"fail p0 | success >= 99% | 94.29% | success was 94.29% (2 timeout); worst in second 0, with 94.29%"},
	}, {
		name: "few, and no more bad than by chance", expect: "success >= 99%",
		loads:   []load{{n: 34, took: ms}, {n: 2, failed: "timeout"}}, // P(X >= 2 | 36, 0.01) = 5.0 %
		verdict: Unclear, why: "1 of 1 promise cannot be decided, the first in p0: success >= 99%; 36 requests are too few to decide; 300 are needed.",
		found: []string{"unclear p0 | success >= 99% | 94.44% | 36 requests are too few to decide; 300 are needed"},
	},
}

// A share is judged at its limit as it is written, whatever the nearest binary
// fractions are: 57 of 100 keep "success >= 57%".
func TestSharesExactlyAtTheLimit(t *testing.T) {
	for of, digits := range map[uint64]int{100: 0, 1000: 1, 10000: 2, 100000: 3} {
		for k := range of + 1 {
			if of > 1000 && k%29 > 0 {
				continue
			}
			limit := fmt.Sprintf("%.*f%%", digits, 100*float64(k)/float64(of))
			var sum Tally
			sum.Offered, sum.Failed = of, map[string]uint64{"5xx": of - k}
			sum.Good = k
			for _, c := range []struct {
				text  string
				holds bool
			}{{"success >= ", true}, {"goodput >= ", true}, {"success <= ", true}, {"success > ", false}, {"success < ", false}} {
				var f Finding
				findShare(&f, promise(t, c.text+limit), &sum)
				if (f.Verdict == Pass) != c.holds && f.Verdict != Unclear {
					t.Fatalf("%d of %d for %q: %s %s", k, of, c.text+limit, f.Verdict, f.Why)
				}
			}
			var f Finding
			sum.Failed = map[string]uint64{"5xx": k}
			findShare(&f, promise(t, "errors <= "+limit), &sum)
			if f.Verdict == Fail {
				t.Fatalf("%d of %d failed, %q: %s %s", k, of, "errors <= "+limit, f.Verdict, f.Why)
			}
		}
	}
}

// A run without phases, scenario, requests or promises proves nothing.
func TestNothingProvesNothing(t *testing.T) {
	many := night(t, "success >= 99%", "", "")
	many.Phases = append(many.Phases, many.Phases...)
	for name, r := range map[string]*Run{
		"zero": {}, "zero scenario": {Scenario: night(t, "p99 <= 1s", "").Scenario}, "too many phases": many,
		"nothing due": night(t, "success >= 99%", ""), "nothing promised": play(night(t, "", ""), load{n: 1000, took: ms}),
		"empty": {Scenario: many.Scenario, Phases: make([]Phase, 2), Aborted: "no"},
	} {
		Judge(r)
		if r.Verdict != Unclear || r.Why == "" || slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Verdict != Unclear }) {
			t.Errorf("%s: verdict %s: %s %q", name, r.Verdict, r.Why, told(r))
		}
	}
}
