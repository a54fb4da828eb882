package runs

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gameday/freeze"
)

// quick is a run of the model that takes little time to make.
var quick = modelled{rate: 150, phases: 2, seconds: 15, wander: 0.03, left: 0.5}

// even is a run of the model that is the same as itself in all that is needed.
var even = modelled{rate: 120, phases: 3, seconds: 25, wander: 0.03, left: 0.5}

// again reads a record anew, as a comparison does.
func again(t testing.TB, r *Run) *Run {
	t.Helper()
	read, err := ReadRun(strings.NewReader(text(t, r)))
	if err != nil {
		t.Fatal(err)
	}
	Judge(read)
	return read
}

// A run is the same as itself in all that it has enough requests for.
func TestARunIsTheSameAsItself(t *testing.T) {
	for _, m := range []modelled{quick, usual, {rate: 150, phases: 2, seconds: 15, failing: 0.3}} {
		r := m.play(t, 1)
		c := Compare(r, again(t, r), DefaultTolerance)
		told := 0
		for _, row := range c.Rows {
			switch {
			case row.Verdict == Same:
				told++
			case row.Verdict != CannotTell || !row.NotWorse && row.shift != nil && row.shift.by != 0:
				t.Errorf("%s: %s: %s", row.Title(), row.Verdict, row.Why)
			}
			if row.Change.Value != 0 {
				t.Errorf("%s: changed by %v", row.Title(), row.Change.Value)
			}
		}
		if m == usual && (told < len(c.Rows)-9 || c.Verdict != Pass) {
			t.Errorf("only %d of %d are the same; %s: %s", told, len(c.Rows), c.Verdict, c.Why)
		}
	}
}

// Base and head change places: what was better is worse, and nothing else changes.
func TestSwapped(t *testing.T) {
	slower, failing := quick, quick
	slower.tail, failing.failing = 1.8, 0.05
	swapped := map[Change]Change{CannotTell: CannotTell, Same: Same, Better: Worse, Worse: Better}
	seen := map[Change]bool{}
	base := quick.play(t, 1)
	for i, head := range []*Run{quick.play(t, 2), slower.play(t, 3), failing.play(t, 4)} {
		there, back := Compare(base, head, DefaultTolerance), Compare(head, base, DefaultTolerance)
		for j := range there.Rows {
			a, b := &there.Rows[j], &back.Rows[j]
			seen[a.Verdict] = true
			if b.Verdict != swapped[a.Verdict] || a.Base.Value != b.Head.Value || a.Head.Value != b.Base.Value || a.Chance.Value != b.Chance.Value {
				t.Errorf("%d, %s: %s (%s), swapped %s (%s)", i, a.Title(), a.Verdict, a.Why, b.Verdict, b.Why)
			}
			if a.time && a.shift != nil && math.Abs((1+a.Change.Value)*(1+b.Change.Value)-1) > 1e-5 {
				t.Errorf("%s: %v, swapped %v", a.Title(), a.Change.Value, b.Change.Value)
			}
		}
	}
	for _, c := range []Change{CannotTell, Same, Worse} {
		if !seen[c] {
			t.Errorf("nothing was %s", c)
		}
	}
}

// The same two records give the same bytes, whatever they went through.
func TestComparedTwice(t *testing.T) {
	base, head := quick.play(t, 1), quick.play(t, 2)
	before := text(t, base)
	want := text(t, Compare(base, head, DefaultTolerance))
	if text(t, base) != before {
		t.Error("comparing changes a run")
	}
	if got := text(t, Compare(again(t, base), again(t, head), DefaultTolerance)); got != want {
		t.Errorf("another comparison:\n%s", cmp.Diff(want, got))
	}
	var read Comparison
	if err := json.Unmarshal([]byte(want), &read); err != nil {
		t.Fatal(err)
	}
	if got := text(t, &read); got != want {
		t.Errorf("read again it is another:\n%s", cmp.Diff(want, got))
	}
}

