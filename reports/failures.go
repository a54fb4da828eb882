package reports

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"gameday/runs"
)

// failureSection tells why requests failed, with an example of each cause. It is
// empty if none did.
func failureSection(r *runs.Run, e *evidence) section {
	all := e.all(len(r.Phases))
	s := section{
		title:  "Failures",
		note:   fmt.Sprintf("%s of %s.", count(all.Failures()), counted(all.Offered, "request")),
		legend: "first seen: when the first of them was due, after the start. The example is one of the first.",
		table: table{columns: []column{
			left("cause"), right("failed"), right("share"), right("first seen"), left("example"),
		}},
	}
	for _, cause := range causesOf(&all.Tally) {
		first, example := firstOf(r, cause)
		s.table.rows = append(s.table.rows, row{cells: []string{
			cut(clean(cause), 16), count(all.Failed[cause]), share(all.Failed[cause], all.Offered), took(first), example,
		}})
	}
	return s
}

// causesOf are the causes of failures, the most frequent first.
func causesOf(t *runs.Tally) []string {
	var causes []string
	for c := range t.Failed {
		causes = append(causes, c)
	}
	slices.SortFunc(causes, func(a, b string) int {
		return cmp.Or(cmp.Compare(t.Failed[b], t.Failed[a]), cmp.Compare(a, b))
	})
	return causes
}

// firstOf is when the first request that failed for a cause was due, at least to
// the second, and what became of one of the first. An answer that takes long is
// noticed after others that were due later, so the example need not be the first.
func firstOf(r *runs.Run, cause string) (at time.Duration, example string) {
	first := math.MaxInt
	for i := range r.Tallies {
		if t := &r.Tallies[i]; t.Failed[cause] > 0 {
			first = min(first, t.Second)
		}
	}
	at, example = time.Duration(first)*time.Second, none
	for _, x := range r.Examples {
		if x.Cause != cause {
			continue
		}
		example = exampleText(x)
		if due := time.Duration(x.At); int(due/time.Second) <= first {
			at = due
		}
	}
	return at, example
}

// exampleText is an example in a line: readers home answered 503: Over capacity.
func exampleText(x runs.Example) string {
	text := x.Crowd + " " + x.Action
	if x.Status != 0 {
		text += fmt.Sprintf(" answered %d", x.Status)
	} else {
		text += " had no answer"
	}
	if x.Says != "" {
		text += ": " + x.Says
	}
	if x.Trace != "" {
		text += ", trace " + x.Trace
	}
	return clean(text)
}
