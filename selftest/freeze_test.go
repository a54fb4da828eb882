package selftest

import (
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gameday/harness"
	"gameday/runs"
	"gameday/scenarios"
	"gameday/targets"
)

func timetable(l load) *scenarios.Timetable {
	return scenarios.NewSchedule(l.scenario("1"), 1).Crowds[0]
}

// TestResponses compares the recurrence with a simulation that looks for a free
// place at every request.
func TestResponses(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 1))
	for range 300 {
		f := freeze{takes: time.Duration(rng.Int64N(int64(50 * time.Millisecond)))}
		f.begin = time.Duration(rng.Int64N(int64(2 * time.Second)))
		f.end = f.begin + time.Duration(rng.Int64N(int64(2*time.Second)))
		places := 1 + rng.IntN(60)
		table := timetable(load{
			path: "/", rate: scenarios.Rate(1 + rng.IntN(500)), lasts: 4 * time.Second,
			arrivals: []scenarios.Arrivals{scenarios.Even, scenarios.Poisson}[rng.IntN(2)],
		})
		free := make([]time.Duration, places) // when each place is free again
		for n, got := range f.responses(table, places) {
			due := table.At(uint64(n)).Due
			at := 0
			for i := range free {
				if free[i] < free[at] {
					at = i
				}
			}
			sent := max(due, free[at])
			free[at] = sent + f.takes
			if free[at] >= f.begin && free[at] < f.end {
				free[at] = f.end
			}
			if want := free[at] - due; got != want {
				t.Fatalf("%+v with %d places: request %d takes %s, want %s", f, places, n, got, want)
			}
		}
	}
}

// TestFreezeAsPlayed plays the very check in a bubble: gameday reports what the
// recurrence says, within the histogram's resolution alone.
func TestFreezeAsPlayed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := freeze{begin: 10 * time.Second, end: 15 * time.Second, takes: freezeTakes}
		l := load{path: f.path(), rate: freezeRate, arrivals: scenarios.Even, lasts: 30 * time.Second}
		var first time.Time // request, due as the play begins
		h := harness.Harness{
			Ready: func(*runs.Run) { first = time.Now() },
			Scale: 1, Clients: scenarios.Clients{Timeout: patience}, Safety: harness.Safety{MaxInFlight: freezePlaces},
			Transport: service(func(r *http.Request) {
				if strings.HasPrefix(r.URL.Path, pathFreeze) {
					time.Sleep(time.Until(first.Add(f.answered(time.Since(first)))))
				}
			}),
		}
		run, err := h.Play(t.Context(), l.scenario("1"), targets.Target{Name: "t", URL: "http://127.0.0.1:1", Dialect: targets.DialectHTTP})
		if err != nil {
			t.Fatal(err)
		}
		want := f.responses(timetable(l), freezePlaces)
		slices.Sort(want)
		all := run.Sum(nil)
		if worst := worstOf(percentiles, &all.Response, want, 0); !worst.met() {
			t.Errorf("%s", worst)
		}
		if p99 := quantile(want, 0.99); p99 < 4700*time.Millisecond || p99 > 5*time.Second {
			t.Errorf("p99 should be %s, want nearly the freeze", p99)
		}
		if sent := all.Service.Quantile(0.99); sent > 2*freezeTakes {
			t.Errorf("counted from sending, p99 is %s", sent)
		}
		var blind runs.Histogram // what a tool says that counts from sending
		blind.Merge(&all.Service)
		if worst := worstOf(percentiles[:4], &blind, want, freezeFloor); worst.met() {
			t.Error("a tool that omits in coordination would pass")
		}
	})
}

// A service is a transport that answers after what it does.
type service func(*http.Request)

func (s service) RoundTrip(r *http.Request) (*http.Response, error) {
	s(r)
	return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader("")), Header: http.Header{}}, nil
}

func FuzzFreezePath(f *testing.F) {
	f.Add("/freeze/10s/15s/10ms")
	f.Add("/freeze/10s/15s")
	f.Add("/freeze/a/b/c")
	f.Fuzz(func(t *testing.T, path string) {
		read, err := parseFreeze(path)
		if err != nil {
			return
		}
		if again, err := parseFreeze(read.path()); err != nil || again != read {
			t.Errorf("%q is %+v, and its path is %+v: %v", path, read, again, err)
		}
	})
}
