package selftest

import (
	"math"
	"time"
)

// What the server's latencies lie between, but for the time it takes to wake up.
const (
	spreadLeast = 100 * time.Microsecond
	spreadMost  = 2 * time.Second
)

// Spread is how long the server takes to answer request n: the n-th of a
// low-discrepancy sequence (fractional parts of multiples of the golden ratio),
// drawn from a Pareto distribution of index 1. Each nine of a percentile is ten
// times as long: p50 is 200 µs, p90 1 ms, p99 10 ms, p99.9 100 ms, p99.99 1 s.
func Spread(n int) time.Duration {
	_, u := math.Modf(float64(n+1) * (math.Phi - 1))
	return min(time.Duration(float64(spreadLeast)/(1-u)), spreadMost)
}

// fine is how late an alarm may be on an idle CPU.
const fine = 60 * time.Microsecond

// until returns at t, or as soon after as the kernel lets it. Only the last
// microseconds burn CPU.
func (a *alarm) until(t time.Time) {
	if d := time.Until(t) - fine; d > 0 {
		a.sleep(d)
	}
	for time.Now().Before(t) {
	}
}
