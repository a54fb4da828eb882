package runs

import (
	"math"
	"testing"
	"time"

	"gameday/scenarios"
)

// promise reads one expectation.
func promise(t testing.TB, text string) scenarios.Expectation {
	t.Helper()
	var e scenarios.Expectation
	if err := e.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestJudgeTimes(t *testing.T) {
	checkJudged(t, times)
}

var times = []judged{
	{
		name: "exactly at every limit", expect: "p99 <= 100ms, p99.9 <= 1s, max <= 2s, service p99 <= 90ms, p50 < 101ms",
		loads:   []load{{n: 2970, took: 100 * ms, sent: 10 * ms}, {n: 27, took: time.Second, sent: 10 * ms}, {n: 3, took: 2 * time.Second}},
		verdict: Pass, why: "All 5 promises were kept.",
		found: []string{
			"pass p0 | p99 <= 100ms | 100ms | ", "pass p0 | p99.9 <= 1s | 989ms | ", "pass p0 | max <= 2s | 2s | ",
			"pass p0 | service p99 <= 90ms | 90ms | ", "pass p0 | p50 < 101ms | 100ms | ",
		},
	}, {
		name: "one request too many", expect: "p99 <= 100ms, p99.9 <= 1s, max < 2s, service p99 <= 100ms",
		loads:   []load{{n: 2969, took: 100 * ms}, {n: 27, took: time.Second, sent: 990 * ms, second: 3}, {n: 4, took: 2 * time.Second, sent: 1990 * ms, second: 7}},
		verdict: Fail, why: "3 of 4 promises broken, the first in p0: p99 <= 100ms; p99 was 989ms; worst in second 7, with 2s.",
		found: []string{
			"fail p0 | p99 <= 100ms | 989ms | p99 was 989ms; worst in second 7, with 2s",
			"fail p0 | p99.9 <= 1s | 1.98s | p99.9 was 1.98s; worst in second 7, with 2s",
			"fail p0 | max < 2s | 2s | max was 2s; worst in second 7, with 2s",
			"pass p0 | service p99 <= 100ms | 99.6ms | ",
		},
	}, {
		name: "0.9 % failed", expect: "p99 <= 100ms, service p99 <= 100ms",
		loads:   []load{{n: 991, took: 10 * ms}, {n: 9, failed: "5xx"}},
		verdict: Pass, why: "All 2 promises were kept.",
		found: []string{"pass p0 | p99 <= 100ms | 10ms | ", "pass p0 | service p99 <= 100ms | 10ms | "},
	}, {
		name: "1.1 % failed", expect: "p99 <= 100ms, service p99 <= 100ms, max <= 1s",
		loads:   []load{{n: 989, took: 10 * ms}, {n: 3, failed: "5xx", second: 4}, {n: 8, failed: "5xx", second: 6}},
		verdict: Fail, why: "3 of 3 promises broken, the first in p0: p99 <= 100ms; 1.1% of the requests failed, so the slowest 1% were never answered; worst in second 4, with 100% failed.",
		found: []string{
			"fail p0 | p99 <= 100ms | unanswered | 1.1% of the requests failed, so the slowest 1% were never answered; worst in second 4, with 100% failed",
			"fail p0 | service p99 <= 100ms | unanswered | 1.1% of the requests failed, so the slowest 1% were never answered; worst in second 4, with 100% failed",
			"fail p0 | max <= 1s | unanswered | 11 requests failed, so the slowest was never answered; worst in second 4, with 100% failed",
		},
	}, {
		name: "the second in which most failed is the worst", expect: "p99 <= 100ms",
		loads:   []load{{n: 700, took: ms}, {n: 20, failed: "5xx"}, {n: 100, took: ms, second: 8}, {n: 40, failed: "5xx", second: 8}},
		verdict: Fail, why: "1 of 1 promise broken, the first in p0: p99 <= 100ms; 6.98% of the requests failed, so the slowest 1% were never answered; worst in second 8, with 28.6% failed.",
		found: []string{"fail p0 | p99 <= 100ms | unanswered | 6.98% of the requests failed, so the slowest 1% were never answered; worst in second 8, with 28.6% failed"},
	}, {
		name: "a failure among few", expect: "p99 <= 100ms, p50 <= 100ms",
		loads:   []load{{n: 9, took: ms}, {n: 1, failed: "5xx"}},
		verdict: Unclear, why: "1 of 2 promises cannot be decided, the first in p0: p99 <= 100ms; 10 requests are too few to decide; 300 are needed.",
		found: []string{
			"unclear p0 | p99 <= 100ms | unanswered | 10 requests are too few to decide; 300 are needed",
			"pass p0 | p50 <= 100ms | 1ms | ",
		},
	}, {
		name: "few, but too many slow for chance", expect: "p99 <= 100ms",
		loads:   []load{{n: 33, took: 99900 * time.Microsecond}, {n: 2, took: 2 * time.Second}}, // P(X >= 2 | 35, 0.01) = 4.8 %
		verdict: Fail, why: "1 of 1 promise broken, the first in p0: p99 <= 100ms; p99 was 2s; worst in second 0, with 2s.",
		found: []string{"fail p0 | p99 <= 100ms | 2s | p99 was 2s; worst in second 0, with 2s"},
	}, {
		name: "few, and no more slow than by chance", expect: "p99 <= 100ms",
		loads:   []load{{n: 34, took: 99900 * time.Microsecond}, {n: 2, took: 2 * time.Second}}, // P(X >= 2 | 36, 0.01) = 5.0 %
		verdict: Unclear, why: "1 of 1 promise cannot be decided, the first in p0: p99 <= 100ms; 36 requests are too few to decide; 300 are needed.",
		found: []string{"unclear p0 | p99 <= 100ms | 2s | 36 requests are too few to decide; 300 are needed"},
	}, {
		name: "the greatest of one", expect: "max <= 100ms",
		loads:   []load{{n: 1, took: ms}},
		verdict: Pass, why: "The promise was kept.", found: []string{"pass p0 | max <= 100ms | 1ms | "},
	}, {
		name: "promises that want a fault to bite", expect: "p99 >= 1s, max > 2s, p50 > 100ms",
		loads:   []load{{n: 9, took: ms}, {n: 1, failed: "timeout"}},
		verdict: Fail, why: "1 of 3 promises broken, the first in p0: p50 > 100ms; p50 was 1ms.",
		found: []string{
			"pass p0 | p99 >= 1s | unanswered | ", "pass p0 | max > 2s | unanswered | ", "fail p0 | p50 > 100ms | 1ms | p50 was 1ms",
		},
	}, {
		name: "a promise on an action that nobody drew", expect: "user p99 <= 1s, home p99 <= 1s",
		loads:   []load{{n: 300, took: ms}},
		verdict: Unclear, why: "1 of 2 promises cannot be decided, the first in p0: user p99 <= 1s; 0 requests are too few to decide; 300 are needed.",
		found: []string{
			"unclear p0 | user p99 <= 1s |  | 0 requests are too few to decide; 300 are needed", "pass p0 | home p99 <= 1s | 1ms | ",
		},
	},
}

func TestJudgeLag(t *testing.T) {
	on := load{n: 594, took: 10 * ms, sent: ms}
	checkJudged(t, []judged{
		{
			name: "everybody and crowds", expect: "lag p99 <= 2ms, readers lag p99 <= 2ms, posters lag max <= 5ms",
			loads:   []load{on, {n: 6, took: time.Second, sent: 100 * ms, waited: 6}, {n: 10, who: "posters post", took: 10 * ms, sent: 5 * ms}},
			verdict: Fail, why: "1 of 3 promises broken, the first in p0: lag p99 <= 2ms; lag p99 was 5.01ms.",
			found: []string{
				"fail p0 | lag p99 <= 2ms | 5.01ms | lag p99 was 5.01ms", "pass p0 | readers lag p99 <= 2ms | 1.01ms | ", "pass p0 | posters lag max <= 5ms | 5ms | ",
			},
		}, {
			name: "requests that were never sent", expect: "lag p99 <= 2ms, lag p50 <= 2ms", loads: []load{on},
			tweak: func(r *Run) {
				r.Add(&Entry{Tallies: []Tally{{Second: 9, Crowd: "readers", Action: "home", Offered: 60, Failed: map[string]uint64{"unsent": 60}, Waited: 60}}})
				r.Phases[0].Due["readers"] += 60
			},
			verdict: Fail, why: "1 of 2 promises broken, the first in p0: lag p99 <= 2ms; 9.17% of the requests were never sent.",
			found: []string{"fail p0 | lag p99 <= 2ms | unanswered | 9.17% of the requests were never sent", "pass p0 | lag p50 <= 2ms | 1ms | "},
		}, {
			name: "more lags than requests", expect: "lag p99 <= 2ms", loads: []load{on},
			tweak:   func(r *Run) { r.Add(&Entry{Lags: []LagTally{{Crowd: "readers", Lag: *histogramOf(ms)}}}) },
			verdict: Unclear, why: "1 of 1 promise cannot be decided, the first in p0: lag p99 <= 2ms; the record holds 595 times of 594 requests.",
			found: []string{"unclear p0 | lag p99 <= 2ms |  | the record holds 595 times of 594 requests"},
		},
	})
}

func TestJudgeFresh(t *testing.T) {
	loads := []load{{n: 300, took: ms}}
	seen := make([]time.Duration, 300)
	for i := range seen {
		seen[i] = 50 * ms
	}
	checkJudged(t, []judged{
		{
			name: "without a witness", expect: "fresh p99 <= 1s", loads: loads, tweak: func(r *Run) { r.Witness.Absent = "two accounts are needed" },
			verdict: Unclear, why: "1 of 1 promise cannot be decided, the first in p0: fresh p99 <= 1s; no post was watched on its way: two accounts are needed.",
			found: []string{"unclear p0 | fresh p99 <= 1s |  | no post was watched on its way: two accounts are needed"},
		}, {
			name: "without a post in the phase", expect: "fresh max <= 1s", own: []string{"", ""}, loads: []load{{n: 300, took: ms}, {n: 9, took: ms, phase: 1}},
			tweak:   func(r *Run) { watch(r, 0, seen...) },
			verdict: Unclear, why: "1 of 2 promises cannot be decided, the first in p1: fresh max <= 1s; no post was watched on its way.",
			found: []string{"pass p0 | fresh max <= 1s | 50ms | ", "unclear p1 | fresh max <= 1s |  | no post was watched on its way"},
		}, {
			name: "kept and broken", expect: "fresh p99 <= 60ms, fresh max <= 60ms", loads: loads,
			tweak:   func(r *Run) { watch(r, 0, append(seen[:299:299], 5*time.Second)...) },
			verdict: Fail, why: "1 of 2 promises broken, the first in p0: fresh max <= 60ms; fresh max was 5s.",
			found: []string{"pass p0 | fresh p99 <= 60ms | 50ms | ", "fail p0 | fresh max <= 60ms | 5s | fresh max was 5s"},
		}, {
			name: "a post that nobody saw", expect: "fresh p99 <= 60s, fresh max <= 60s", own: []string{"", ""}, loads: []load{{n: 300, took: ms}, {n: 300, took: ms, phase: 1}},
			tweak: func(r *Run) {
				watch(r, 0, append(seen[:299:299], 10*time.Second)...)
				watch(r, 1, seen...)
				r.Witness.Seen--
			},
			verdict: Unclear, why: "1 of 4 promises cannot be decided, the first in p0: fresh max <= 1m; 1 post could not be read for as long as somebody looked.",
			found: []string{
				"pass p0 | fresh p99 <= 1m | 50ms | ", "unclear p0 | fresh max <= 1m | 10s | 1 post could not be read for as long as somebody looked",
				"pass p1 | fresh p99 <= 1m | 50ms | ", "pass p1 | fresh max <= 1m | 50ms | ",
			},
		}, {
			name: "posts without an end", expect: "fresh p99 <= 60s", loads: loads,
			tweak:   func(r *Run) { watch(r, 0, seen...); r.Witness.Posts += 2 },
			verdict: Unclear, why: "1 of 1 promise cannot be decided, the first in p0: fresh p99 <= 1m; the record holds the way of 300 of 302 posts.",
			found: []string{"unclear p0 | fresh p99 <= 1m |  | the record holds the way of 300 of 302 posts"},
		},
	})
}

// A time in another bucket than the limit's is judged as it is; one in the same
// may be taken for one up to 1.1 % larger or smaller.
func TestResolutionOfTimes(t *testing.T) {
	e := promise(t, "p50 <= 100ms")
	for i := range 4000 {
		d := time.Duration(float64(100*ms) * math.Exp(float64(i-2000)/20000))
		var f Finding
		hist := histogramOf(d, d, d+ms, d-ms, d, d) // of which the median is d
		findTime(&f, e, hist, hist.Count())
		off := math.Abs(d.Seconds()/0.1 - 1)
		if right := (f.Verdict == Pass) == (d <= 100*ms); !right && off > 0.011 {
			t.Fatalf("%s, %.2f %% from the limit, was judged %s", d, 100*off, f.Verdict)
		}
	}
}
