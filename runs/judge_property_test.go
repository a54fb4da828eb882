package runs

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// promised are promises that each allow only so many requests to be bad.
var promised = []string{
	"success >= 99%", "errors <= 1.5%", "goodput >= 98%", "p99 <= 100ms", "p90 < 95ms", "readers p95 <= 100ms", "home service p90 <= 100ms",
	"max <= 500ms", "lag p99 <= 1ms", "readers lag p90 <= 1ms", "posters success >= 90%", "user p50 <= 100ms", "success >= 60%", "p50 <= 100ms", "goodput >= 60%",
}

// A play that goes worse for any of its requests, or of which any request is
// missing in the record, never looks better.
func TestWorseNeverPasses(t *testing.T) {
	rng := rand.New(rand.NewPCG(2014, 48))
	count := map[Verdict]int{}
	for range 25 {
		expect := promised[rng.IntN(len(promised))]
		if other := promised[rng.IntN(len(promised))]; !promise(t, other).Same(promise(t, expect)) {
			expect += ", " + other
		}
		all := asks(rng)
		r := record(t, expect, all)
		Judge(r)
		for range 8 {
			before, why := r.Verdict, r.Why
			count[before]++
			for range 1 + rng.IntN(5) {
				all[rng.IntN(len(all))].worsen(rng)
			}
			r = record(t, expect, all)
			if Judge(r); r.Verdict == Pass && before != Pass {
				t.Fatalf("%s: from %s (%s) to %s (%s)", expect, before, why, r.Verdict, r.Why)
			}
		}
	}
	for v := range Verdict(3) {
		if count[v] < 10 {
			t.Errorf("of the nights only %d were %s: %v", count[v], v, count)
		}
	}
}

// Whatever is taken out of the record of a pass, what is left is no pass.
func TestTruncatedNeverPasses(t *testing.T) {
	rng := rand.New(rand.NewPCG(2014, 48))
	var all []ask
	for range 2000 {
		a := ask{phase: rng.IntN(2), who: everyone[rng.IntN(len(everyone))], lag: ms / 10, service: time.Duration(1+rng.IntN(50)) * ms}
		a.second = 10*a.phase + rng.IntN(10)
		all = append(all, a)
	}
	whole := record(t, "success >= 99%, p90 <= 100ms, lag max <= 1ms, fresh max <= 1s", inOrder(all))
	watch(whole, 0, ms, 2*ms)
	watch(whole, 1, ms)
	if Judge(whole); whole.Verdict != Pass {
		t.Fatalf("the whole is %s: %s", whole.Verdict, whole.Why)
	}
	broken := func(name string, cut func(*Run)) { t.Helper(); cutOf(t, whole, name, cut) }
	n := len(whole.Tallies)
	for i := range n {
		broken("without a tally", func(r *Run) { r.Tallies = slices.Delete(r.Tallies, i, i+1) })
		broken("cut off", func(r *Run) { r.Tallies = r.Tallies[:i] })
		broken("a tally twice", func(r *Run) { r.Tallies = append(r.Tallies, r.Tallies[i]) })
		broken("one request less", func(r *Run) {
			r.Tallies[i].Offered--
			r.Tallies[i].Response = Histogram{}
		})
		broken("another phase", func(r *Run) { r.Tallies[i].Phase = 1 - r.Tallies[i].Phase })
		broken("no phase", func(r *Run) { r.Tallies[i].Phase = -1 })
		broken("another crowd", func(r *Run) { r.Tallies[i].Crowd = "ghosts" })
	}
	for phase := range 2 {
		for crowd := range whole.Phases[phase].Due {
			broken("due", func(r *Run) { delete(r.Phases[phase].Due, crowd) })
			broken("due", func(r *Run) { r.Phases[phase].Due[crowd]++ })
			broken("due", func(r *Run) { r.Phases[phase].Due[crowd] = 0 })
		}
		broken("all due", func(r *Run) { r.Phases[phase].Due = nil })
		broken("fresh", func(r *Run) { r.Witness.Fresh[phase] = Histogram{} })
	}
	broken("fresh", func(r *Run) { r.Witness.Fresh = nil })
	broken("phases", func(r *Run) { r.Phases = r.Phases[:1] })
	broken("phases", func(r *Run) { r.Scenario.Phases = r.Scenario.Phases[:1] })
	broken("scenario", func(r *Run) { r.Scenario = nil })
	broken("lags", func(r *Run) { r.Generator.Lags = nil })
	for i := range whole.Generator.Lags {
		broken("lag", func(r *Run) { r.Generator.Lags = slices.Delete(r.Generator.Lags, i, i+1) })
	}
	broken("end", func(r *Run) { r.Ended = time.Time{} })
	broken("abort", func(r *Run) { r.Aborted = "it was cancelled" })
}

