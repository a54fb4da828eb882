package harness

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gameday/runs"
	"gameday/scenarios"
	"gameday/targets"
)

// A fake is a service without a network: a function from request to answer. It
// runs in a bubble.
type fake func(*http.Request) *http.Response

func (f fake) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	res := f(r)
	if res == nil { // it never answers
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	return res, nil
}

// answer is an answer of a fake.
func answer(status int, contentType, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {contentType}},
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
}

// pause waits in a fake as a slow service does, but not longer than its client.
func pause(r *http.Request, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-r.Context().Done():
		return false
	}
}

// night reads a scenario of the plain HTTP dialect.
func night(t testing.TB, yaml string) *scenarios.Scenario {
	t.Helper()
	s, err := scenarios.Read("night.yaml", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const steady = `
name: night
asks: Does it hold?
seed: 3
crowds:
  - {name: buyers, rate: 100/s, do: [{name: cart, path: /cart, weight: 3}, {name: pay, method: POST, path: /pay, body: "{}"}]}
  - {name: bots, rate: 20/s, arrivals: poisson, do: [{name: search, path: /search}]}
phases:
  - {name: calm, for: 10s}
  - {name: rush, for: 20s, load: [buyers 3x in 5s, bots 1x to 5x]}
expect: [success >= 99%, p99 <= 200ms]
`

var shop = targets.Target{Name: "shop", URL: "http://127.0.0.1:1", Dialect: targets.DialectHTTP}

// playing plays in a bubble; the fake answers.
func playing(t *testing.T, h *Harness, f fake, s *scenarios.Scenario) *runs.Run {
	t.Helper()
	h.Transport = f
	if h.Scale == 0 {
		h.Scale = 1
	}
	run, err := h.Play(t.Context(), s, shop)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// TestAnHourOfLoad plays an hour in a bubble. Counts are exact: every request of
// the schedule is in the record, in its second, once.
func TestAnHourOfLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := night(t, `
name: night
asks: Does it hold for an hour?
seed: 1
crowds:
  - {name: even, rate: 20/s, do: [{name: a, path: /a}]}
  - {name: drawn, rate: 10/s, arrivals: bursty 5, do: [{name: b, path: /b}]}
phases:
  - {name: first, for: 20m}
  - {name: outage, for: 10m}
  - {name: last, for: 30m, load: [even 1x to 0x]}
expect: [success >= 99%]
`)
		start := time.Now()
		run := playing(t, &Harness{}, func(r *http.Request) *http.Response {
			pause(r, 3*time.Millisecond)
			if at := time.Since(start); r.URL.Path != "/" && at >= 20*time.Minute && at < 30*time.Minute {
				return answer(503, "text/plain", "no")
			}
			return answer(200, "text/plain", "yes")
		}, s)
		schedule := scenarios.NewSchedule(s, 1)
		for c, crowd := range s.Crowds {
			for p, phase := range s.Phases {
				sum := run.Sum(func(t *runs.Tally) bool { return t.Crowd == crowd.Name && t.Phase == p })
				if want := schedule.Count(c, p); sum.Offered != want {
					t.Errorf("%s in %s: %d requests, want %d", crowd.Name, phase.Name, sum.Offered, want)
				}
				failed := uint64(0)
				if phase.Name == "outage" {
					failed = sum.Offered - before(schedule.Crowds[c], 3*time.Millisecond, p, schedule)
				}
				if diff := int64(sum.Failures()) - int64(failed); diff < -2 || diff > 2 {
					t.Errorf("%s in %s: %d failed, want %d", crowd.Name, phase.Name, sum.Failures(), failed)
				}
			}
		}
		for i := range run.Tallies {
			tally := &run.Tallies[i]
			c := s.Crowd(tally.Crowd)
			if want := schedule.Crowds[c].Second(tally.Second); tally.Offered != want {
				t.Fatalf("second %d of %s: %d requests, want %d", tally.Second, tally.Crowd, tally.Offered, want)
			}
		}
		all := run.Sum(nil)
		if all.Late+all.Waited > 0 || all.MaxLag != 0 {
			t.Errorf("in a bubble nothing is late, but %d were, by %s at most", all.Late+all.Waited, all.MaxLag)
		}
		if got := all.Response.Max(); got != 3*time.Millisecond {
			t.Errorf("slowest answer after %s, want 3ms", got)
		}
		want := []runs.Verdict{runs.Pass, runs.Fail, runs.Pass}
		for i, f := range run.Findings {
			if f.Verdict != want[i] {
				t.Errorf("%s in %s: %s, want %s: %s", f.Expect, f.Phase, f.Verdict, want[i], f.Why)
			}
		}
		if run.Verdict != runs.Fail {
			t.Errorf("verdict %s: %s", run.Verdict, run.Why)
		}
	})
}

// before is how many requests of a phase are due so close to its end that their
// answers come after it.
func before(table *scenarios.Timetable, d time.Duration, phase int, s *scenarios.Schedule) uint64 {
	_, end := s.Phase(phase)
	return table.Before(end) - table.Before(end-d)
}

