package harness

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"gameday/runs"
	"gameday/scenarios"
)

// tryAgain is a play of 100 requests, one every 10 s, by clients that try again.
func tryAgain(t *testing.T, clients string, f fake) *runs.Run {
	t.Helper()
	s := night(t, fmt.Sprintf(`
name: night
asks: Do they try again?
seed: 3
crowds: [{name: people, rate: 0.1/s, do: [{name: a, path: /a}], clients: %s}]
phases: [{name: all, for: 1000s}]
expect: [success >= 1%%]
`, clients))
	return playing(t, &Harness{}, f, s)
}

// TestRetries plays clients against a service that does one thing to each try, and
// wants the number of tries, and the time that one whole request took.
func TestRetries(t *testing.T) {
	const naive, polite = "{timeout: 1s, retries: naive}", "{timeout: 1s, retries: polite}"
	for name, tt := range map[string]struct {
		clients string
		f       func(try int) fake // of one request
		tries   uint64             // for each request
		failed  string             // all of them; empty: none
		took    time.Duration      // at least, and 300 ms more at most
	}{
		"no retries":        {"{timeout: 1s}", failing(503, 1), 1, cause503, 0},
		"naive, at once":    {naive, failing(503, 2), 3, "", 0},
		"naive, in vain":    {naive, failing(500, 9), 5, cause5xx, 0},
		"naive, no answers": {naive, silentFor(2), 3, "", 2 * time.Second},
		"not of a 404":      {naive, failing(404, 9), 1, cause4xx, 0},
		"with pauses":       {"{timeout: 1s, retries: {attempts: 4, backoff: 100ms}}", failing(429, 3), 4, "", 700 * time.Millisecond},
		"as is asked":       {"{timeout: 3s, retries: {attempts: 2, retry_after: true}}", asking("2"), 2, "", 2 * time.Second},
		"not that long":     {"{timeout: 3s, retries: {attempts: 2, retry_after: true}}", asking("4"), 1, cause503, 0},
		"not asked for":     {"{timeout: 3s, retries: {attempts: 2}}", asking("2"), 2, "", 0},
		"a polite one":      {polite, failing(503, 0), 1, "", 0},
		"pressing again":    {"{timeout: 1s, refresh: {after: 400ms}}", silentFor(2), 3, "", 800 * time.Millisecond},
		"pressing in vain":  {"{timeout: 1s, refresh: {after: 400ms}}", silentFor(9), 3, causeTimeout, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var tries atomic.Int64
				run := tryAgain(t, tt.clients, func(r *http.Request) *http.Response {
					if r.URL.Path != "/a" { // it is asked whether it is there
						return answer(200, "text/plain", "ok")
					}
					n := tries.Add(1) - 1
					return tt.f(int(n) % int(tt.tries))(r)
				})
				sum := run.Sum(nil)
				if sum.Offered != 100 || sum.Attempts != 100*tt.tries || uint64(tries.Load()) != 100*tt.tries {
					t.Errorf("%d requests with %d tries, %d sent; want 100 with %d", sum.Offered, sum.Attempts, tries.Load(), 100*tt.tries)
				}
				if want := map[string]uint64{tt.failed: 100}; tt.failed != "" && sum.Failed[tt.failed] != 100 || tt.failed == "" && len(sum.Failed) > 0 {
					t.Errorf("failed %v, want %v", sum.Failed, want)
				}
				if tt.failed == "" {
					if took := sum.Response.Max(); took < tt.took || took > tt.took+300*time.Millisecond {
						t.Errorf("a request took %v, want %v", took, tt.took)
					}
				}
			})
		})
	}
}

func failing(status, tries int) func(int) fake {
	return func(try int) fake {
		return func(*http.Request) *http.Response {
			if try < tries {
				return answer(status, "text/plain", "no")
			}
			return answer(200, "text/plain", "ok")
		}
	}
}

func silentFor(tries int) func(int) fake {
	return func(try int) fake {
		return func(*http.Request) *http.Response {
			if try < tries {
				return nil
			}
			return answer(200, "text/plain", "ok")
		}
	}
}

func asking(retry string) func(int) fake {
	return func(try int) fake {
		return func(*http.Request) *http.Response {
			if try > 0 {
				return answer(200, "text/plain", "ok")
			}
			res := answer(503, "text/plain", "no")
			res.Header.Set("Retry-After", retry)
			return res
		}
	}
}

