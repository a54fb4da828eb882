package scenarios

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Elapsed is the measure of a stop condition that is about how long a play lasts.
const Elapsed = "duration"

// A Stop is a condition that ends a play. Its text is "success < 50% for 10s",
// "errors > 20% for 5s" or "duration > 10m". With keys it asks a Prometheus every
// second, and ends the play when the answer has not been what is wanted for so
// long: {url: …, query: …, want: "> 0.5", for: 10s}.
type Stop struct {
	Measure string  `json:"-"` // success, errors or duration; empty: a query
	Compare string  `json:"-"` // "<", "<=", ">" or ">="
	Limit   float64 `json:"-"` // in percent for shares, in seconds for the duration

	For time.Duration `json:"for,omitempty"` // how long it must be so, without a break; not of the duration

	URL   string `json:"url,omitempty"` // of a Prometheus server
	Query string `json:"query,omitempty"`
	Want  string `json:"want,omitempty"`  // what each value of the answer must be for the play to go on, such as "> 0.5"
	Token string `json:"token,omitempty"` // a file that holds a bearer token
	CA    string `json:"ca,omitempty"`    // a PEM file of the authorities to trust
}

const (
	wantStop = "want a measure, a limit and how long, such as success < 50% for 10s, errors > 20% for 5s or duration > 10m"
	wantWant = `want a comparison and a number, such as "> 0.5"`
)

// IsQuery reports whether the condition asks a Prometheus.
func (s Stop) IsQuery() bool { return s.Measure == "" }

// Ends reports whether a value is one that ends the play, if it stays so for
// [Stop.For]: in percent for shares, in seconds for the duration, and any number
// for a query, which ends it by not being what is wanted. What is no number ends
// nothing.
func (s Stop) Ends(got float64) bool {
	if math.IsNaN(got) {
		return false
	}
	if !s.IsQuery() {
		return compares(got, s.Compare, s.Limit)
	}
	compare, limit, err := parseWant(s.Want)
	return err == nil && !compares(got, compare, limit)
}

func compares(got float64, by string, limit float64) bool {
	return Expectation{Compare: by, Limit: limit}.Holds(got)
}

// parseWant reads "> 0.5".
func parseWant(text string) (compare string, limit float64, err error) {
	before, compare, number := cutComparison(text)
	limit, err = strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil || before != "" || math.IsNaN(limit) || math.IsInf(limit, 0) || !slices.Contains([]string{"<", "<=", ">", ">="}, compare) {
		return "", 0, fmt.Errorf("%q: %s", text, wantWant)
	}
	return compare, limit, nil
}

// UnmarshalText reads a condition on the play itself.
func (s *Stop) UnmarshalText(text []byte) error {
	subject, compare, rest := cutComparison(string(text))
	got := Stop{Measure: strings.TrimSpace(subject), Compare: compare}
	words := strings.Fields(rest)
	if len(words) == 0 || len(words) == 2 || len(words) > 3 || len(words) == 3 && words[1] != "for" {
		return fmt.Errorf("%q: %s", text, wantStop)
	}
	if err := got.readLimit(words[0]); err != nil {
		return fmt.Errorf("%q: %w", text, err)
	}
	if len(words) == 3 {
		d, err := parseDuration(words[2])
		if err != nil {
			return fmt.Errorf("%q: %w", text, err)
		}
		got.For = d
	}
	if err := got.bounds(); err != nil {
		return fmt.Errorf("%q: %w", text, err)
	}
	*s = got
	return nil
}

// readLimit reads the limit in the measure's unit.
func (s *Stop) readLimit(word string) error {
	if s.Measure != Elapsed {
		e := Expectation{Measure: Success}
		err := e.readLimit(word)
		s.Limit = e.Limit
		return err
	}
	d, err := parseDuration(word)
	s.Limit = d.Seconds()
	return err
}

// bounds finds what would end every play, or none.
func (s Stop) bounds() error {
	less := s.Compare == "<" || s.Compare == "<="
	more := s.Compare == ">" || s.Compare == ">="
	switch {
	case s.Measure != Success && s.Measure != Errors && s.Measure != Elapsed:
		return fmt.Errorf("%q is no measure to stop by; want success, errors or duration", s.Measure)
	case s.Measure == Success && !less:
		return fmt.Errorf("%q: a play ends when success is low; want < or <=", s.Compare)
	case s.Measure != Success && !more:
		return fmt.Errorf("%q: a play ends when there is too much; want > or >=", s.Compare)
	case s.Measure == Elapsed && s.For != 0:
		return errors.New("a duration is over at once; want it without for")
	case s.Measure == Elapsed && !(s.Limit >= 1 && s.Limit <= MaxDuration.Seconds()):
		return fmt.Errorf("want a duration from 1s to %s", durationText(MaxDuration))
	case s.Measure == Elapsed:
		return nil
	case s.For < time.Second || s.For > MaxDuration:
		return fmt.Errorf("want for how long, from 1s to %s, such as for 10s", durationText(MaxDuration))
	}
	zero, all := s.Ends(0), s.Ends(100)
	if zero == all {
		return errors.New("it would end every play, or none; want a limit between 0% and 100%")
	}
	return nil
}

