package scenarios

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Within is the comparison of "recovers within 30s".
const Within = "within"

const ofBaseline = " of baseline"

// MaxAttempts is the highest limit of Attempts.
const MaxAttempts = 1000

const (
	wantExpectation = "want [crowd|action] measure comparison limit, such as success >= 99.9% or readers p99 <= 100ms"
	wantMeasure     = "want success, errors, goodput, p50 to p99.99, max, fresh p99, lag p99, attempts, recovers or budget"
)

// measures are those that are one word and have no quantile.
var measures = []string{Success, Errors, Goodput, Attempts, Recovers, Budget}

// UnmarshalText reads an expectation. The error names the word that is wrong.
func (e *Expectation) UnmarshalText(text []byte) error {
	subject, compare, limit := cutComparison(string(text))
	if compare == "" {
		return fmt.Errorf("%q: %s", text, wantExpectation)
	}
	if !slices.Contains([]string{"<=", "<", ">=", ">", Within}, compare) {
		return fmt.Errorf("%q: %q is no comparison; want <=, <, >= or >", text, compare)
	}
	got := Expectation{Compare: compare}
	if err := got.readSubject(strings.Fields(subject)); err != nil {
		return fmt.Errorf("%q: %w", text, err)
	}
	if (got.Measure == Recovers) != (compare == Within) {
		return fmt.Errorf("%q: recovers and within go together, such as recovers within 30s", text)
	}
	if err := got.readLimit(strings.TrimSpace(limit)); err != nil {
		return fmt.Errorf("%q: %w", text, err)
	}
	*e = got
	return nil
}

// cutComparison divides a text at its comparison, which is empty if there is none.
func cutComparison(s string) (subject, compare, limit string) {
	if at := strings.IndexAny(s, "<>="); at >= 0 {
		limit = strings.TrimLeft(s[at:], "<>=")
		return s[:at], s[at : len(s)-len(limit)], limit
	}
	words := strings.Fields(s)
	if i := slices.Index(words, Within); i >= 0 {
		return strings.Join(words[:i], " "), Within, strings.Join(words[i+1:], " ")
	}
	return s, "", ""
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
		} else if slices.Contains(measures, last) {
			e.Measure = last
			words = words[:len(words)-1]
		} else {
			return fmt.Errorf("%q is no measure; %s", last, wantMeasure)
		}
	}
	if n := len(words); n > 0 && words[n-1] == "service" {
		if e.Measure != Latency {
			return errors.New("service goes before a latency, such as service p99")
		}
		e.Service = true
		words = words[:n-1]
	}
	if len(words) > 1 || e.Measure == "" {
		return errors.New(wantExpectation)
	}
	if len(words) == 1 {
		e.Of = words[0]
	}
	return nil
}

// readLimit reads what stands behind the comparison, in the measure's unit.
func (e *Expectation) readLimit(s string) error {
	if share, ok := strings.CutSuffix(strings.Join(strings.Fields(s), " "), ofBaseline); ok && e.Measure == Goodput {
		e.Measure = Plateau
		return e.readPercent(share, s, 1000, "want a percentage up to 1000% of baseline, such as 90% of baseline")
	}
	switch {
	case e.isPercent():
		return e.readPercent(s, s, 100, "want a percentage up to 100%, such as 99.9%")
	case e.Measure == Attempts:
		v, err := parseMultiple(s)
		if err != nil || v < 1 || v > MaxAttempts {
			return fmt.Errorf("%q: want 1x to %dx, such as 1.2x", s, MaxAttempts)
		}
		e.Limit = v
		return nil
	}
	d, err := parseDuration(s)
	if err != nil || d == 0 || d > MaxDuration {
		return fmt.Errorf("%q: want a duration above zero and up to %s, such as 100ms", s, durationText(MaxDuration))
	}
	e.Limit = d.Seconds()
	return nil
}

// readPercent reads a percentage of at most so much. The error is of the text as
// it was written.
func (e *Expectation) readPercent(s, written string, most float64, want string) error {
	number, isPercent := strings.CutSuffix(s, "%")
	v, err := parseNumber(number)
	if err != nil || !isPercent || v > most {
		return fmt.Errorf("%q: %s", written, want)
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
