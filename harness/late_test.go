package harness

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gameday/runs"
	"gameday/scenarios"
)

// TestAGeneratorThatIsLateIsNeverBelieved lets the generator be short of CPU
// while all places are taken: nobody can tell then whose fault it is.
func TestAGeneratorThatIsLateIsNeverBelieved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pacer{ctx: t.Context(), start: time.Now(), table: scenarios.NewSchedule(night(t, steady), 1).Crowds[0], health: &health{}, places: 200, few: 64, part: 1, freed: make(chan struct{}, 1), deadline: time.Hour}
		for range 20 {
			p.health.sample(true)
		}
		var hits uint64
		for ; hits < 64; hits++ {
			if wait, stop := p.Pace(0, hits); wait != 0 || stop {
				t.Fatalf("request %d: wait %s, stop %t", hits, wait, stop)
			}
		}
		answers := time.NewTicker(3 * time.Millisecond) // of requests whose places others take
		go func() {
			for range 300 {
				<-answers.C
				p.freed <- struct{}{}
			}
			p.release()
		}()
		p.Pace(0, hits)
		if p.lateness < 800*time.Millisecond || p.late.get(hits) {
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

// TestAServiceThatStandsStill is at fault, even if the generator is busy, as it is
// when it opens thousands of connections to it.
func TestAServiceThatStandsStill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pacer{ctx: t.Context(), start: time.Now(), table: scenarios.NewSchedule(night(t, steady), 1).Crowds[0], health: &health{}, places: 1, few: 1, part: 1, freed: make(chan struct{}, 1), deadline: time.Hour}
		p.health.room.Store(1)
		p.health.unwell.Store(recovery)
		p.Pace(0, 0)
		time.AfterFunc(time.Second, p.release)
		p.Pace(0, 1)
		if !p.late.get(1) {
			t.Errorf("%s late, %s of it waiting, without an answer for a second: not put down to the service", p.lateness, p.behind)
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
			b.record(schedule.Crowds[c].At(n), outcome{lag: lag, service: time.Millisecond, tries: 1})
		}
		tallies, lags := b.flush()
		run.Add(&runs.Entry{Tallies: tallies, Lags: lags})
	}
	runs.Judge(run)
	if run.Verdict != runs.Unclear || !strings.Contains(run.Why, "the generator did not keep up: 2%") {
		t.Errorf("2 %% left late: verdict %s: %s", run.Verdict, run.Why)
	}
}
