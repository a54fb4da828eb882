package runs

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gameday/freeze"
	"gameday/scenarios"
)

// differences says why two runs cannot be compared, and what else is not the same
// of them.
func differences(base, head *Run) (differs, notes []string) {
	differs, notes = []string{}, []string{}
	apart := func(what, b, h string) {
		if b != h {
			differs = append(differs, fmt.Sprintf("%s: %q in the base, %q in the head", what, b, h))
		}
	}
	note := func(what, b, h string) {
		if b != h {
			notes = append(notes, fmt.Sprintf("%s: %q in the base, %q in the head", what, b, h))
		}
	}
	apart("the scenario", base.Scenario.Name, head.Scenario.Name)
	if len(differs) == 0 && pressed(base.Scenario) != pressed(head.Scenario) {
		differs = append(differs, "the scenario was changed: its people, crowds, phases or loads are not the same")
	}
	apart("the scale", base.Scale.String(), head.Scale.String())
	apart("the dialect", base.Target.Dialect, head.Target.Dialect)
	apart("the transport", base.Target.Transport, head.Target.Transport)
	apart("the kind of target", kindOf(base), kindOf(head))
	apart("the generator's machine", machine(base.Host), machine(head.Host))
	note("the target", base.Target.Name, head.Target.Name)
	if base.Target.Name != "embedded" {
		note("the address", base.Target.URL, head.Target.URL)
	}
	note("the generator's host", base.Host.Name, head.Host.Name)
	note("gameday", base.Gameday, head.Gameday)
	note("the service's knobs", knobs(base.Scenario), knobs(head.Scenario))
	note("what runs there", identity(base.Identity), identity(head.Identity))
	if base.Seed != head.Seed {
		notes = append(notes, fmt.Sprintf("the seed: %d in the base, %d in the head, which is another night of the same kind", base.Seed, head.Seed))
	}
	if base.Verdict == Fail {
		notes = append(notes, "the base failed by itself, so to be no worse than it is not yet good")
	}
	return differs, notes
}

// pressed is what of a scenario decides what is asked of the service, and done to it.
func pressed(s *scenarios.Scenario) string {
	bare := *s
	bare.Asks, bare.Story, bare.Source, bare.Seed, bare.Expect = "", "", "", 0, nil
	bare.Knobs, bare.Stop = nil, nil
	bare.Phases = slices.Clone(s.Phases)
	for i := range bare.Phases {
		bare.Phases[i].Expect = nil
	}
	data, err := json.Marshal(bare)
	if err != nil {
		return err.Error() // no scenario that was read is like that
	}
	return string(data)
}

// knobs are those of the embedded service.
func knobs(s *scenarios.Scenario) string {
	if len(s.Knobs) == 0 {
		return ""
	}
	data, err := json.Marshal(s.Knobs)
	if err != nil {
		return err.Error()
	}
	return string(data)
}

func kindOf(r *Run) string {
	if r.Target.Name == "embedded" {
		return "embedded"
	}
	return "a service of its own"
}

func machine(h Host) string { return fmt.Sprintf("%s/%s with %d CPUs", h.OS, h.Arch, h.CPUs) }

func identity(id freeze.Identity) string {
	var all []string
	for _, kind := range slices.Sorted(maps.Keys(id)) {
		all = append(all, kind+" "+strings.Join(id[kind], "+"))
	}
	return strings.Join(all, ", ")
}
