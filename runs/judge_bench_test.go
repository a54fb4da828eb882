package runs

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// hour is the record of an hour: 5 phases, 5 tallies a second, 6 promises.
func hour(t testing.TB, limit string) *Run {
	r := night(t, fmt.Sprintf("success >= 99%%, goodput >= 50%%, p99 <= %[1]s, readers p99.9 <= %[1]s, home p50 <= %[1]s, service max <= %[1]s", limit), make([]string, 5)...)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range r.Phases {
		r.Scenario.Phases[i].For = 12 * time.Minute
		r.Phases[i].Begin, r.Phases[i].End = Span(i)*Span(12*time.Minute), Span(i+1)*Span(12*time.Minute)
	}
	for second := range 3600 {
		for _, who := range [][2]string{{"buyers", "buy"}, {"posters", "post"}, {"readers", "home"}, {"readers", "status"}, {"readers", "user"}} {
			tally := Tally{Phase: second / 720, Second: second, Crowd: who[0], Action: who[1], Offered: 200, Good: 200, Attempts: 200}
			for d := range logUniform(rng, 200, 100*time.Microsecond, 50*time.Millisecond) {
				tally.Response.Record(d)
				tally.Service.Record(d)
			}
			r.Phases[tally.Phase].Due[who[0]] += 200
			r.Add(&Entry{Tallies: []Tally{tally}})
		}
	}
	return r
}

// An hour is judged in a moment, whether its promises were kept or broken.
func BenchmarkJudge(b *testing.B) {
	for limit, want := range map[string]Verdict{"60ms": Pass, "5ms": Fail} {
		r := hour(b, limit)
		b.Run(want.String(), func(b *testing.B) {
			for b.Loop() {
				Judge(r)
			}
			if r.Verdict != want || len(r.Findings) != 30 {
				b.Errorf("verdict %s of %d findings: %s", r.Verdict, len(r.Findings), r.Why)
			}
		})
	}
}
