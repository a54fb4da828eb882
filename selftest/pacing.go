package selftest

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"gameday/runs"
	"gameday/scenarios"
)

const (
	pacingRate scenarios.Rate = 1000
	// pacingLimit is how late the 99th percentile of requests may leave.
	pacingLimit = time.Millisecond
)

// pacing checks how late requests leave, by the generator's own account and by
// the server's.
func (b *bench) pacing(ctx context.Context) ([]runs.Check, error) {
	var checks []runs.Check
	for _, a := range []struct {
		name     string
		arrivals scenarios.Arrivals
	}{{"even", scenarios.Even}, {"poisson", scenarios.Poisson}} {
		o, err := b.play(ctx, load{path: pathArrive, rate: pacingRate, arrivals: a.arrivals, lasts: b.Plan.Pacing, grace: grace, places: 1000})
		if err != nil {
			return nil, err
		}
		p99 := o.lag.Quantile(0.99)
		left := o.judge(runs.Check{
			Name: "pacing " + a.name, Asks: "How late requests leave at 1,000/s, by the generator's own account.",
			Limit: "p99 <= " + runs.Short(pacingLimit), Value: p99.Seconds(), Unit: "s",
			Got: fmt.Sprintf("p50 %s, p99 %s, max %s", runs.Short(o.lag.Quantile(0.5)), runs.Short(p99), runs.Short(o.lag.Max())),
		}, p99 <= pacingLimit, lateAdvice)
		off := offBeat(o.visits, o.table)
		seen := o.judge(runs.Check{
			Name: "arrivals " + a.name, Asks: "How far from their due times the same requests reach the server, by its account.",
			Limit: "p99 <= " + runs.Short(pacingLimit), Value: quantile(off, 0.99).Seconds(), Unit: "s",
			Got: fmt.Sprintf("p50 %s, p99 %s, max %s", runs.Short(quantile(off, 0.5)), runs.Short(quantile(off, 0.99)), runs.Short(quantile(off, 1))),
		}, quantile(off, 0.99) <= pacingLimit, lateAdvice)
		checks = append(checks, left, seen)
	}
	return checks, nil
}

const lateAdvice = "this host cannot send when it should; use one with an idle CPU, or with finer timers"

// offBeat returns how far each visit was from its due time, sorted. The two
// clocks are set so that as many were early as late.
func offBeat(visits []visit, table *scenarios.Timetable) []time.Duration {
	at := make([]time.Duration, min(len(visits), int(table.Count())))
	for i := range at {
		at[i] = visits[i].At
	}
	slices.Sort(at)
	for i := range at {
		at[i] -= table.At(uint64(i)).Due
	}
	slices.Sort(at)
	middle := quantile(at, 0.5)
	for i := range at {
		at[i] = (at[i] - middle).Abs()
	}
	slices.Sort(at)
	return at
}

// quantile is the q-quantile of sorted durations by nearest rank, as a
// runs.Histogram has it; 0 when there are none.
func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	rank := int(math.Ceil(q * float64(len(sorted))))
	return sorted[min(max(rank, 1), len(sorted))-1]
}
