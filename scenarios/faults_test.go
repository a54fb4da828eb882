package scenarios

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gameday/faults"
)

// TestTooManyFaults refuses more than can be compared with each other.
func TestTooManyFaults(t *testing.T) {
	s := soundScenario(t)
	for i := range MaxFaults {
		name := fmt.Sprintf("f%d", i)
		s.Faults = append(s.Faults, faults.Fault{Name: name, Kind: "process", On: name, Do: "pause"})
	}
	for _, f := range s.Faults {
		for i := range s.Phases {
			s.Phases[i].Faults = append(s.Phases[i].Faults, f.Name)
		}
	}
	if found := s.Validate("f"); len(found) > 0 {
		t.Fatal(found)
	}
	s.Faults = append(s.Faults, s.Faults[0])
	s.Phases[1].Faults = append(s.Phases[1].Faults, "f0")
	if got, want := s.Validate("f").Error(), "f: faults: 101 of them; want at most 100"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	s.Faults = s.Faults[:MaxFaults]
	if got, want := s.Validate("f").Error(), "f: phases[1].faults: 101 of them; want at most 100"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestOverlapOnOneLine holds that no name of a knob breaks a mistake into two.
func TestOverlapOnOneLine(t *testing.T) {
	s := soundScenario(t)
	for _, name := range []string{"a", "b"} {
		s.Faults = append(s.Faults, faults.Fault{Name: name, Kind: "service", Knobs: map[string]any{"two\nlines": name}})
		s.Phases[0].Faults = append(s.Phases[0].Faults, name)
	}
	if got, want := s.Validate("f").Error(), "f: phases[0].faults[1]: a and b both break the knob two lines"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestFaultPlan holds the plan against the phases at every border and between them.
func TestFaultPlan(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 11))
	names := []string{"a", "b", "c", "d"}
	merged := 0
	for range 300 {
		s := &Scenario{}
		for _, name := range names {
			s.Faults = append(s.Faults, faults.Fault{Name: name, Kind: "process", On: name, Do: "pause"})
		}
		for range 1 + r.IntN(8) {
			p := Phase{For: time.Duration(1 + r.Int64N(5))}
			for _, i := range r.Perm(len(names))[:r.IntN(len(names)+1)] {
				p.Faults = append(p.Faults, names[i])
			}
			s.Phases = append(s.Phases, p)
		}
		plan := s.FaultPlan()
		var begin time.Duration
		for _, p := range s.Phases {
			for at := begin; at < begin+p.For; at++ { // a span holds its beginning and not its end
				var now []string
				for _, f := range plan {
					if f.From <= at && at < f.Until {
						now = append(now, f.Fault.Name)
					}
				}
				if diff := cmp.Diff(slices.Sorted(slices.Values(p.Faults)), slices.Sorted(slices.Values(now))); diff != "" {
					t.Fatalf("%v at %d: %s", s.Phases, at, diff)
				}
			}
			begin += p.For
		}
		for i, f := range plan {
			for _, g := range plan[:i] {
				if g.From > f.From {
					t.Fatalf("%s comes after %s", f.Fault.Name, g.Fault.Name)
				}
				if g.Fault.Name == f.Fault.Name && g.Until >= f.From {
					t.Fatalf("%v: %s is mended at %s and injected again at %s", s.Phases, f.Fault.Name, g.Until, f.From)
				}
			}
			if !slices.ContainsFunc(s.Phases, func(p Phase) bool { return p.For >= f.Until-f.From }) {
				merged++
			}
			if f.Fault.On != f.Fault.Name {
				t.Fatalf("the plan has another fault than the scenario: %+v", f.Fault)
			}
		}
	}
	if merged < 50 {
		t.Errorf("%d spans go over a border, too few to tell", merged)
	}
}

// someOutages gives a sound scenario clients, faults, an intervention and stop
// conditions.
func someOutages(r *rand.Rand, s *Scenario) {
	s.Clients = someClients(r)
	for i := range s.Crowds {
		if c := someClients(r); len(c.Or(s.Clients).Validate("", "")) == 0 {
			s.Crowds[i].Clients = c
		}
	}
	s.Intervention = Intervention{Load: MinMultiple + r.Float64()*(MaxIntervention-MinMultiple), Most: time.Second + time.Duration(r.Int64N(int64(time.Hour)))}
	s.Stop = append(s.Stop, someStop(r), Stop{For: time.Second + 1, URL: "https://prometheus.example", Query: "\"ß\"", Want: "<1e-3", CA: "ca.pem"})
	for i := range s.Phases {
		name := fmt.Sprintf("f%d", i)
		s.Faults = append(s.Faults, faults.Fault{Name: name, Kind: "link", On: name, Toxic: "latency", Toxicity: faults.Share(1 - r.Float64()),
			Latency: time.Millisecond + time.Duration(r.Int64N(int64(time.Hour)))})
		s.Phases[i].Faults = []string{name}
	}
	s.Faults = append(s.Faults, faults.Fault{Name: "knob", Kind: "service", Knobs: map[string]any{"a": r.Float64(), "b": []any{"x", true, r.IntN(1000)}, "c": math.MaxInt32}})
	s.Phases[0].Faults = append(s.Phases[0].Faults, "knob")
	s.Knobs = map[string]any{"limit": r.IntN(1000), "share": r.Float64(), "off": "on", "each": []any{"a"}}
}
