package scenarios

import (
	"fmt"
	"math"
	"slices"
	"strconv"
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
)

// An Expectation is one promise about a phase: `[crowd|action] measure
// comparison limit`. Its text is "success >= 99.9%", "readers p99 <= 100ms",
// "home service p99.9 < 1s", "fresh p99 <= 5s" or "lag p99 <= 10ms".
//
// "p99 <= 100ms" promises that 99 of 100 requests are answered within 100 ms. A
// request that failed was not answered, however quickly it failed.
type Expectation struct {
	Of       string  // a crowd or an action; empty: everybody
	Service  bool    // latency counts from when the request was sent, rather than due
	Measure  string  // one of the constants above
	Quantile float64 // of Latency, Fresh and Lag, in percent: 99.9; 100 is the greatest
	Compare  string  // "<=", "<", ">=" or ">"
	Limit    float64 // in percent for shares, in seconds for durations
}

// IsShare reports whether the measure is a share of the requests, and the limit
// in percent.
func (e Expectation) IsShare() bool {
	return e.Measure == Success || e.Measure == Errors || e.Measure == Goodput
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
	case "<=":
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

const wantExpectation = "want [crowd|action] measure comparison limit, such as success >= 99.9% or readers p99 <= 100ms"

// UnmarshalText reads an expectation. The error names the word that is wrong.
func (e *Expectation) UnmarshalText(text []byte) error {
	s := string(text)
	at := strings.IndexAny(s, "<>=")
	if at < 0 {
		return fmt.Errorf("%q: %s", text, wantExpectation)
	}
	limit := strings.TrimLeft(s[at:], "<>=")
	var got Expectation
	got.Compare = s[at : len(s)-len(limit)]
	if !slices.Contains([]string{"<=", "<", ">=", ">"}, got.Compare) {
		return fmt.Errorf("%q: %q is no comparison; want <=, <, >= or >", text, got.Compare)
	}
	if err := got.readSubject(strings.Fields(s[:at])); err != nil {
		return fmt.Errorf("%q: %w", text, err)
	}
	if err := got.readLimit(strings.TrimSpace(limit)); err != nil {
		return fmt.Errorf("%q: %w", text, err)
	}
	*e = got
	return nil
}

// readSubject reads what stands before the comparison.
func (e *Expectation) readSubject(words []string) error {
	if len(words) > 0 {
		last := words[len(words)-1]
		if q, ok := parseQuantile(last); ok {
			e.Measure, e.Quantile = Latency, q
			words = words[:len(words)-1]
			if n := len(words); n > 0 && (words[n-1] == Fresh || words[n-1] == Lag) {
				e.Measure = words[n-1]
				words = words[:n-1]
			}
		} else if last == Success || last == Errors || last == Goodput {
			e.Measure = last
			words = words[:len(words)-1]
		} else {
			return fmt.Errorf("%q is no measure; want success, errors, goodput, p50 to p99.99, max, fresh p99 or lag p99", last)
		}
	}
	if n := len(words); n > 0 && words[n-1] == "service" {
		if e.Measure != Latency {
			return fmt.Errorf("service goes before a latency, such as service p99")
		}
		e.Service = true
		words = words[:n-1]
	}
	if len(words) > 1 || e.Measure == "" {
		return fmt.Errorf("%s", wantExpectation)
	}
	if len(words) == 1 {
		e.Of = words[0]
	}
	return nil
}

// readLimit reads what stands behind the comparison, in the measure's unit.
func (e *Expectation) readLimit(s string) error {
	if !e.IsShare() {
		d, err := parseDuration(s)
		if err != nil || d == 0 || d > MaxDuration {
			return fmt.Errorf("%q: want a duration above zero and up to %s, such as 100ms", s, durationText(MaxDuration))
		}
		e.Limit = d.Seconds()
		return nil
	}
	number, isPercent := strings.CutSuffix(s, "%")
	v, err := parseNumber(number)
	if err != nil || !isPercent || v > 100 {
		return fmt.Errorf("%q: want a percentage up to 100%%, such as 99.9%%", s)
	}
	e.Limit = v
	return nil
}

// parseQuantile reads "p99.9" as 99.9 and "max" as 100.
func parseQuantile(s string) (float64, bool) {
	if s == "max" {
		return 100, true
	}
	number, ok := strings.CutPrefix(s, "p")
	v, err := parseNumber(number)
	return v, ok && err == nil && v > 0 && v < 100
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
	if e.Measure != Latency {
		words = append(words, e.Measure)
	}
	if !e.IsShare() {
		words = append(words, e.QuantileName())
	}
	return strings.Join(words, " ")
}

// LimitText is the limit with its unit: "100ms" or "99.9%".
func (e Expectation) LimitText() string {
	if e.IsShare() {
		return strconv.FormatFloat(e.Limit, 'f', -1, 64) + "%"
	}
	return durationText(e.Duration())
}