// cutOf checks that what a cut leaves of a run does not pass.
func cutOf(t *testing.T, whole *Run, name string, cut func(*Run)) {
	t.Helper()
	r, scenario := *whole, *whole.Scenario
	r.Scenario, r.Tallies, r.Phases = &scenario, slices.Clone(r.Tallies), slices.Clone(r.Phases)
	r.Generator.Lags, r.Witness.Fresh = slices.Clone(r.Generator.Lags), slices.Clone(r.Witness.Fresh)
	for i := range r.Phases {
		r.Phases[i].Due = maps.Clone(r.Phases[i].Due)
	}
	cut(&r)
	if Judge(&r); r.Verdict == Pass {
		t.Errorf("%s: passes: %s", name, r.Why)
	}
}

// A run is judged the same again, from its file, and from its journal.
func TestJudgedTheSameAgain(t *testing.T) {
	rng := rand.New(rand.NewPCG(48, 48))
	for range 5 {
		all := asks(rng)
		r := record(t, "success >= 99%, p99 <= 100ms, readers p90 <= 90ms, lag p99 <= 1ms, fresh p50 <= 20ms, goodput >= 98%", all)
		watch(r, rng.IntN(2), ms, 19*ms, 30*ms)
		Judge(r)
		want, findings := text(t, r), text(t, r.Findings)
		if Judge(r); text(t, r) != want {
			t.Fatalf("judged twice:\n%s\n%s", want, text(t, r))
		}
		dir := t.TempDir()
		if err := r.Save(dir); err != nil {
			t.Fatal(err)
		}
		again, err := Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		if Judge(again); text(t, again) != want {
			t.Fatalf("judged from a file:\n%s\n%s", want, text(t, again))
		}
		again, err = ReadJournal(bytes.NewReader(journalOf(t, r, all)))
		if err != nil {
			t.Fatal(err)
		}
		if Judge(again); text(t, again.Findings) != findings || again.Verdict == Pass {
			t.Fatalf("judged from a journal: %s\n%s\n%s", again.Verdict, findings, text(t, again.Findings))
		}
	}
}

// journalOf is the journal that the play of r wrote: its beginning, an entry for
// every twenty requests, and the witness.
func journalOf(t testing.TB, r *Run, all []ask) []byte {
	t.Helper()
	var journal bytes.Buffer
	write := func(e *Entry) {
		if err := e.Write(&journal); err != nil {
			t.Fatal(err)
		}
	}
	begun := *r
	begun.Ended, begun.Tallies, begun.Findings, begun.Witness, begun.Generator = time.Time{}, nil, nil, Witness{}, Generator{}
	write(&Entry{Run: &begun})
	for chunk := range slices.Chunk(all, 20) {
		e := &Entry{}
		for i := range chunk {
			one := chunk[i].entry()
			e.Tallies, e.Lags = append(e.Tallies, one.Tallies...), append(e.Lags, one.Lags...)
		}
		write(e)
	}
	write(&Entry{Witness: &r.Witness, Generator: &Generator{CPUShare: 0.1}, Marks: []Mark{{Kind: MarkPhase, Text: "p0"}}})
	return journal.Bytes()
}
