package runs

import (
	"testing"
	"time"
)

func TestJudgeInheritedAndOwn(t *testing.T) {
	two := func(n uint64) []load {
		return []load{{n: 900, took: 50 * ms}, {n: n, took: 50 * ms, who: "posters post"}, {n: 900, took: 50 * ms, phase: 1}}
	}
	checkJudged(t, []judged{
		{
			name: "own replaces inherited of the same measure only", expect: "p99 <= 10ms, success >= 99%, readers p99 <= 60ms", own: []string{"p99 <= 100ms", "readers p99 <= 10ms"}, loads: two(0),
			verdict: Fail, why: "2 of 6 promises broken, the first in p1: p99 <= 10ms; p99 was 50ms; worst in second 10, with 50ms.",
			found: []string{
				"pass p0 | success >= 99% | 100% | ", "pass p0 | readers p99 <= 60ms | 50ms | ", "pass p0 | p99 <= 100ms | 50ms | ",
				"fail p1 | p99 <= 10ms | 50ms | p99 was 50ms; worst in second 10, with 50ms", "pass p1 | success >= 99% | 100% | ",
				"fail p1 | readers p99 <= 10ms | 50ms | readers p99 was 50ms; worst in second 10, with 50ms",
			},
		}, {
			name: "a crowd that is silent in a phase", expect: "posters success >= 90%, post p50 <= 1s, readers p50 <= 1s", own: []string{"", ""}, loads: two(100),
			verdict: Pass, why: "All 4 promises were kept.",
			found: []string{
				"pass p0 | posters success >= 90% | 100% | ", "pass p0 | post p50 <= 1s | 50ms | ", "pass p0 | readers p50 <= 1s | 50ms | ", "pass p1 | readers p50 <= 1s | 50ms | ",
			},
		}, {
			name: "a silent crowd of which the phase itself promises", expect: "readers p50 <= 1s", own: []string{"", "posters success >= 90%, posters lag p50 <= 1s"}, loads: two(100),
			verdict: Unclear, why: "2 of 4 promises cannot be decided, the first in p1: posters success >= 90%; nothing was due.",
			found: []string{
				"pass p0 | readers p50 <= 1s | 50ms | ", "pass p1 | readers p50 <= 1s | 50ms | ",
				"unclear p1 | posters success >= 90% |  | nothing was due", "unclear p1 | posters lag p50 <= 1s |  | nothing was due",
			},
		}, {
			name: "nothing promised", loads: two(0), own: []string{"", ""},
			verdict: Unclear, why: "Nothing was promised, so nothing was proved.",
		},
	})
}

func TestJudgeDoubts(t *testing.T) {
	checkJudged(t, doubts)
}

var steady = load{n: 900, took: 50 * ms}

var lost = "the record holds 899 of the 900 requests due from readers"

