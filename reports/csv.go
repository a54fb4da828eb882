package reports

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"gameday/runs"
)

// The quantiles of a row, by the name of their column.
var csvQuantiles = []struct {
	name string
	q    float64
}{{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}}

// CSV writes a row for what the people of one crowd asked for in one second by one
// action, after a row of names: RFC 4180, in UTF-8, in order of phase, second,
// crowd and action.
//
// Columns that end in _s are seconds. A request that failed counts as slower than
// any answer, so a quantile that falls among the failures is +Inf; the max is of
// the answers. Both are empty where there is none. Causes of failure that this
// gameday does not know are added up in failed_other. A name that a spreadsheet
// would take for a formula has an apostrophe before it.
func CSV(w io.Writer, r *runs.Run) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(csvHeader()); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	for i := range r.Tallies {
		if err := out.Write(csvRow(r, &r.Tallies[i])); err != nil {
			return fmt.Errorf("writing the report: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

func csvHeader() []string {
	names := []string{"phase", "second", "crowd", "action", "offered", "good", "failed"}
	for _, cause := range runs.Causes {
		names = append(names, "failed_"+cause)
	}
	names = append(names, "failed_other", "attempts", "held", "late", "waited", "lag_max_s")
	for _, what := range []string{"response", "service"} {
		for _, q := range csvQuantiles {
			names = append(names, what+"_"+q.name+"_s")
		}
		names = append(names, what+"_max_s")
	}
	return names
}

func csvRow(r *runs.Run, t *runs.Tally) []string {
	phase := ""
	if t.Phase >= 0 && t.Phase < len(r.Phases) {
		phase = r.Phases[t.Phase].Name
	}
	failed := t.Failures()
	row := []string{csvName(phase), strconv.Itoa(t.Second), csvName(t.Crowd), csvName(t.Action)}
	row = append(row, csvCount(t.Offered), csvCount(t.Good), csvCount(failed))
	other := failed
	for _, cause := range runs.Causes {
		row = append(row, csvCount(t.Failed[cause]))
		other -= t.Failed[cause]
	}
	row = append(row, csvCount(other), csvCount(t.Attempts), csvCount(t.Held), csvCount(t.Late), csvCount(t.Waited), csvSeconds(time.Duration(t.MaxLag)))
	return append(append(row, csvTimes(t)...), csvTimes(sent(t))...)
}

// csvTimes are the quantiles and the greatest of the response times of t.
func csvTimes(t *runs.Tally) []string {
	var cells []string
	for _, q := range csvQuantiles {
		d, answered := t.Quantile(q.q)
		switch {
		case t.Offered == 0:
			cells = append(cells, "")
		case !answered:
			cells = append(cells, "+Inf")
		default:
			cells = append(cells, csvSeconds(d))
		}
	}
	if t.Response.Count() == 0 {
		return append(cells, "")
	}
	return append(cells, csvSeconds(t.Response.Max()))
}

// csvName is a name on one line, which no spreadsheet calculates.
func csvName(s string) string {
	if s = clean(s); s != "" && slices.Contains([]byte("=+-@"), s[0]) {
		return "'" + s
	}
	return s
}

func csvSeconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) }

func csvCount(n uint64) string { return strconv.FormatUint(n, 10) }
