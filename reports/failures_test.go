package reports

import (
	"strings"
	"testing"
	"time"

	"gameday/runs"

	"github.com/google/go-cmp/cmp"
)

func TestFailures(t *testing.T) {
	r := night(t)
	rows := failureSection(r, gather(r)).table.rows
	want := []row{
		{cells: []string{"timeout", "29", "0.21%", "15s", "readers home had no answer: no whole answer within 5s"}},
		{cells: []string{"5xx", "12", "0.09%", "15.2s", `readers home answered 500: {"error":"over capacity; the timeline of 1|2 is being rebuilt"}`}},
	}
	if diff := cmp.Diff(want, rows, cmp.AllowUnexported(row{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	failed := r.Sum(nil).Failed
	if failed["timeout"] != 29 || failed["5xx"] != 12 || len(failed) != 2 {
		t.Errorf("the record holds %v", failed)
	}
	junit := write(t, JUnit, r)
	if want := `<property name="failed timeout" value="29 (0.21%), first seen after 15s: readers home had no answer: no whole answer within 5s">`; !strings.Contains(junit, want) {
		t.Errorf("%s is not in\n%s", want, junit)
	}
}

// A cause without an example is dated by the second that it was first counted in.
func TestFailuresWithoutExamples(t *testing.T) {
	r := night(t)
	r.Examples = nil
	rows := failureSection(r, gather(r)).table.rows
	first := map[string]time.Duration{}
	for i := range r.Tallies {
		for cause := range r.Tallies[i].Failed {
			at := time.Duration(r.Tallies[i].Second) * time.Second
			if known, ok := first[cause]; !ok || at < known {
				first[cause] = at
			}
		}
	}
	if len(rows) != 2 || len(first) != 2 {
		t.Fatalf("%d rows of %d causes", len(rows), len(first))
	}
	for _, row := range rows {
		if cause := row.cells[0]; row.cells[3] != took(first[cause]) || row.cells[4] != none {
			t.Errorf("%s is first seen after %s with the example %s, want %s and none", cause, row.cells[3], row.cells[4], first[cause])
		}
	}
}

// An example that was noticed first but due later does not date its cause.
func TestLaterExample(t *testing.T) {
	r := night(t)
	r.Examples[1].At += runs.Span(2 * time.Second)
	if cells := failureSection(r, gather(r)).table.rows[0].cells; cells[0] != "timeout" || cells[3] != "15s" || cells[4] == none {
		t.Errorf("%q, want a timeout first seen after 15s", cells)
	}
}

// Where nothing failed, nobody reads of failures.
func TestNoFailures(t *testing.T) {
	r := night(t)
	for i := range r.Tallies {
		r.Tallies[i].Failed = nil
	}
	for _, format := range []Format{Text, Markdown, JUnit} {
		if report := strings.ToLower(write(t, format, r)); strings.Contains(report, "failures  ") || strings.Contains(report, "### failures") || strings.Contains(report, "first seen") {
			t.Errorf("it tells of failures:\n%s", report)
		}
	}
}

// What a service says stands there as it is, whatever it would like to be.
func TestFailuresAreHarmless(t *testing.T) {
	for _, says := range []string{"| a | b |", "\x1b[2J\x1b]0;owned\x07", "<img src=x onerror=alert(1)>", "]]></system-out>", "a\n## b\n```", "\u202eevil", nasty, strings.Repeat("x", 5000)} {
		r := night(t)
		r.Examples[0].Says = says
		checkFormats(t, r)
		if text := write(t, Text, r); !strings.Contains(strings.Join(strings.Fields(text), " "), clean(says)) {
			t.Errorf("%q is not in\n%s", clean(says), text)
		}
	}
}

func TestExampleText(t *testing.T) {
	for _, tt := range []struct {
		example runs.Example
		want    string
	}{
		{runs.Example{Crowd: "readers", Action: "home", Status: 503, Says: "Over capacity"}, "readers home answered 503: Over capacity"},
		{runs.Example{Crowd: "readers", Action: "home", Status: 503}, "readers home answered 503"},
		{runs.Example{Crowd: "posters", Action: "post", Says: "connection\nrefused"}, "posters post had no answer: connection refused"},
		{runs.Example{Crowd: "readers", Action: "home", Status: 503, Says: "no", Trace: "4bf92f3577b34da6a3ce929d0e0e4736"}, "readers home answered 503: no, trace 4bf92f3577b34da6a3ce929d0e0e4736"},
		{runs.Example{}, "had no answer"},
	} {
		if got := exampleText(tt.example); got != tt.want {
			t.Errorf("%+v is %q, want %q", tt.example, got, tt.want)
		}
	}
}
