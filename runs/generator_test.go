package runs

import (
	"strings"
	"testing"
	"time"
)

// Whoever reads that the generator was late reads what made it so, as far as the
// record tells, and what helps against that and nothing else.
func TestAdvice(t *testing.T) {
	const (
		alone = "play on a host that is left alone"
		core  = "give it another core"
		less  = "press fewer requests a second, or give it another core"
	)
	for _, tt := range []struct {
		g    Generator
		want string
	}{
		{Generator{}, "the record does not say why: " + less},
		{Generator{Starved: 3, CPUShare: 0.4}, "it was short of CPU for 300ms: " + less},
		{Generator{Starved: 30, CPUShare: 0.97}, "it was short of CPU for 3s, and used 97% of what there was: " + less},
		{Generator{CPUShare: 0.912}, "it used 91.2% of the CPU time there was: " + less},
		{Generator{StealShare: 0.042, Steal: Span(time.Second)}, "the host took away 4.2% of its CPUs' time: " + alone},
		{Generator{StealShare: 0.0099, Steal: Span(time.Second), GC: GC{CPUShare: 0.0499, Max: Span(10 * ms)}, CPUShare: 0.89}, "the record does not say why: " + less},
		{Generator{GC: GC{Count: 9, CPUShare: 0.07, Max: Span(2 * ms)}}, "collecting garbage took 7% of the CPUs' time, and stopped everything for up to 2ms: " + core},
		{Generator{GC: GC{Count: 9, CPUShare: 0.01, Max: Span(12 * ms)}}, "collecting garbage took 1% of the CPUs' time, and stopped everything for up to 12ms: " + core},
		{Generator{StealShare: 0.01, Starved: 1}, "the host took away 1% of its CPUs' time: " + alone + "; it was short of CPU for 100ms: " + less},
	} {
		if got := tt.g.advice(); got != tt.want {
			t.Errorf("%+v:\n got %s\nwant %s", tt.g, got, tt.want)
		}
		r := play(night(t, "p99 <= 1s", ""), load{n: 900, took: ms, late: 10})
		lags := r.Generator.Lags
		r.Generator = tt.g
		r.Generator.Lags = lags
		Judge(r)
		if f := r.Findings[0]; f.Verdict != Unclear || !strings.HasSuffix(f.Why, "of readers left over 10ms late; "+tt.want) {
			t.Errorf("%+v is judged %s: %s", tt.g, f.Verdict, f.Why)
		}
		// Who waited for a place in flight waited for the service, whatever else the record tells.
		r = play(night(t, "p99 <= 10ms", ""), load{n: 900, took: 50 * ms, waited: 900})
		lags = r.Generator.Lags
		r.Generator = tt.g
		r.Generator.Lags = lags
		if Judge(r); r.Verdict != Fail {
			t.Errorf("%+v, and all waited: %s: %s", tt.g, r.Verdict, r.Why)
		}
	}
}
