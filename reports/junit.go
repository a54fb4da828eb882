package reports

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"gameday/runs"
)

// The elements of JUnit's XML in the order and with the attributes that both the
// schema of Apache Ant (Windy Road, JUnit.xsd) and that of Jenkins (junit-10.xsd)
// ask for. Nothing is ever skipped, and older editions of the first know no
// attribute for it.
type (
	junitSuites struct {
		XMLName xml.Name   `xml:"testsuites"`
		Suite   junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Package    string          `xml:"package,attr"`
		ID         int             `xml:"id,attr"`
		Name       string          `xml:"name,attr"`
		Timestamp  string          `xml:"timestamp,attr"`
		Hostname   string          `xml:"hostname,attr"`
		Tests      int             `xml:"tests,attr"`
		Failures   int             `xml:"failures,attr"`
		Errors     int             `xml:"errors,attr"`
		Time       string          `xml:"time,attr"`
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase     `xml:"testcase"`
		Out        junitOutput     `xml:"system-out"`
		Err        string          `xml:"system-err"`
	}
	junitOutput struct {
		Text string `xml:",cdata"` // so that its lines stay lines
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Name    string       `xml:"name,attr"`
		Class   string       `xml:"classname,attr"`
		Time    string       `xml:"time,attr"`
		Failure *junitReason `xml:"failure"`
		Error   *junitReason `xml:"error"`
	}
	junitReason struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
)

// JUnit writes a run as a test suite: a test case for each promise in each phase.
// A broken promise is a failure, one that could not be decided an error, so that
// the suite is green only if the verdict is pass.
func JUnit(w io.Writer, r *runs.Run) error {
	var text strings.Builder
	if err := Text(&text, r); err != nil {
		return err
	}
	s := junitSuite{
		Package: "gameday", Name: name(r), Timestamp: timestamp(r.Began), Hostname: cmp.Or(clean(r.Host.Name), "localhost"),
		Time: seconds(length(r)), Cases: junitCases(r), Out: junitOutput{text.String()},
	}
	s.Properties = append(s.Properties, junitProperty{"verdict", r.Verdict.String()}, junitProperty{"why", why(r)})
	for _, f := range opening(r) {
		s.Properties = append(s.Properties, junitProperty{f.name, f.value})
	}
	for _, row := range failureSection(r, gather(r)).table.rows {
		cause, failed, share, first, example := row.cells[0], row.cells[1], row.cells[2], row.cells[3], row.cells[4]
		s.Properties = append(s.Properties, junitProperty{
			strings.TrimSpace("failed " + cause), fmt.Sprintf("%s (%s), first seen after %s: %s", failed, share, first, example),
		})
	}
	for _, f := range recoverySection(r).facts {
		s.Properties = append(s.Properties, junitProperty{"recovery " + f.name, f.value})
	}
	s.Properties = append(s.Properties, junitProperty{"repeat", command(r)}, junitProperty{"schedule", clean(r.Schedule)})
	for _, c := range s.Cases {
		s.Tests++
		if c.Failure != nil {
			s.Failures++
		}
		if c.Error != nil {
			s.Errors++
		}
	}
	data, err := xml.MarshalIndent(junitSuites{Suite: s}, "", " ")
	if err != nil {
		return fmt.Errorf("encoding the run: %w", err)
	}
	return send(w, append([]byte(xml.Header), append(data, '\n')...))
}

// junitCases are the findings, and the verdict too if they alone would look
// better than it is.
func junitCases(r *runs.Run) []junitCase {
	whole := length(r)
	lasting := map[string]time.Duration{}
	for i := range r.Phases {
		lasting[r.Phases[i].Name] = lasted(r, &r.Phases[i], whole)
	}
	lasting[""] = whole // of what was promised for the whole run
	var cases []junitCase
	green := len(r.Findings) > 0
	for _, f := range r.Findings {
		c := junitCase{Name: cmp.Or(clean(f.Expect), "unnamed"), Class: name(r), Time: seconds(lasting[f.Phase])}
		if phase := clean(f.Phase); phase != "" {
			c.Class += "." + phase
		}
		got := fmt.Sprintf("limit %s, got %s", cmp.Or(clean(f.Limit), none), cmp.Or(clean(f.Got), none))
		c.judge(f.Verdict, cmp.Or(clean(f.Why), got), got)
		green = green && f.Verdict == runs.Pass
		cases = append(cases, c)
	}
	if len(r.Findings) > 0 && (!green || r.Verdict == runs.Pass) {
		return cases
	}
	c := junitCase{Name: "verdict", Class: name(r), Time: seconds(whole)}
	verdict := r.Verdict
	if verdict == runs.Pass {
		verdict = runs.Unclear // nothing was judged
	}
	c.judge(verdict, why(r), "")
	return append(cases, c)
}

// judge makes c red unless the verdict is pass.
func (c *junitCase) judge(v runs.Verdict, why, got string) {
	switch known(v) {
	case runs.Fail:
		c.Failure = &junitReason{why, "fail", got}
	case runs.Unclear:
		c.Error = &junitReason{why, "unclear", got}
	}
}

// seconds are decimal, and never negative.
func seconds(d time.Duration) string {
	return strconv.FormatFloat(max(0, d.Seconds()), 'f', 3, 64)
}

// timestamp has no zone, as the schema wants it, and is in UTC. Years that it
// cannot hold become the first.
func timestamp(t time.Time) string {
	if t = t.UTC(); t.Year() < 1 || t.Year() > 9999 {
		t = time.Time{}
	}
	return t.Format("2006-01-02T15:04:05")
}