// TestCoordinatedOmission freezes the service for 5 s of 60, at 1,000 requests a
// second with 50 in flight at most. Whoever stamps requests when they are sent
// sees about 50 slow ones, 0.08 %. In truth 5,000 came while nothing was answered,
// and the slowest 600 of all 60,000 waited at least 5 s − 600/1,000 s.
func TestCoordinatedOmission(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := night(t, `
name: night
asks: Is a freeze seen?
seed: 1
crowds: [{name: all, rate: 1000/s, do: [{name: a, path: /a}]}]
phases: [{name: night, for: 60s}]
expect: [p99 <= 100ms, service p99 <= 100ms, lag p99 <= 10ms]
`)
		start := time.Now()
		run := playing(t, &Harness{Clients: scenarios.Clients{Timeout: time.Minute}, Safety: Safety{MaxInFlight: 50}}, func(r *http.Request) *http.Response {
			if at := time.Since(start); at >= 20*time.Second && at < 25*time.Second {
				pause(r, 25*time.Second-at)
			}
			pause(r, time.Millisecond)
			return answer(200, "text/plain", "")
		}, s)
		all := run.Sum(nil)
		if got, _ := all.Quantile(0.99); got < 4400*time.Millisecond || got > 4500*time.Millisecond {
			t.Errorf("response p99 %s, want 4.4s to 4.5s", got)
		}
		if got := all.Service.Quantile(0.99); got > 2*time.Millisecond {
			t.Errorf("service p99 %s, want the millisecond that it took once sent", got)
		}
		if all.Late != 0 || all.Waited < 4900 {
			t.Errorf("%d late because of the generator and %d waiting, want 0 and about 5,000: the places were taken", all.Late, all.Waited)
		}
		if run.Generator.InFlightPeak != 50 {
			t.Errorf("%d in flight at most, want the 50 allowed", run.Generator.InFlightPeak)
		}
		if run.Verdict != runs.Fail {
			t.Errorf("verdict %s, want fail: a service that freezes is at fault: %s", run.Verdict, run.Why)
		}
	})
}

func TestStopsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := night(t, `
name: night
asks: Does it stop?
seed: 1
crowds: [{name: all, rate: 1/m, do: [{name: a, path: /a}]}, {name: stuck, rate: 1/s, do: [{name: never, path: /never}]}]
phases: [{name: night, for: 10m}]
expect: [all success >= 90%]
`)
		cause := errors.New("somebody pressed Ctrl-C")
		ctx, cancel := context.WithCancelCause(t.Context())
		start := time.Now()
		time.AfterFunc(90*time.Second, func() { cancel(cause) })
		h := &Harness{Scale: 1, Clients: scenarios.Clients{Timeout: time.Hour}, Transport: fake(func(r *http.Request) *http.Response {
			if r.URL.Path == "/never" {
				return nil
			}
			return answer(200, "text/plain", "")
		})}
		run, err := h.Play(ctx, s, shop)
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took != 90*time.Second {
			t.Errorf("ended after %s, want 1m30s", took)
		}
		if run.Aborted != cause.Error() || run.Verdict == runs.Pass || run.Ended.IsZero() {
			t.Errorf("aborted %q, verdict %s, ended %s", run.Aborted, run.Verdict, run.Ended)
		}
		all := run.Sum(nil)
		if all.Offered != 2 || all.Failures() != 0 {
			t.Errorf("%d requests and %d failures, want the 2 that were answered", all.Offered, all.Failures())
		}
		if last := run.Marks[len(run.Marks)-1]; last.Kind != runs.MarkAborted || time.Duration(last.At) != 90*time.Second {
			t.Errorf("last mark %+v", last)
		}
	})
}

// TestFarBehind plays against a service that answers a tenth of what comes. The
// play ends on time, and what was never sent is in the record.
func TestFarBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := night(t, `
name: night
asks: Does it end?
seed: 1
crowds: [{name: all, rate: 100/s, do: [{name: a, path: /a}]}]
phases: [{name: night, for: 60s}]
expect: [success >= 99%]
`)
		start := time.Now()
		run := playing(t, &Harness{Safety: Safety{MaxInFlight: 10}}, func(r *http.Request) *http.Response {
			pause(r, time.Second)
			return answer(200, "text/plain", "")
		}, s)
		if took := time.Since(start); took > 72*time.Second {
			t.Errorf("took %s, want 60s and the overrun of %s", took, overrun)
		}
		all := run.Sum(nil)
		if all.Offered != 6000 || all.Failed[causeUnsent] < 5200 || all.Late != 0 {
			t.Errorf("%d offered, %d unsent, %d late because of the generator; want 6000, about 5300 and 0", all.Offered, all.Failed[causeUnsent], all.Late)
		}
		if run.Verdict != runs.Fail {
			t.Errorf("verdict %s: %s", run.Verdict, run.Why)
		}
	})
}
