package reports

import (
	"html"
	"regexp"
	"strings"
	"testing"
)

var (
	tags     = regexp.MustCompile(`</?details>|</?summary>`)
	markup   = regexp.MustCompile("[<>`\\[\\]\\\\_~@$!]")
	delimits = regexp.MustCompile(`^\|( (---|---:) \|)+$`)
	fence    = "```"
)

// checkMarkdown checks that a document is made of what this package writes
// alone: that no name has become markup, and that all tables are rectangular.
func checkMarkdown(t *testing.T, document string) {
	t.Helper()
	if len(document) > 1<<20 {
		t.Errorf("%d bytes are more than a summary may have", len(document))
	}
	fenced, columns, rows := false, 0, 0
	for i, line := range strings.Split(document, "\n") {
		if strings.HasPrefix(line, fence) {
			fenced = !fenced
			continue
		}
		if fenced {
			continue
		}
		if m := markup.FindString(tags.ReplaceAllString(line, "")); m != "" {
			t.Errorf("line %d holds %q: %s", i+1, m, line)
		}
		if !strings.HasPrefix(line, "|") {
			if strings.Contains(line, "|") {
				t.Errorf("line %d holds a pipe: %s", i+1, line)
			}
			if rows == 1 {
				t.Errorf("line %d ends a table that has only a head", i+1)
			}
			columns, rows = 0, 0
			continue
		}
		n := strings.Count(line, "|") - 1
		switch rows++; {
		case rows == 1:
			columns = n
		case rows == 2 && !delimits.MatchString(line):
			t.Errorf("line %d does not delimit the head of a table: %s", i+1, line)
		}
		if n != columns || !strings.HasSuffix(line, " |") {
			t.Errorf("line %d has %d cells, the table %d columns: %s", i+1, n, columns, line)
		}
	}
	if fenced || strings.Count(document, "<details>") != strings.Count(document, "</details>") {
		t.Errorf("something is left open:\n%s", document)
	}
}

// What is escaped must read as it was.
func TestEscapeKeepsTheWords(t *testing.T) {
	for _, s := range []string{"readers p99 <= 100ms", "a|b", "`x`", nasty, "&lt;", "100% (of 2 CPUs); fine", strings.Repeat("&", markdownChars)} {
		if got := html.UnescapeString(escape(s)); got != s {
			t.Errorf("escape(%q) reads as %q", s, got)
		}
	}
	if got := escape(strings.Repeat("&", markdownChars+1)); !strings.HasSuffix(got, ";…") || strings.Count(got, "&amp;") != markdownChars-1 {
		t.Errorf("a long text is cut inside a character: %s", got)
	}
}

func TestMarkdownTellsEveryFinding(t *testing.T) {
	r := night(t)
	report := html.UnescapeString(write(t, Markdown, r))
	for _, f := range r.Findings {
		want := "| " + f.Phase + " | " + promise(f) + " | " + f.Limit + " | " + f.Got + " | " + f.Why + " |\n"
		if !strings.Contains(report, want) {
			t.Errorf("%q is not in the report:\n%s", want, report)
		}
	}
}

func TestMarkdownIsCutShort(t *testing.T) {
	report := write(t, Markdown, long(t))
	for _, want := range []string{"| ❌ broken | phase-0 |", "\n\n… and 40 rows, which", "| phase-0 (0s to 1s", "\n\n… and ", "- **note**: &amp;", "\n\n… and 58 lines, which"} {
		_, after, ok := strings.Cut(report, want)
		if !ok {
			t.Fatalf("%q is missing in\n%.3000s", want, report)
		}
		report = after
	}
}
