package reports

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"gameday/runs"
)

// CompareJUnit writes a comparison as a test suite: a test case for each row that
// is needed or that something could be told of. What is worse is a failure, what
// is needed and cannot be told an error, so that the suite is green only if the
// verdict is pass.
func CompareJUnit(w io.Writer, c *runs.Comparison) error {
	var text strings.Builder
	if err := CompareText(&text, c); err != nil {
		return err
	}
	s := junitSuite{
		Package: "gameday", Name: scenarioOf(c) + ".compare", Timestamp: timestamp(c.Head.Began), Hostname: "localhost",
		Time: seconds(0), Out: junitOutput{text.String()}, Cases: compareCases(c),
		Properties: []junitProperty{{"verdict", c.Verdict.String()}, {"why", clean(c.Why)}},
	}
	for _, f := range compareFacts(c) {
		s.Properties = append(s.Properties, junitProperty{f.name, f.value})
	}
	for _, k := range s.Cases {
		s.Tests++
		if k.Failure != nil {
			s.Failures++
		}
		if k.Error != nil {
			s.Errors++
		}
	}
	data, err := xml.MarshalIndent(junitSuites{Suite: s}, "", " ")
	if err != nil {
		return fmt.Errorf("encoding the comparison: %w", err)
	}
	return send(w, append([]byte(xml.Header), append(data, '\n')...))
}

// compareCases are the rows, and the verdict too if they alone would look better
// than it is.
func compareCases(c *runs.Comparison) []junitCase {
	var cases []junitCase
	green := true
	for i := range c.Rows {
		r := &c.Rows[i]
		if r.Verdict == runs.CannotTell && !r.Needed {
			continue
		}
		k := junitCase{Name: clean(r.Title()), Class: scenarioOf(c) + ".compare", Time: seconds(0)}
		verdict := runs.Pass
		switch {
		case r.Verdict == runs.Worse:
			verdict = runs.Fail
		case !r.NotWorse:
			verdict = runs.Unclear
		}
		k.judge(verdict, clean(r.Why), strings.Join(rowCells(r), "  "))
		green = green && verdict == runs.Pass
		cases = append(cases, k)
	}
	if len(cases) > 0 && (!green || c.Verdict == runs.Pass) {
		return cases
	}
	k := junitCase{Name: "verdict", Class: scenarioOf(c) + ".compare", Time: seconds(0)}
	verdict := c.Verdict
	if verdict == runs.Pass {
		verdict = runs.Unclear // nothing was compared
	}
	k.judge(verdict, clean(c.Why), "")
	return append(cases, k)
}
