package selftest

import (
	"context"
	"fmt"
	"math"
	"time"

	"gameday/runs"
	"gameday/scenarios"
)

// topRateLimit is what a host should hold at least.
const topRateLimit scenarios.Rate = 5000

const (
	heldLate    = 0.01                  // of the requests may leave over 10 ms late
	heldService = 20 * time.Millisecond // at the 99th percentile
	stepGrace   = 500 * time.Millisecond
)

// topRate checks the highest rate that the host holds, generator and server
// together.
func (b *bench) topRate(ctx context.Context) ([]runs.Check, error) {
	var best, last *outcome
	before := readClocks(b.PID)
	rate, err := search(topRateLimit, b.Plan.Steps, func(r scenarios.Rate) (held bool, err error) {
		l := load{path: pathAtOnce, rate: r, arrivals: scenarios.Poisson, lasts: b.Plan.Step, grace: stepGrace, places: 1000}
		last, err = b.play(ctx, l)
		if err == nil && r == topRateLimit && !last.held() {
			last, err = b.play(ctx, l) // once is chance, where the verdict hangs on it
		}
		if err != nil {
			return false, err
		}
		if last.held() {
			best = last
		}
		return last.held(), nil
	})
	if err != nil {
		return nil, err
	}
	c := runs.Check{
		Name: "top rate", Asks: "The highest rate at which 99% of requests leave within 10 ms and are answered within 20 ms: a figure, no promise.",
		Limit: fmt.Sprintf(">= %.0f/s", float64(topRateLimit)), Value: float64(rate), Unit: "/s", Got: fmt.Sprintf("%.0f/s", float64(rate)),
	}
	const advice = "scenarios that reach this rate will be unclear on this host; use a larger one"
	// Beyond its top rate every host is short of CPU. Only others can be blamed.
	spent := shortage{others: readClocks(b.PID).since(before)}
	if best == nil {
		c.Got, c.Value = fmt.Sprintf("not even %.0f/s", float64(last.load.rate)), 0
		c.Verdict, c.Why = runs.Fail, advice
		if doubt := spent.doubt(false); doubt != "" {
			c.Verdict, c.Why = runs.Unclear, doubt
		}
		return []runs.Check{c}, nil
	}
	best.shortage = spent
	return []runs.Check{best.judge(c, rate >= topRateLimit, advice)}, nil
}

// held reports whether the load was held.
func (o *outcome) held() bool {
	late := float64(o.all.Late+o.all.Waited) / float64(max(o.all.Offered, 1))
	return o.missing() == "" && late <= heldLate && o.all.Service.Quantile(0.99) <= heldService
}

// search finds the highest rate that is held, in so many steps: from the first
// one it doubles while the rate is held, or halves while none is, and then closes
// in between the two by their geometric mean. It is 0 if none is held.
func search(first scenarios.Rate, steps int, held func(scenarios.Rate) (bool, error)) (scenarios.Rate, error) {
	var low, high scenarios.Rate // held, and not held; zero: not known
	at := first
	for range steps {
		ok, err := held(at)
		if err != nil {
			return 0, err
		}
		if ok {
			low = at
		} else {
			high = at
		}
		switch {
		case high == 0:
			at = low * 2
		case low == 0:
			at = high / 2
		default:
			at = scenarios.Rate(math.Round(math.Sqrt(float64(low * high))))
		}
	}
	return low, nil
}
