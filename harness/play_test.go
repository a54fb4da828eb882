package harness

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

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
		run := playing(t, &Harness{Timeout: time.Minute, Safety: Safety{MaxInFlight: 50}}, func(r *http.Request) *http.Response {
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

// TestAGeneratorThatIsLateIsNeverBelieved lets the generator be short of CPU
// while all places are taken: nobody can tell then whose fault it is.
func TestAGeneratorThatIsLateIsNeverBelieved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pacer{ctx: t.Context(), start: time.Now(), table: scenarios.NewSchedule(night(t, steady), 1).Crowds[0], health: &health{}, places: 200, few: 64, freed: make(chan struct{}, 1), deadline: time.Hour}
		for range 20 {
			p.health.sample(true)
		}
		var hits uint64
		for ; hits < 64; hits++ {
			if wait, stop := p.Pace(0, hits); wait != 0 || stop {
				t.Fatalf("request %d: wait %s, stop %t", hits, wait, stop)
			}
		}
		time.AfterFunc(time.Second, p.release)
		p.Pace(0, hits)
		if p.lateness < 900*time.Millisecond || p.late.get(hits) {
			t.Errorf("%s late; a wait of a starved generator counts as the service's: %t", p.lateness, p.late.get(hits))
		}
		for range 20 {
			p.health.wanted.Store(true)
			p.health.sample(false)
		}
		p.taken.Store(p.places)
		time.AfterFunc(3*time.Second, p.release)
		p.Pace(0, hits+1)
		if !p.late.get(hits + 1) {
			t.Errorf("%s late, %s of it waiting; a wait of a healthy generator does not count as the service's", p.lateness, p.behind)
		}
	})
}

// TestBlame shares a backlog between those who caused it.
func TestBlame(t *testing.T) {
	const ms = time.Millisecond
	for name, steps := range map[string][]struct {
		lateness, waited time.Duration
		service          bool
	}{
		"on time":                      {{0, 0, false}, {9 * ms, 9 * ms, false}},
		"the service":                  {{50 * ms, 50 * ms, true}, {100 * ms, 50 * ms, true}, {20 * ms, 0, true}, {0, 0, false}},
		"the generator":                {{50 * ms, 0, false}, {100 * ms, 10 * ms, false}},
		"a wait that costs nothing":    {{100 * ms, 0, false}, {100 * ms, 40 * ms, false}, {100 * ms, 40 * ms, false}, {100 * ms, 40 * ms, false}},
		"first one, then the other":    {{40 * ms, 0, false}, {140 * ms, 100 * ms, true}, {30 * ms, 0, true}, {90 * ms, 0, false}},
		"what was caught up is forgot": {{100 * ms, 100 * ms, true}, {0, 0, false}, {50 * ms, 0, false}},
	} {
		p := &pacer{}
		for i, s := range steps {
			if got := p.blame(s.lateness, s.waited); got != s.service {
				t.Errorf("%s, step %d: the service's %t, want %t (%s of %s)", name, i, got, s.service, p.behind, p.lateness)
			}
		}
	}
}

// TestUnclear plays with a generator that is late, for which a fake service that
// blocks the pacer's clock stands: the requests leave late with free places.
func TestUnclear(t *testing.T) {
	s := night(t, steady)
	run := &runs.Run{Schema: runs.Schema, Scenario: s, Phases: phases(scenarios.NewSchedule(s, 1))}
	schedule := scenarios.NewSchedule(s, 1)
	for c := range s.Crowds {
		b := newBook(schedule, c)
		for n := range schedule.Crowds[c].Count() {
			lag := time.Millisecond
			if n%50 == 0 {
				lag = 20 * time.Millisecond
			}
			b.record(schedule.Crowds[c].At(n), lag, time.Millisecond, "", false)
		}
		tallies, lags := b.flush()
		run.Add(&runs.Entry{Tallies: tallies, Lags: lags})
	}
	runs.Judge(run)
	if run.Verdict != runs.Unclear || !strings.Contains(run.Why, "the generator did not keep up: 2%") {
		t.Errorf("2 %% left late: verdict %s: %s", run.Verdict, run.Why)
	}
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
		h := &Harness{Scale: 1, Timeout: time.Hour, Transport: fake(func(r *http.Request) *http.Response {
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

// TestJournal kills a play by cutting its journal off anywhere: what is left is a
// run, and the whole journal is the very run that was returned.
func TestJournal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var journal bytes.Buffer
		run := playing(t, &Harness{Journal: &journal}, func(r *http.Request) *http.Response {
			pause(r, time.Duration(len(r.URL.Path))*time.Millisecond)
			if r.URL.Path == "/search" {
				return answer(429, "text/plain", "")
			}
			return answer(200, "text/plain", "")
		}, night(t, steady))
		whole, err := runs.ReadJournal(bytes.NewReader(journal.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(run.Tallies, whole.Tallies); diff != "" {
			t.Errorf("tallies of the run and of its journal differ:\n%s", diff)
		}
		if diff := cmp.Diff(run.Generator.Lags, whole.Generator.Lags); diff != "" {
			t.Errorf("lags differ:\n%s", diff)
		}
		if diff := cmp.Diff(run.Marks, whole.Marks); diff != "" {
			t.Errorf("marks differ:\n%s", diff)
		}
		for cut := journal.Len() - 1; cut > 0; cut -= 997 {
			part, err := runs.ReadJournal(bytes.NewReader(journal.Bytes()[:cut]))
			if err != nil {
				if !bytes.Contains(journal.Bytes()[:cut], []byte("\n")) {
					continue // killed while it wrote its first line
				}
				t.Fatalf("cut at %d: %v", cut, err)
			}
			runs.Judge(part)
			if part.Verdict == runs.Pass || part.Aborted == "" {
				t.Fatalf("cut at %d: verdict %s, aborted %q", cut, part.Verdict, part.Aborted)
			}
		}
	})
}

// TestTheSamePlayAgain plays a seed twice: the same requests arrive, at the same
// times.
func TestTheSamePlayAgain(t *testing.T) {
	pressed := func(seed uint64) (log []string) {
		synctest.Test(t, func(t *testing.T) {
			s := night(t, steady)
			s.Seed = seed
			var mu sync.Mutex
			start := time.Now()
			playing(t, &Harness{}, func(r *http.Request) *http.Response {
				mu.Lock()
				defer mu.Unlock()
				log = append(log, time.Since(start).String()+" "+r.Method+" "+r.URL.Path)
				return answer(200, "text/plain", "")
			}, s)
			slices.Sort(log)
		})
		return log
	}
	first := pressed(3)
	if diff := cmp.Diff(first, pressed(3)); diff != "" {
		t.Errorf("the same seed pressed otherwise:\n%s", diff)
	}
	if slices.Equal(first, pressed(4)) {
		t.Error("another seed pressed the same")
	}
}

func TestWatchSeesEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen runs.Run
		var moments, last int
		h := &Harness{Watch: func(m Moment) {
			seen.Add(m.Entry)
			moments++
			if m.Last {
				last++
			}
		}}
		run := playing(t, h, func(r *http.Request) *http.Response { return answer(200, "text/plain", "") }, night(t, steady))
		if diff := cmp.Diff(run.Tallies, seen.Tallies); diff != "" {
			t.Errorf("the moments do not add up to the run:\n%s", diff)
		}
		if moments < 30 || last != 1 {
			t.Errorf("%d moments, %d of them the last; want one a second", moments, last)
		}
	})
}
