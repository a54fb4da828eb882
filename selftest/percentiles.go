package selftest

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"gameday/runs"
	"gameday/scenarios"
)

// accuracy is how far a percentile may be from the truth, as a share of it.
const accuracy = 0.011

const (
	percentileRate scenarios.Rate = 2500
	// wayThere and back, through loopback and two schedulers, is the part of a
	// service time that the server does not see.
	wayThere = 250 * time.Microsecond
	// wayFromDue is the same for a response time, with the lag that pacing may
	// have.
	wayFromDue = wayThere + pacingLimit
)

// The percentiles that are compared.
var percentiles = []float64{0.5, 0.9, 0.99, 0.999, 0.9999}

func percent(q float64) string { return fmt.Sprintf("p%.6g", q*100) }

// A comparison is a percentile as it was reported, and in truth.
type comparison struct {
	q          float64
	got, want  time.Duration
	allowed    time.Duration // that they may differ by
	difference time.Duration
}

func compare(q float64, got, want, floor time.Duration) comparison {
	allowed := time.Duration(accuracy*float64(want)) + floor
	return comparison{q, got, want, allowed, (got - want).Abs()}
}

func (c comparison) met() bool { return c.difference <= c.allowed }

// worse reports whether c uses up more of what is allowed than o.
func (c comparison) worse(o comparison) bool {
	return float64(c.difference)*float64(o.allowed) > float64(o.difference)*float64(c.allowed)
}

// worstOf compares percentiles of h with those of a sorted list, and returns the
// one that uses up most of what is allowed.
func worstOf(qs []float64, h *runs.Histogram, truth []time.Duration, floor time.Duration) comparison {
	var worst comparison
	for i, q := range qs {
		if c := compare(q, h.Quantile(q), quantile(truth, q), floor); i == 0 || c.worse(worst) {
			worst = c
		}
	}
	return worst
}

// share is the difference as a share of the truth.
func (c comparison) share() float64 { return float64(c.difference) / float64(max(c.want, 1)) }

func (c comparison) String() string {
	return fmt.Sprintf("%s %s for %s", percent(c.q), runs.Short(c.got), runs.Short(c.want))
}

// limit is what compare allows, in words.
func limit(floor time.Duration) string {
	if floor == 0 {
		return "within 1.1%"
	}
	return "within 1.1% + " + runs.Short(floor)
}

// percentiles checks the arithmetic by itself, and the percentiles of a play
// against the latencies that the server knows it imposed.
func (b *bench) percentiles(ctx context.Context) ([]runs.Check, error) {
	o, err := b.play(ctx, load{path: pathSpread, rate: percentileRate, arrivals: scenarios.Poisson, lasts: b.Plan.Percentiles, grace: grace, places: 1000})
	if err != nil {
		return nil, err
	}
	truth := o.imposed()
	checks := []runs.Check{arithmetic()}
	for _, q := range percentiles {
		c := compare(q, o.all.Service.Quantile(q), quantile(truth, q), wayThere)
		checks = append(checks, o.judge(runs.Check{
			Name: "service " + percent(q), Asks: "The service time reported, for what the server really took.",
			Limit: limit(wayThere), Got: fmt.Sprintf("%s for %s", runs.Short(c.got), runs.Short(c.want)), Value: c.share(), Unit: "1",
		}, c.met(), "this host adds more to a latency than it should; use one with an idle CPU"))
	}
	worst := worstOf(percentiles, &o.all.Response, truth, wayFromDue)
	return append(checks, o.judge(runs.Check{
		Name: "response", Asks: "The response time reported, for what the server really took: the worst of p50 to p99.99.",
		Limit: limit(wayFromDue), Got: worst.String(), Value: worst.share(), Unit: "1",
	}, worst.met(), lateAdvice)), nil
}

// arithmetic checks runs.Histogram by itself: a hundred thousand durations from
// 100 µs to a minute, spread evenly over their logarithms and over time, against
// the same in a sorted list.
func arithmetic() runs.Check {
	const n, least, most = 100_000, float64(100 * time.Microsecond), float64(time.Minute)
	rng := rand.New(rand.NewPCG(1, 2))
	var worst comparison
	for i, draw := range []func(u float64) float64{
		func(u float64) float64 { return least * math.Pow(most/least, u) },
		func(u float64) float64 { return least + u*(most-least) },
	} {
		var r runs.Recorder
		list := make([]time.Duration, n)
		for i := range list {
			list[i] = time.Duration(draw(rng.Float64()))
			r.Record(list[i])
		}
		slices.Sort(list)
		h := r.Histogram()
		if c := worstOf(percentiles, &h, list, 0); i == 0 || c.worse(worst) {
			worst = c
		}
	}
	c := runs.Check{
		Name: "arithmetic", Asks: "Percentiles of known durations from 100µs to a minute, p50 to p99.99: the worst.",
		Limit: limit(0), Got: fmt.Sprintf("%s off: %s", runs.Percent(worst.share()), worst), Value: worst.share(), Unit: "1", Verdict: runs.Pass,
	}
	if !worst.met() {
		c.Verdict, c.Why = runs.Fail, "this gameday counts wrongly; do not believe its percentiles"
	}
	return c
}
