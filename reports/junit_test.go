package reports

import (
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gameday/runs"
)

// A rule is what the schemas of Ant and of Jenkins both allow of an element.
type rule struct {
	required map[string]*regexp.Regexp
	children string // pattern of the names of the children, each with a space behind it
	text     bool
}

var (
	anything = regexp.MustCompile(`(?s).*`)
	token    = regexp.MustCompile(`^\S+( \S+)*$`) // of at least a character
	whole    = regexp.MustCompile(`^[0-9]{1,9}$`)
	decimal  = regexp.MustCompile(`^[0-9]+\.[0-9]+$`)
	dateTime = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}$`)
)

type is = map[string]*regexp.Regexp

var rules = map[string]rule{
	"testsuites": {children: `(testsuite )*`},
	"testsuite": {
		required: is{
			"package": token, "id": whole, "name": token, "timestamp": dateTime, "hostname": token,
			"tests": whole, "failures": whole, "errors": whole, "time": decimal,
		},
		children: `properties (testcase )*system-out system-err `,
	},
	"properties": {children: `(property )*`},
	"property":   {required: is{"name": token, "value": anything}},
	"testcase":   {required: is{"name": token, "classname": token, "time": decimal}, children: `((failure|error) )?`},
	"failure":    {required: is{"message": token, "type": token}, text: true},
	"error":      {required: is{"message": token, "type": token}, text: true},
	"system-out": {text: true},
	"system-err": {text: true},
}

// checkJUnit checks a report against the rules, and its counts against r.
func checkJUnit(t *testing.T, report string, r *runs.Run) {
	t.Helper()
	var path []string
	children := map[int]string{}
	seen := map[string]int{}
	var suite map[string]string
	in := xml.NewDecoder(strings.NewReader(report))
	for {
		token, err := in.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("not XML: %v\n%s", err, report)
		}
		switch token := token.(type) {
		case xml.StartElement:
			name := token.Name.Local
			children[len(path)] += name + " "
			path = append(path, name)
			children[len(path)] = ""
			seen[name]++
			if got := checkElement(t, token); name == "testsuite" {
				suite = got
			}
		case xml.EndElement:
			want := rules[token.Name.Local].children
			if got := children[len(path)]; !regexp.MustCompile(`^` + want + `$`).MatchString(got) {
				t.Errorf("%s has the children %q, want %q", token.Name.Local, got, want)
			}
			path = path[:len(path)-1]
		case xml.CharData:
			if text := strings.TrimSpace(string(token)); text != "" && !rules[path[len(path)-1]].text {
				t.Errorf("text %q in %v", text, path)
			}
		}
	}
	for attribute, element := range map[string]string{"tests": "testcase", "failures": "failure", "errors": "error"} {
		if suite[attribute] != strconv.Itoa(seen[element]) {
			t.Errorf("%s=%q, but there are %d %s", attribute, suite[attribute], seen[element], element)
		}
	}
	if green := seen["failure"]+seen["error"] == 0; green && (r.Verdict != runs.Pass || len(r.Findings) == 0) {
		t.Errorf("the suite is green, the verdict %s with %d findings", r.Verdict, len(r.Findings))
	}
}

// checkElement checks the name and the attributes of an element.
func checkElement(t *testing.T, e xml.StartElement) map[string]string {
	t.Helper()
	rule, ok := rules[e.Name.Local]
	if !ok || e.Name.Space != "" {
		t.Errorf("element %v is in no schema", e.Name)
	}
	got := map[string]string{}
	for _, a := range e.Attr {
		got[a.Name.Local] = a.Value
		if want := rule.required[a.Name.Local]; want == nil || !want.MatchString(a.Value) {
			t.Errorf("%s: attribute %s=%q, want %v", e.Name.Local, a.Name.Local, a.Value, want)
		}
	}
	for name := range rule.required {
		if _, ok := got[name]; !ok {
			t.Errorf("%s has no attribute %s", e.Name.Local, name)
		}
	}
	return got
}

func TestJUnitTellsEveryFinding(t *testing.T) {
	r := night(t)
	var got junitSuites
	if err := xml.Unmarshal([]byte(write(t, JUnit, r)), &got); err != nil {
		t.Fatal(err)
	}
	s := got.Suite
	if s.Name != "touchdown" || s.Timestamp != "2027-02-14T23:30:00" || s.Hostname != "loadgen-1" || s.Time != "35.140" {
		t.Errorf("the suite is %s at %s on %s for %s", s.Name, s.Timestamp, s.Hostname, s.Time)
	}
	if s.Tests != 12 || s.Failures != 3 || s.Errors != 2 {
		t.Errorf("%d tests, %d failures, %d errors; want 12, 3, 2", s.Tests, s.Failures, s.Errors)
	}
	if s.Out.Text != write(t, Text, r) {
		t.Errorf("system-out is not the text report:\n%s", s.Out.Text)
	}
	for i, f := range r.Findings {
		c := s.Cases[i]
		if c.Name != f.Expect || c.Class != "touchdown."+f.Phase {
			t.Errorf("case %d is %s %s, want that of %s in %s", i, c.Class, c.Name, f.Expect, f.Phase)
		}
		if want := map[string]string{"drive": "10.000", "touchdown": "15.000", "shoulder": "10.000"}[f.Phase]; c.Time != want {
			t.Errorf("%s took %s, want %s", c.Class, c.Time, want)
		}
		reason := map[runs.Verdict]*junitReason{runs.Fail: c.Failure, runs.Unclear: c.Error}[f.Verdict]
		if f.Verdict != runs.Pass && (reason == nil || reason.Message != f.Why || reason.Type != f.Verdict.String()) {
			t.Errorf("%s %s: %+v, want %s because %s", c.Class, c.Name, reason, f.Verdict, f.Why)
		}
	}
}

// A suite must be red unless the run passed, whatever its findings say.
func TestJUnitIsNeverGreenByMistake(t *testing.T) {
	kept := []runs.Finding{{Expect: "p99 <= 1s", Verdict: runs.Pass}}
	for _, c := range []struct {
		verdict          runs.Verdict
		findings         []runs.Finding
		failures, errors int
	}{
		{runs.Pass, kept, 0, 0},
		{runs.Unclear, kept, 0, 1}, // ended early
		{runs.Fail, kept, 1, 0},
		{runs.Pass, nil, 0, 1},
		{runs.Unclear, nil, 0, 1},
		{runs.Fail, nil, 1, 0},
		{runs.Pass, []runs.Finding{{Verdict: 9}}, 0, 1},
	} {
		r := &runs.Run{Verdict: c.verdict, Findings: c.findings}
		report := write(t, JUnit, r)
		checkJUnit(t, report, r)
		var got junitSuites
		if err := xml.Unmarshal([]byte(report), &got); err != nil {
			t.Fatal(err)
		}
		if got.Suite.Failures != c.failures || got.Suite.Errors != c.errors {
			t.Errorf("%s with %v: %d failures and %d errors, want %d and %d", c.verdict, c.findings, got.Suite.Failures, got.Suite.Errors, c.failures, c.errors)
		}
	}
}

// TestJUnitSchema holds the reports against a real schema. Neither it nor xmllint
// is part of the project, so both are looked for.
func TestJUnitSchema(t *testing.T) {
	schema := os.Getenv("GAMEDAY_JUNIT_XSD")
	if schema == "" {
		t.Skip("GAMEDAY_JUNIT_XSD does not name a schema of JUnit, such as JUnit.xsd or junit-10.xsd")
	}
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("xmllint is not installed: ", err)
	}
	every := all(t)
	for _, name := range slices.Sorted(maps.Keys(every)) {
		lint := exec.Command(xmllint, "--noout", "--nonet", "--huge", "--schema", schema, "-")
		lint.Stdin = strings.NewReader(write(t, JUnit, every[name]))
		if out, err := lint.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}
