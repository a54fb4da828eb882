package targets

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

func wrongQuery(s Source) string {
	if strings.Contains(s.Query, "_info") && len(s.Labels) == 0 {
		return "of a metric of that kind " + noLabels
	}
	return ""
}

// A vector is Prometheus's answer to a query.
type vector struct {
	Warnings []string
	Data     struct {
		ResultType string
		Result     json.RawMessage
	}
}

// A point is a time and a value.
type point [2]any

func (p point) value() string { v, _ := p[1].(string); return v }

// readQuery asks a Prometheus server. The identity is the set of what the result's
// series say: a new build is a new series, so that a set shows it and changes()
// does not.
func (q *inquiry) readQuery(ctx context.Context, s Source) ([]string, error) {
	now := time.Now()
	if !q.since.IsZero() && now.After(q.since) {
		if err := q.readPast(ctx, s, now); err != nil {
			return nil, err
		}
	}
	v, err := q.ask(ctx, s, "/api/v1/query", url.Values{"query": {s.Query}})
	if err != nil {
		return nil, err
	}
	switch v.Data.ResultType {
	case "scalar":
		var p point
		if err := json.Unmarshal(v.Data.Result, &p); err != nil {
			return nil, errNotPrometheus
		}
		return says(s, []series{{value: p.value()}})
	case "vector":
		var result []struct {
			Metric map[string]string
			Value  point
		}
		if err := json.Unmarshal(v.Data.Result, &result); err != nil {
			return nil, errNotPrometheus
		}
		var all []series
		for _, r := range result {
			all = append(all, series{r.Metric, r.Value.value()})
		}
		return says(s, all)
	}
	return nil, fmt.Errorf("the query gives a %s; want one that gives a vector or a scalar", v.Data.ResultType)
}

// mostSteps is how many steps Prometheus allows in a range.
const mostSteps = 10_000

// readPast asks for every value since the last time. Steps are of a second, more
// only where there would be too many.
func (q *inquiry) readPast(ctx context.Context, s Source, now time.Time) error {
	step := max(time.Second, now.Sub(q.since)/mostSteps)
	stamp := func(t time.Time) string { return strconv.FormatFloat(float64(t.UnixMilli())/1000, 'f', 3, 64) }
	v, err := q.ask(ctx, s, "/api/v1/query_range", url.Values{
		"query": {s.Query}, "start": {stamp(q.since)}, "end": {stamp(now)},
		"step": {strconv.FormatFloat(step.Seconds(), 'f', 3, 64)},
	})
	if err != nil {
		return err
	}
	var result []struct {
		Metric map[string]string
		Values []point
	}
	if v.Data.ResultType != "matrix" || json.Unmarshal(v.Data.Result, &result) != nil {
		return errNotPrometheus
	}
	var all []series
	for _, r := range result {
		last := ""
		for i, p := range r.Values {
			if i > 0 && (len(s.Labels) > 0 || p.value() == last) {
				continue // says what the one before said
			}
			last = p.value()
			all = append(all, series{r.Metric, last})
		}
	}
	q.past, err = says(s, all)
	return err
}

// says is what each of the series tells.
func says(s Source, all []series) ([]string, error) {
	var values []string
	for _, one := range all {
		v, err := one.say(s.Labels)
		if err != nil {
			return nil, fmt.Errorf("the query's result %w", err)
		}
		values = append(values, v)
	}
	return values, nil
}

var errNotPrometheus = errors.New("the answer is not that of a Prometheus server")

// ask makes one query. An answer with warnings is not all there is.
func (q *inquiry) ask(ctx context.Context, s Source, path string, query url.Values) (vector, error) {
	var v vector
	a, err := q.get(ctx, s, path, query)
	if e, ok := errors.AsType[*statusError](err); ok && (e.status == 400 || e.status == 422) {
		return v, fmt.Errorf("the Prometheus server refuses the query %s (%d)", s.Query, e.status)
	}
	if err != nil {
		return v, err
	}
	if err := a.decode(&v); err != nil {
		return v, err
	}
	if len(v.Warnings) > 0 {
		return v, fmt.Errorf("the Prometheus server warns: %.200s", strings.Join(v.Warnings, "; "))
	}
	return v, nil
}
