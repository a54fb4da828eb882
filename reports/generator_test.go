package reports

import (
	"strings"
	"testing"
	"time"

	"gameday/runs"
)

// What took the generator's CPU is told where it matters, and in short otherwise.
func TestGeneratorEvidence(t *testing.T) {
	const ms = runs.Span(time.Millisecond)
	for _, tt := range []struct {
		g      runs.Generator
		has    []string
		hasNot []string
	}{
		{runs.Generator{}, []string{"CPU: 0s, 0% of what there was"}, []string{"stolen", "garbage", "starved"}},
		{runs.Generator{StealShare: 0.0099, Steal: ms}, nil, []string{"stolen"}},
		{runs.Generator{StealShare: 0.0423, Steal: 1500 * ms}, []string{"stolen: 1.5s, 4.23% of the host's CPU time was given to others"}, nil},
		{
			runs.Generator{GC: runs.GC{Count: 1, Total: 2 * ms, Max: ms, CPUShare: 0.0499}},
			[]string{"garbage: 1 collection; stood still for 2ms, at most 1ms at once"}, []string{"of what CPU time"},
		}, {
			runs.Generator{GC: runs.GC{Count: 1200, Total: 200 * ms, Max: ms, CPUShare: 0.071}},
			[]string{"garbage: 1,200 collections; stood still for 200ms, at most 1ms at once; took 7.1% of what CPU time there was"}, nil,
		},
		{runs.Generator{CPU: 9000 * ms, CPUShare: 0.5, Starved: 12}, []string{"CPU: 9s, 50% of what there was; starved of it for 1.2s"}, nil},
	} {
		r := night(t)
		r.Generator = tt.g
		var facts []string
		for _, f := range generatorSection(r, gather(r)).facts {
			facts = append(facts, f.name+": "+f.value)
		}
		all := strings.Join(facts, "\n") + "\n"
		for _, want := range tt.has {
			if !strings.Contains(all, want+"\n") {
				t.Errorf("%+v: %q is not in\n%s", tt.g, want, all)
			}
		}
		for _, no := range tt.hasNot {
			if strings.Contains(all, no) {
				t.Errorf("%+v: %q is in\n%s", tt.g, no, all)
			}
		}
	}
}
