// Package reports is telling: it prints a run for those who want to know how it
// went, in text for a terminal, JSON for programs, JUnit for a test report,
// Markdown for a summary, and CSV and HdrHistogram's percentiles for other tools.
//
// It looks at nothing but the record, so last year's run prints like today's.
package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"gameday/runs"
)

// A Format writes a run for one kind of reader. It only reads r, so the same run
// always gives the same bytes. Errors are those of w.
type Format func(w io.Writer, r *runs.Run) error

// A Named format can be chosen.
type Named struct {
	Name  string // as people choose it
	File  string // that a run in this format is kept in; empty: nobody keeps it
	Write Format
}

// Formats are all there are.
var Formats = []Named{
	{"text", "report.txt", Text},
	{"json", runs.RunFile, JSON},
	{"junit", "junit.xml", JUnit},
	{"markdown", "report.md", Markdown},
	{"html", "report.html", HTML},
	{"csv", "", CSV},
	{"hgrm", "", Hgrm},
}

// Find returns the format of that name, of Formats or of more. The error lists
// those that there are.
func Find(name string, more ...Named) (Named, error) {
	var names []string
	for _, f := range slices.Concat(Formats, more) {
		if f.Name == name {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return Named{}, fmt.Errorf("no format %q; there are %s", name, strings.Join(names, ", "))
}

// send writes a finished report.
func send(w io.Writer, report []byte) error {
	if _, err := w.Write(report); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}