// TestBudget spends more than is earned, whatever the order: tries again are never
// more than the share of the requests, and what can be saved up.
func TestBudget(t *testing.T) {
	for _, share := range []float64{0.01, 0.1, 0.5, 2} {
		b := budget{share: share}
		var requests, again float64
		for i := range 20_000 {
			b.earn()
			requests++
			for want := i % 7; want > 0; want-- {
				if b.spend() {
					again++
				}
			}
			if again > share*requests+1e-6 {
				t.Fatalf("%v tries again for %v requests with a budget of %v", again, requests, share)
			}
		}
		if again < 0.99*min(share, 3)*requests-1 {
			t.Errorf("%v tries again for %v requests, of %v", again, requests, share)
		}
	}
	saved := budget{share: 1}
	for range 1000 {
		saved.earn()
	}
	n := 0
	for saved.spend() {
		n++
	}
	if n != mostSaved/1000 {
		t.Errorf("%d tries were saved up", n)
	}
	if none := (&budget{}); !none.spend() {
		t.Error("without a budget there is no limit")
	}
}

// TestGate holds back as many as it is told to, the same ones each time.
func TestGate(t *testing.T) {
	var g gate
	for _, share := range []float64{0.01, 0.2, 0.5} {
		g.lower(share)
		through := 0
		for draw := range uint64(100_000) {
			first, again := g.holds(draw), g.holds(draw)
			if first != again {
				t.Fatal("the gate changes its mind")
			}
			if !first {
				through++
			}
		}
		if got := float64(through) / 100_000; got < share*0.9 || got > share*1.1 {
			t.Errorf("%v came through, want %v", got, share)
		}
	}
	if g.lower(1); g.lowered() || g.holds(7) {
		t.Error("an open gate holds back")
	}
}

// FuzzHeard reads what said has written.
func FuzzHeard(f *testing.F) {
	f.Add("timeout", 1)
	f.Add("", 3)
	f.Add("5xx", 99)
	f.Fuzz(func(t *testing.T, cause string, tries int) {
		if cause == "" || worthwhile(cause) {
			if gotCause, gotTries := heard(said(cause, tries)); gotCause != cause || gotTries != tries {
				t.Errorf("%q %d came as %q %d", cause, tries, gotCause, gotTries)
			}
		}
	})
}

// TestStop ends a play by a condition: not before it was met for as long as it
// says, and with the reason in the record.
func TestStop(t *testing.T) {
	for name, tt := range map[string]struct {
		stop string
		at   time.Duration // the service fails from then on; zero: never
		ends time.Duration // zero: it does not
	}{
		"too few succeed":    {"success < 50% for 10s", 20 * time.Second, 30 * time.Second},
		"too many fail":      {"errors > 20% for 5s", 20 * time.Second, 25 * time.Second},
		"not for that long":  {"errors > 20% for 50s", 20 * time.Second, 0},
		"it lasts too long":  {"duration > 12s", 0, 13 * time.Second},
		"nothing is wrong":   {"success < 50% for 10s", 0, 0},
		"it does not answer": {"success < 50% for 10s", 20 * time.Second, 35 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var stop scenarios.Stop
				if err := stop.UnmarshalText([]byte(tt.stop)); err != nil {
					t.Fatal(err)
				}
				s := night(t, `
name: night
asks: Does it end?
seed: 3
crowds: [{name: people, rate: 50/s, do: [{name: a, path: /a}]}]
phases: [{name: all, for: 60s}]
expect: [success >= 1%]
`)
				start := time.Now()
				run := playing(t, &Harness{Safety: Safety{Stop: []scenarios.Stop{stop}}}, func(r *http.Request) *http.Response {
					switch failing := tt.at > 0 && time.Since(start) >= tt.at; {
					case failing && name == "it does not answer":
						return nil
					case failing:
						return answer(500, "text/plain", "no")
					}
					return answer(200, "text/plain", "ok")
				}, s)
				var marked string
				for _, m := range run.Marks {
					if m.Kind == runs.MarkStop {
						marked = m.Text
					}
				}
				took := run.Ended.Sub(run.Began).Round(time.Second)
				if tt.ends == 0 {
					if run.Aborted != "" || marked != "" || took != time.Minute {
						t.Errorf("it ended after %v: %q, %q", took, run.Aborted, marked)
					}
					return
				}
				if want := fmt.Sprintf("the stop condition %q was met", tt.stop); run.Aborted != want || marked != tt.stop {
					t.Errorf("aborted %q, marked %q", run.Aborted, marked)
				}
				if took < tt.ends-time.Second || took > tt.ends+time.Second {
					t.Errorf("it ended after %v, want %v", took, tt.ends)
				}
				if run.Verdict == runs.Pass {
					t.Error("it passes")
				}
			})
		})
	}
}
