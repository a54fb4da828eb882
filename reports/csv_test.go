package reports

import (
	"encoding/csv"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"gameday/runs"

	"github.com/google/go-cmp/cmp"
)

// checkCSV checks that the rows of a report add up to the record.
func checkCSV(t *testing.T, report string, r *runs.Run) {
	t.Helper()
	if !utf8.ValidString(report) || strings.Count(report, "\n") != strings.Count(report, "\r\n") {
		t.Errorf("not lines of UTF-8 that end in CRLF: %q", report)
	}
	rows, err := csv.NewReader(strings.NewReader(report)).ReadAll()
	if err != nil || len(rows) != len(r.Tallies)+1 {
		t.Fatalf("%d rows of %d tallies, %v", len(rows), len(r.Tallies), err)
	}
	header, got := rows[0], runs.Tally{Failed: map[string]uint64{}}
	for i, row := range rows[1:] {
		cell := map[string]string{}
		for column, name := range header {
			cell[name] = row[column]
		}
		if len(cell) != len(row) {
			t.Fatalf("columns of the same name: %v", header)
		}
		addCSV(t, cell, &got, &r.Tallies[i])
	}
	want := runs.Tally{Failed: map[string]uint64{}}
	for i := range r.Tallies {
		c := &r.Tallies[i]
		want.Offered += c.Offered
		want.Good += c.Good
		want.Attempts += c.Attempts
		want.Held += c.Held
		want.Late += c.Late
		want.Waited += c.Waited
		want.MaxLag = max(want.MaxLag, c.MaxLag)
		for cause, n := range c.Failed {
			if !slices.Contains(runs.Causes, cause) {
				cause = "other"
			}
			want.Failed[cause] += n
		}
	}
	for cause, n := range want.Failed {
		if n == 0 {
			delete(want.Failed, cause)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the rows do not add up to the record (-want +got):\n%s", diff)
	}
}

// addCSV adds a row to sum, and compares its times with those of its tally.
func addCSV(t *testing.T, cell map[string]string, sum, of *runs.Tally) {
	t.Helper()
	number := func(name string) uint64 {
		n, err := strconv.ParseUint(cell[name], 10, 64)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return n
	}
	seconds := func(name string) float64 {
		v, err := strconv.ParseFloat(cell[name], 64)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return v
	}
	for _, name := range []string{"phase", "crowd", "action"} {
		if strings.ContainsAny(cell[name], "\n\r\t\x1b") || strings.HasPrefix(cell[name], "=") {
			t.Errorf("%s is %q", name, cell[name])
		}
	}
	sum.Offered += number("offered")
	sum.Good += number("good")
	sum.Attempts += number("attempts")
	sum.Held += number("held")
	sum.Late += number("late")
	sum.Waited += number("waited")
	failed := number("failed")
	for name := range cell {
		if cause, is := strings.CutPrefix(name, "failed_"); is && number(name) > 0 {
			sum.Failed[cause] += number(name)
			failed -= number(name)
		}
	}
	if failed != 0 {
		t.Errorf("the causes miss %d of %s failures", failed, cell["failed"])
	}
	if lag := seconds("lag_max_s"); lag != time.Duration(of.MaxLag).Seconds() {
		t.Errorf("the greatest lag is %v, want %s", lag, of.MaxLag)
	}
	sum.MaxLag = max(sum.MaxLag, of.MaxLag)
	for what, h := range map[string]*runs.Histogram{"response": &of.Response, "service": &of.Service} {
		if (h.Count() == 0) != (cell[what+"_max_s"] == "") || h.Count() > 0 && seconds(what+"_max_s") != h.Max().Seconds() {
			t.Errorf("%s_max_s is %q, want %s", what, cell[what+"_max_s"], h.Max())
		}
		for name, q := range map[string]float64{"p50": 0.5, "p90": 0.9, "p99": 0.99, "p999": 0.999} {
			got := cell[what+"_"+name+"_s"]
			if of.Offered == 0 {
				if got != "" {
					t.Errorf("%s of nothing is %q", name, got)
				}
				continue
			}
			want, answered := (&runs.Tally{Offered: of.Offered, Response: *h}).Quantile(q)
			if v := seconds(what + "_" + name + "_s"); answered && v != want.Seconds() || !answered && !math.IsInf(v, 1) {
				t.Errorf("%s %s is %q, want %s", what, name, got, want)
			}
		}
	}
}

// A name does not become a formula.
func TestCSVNames(t *testing.T) {
	for name, want := range map[string]string{
		"=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@sum": "'@sum", "touchdown": "touchdown", "": "", "a,\"b\"\r\nc": "a,\"b\" c", "\t=1": "'=1",
	} {
		if got := csvName(name); got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
	}
}