var doubts = []judged{
	{
		name: "1 % left late", expect: "p99 <= 1s", loads: []load{{n: 900, took: 50 * ms, late: 9}},
		verdict: Pass, why: "The promise was kept.", found: []string{"pass p0 | p99 <= 1s | 50ms | "},
	}, {
		name: "over 1 % left late", expect: "p99 <= 10ms", loads: []load{{n: 900, took: 50 * ms, late: 10}},
		verdict: Unclear, why: "1 of 1 promise cannot be decided, the first in p0: p99 <= 10ms; the generator did not keep up: 1.11% of the requests of readers left over 10ms late; the record does not say why: press fewer requests a second, or give it another core.",
		found: []string{"unclear p0 | p99 <= 10ms | 50ms | the generator did not keep up: 1.11% of the requests of readers left over 10ms late; the record does not say why: press fewer requests a second, or give it another core"},
	}, {
		name: "late for want of places is the service's", expect: "p99 <= 10ms", loads: []load{{n: 900, took: 50 * ms, waited: 900}},
		verdict: Fail, why: "1 of 1 promise broken, the first in p0: p99 <= 10ms; p99 was 50ms; worst in second 0, with 50ms.",
		found: []string{"fail p0 | p99 <= 10ms | 50ms | p99 was 50ms; worst in second 0, with 50ms"},
	}, {
		name: "one late crowd of many on time", expect: "readers p99 <= 1s", loads: []load{steady, {n: 10, took: ms, who: "posters post", late: 1}},
		verdict: Unclear, why: "1 of 1 promise cannot be decided, the first in p0: readers p99 <= 1s; the generator did not keep up: 10% of the requests of posters left over 10ms late; the record does not say why: press fewer requests a second, or give it another core.",
		found: []string{"unclear p0 | readers p99 <= 1s | 50ms | the generator did not keep up: 10% of the requests of posters left over 10ms late; the record does not say why: press fewer requests a second, or give it another core"},
	}, {
		name: "late in one phase only", expect: "p99 <= 1s", own: []string{"", ""}, loads: []load{steady, {n: 900, took: ms, phase: 1, late: 900}},
		verdict: Unclear, why: "1 of 2 promises cannot be decided, the first in p1: p99 <= 1s; the generator did not keep up: 100% of the requests of readers left over 10ms late; the record does not say why: press fewer requests a second, or give it another core.",
		found: []string{"pass p0 | p99 <= 1s | 50ms | ", "unclear p1 | p99 <= 1s | 1ms | the generator did not keep up: 100% of the requests of readers left over 10ms late; the record does not say why: press fewer requests a second, or give it another core"},
	}, {
		name: "one request missing", expect: "p99 <= 1s", loads: []load{{n: 899, took: ms}}, tweak: func(r *Run) { r.Phases[0].Due["readers"]++ },
		verdict: Unclear, why: "1 of 1 promise cannot be decided, the first in p0: p99 <= 1s; " + lost + ".", found: []string{"unclear p0 | p99 <= 1s | 1ms | " + lost},
	}, {
		name: "one request too many", expect: "p99 <= 1s", loads: []load{steady}, tweak: func(r *Run) { r.Phases[0].Due["readers"]-- },
		verdict: Unclear, why: "1 of 1 promise cannot be decided, the first in p0: p99 <= 1s; the record holds 900 of the 899 requests due from readers.",
		found: []string{"unclear p0 | p99 <= 1s | 50ms | the record holds 900 of the 899 requests due from readers"},
	}, {
		name: "all of a crowd missing", expect: "posters success >= 1%", loads: []load{steady}, tweak: func(r *Run) { r.Phases[0].Due["posters"] = 9 },
		verdict: Unclear, why: "1 of 1 promise cannot be decided, the first in p0: posters success >= 1%; the record holds 0 of the 9 requests due from posters.",
		found: []string{"unclear p0 | posters success >= 1% |  | the record holds 0 of the 9 requests due from posters"},
	}, {
		name: "nobody knows how many were due", expect: "posters success >= 1%", own: []string{"", ""}, loads: []load{{n: 900, took: ms, who: "posters post"}}, tweak: func(r *Run) { delete(r.Phases[1].Due, "posters") },
		verdict: Unclear, why: "1 of 2 promises cannot be decided, the first in p1: posters success >= 1%; the record does not say how many requests were due from posters.",
		found: []string{"pass p0 | posters success >= 1% | 100% | ", "unclear p1 | posters success >= 1% |  | the record does not say how many requests were due from posters"},
	}, {
		name: "strangers", expect: "success >= 99%", loads: []load{{n: 900, failed: "5xx"}, {n: 900_00, took: ms, who: "ghosts home"}},
		verdict: Unclear, why: `1 of 1 promise cannot be decided, the first in p0: success >= 99%; the record holds requests of "ghosts", which is no crowd of the scenario.`,
		found: []string{`unclear p0 | success >= 99% | 99.01% | the record holds requests of "ghosts", which is no crowd of the scenario`},
	}, {
		name: "aborted, all kept so far", expect: "p99 <= 1s", loads: []load{steady}, tweak: func(r *Run) { r.Aborted = "somebody pressed Ctrl-C" },
		verdict: Unclear, why: "The play was ended early: somebody pressed Ctrl-C.", found: []string{"pass p0 | p99 <= 1s | 50ms | "},
	}, {
		name: "aborted after a broken promise", expect: "p99 <= 1ms", own: []string{"", ""}, loads: []load{steady}, tweak: func(r *Run) { r.Aborted = "it was cancelled"; r.Phases[1].Due["readers"] = 5 },
		verdict: Fail, why: "1 of 2 promises broken, the first in p0: p99 <= 1ms; p99 was 50ms; worst in second 0, with 50ms.",
		found: []string{"fail p0 | p99 <= 1ms | 50ms | p99 was 50ms; worst in second 0, with 50ms", "unclear p1 | p99 <= 1ms |  | the record holds 0 of the 5 requests due from readers"},
	}, {
		name: "no end", expect: "p99 <= 1s", loads: []load{steady}, tweak: func(r *Run) { r.Ended = time.Time{} },
		verdict: Unclear, why: "The record has no end.", found: []string{"pass p0 | p99 <= 1s | 50ms | "},
	},
}

// A lie is a fail, whatever the latency was and whatever else is in doubt.
func TestJudgeLies(t *testing.T) {
	lie := func(r *Run) { r.Witness.Lied, r.Witness.Lies = 2, []string{"post 7 is gone", "post 8 came twice"} }
	good := []load{{n: 900, took: 50 * ms}}
	found := " | the service tells the truth | 2 lies | post 7 is gone; post 8 came twice"
	sentence := "broken, the first throughout: the service tells the truth; post 7 is gone; post 8 came twice."
	checkJudged(t, []judged{
		{
			name: "kept otherwise", expect: "p99 <= 1s", loads: good, tweak: lie,
			verdict: Fail, why: "1 of 2 promises " + sentence, found: []string{"fail " + found, "pass p0 | p99 <= 1s | 50ms | "},
		}, {
			name: "nothing promised", loads: good, tweak: lie,
			verdict: Fail, why: "1 of 1 promise " + sentence, found: []string{"fail " + found},
		}, {
			name: "aborted, late and short of requests", expect: "p99 <= 1s", loads: []load{{n: 9, took: ms, late: 9}}, tweak: func(r *Run) { lie(r); r.Aborted = "so"; r.Phases[0].Due["posters"] = 5 },
			verdict: Fail, why: "1 of 2 promises " + sentence,
			found: []string{"fail " + found, "unclear p0 | p99 <= 1s | 1ms | the generator did not keep up: 100% of the requests of readers left over 10ms late; the record does not say why: press fewer requests a second, or give it another core"},
		},
	})
}