// What is not the same is said, and what cannot be compared proves nothing.
func TestWhatIsNotTheSame(t *testing.T) {
	for _, tt := range []struct {
		name  string
		tweak func(*Run)
		says  string
		apart bool
	}{
		{"name", func(r *Run) { r.Scenario.Name = "day" }, `the scenario: "night" in the base, "day" in the head`, true},
		{"crowds", func(r *Run) { r.Scenario.Crowds[0].Rate *= 2 }, "the scenario was changed", true},
		{"scale", func(r *Run) { r.Scale = 0.5 }, "the scale: ", true},
		{"dialect", func(r *Run) { r.Target.Dialect = "http" }, "the dialect: ", true},
		{"transport", func(r *Run) { r.Target.Transport = "h2" }, `the transport: "http1" in the base, "h2" in the head`, true},
		{"kind", func(r *Run) { r.Target.Name = "embedded" }, "the kind of target: ", true},
		{"machine", func(r *Run) { r.Host.CPUs = 64 }, "the generator's machine: ", true},
		{"no scenario", func(r *Run) { r.Scenario = nil }, "a record does not hold the phases of its scenario", true},
		{"no phases", func(r *Run) { r.Phases = nil }, "a record does not hold the phases of its scenario", true},
		{"host", func(r *Run) { r.Host.Name = "loadgen-2" }, "the generator's host: ", false},
		{"target", func(r *Run) { r.Target.Name = "canary" }, `the target: "staging" in the base, "canary" in the head`, false},
		{"seed", func(r *Run) { r.Seed = 9 }, "the seed: ", false},
		{"build", func(r *Run) { r.Identity = freeze.Identity{"build": {"4.3"}} }, `what runs there: "" in the base, "build 4.3" in the head`, false},
		{"knobs", func(r *Run) { r.Scenario.Knobs = map[string]any{"limit": 9} }, "the service's knobs: ", false},
		{"promises", func(r *Run) { r.Scenario.Expect = nil }, "", false},
		{"story", func(r *Run) { r.Scenario.Story = "another" }, "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			base, head := even.play(t, 1), even.play(t, 1)
			tt.tweak(head)
			for _, c := range []*Comparison{Compare(base, head, DefaultTolerance), Compare(head, base, DefaultTolerance)} {
				said := append(append([]string{}, c.Differs...), c.Notes...)
				if tt.apart != (len(c.Differs) > 0) || tt.apart != (c.Verdict == Unclear) || tt.apart != (len(c.Rows) == 0) {
					t.Errorf("%s: %s %q, %d rows", c.Verdict, c.Why, said, len(c.Rows))
				}
				if (tt.says == "") != (len(said) == 0) {
					t.Errorf("said: %q, want %q", said, tt.says)
				}
			}
			c := Compare(base, head, DefaultTolerance)
			if said := strings.Join(append(c.Differs, c.Notes...), "\n"); !strings.HasPrefix(said, tt.says) {
				t.Errorf("said: %s, want %s", said, tt.says)
			}
		})
	}
}

// Missing data never passes.
func TestNothingMissingPasses(t *testing.T) {
	for _, tt := range []struct {
		name  string
		tweak func(*Run)
		says  string
	}{
		{"aborted", func(r *Run) { r.Aborted = "somebody pressed Ctrl-C" }, " proves nothing by itself: "},
		{"undecided", func(r *Run) { r.Verdict, r.Why = Unclear, "Too few." }, " proves nothing by itself: Too few."},
		{"a tally", func(r *Run) { r.Tallies = r.Tallies[1:] }, "the record holds 2960 of the 3000 requests due from people."},
		{"an action", func(r *Run) {
			var kept []Tally
			for _, t := range r.Tallies {
				if t.Action != "like" {
					kept = append(kept, t)
				}
			}
			r.Tallies = kept
		}, "requests due from people."},
		{"all tallies", func(r *Run) { r.Tallies = nil }, "requests due from people."},
		{"no due", func(r *Run) { r.Phases[2].Due = nil }, "does not say how many requests were due from people."},
		{"late", func(r *Run) {
			for i := range r.Tallies {
				r.Tallies[i].Late = 2
			}
		}, "the generator did not keep up"},
		{"a little late", func(r *Run) {
			for i := range r.Tallies {
				r.Tallies[i].Late = uint64(i % 8 / 7 * 3)
			}
		}, "over 10ms late, too many to tell"},
		{"changed", func(r *Run) { r.Marks = []Mark{{At: Span(time.Second), Kind: MarkChanged, Text: "build"}} }, "the target changed"},
		{"held", func(r *Run) { r.Tallies[0].Held, r.Phases[0].Due["people"] = 9, r.Phases[0].Due["people"]+9 }, "held back"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			base, head := even.play(t, 1), even.play(t, 1)
			tt.tweak(head)
			for i, c := range []*Comparison{Compare(base, head, DefaultTolerance), Compare(head, base, DefaultTolerance)} {
				if c.Verdict != Unclear || !strings.Contains(c.Why, tt.says) {
					t.Errorf("%d: %s: %s, want unclear: %s", i, c.Verdict, c.Why, tt.says)
				}
			}
		})
	}
}

// Of a few seconds, or a few requests, nothing is told.
func TestTooLittleToCompare(t *testing.T) {
	for _, tt := range []struct {
		modelled
		says string
	}{
		{modelled{rate: 300, phases: 1, seconds: 9}, "It lasted 9 seconds; 10 are needed."},
		{modelled{rate: 3, phases: 1, seconds: 60}, "The base has 180 requests; 1000 are needed."},
	} {
		c := Compare(tt.play(t, 1), tt.play(t, 2), DefaultTolerance)
		var p99 *Row
		for i := range c.Rows {
			if r := &c.Rows[i]; r.Measure == "p99" && r.Action == "" && r.Phase == "" {
				p99 = r
			}
		}
		if c.Verdict != Unclear || p99 == nil || p99.Verdict != CannotTell || p99.Why != tt.says {
			t.Errorf("%s: %s; p99: %+v", c.Verdict, c.Why, p99)
		}
	}
}

// What is plain must be seen: failures, and a service twice as slow.
func TestPlainRegressions(t *testing.T) {
	failing, twice := usual, usual
	failing.failing, twice.tail = 0.01, 2
	base := usual.play(t, 1)
	for measure, head := range map[string]*Run{"errors": failing.play(t, 2), "p99": twice.play(t, 3)} {
		c := Compare(base, head, DefaultTolerance)
		worse := map[string]bool{}
		for _, r := range c.Rows {
			if r.Verdict == Worse {
				worse[r.Measure] = true
			}
		}
		if c.Verdict != Fail || !worse[measure] || worse["p50"] {
			t.Errorf("%s: %s: %s; worse are %v", measure, c.Verdict, c.Why, worse)
		}
	}
}
