package runs

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// An ask is one request of a night, as it fared.
type ask struct {
	phase, second int
	who           [2]string // crowd and action
	lag, service  time.Duration
	failed        string
	late, waited  bool
	unsent        bool // it has no lag
}

const goodWithin = 100 * ms // of every ask

var everyone = [][2]string{{"readers", "home"}, {"readers", "user"}, {"readers", "status"}, {"posters", "post"}, {"buyers", "buy"}}

// asks draws the requests of a night of two phases, of which about as many are
// bad as promises of 99 % allow. Times keep a distance from every limit that a
// histogram resolves.
func asks(rng *rand.Rand) []ask {
	var all []ask
	bad := rng.Float64() * 0.02
	for range 100 + rng.IntN(600) {
		a := ask{phase: rng.IntN(2), who: everyone[rng.IntN(len(everyone))], lag: ms / 10, service: time.Duration(1+rng.IntN(90)) * ms}
		a.second = 10*a.phase + rng.IntN(10)
		if rng.Float64() < bad {
			a.worsen(rng)
		}
		all = append(all, a)
	}
	return inOrder(all)
}

// inOrder sorts requests as a record has them.
func inOrder(all []ask) []ask {
	slices.SortFunc(all, func(a, b ask) int {
		return Key{a.phase, a.second, a.who[0], a.who[1]}.compare(Key{b.phase, b.second, b.who[0], b.who[1]})
	})
	return all
}

// worsen makes a request fare worse in one of all ways.
func (a *ask) worsen(rng *rand.Rand) {
	switch rng.IntN(6) {
	case 0:
		a.service += 20 * ms
	case 1:
		a.service += time.Second
	case 2:
		a.failed = []string{"timeout", "5xx"}[rng.IntN(2)]
	case 3:
		a.lag, a.late, a.waited = a.lag+50*ms, true, false
	case 4:
		a.lag, a.waited = a.lag+50*ms, !a.late
	case 5:
		a.failed, a.unsent, a.waited = "unsent", true, !a.late
	}
}

// entry is what one request adds to a record.
func (a *ask) entry() *Entry {
	t := Tally{Phase: a.phase, Second: a.second, Crowd: a.who[0], Action: a.who[1], Offered: 1}
	e := &Entry{}
	if !a.unsent {
		t.Attempts, t.MaxLag = 1, Span(a.lag)
		e.Lags = []LagTally{{Phase: a.phase, Crowd: a.who[0], Lag: *histogramOf(a.lag)}}
	}
	if a.late {
		t.Late = 1
	}
	if a.waited {
		t.Waited = 1
	}
	if a.failed != "" {
		t.Failed = map[string]uint64{a.failed: 1}
	} else {
		t.Response.Record(a.lag + a.service)
		t.Service.Record(a.service)
		if a.lag+a.service <= goodWithin {
			t.Good = 1
		}
	}
	e.Tallies = []Tally{t}
	return e
}

// record is the record of a night in which all were due.
func record(t testing.TB, expect string, all []ask) *Run {
	r := night(t, expect, "", "")
	for i := range all {
		r.Phases[all[i].phase].Due[all[i].who[0]]++
		r.Add(all[i].entry())
	}
	return r
}

// text is a run, or a part of one, in JSON.
func text(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
