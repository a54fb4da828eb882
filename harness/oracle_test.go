package harness

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gameday/runs"
)

// A queue is a service that is one queue before one server, and nothing else. It
// goes on working for clients that have given up, as most services do. It runs in
// a bubble.
type queue struct {
	bound  int  // the most that may wait; 0: any number
	newest bool // serves the newest first
	every  time.Duration

	mu      sync.Mutex
	waiting []chan struct{}
	wake    chan struct{}
}

func newQueue(bound int, newest bool) *queue {
	return &queue{bound: bound, newest: newest, every: time.Millisecond, wake: make(chan struct{}, 1)}
}

// serve works until done is closed.
func (q *queue) serve(done <-chan struct{}) {
	for {
		one := q.next()
		if one == nil {
			select {
			case <-q.wake:
			case <-done:
				return
			}
			continue
		}
		time.Sleep(q.every)
		close(one)
	}
}

func (q *queue) next() (one chan struct{}) {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := len(q.waiting)
	switch {
	case n == 0:
		return nil
	case q.newest:
		one, q.waiting = q.waiting[n-1], q.waiting[:n-1]
	default:
		one, q.waiting = q.waiting[0], q.waiting[1:]
	}
	return one
}

// answer lets a request wait, or sheds it.
func (q *queue) answer(r *http.Request) *http.Response {
	q.mu.Lock()
	if q.bound > 0 && len(q.waiting) >= q.bound {
		q.mu.Unlock()
		return answer(503, "text/plain", "too busy")
	}
	one := make(chan struct{})
	q.waiting = append(q.waiting, one)
	q.mu.Unlock()
	select {
	case q.wake <- struct{}{}:
	default:
	}
	select {
	case <-one:
		return answer(200, "text/plain", "ok")
	case <-r.Context().Done():
		return nil
	}
}

// An oracleCase is a row of the oracle.
type oracleCase struct {
	name, base, spike, retries, queue, watch, from, to, verdict string
}

// oracle reads the rows, the same by which the mathematics is tested.
func oracle(t *testing.T) []oracleCase {
	t.Helper()
	file, err := os.Open("../runs/testdata/recovery-oracle.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	in := csv.NewReader(file)
	in.Comment = '#'
	rows, err := in.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var all []oracleCase
	for _, r := range rows[1:] {
		all = append(all, oracleCase{r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[11]})
	}
	if len(all) != 8 {
		t.Fatalf("the oracle has %d rows, want 8", len(all))
	}
	return all
}

// play plays a row for real: Vegeta against the queue, by clients that try again.
func (c oracleCase) play(t *testing.T, seed int, more string) *runs.Run {
	t.Helper()
	budget, retries := "0", c.retries
	if retries == "budget 10%" {
		budget, retries = "10%", "3"
	}
	tries, err := strconv.Atoi(retries)
	if err != nil {
		t.Fatal(err)
	}
	s := night(t, fmt.Sprintf(`
name: night
asks: Does it come back?
seed: %d
clients: {timeout: 1s, retries: {attempts: %d, backoff: 50ms, budget: %s}}
crowds: [{name: people, rate: %s/s, arrivals: poisson, do: [{name: home, path: /}]}]
phases:
  - {name: base, for: 60s}
  - {name: spike, for: 10s, load: [people %sx], expect: [recovers within 30s]}
  - {name: after, for: %ss, load: [people 1x]}
expect: [p99 <= 750ms]
%s`, seed, tries+1, budget, c.base, c.spike, c.watch, more))
	var q *queue
	switch c.queue {
	case "unbounded":
		q = newQueue(0, false)
	case "lifo":
		q = newQueue(0, true)
	default:
		bound, err := strconv.Atoi(c.queue)
		if err != nil {
			t.Fatal(err)
		}
		q = newQueue(bound, false)
	}
	done := make(chan struct{})
	var serving sync.WaitGroup
	serving.Go(func() { q.serve(done) })
	defer serving.Wait()
	defer close(done)
	return playing(t, &Harness{Safety: Safety{MaxInFlight: 20_000}}, q.answer, s)
}

// TestOracle plays every row of the oracle for real, in a bubble, and wants its
// verdict, and its time to recover within its band. Watched for a short time only,
// what goodput alone calls metastable is draining.
func TestOracle(t *testing.T) {
	for _, c := range oracle(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				run := c.play(t, 2, "")
				if len(run.Recovery) != 1 {
					t.Fatalf("%d recoveries; the run is %s: %s", len(run.Recovery), run.Verdict, run.Why)
				}
				rec := run.Recovery[0]
				t.Logf("back after %v s, Ω %v, backlog %v s, tries %v, capacity %v", rec.Recover.Value, rec.Asked.Value, rec.Drain.Value, rec.Attempts.Value, rec.Capacity.Value)
				if rec.Verdict.String() != c.verdict {
					t.Errorf("%s: %s\nwant %s", rec.Verdict, rec.Why, c.verdict)
				}
				if c.from == "" {
					if rec.Recover.Is == runs.Exact {
						t.Errorf("it recovered after %v", rec.Recover.Value)
					}
					return
				}
				least, _ := strconv.ParseFloat(c.from, 64)
				most, _ := strconv.ParseFloat(c.to, 64)
				if took := rec.Recover.Value; rec.Recover.Is != runs.Exact || took < least-1 || took > most+1 {
					t.Errorf("it recovered after %+v, want %s to %s", rec.Recover, c.from, c.to)
				}
			})
		})
	}
}

// TestIntervention lets the load of a service that does not come back be lowered:
// not for a fixed time, but until what is left is served well.
func TestIntervention(t *testing.T) {
	for name, tt := range map[string]struct {
		watch, allowed string
		want           runs.Outcome
	}{
		"for too short":      {"80", "intervention: {load: 1%, most: 30s}", runs.OutagePersists},
		"until it is served": {"220", "intervention: {load: 1%}", runs.MetastableConfirmed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := oracle(t)[2]
				c.watch = tt.watch
				run := c.play(t, 2, tt.allowed)
				rec := run.Recovery[0]
				if rec.Verdict != tt.want {
					t.Errorf("%s: %s\nwant %s", rec.Verdict, rec.Why, tt.want)
				}
				var began, ended []string
				for _, m := range run.Marks {
					switch m.Kind {
					case runs.MarkIntervention:
						began = append(began, m.Text)
					case runs.MarkRestored:
						ended = append(ended, m.Text)
					}
				}
				if len(began) != 1 || len(ended) != 1 {
					t.Errorf("lowered %q, brought back %q", began, ended)
				}
				if held := run.Sum(nil).Held; held == 0 {
					t.Error("no requests were held back")
				}
				if strings.Contains(run.Why, "the record holds") {
					t.Errorf("requests are missing: %s", run.Why)
				}
			})
		})
	}
}
