package scenarios

import (
	"math"
	"strings"
	"time"
)

// What an expectation can be about.
const (
	Success = "success" // share of the requests that succeeded
	Errors  = "errors"  // share of the requests that failed
	Goodput = "goodput" // share of the requests that succeeded within their latency promise
	Latency = "latency" // a quantile of the response time, or max
	Fresh   = "fresh"   // from a post's acknowledgement until a follower can read it
	Lag     = "lag"     // how late requests left

	Attempts = "attempts" // how often a request was tried, on average

	// Of what befalls the service, which is a spike or a fault:
	Recovers = "recovers"            // from when it was over until goodput was back
	Budget   = "budget"              // share of the error budget that it burned
	Plateau  = "goodput of baseline" // good answers a second while it lasted, over those of the baseline
)

// An Expectation is one promise about a phase: `[crowd|action] measure
// comparison limit`. Its text is "success >= 99.9%", "readers p99 <= 100ms",
// "home service p99.9 < 1s", "fresh p99 <= 5s", "lag p99 <= 10ms", "attempts <= 1.2x",
// "recovers within 30s", "budget <= 5%" or "goodput >= 90% of baseline".
//
// "p99 <= 100ms" promises that 99 of 100 requests are answered within 100 ms. A
// request that failed was not answered, however quickly it failed.
type Expectation struct {
	Of       string  // a crowd or an action; empty: everybody
	Service  bool    // latency counts from when the request was sent, rather than due
	Measure  string  // one of the constants above
	Quantile float64 // of Latency, Fresh and Lag, in percent: 99.9; 100 is the greatest
	Compare  string  // "<=", "<", ">=" or ">"; "within" for Recovers
	Limit    float64 // in percent for shares, in seconds for durations, as a multiple for Attempts
}

// IsShare reports whether the measure is a share of the requests, and the limit
// in percent.
func (e Expectation) IsShare() bool {
	return e.Measure == Success || e.Measure == Errors || e.Measure == Goodput
}

// OfTrigger reports whether the promise is about a spike or a fault and what came
// of it, rather than about the requests of a phase.
func (e Expectation) OfTrigger() bool {
	return e.Measure == Recovers || e.Measure == Budget || e.Measure == Plateau
}

// isPercent reports whether the limit is a percentage.
func (e Expectation) isPercent() bool {
	return e.IsShare() || e.Measure == Budget || e.Measure == Plateau
}

// hasQuantile reports whether the measure is one of times of requests.
func (e Expectation) hasQuantile() bool {
	return !e.isPercent() && e.Measure != Attempts && e.Measure != Recovers
}

// Duration is the limit of a measure of time.
func (e Expectation) Duration() time.Duration {
	return time.Duration(math.Round(e.Limit * float64(time.Second)))
}

// Same reports whether two expectations are about the same measure of the same
// requests, whatever their limits.
func (e Expectation) Same(o Expectation) bool {
	e.Compare, e.Limit, o.Compare, o.Limit = "", 0, "", 0
	return e == o
}

// Holds reports whether got, in the unit of the limit, keeps the promise.
func (e Expectation) Holds(got float64) bool {
	switch e.Compare {
	case "<=", Within:
		return got <= e.Limit
	case "<":
		return got < e.Limit
	case ">=":
		return got >= e.Limit
	case ">":
		return got > e.Limit
	}
	return false
}

// QuantileName is the quantile as it is written: p99.9, or max.
func (e Expectation) QuantileName() string {
	if e.Quantile == 100 {
		return "max"
	}
	return "p" + formatNumber(e.Quantile)
}

// MarshalText writes the expectation as it is read.
func (e Expectation) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

func (e Expectation) String() string {
	return e.Subject() + " " + e.Compare + " " + e.LimitText()
}

// Subject is the expectation without its limit: "readers p99".
func (e Expectation) Subject() string {
	var words []string
	if e.Of != "" {
		words = append(words, e.Of)
	}
	if e.Service {
		words = append(words, "service")
	}
	switch e.Measure {
	case Latency:
	case Plateau:
		words = append(words, Goodput)
	default:
		words = append(words, e.Measure)
	}
	if e.hasQuantile() {
		words = append(words, e.QuantileName())
	}
	return strings.Join(words, " ")
}

// LimitText is the limit with its unit: "100ms", "99.9%", "1.2x" or
// "90% of baseline".
func (e Expectation) LimitText() string {
	switch {
	case e.Measure == Plateau:
		return formatNumber(e.Limit) + "%" + ofBaseline
	case e.isPercent():
		return formatNumber(e.Limit) + "%"
	case e.Measure == Attempts:
		return formatNumber(e.Limit) + "x"
	}
	return durationText(e.Duration())
}