// MarshalText writes the condition as it is read. One with a query has no text.
func (s Stop) MarshalText() ([]byte, error) {
	if s.IsQuery() {
		return nil, errors.New("a stop condition with a query has keys and no text")
	}
	return []byte(s.String()), nil
}

func (s Stop) String() string {
	limit := formatNumber(s.Limit) + "%"
	switch {
	case s.IsQuery():
		return fmt.Sprintf("%s is not %s for %s", s.Query, s.Want, durationText(s.For))
	case s.Measure == Elapsed:
		limit = durationText(Expectation{Limit: s.Limit}.Duration())
	}
	text := s.Measure + " " + s.Compare + " " + limit
	if s.For != 0 {
		text += " for " + durationText(s.For)
	}
	return text
}

// stopJSON is a Stop with a query as it is written.
type stopJSON struct {
	For   span   `json:"for,omitzero"`
	URL   string `json:"url"`
	Query string `json:"query"`
	Want  string `json:"want"`
	Token string `json:"token,omitempty"`
	CA    string `json:"ca,omitempty"`
}

// MarshalJSON writes text, or else keys.
func (s Stop) MarshalJSON() ([]byte, error) {
	if !s.IsQuery() {
		return json.Marshal(s.String())
	}
	return json.Marshal(stopJSON{span(s.For), s.URL, s.Query, s.Want, s.Token, s.CA})
}

// UnmarshalJSON reads both forms.
func (s *Stop) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		return s.UnmarshalText([]byte(text))
	}
	var j stopJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	*s = Stop{For: time.Duration(j.For), URL: j.URL, Query: j.Query, Want: j.Want, Token: j.Token, CA: j.CA}
	return nil
}

// Validate returns what is wrong with a condition that stands in file under key.
func (s Stop) Validate(file, key string) Mistakes {
	var found Mistakes
	add := func(at, says string) { found = append(found, Mistake{file, key + at, says}) }
	if !s.IsQuery() {
		var again Stop
		if err := again.UnmarshalText([]byte(s.String())); err != nil {
			add("", err.Error())
		} else if again != s {
			add("", fmt.Sprintf("%q: %s", s, wantStop))
		}
		return found
	}
	if s == (Stop{}) || s.Compare != "" || s.Limit != 0 {
		add("", wantStop+", or keys such as {url: …, query: …, want: \"> 0.5\", for: 10s}")
		return found
	}
	u, err := url.Parse(s.URL)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		add(".url", "want that of a Prometheus server, such as http://prometheus.example:9090, without user, query and fragment")
	}
	if strings.TrimSpace(s.Query) == "" {
		add(".query", "missing; want PromQL, such as sum(rate(errors_total[1m]))")
	}
	if _, _, err := parseWant(s.Want); err != nil {
		add(".want", err.Error())
	}
	if s.For < time.Second || s.For > MaxDuration {
		add(".for", fmt.Sprintf("%s: want 1s to %s, such as 10s", s.For, durationText(MaxDuration)))
	}
	for _, text := range []struct{ at, is string }{{".url", s.URL}, {".query", s.Query}, {".token", s.Token}, {".ca", s.CA}} {
		if !utf8.ValidString(text.is) {
			add(text.at, fmt.Sprintf("%q: want text in UTF-8", text.is))
		}
	}
	return found
}

// stop looks through the scenario's conditions.
func (v *validation) stop() {
	if v.atMost("stop", len(v.s.Stop), MaxEntries) {
		v.found = append(v.found, ValidateStops(v.file, "stop", v.s.Stop)...)
	}
}

// ValidateStops returns what is wrong with conditions that stand in file under key.
func ValidateStops(file, key string, all []Stop) Mistakes {
	var found Mistakes
	for i, s := range all {
		at := fmt.Sprintf("%s[%d]", key, i)
		wrong := s.Validate(file, at)
		if len(wrong) == 0 && slices.Contains(all[:i], s) {
			wrong = Mistakes{{file, at, fmt.Sprintf("%q stands there already", s)}}
		}
		found = append(found, wrong...)
	}
	return found
}
