package reports

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"gameday/runs"
)

// A CompareFormat writes a comparison of two runs for one kind of reader. It only
// reads what it is given, so the same comparison always gives the same bytes.
type CompareFormat struct {
	Name  string // as people choose it
	Write func(w io.Writer, base, head *runs.Run, c *runs.Comparison) error
}

// CompareFormats are all there are.
var CompareFormats = []CompareFormat{
	{"text", ofRows(CompareText)}, {"markdown", ofRows(CompareMarkdown)}, {"junit", ofRows(CompareJUnit)}, {"json", ofRows(CompareJSON)}, {"html", CompareHTML},
}

// ofRows is a format that shows the comparison alone.
func ofRows(write func(io.Writer, *runs.Comparison) error) func(io.Writer, *runs.Run, *runs.Run, *runs.Comparison) error {
	return func(w io.Writer, _, _ *runs.Run, c *runs.Comparison) error { return write(w, c) }
}

// CompareHTML writes the page of the head, which begins with the comparison and
// draws the base behind it.
func CompareHTML(w io.Writer, base, head *runs.Run, c *runs.Comparison) error {
	v := NewView(head)
	v.compared(base, c, true)
	return writePage(w, v)
}

// FindCompare returns the format of that name. The error lists those that there are.
func FindCompare(name string) (CompareFormat, error) {
	var names []string
	for _, f := range CompareFormats {
		if f.Name == name {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return CompareFormat{}, fmt.Errorf("no format %q; there are %s", name, strings.Join(names, ", "))
}

// CompareJSON writes a comparison for programs.
func CompareJSON(w io.Writer, c *runs.Comparison) error {
	data, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the comparison: %w", err)
	}
	return send(w, append(data, '\n'))
}

// CompareText writes a comparison for a terminal, in 80 columns but for the verdict.
func CompareText(w io.Writer, c *runs.Comparison) error {
	p := page{}
	p.line(strings.ToUpper(c.Verdict.String()) + "  " + clean(c.Why) + "\n")
	p.facts("", compareFacts(c))
	for _, s := range compareSections(c) {
		p.section(s)
	}
	return send(w, []byte(p.String()))
}

// CompareMarkdown writes a comparison as the summary of a CI job.
func CompareMarkdown(w io.Writer, c *runs.Comparison) error {
	d := document{}
	verdict := known(c.Verdict)
	fmt.Fprintf(&d, "## %s %s against a base: %s\n\n**Verdict**: %s\n\n", markdownMarks[verdict], escape(scenarioOf(c)), verdict, escape(clean(c.Why)))
	d.facts(compareFacts(c))
	for _, s := range compareSections(c) {
		d.section(s)
	}
	return send(w, []byte(d.String()))
}

// scenarioOf is the name of what was played.
func scenarioOf(c *runs.Comparison) string {
	if name := clean(c.Head.Scenario); name != "" {
		return name
	}
	return "unnamed"
}

// compareFacts say what was compared with what.
func compareFacts(c *runs.Comparison) []fact {
	share := runs.Percent(c.Tolerance.Share)
	facts := []fact{
		{"base", side(&c.Base)}, {"head", side(&c.Head)},
		{"matters", fmt.Sprintf("a time that differs by over %s and over %s, a share by over %s percentage points",
			runs.Percent(c.Tolerance.Relative), time.Duration(c.Tolerance.Least), strings.TrimSuffix(share, "%"))},
	}
	for _, d := range c.Differs {
		facts = append(facts, fact{"apart", clean(d)})
	}
	for _, n := range c.Notes {
		facts = append(facts, fact{"not the same", clean(n)})
	}
	return facts
}

// side is one of two runs in a line.
func side(s *runs.Side) string {
	at := "at an unknown time"
	if !s.Began.IsZero() {
		at = s.Began.UTC().Format("2006-01-02 15:04:05 UTC")
	}
	return clean(fmt.Sprintf("%s: %s against %s, %s", s.Verdict, s.ID, target(s.Target), at))
}

// compareSections are the rows worth reading, and why the others are not there.
func compareSections(c *runs.Comparison) []section {
	main := section{
		title: "What changed", note: "Everybody in the whole run, and whatever else got better or worse.",
		legend: "likely: in 19 of 20 cases the true change lies there. A row is better or worse if it differs by more than " +
			"matters, and so much that no row would by chance in 19 of 20 comparisons of a service with itself.",
		table: table{group: "where and whose", columns: []column{
			left("measure"), right("base"), right("head"), right("change"), right("likely"), left("says"),
		}},
	}
	open := section{title: "What cannot be told", note: "Without it this cannot pass."}
	others, reasons := map[string]uint64{}, []string{}
	for i := range c.Rows {
		r := &c.Rows[i]
		if r.Verdict == runs.CannotTell && r.Needed && !r.NotWorse {
			open.facts = append(open.facts, fact{cut(clean(r.Title()), 40), clean(r.Why)})
		}
		if r.Phase == "" && r.Action == "" || r.Verdict == runs.Better || r.Verdict == runs.Worse || r.Trigger != "" {
			main.table.rows = append(main.table.rows, row{rowGroup(r), rowCells(r)})
			continue
		}
		why := "The difference does not matter."
		if r.Verdict == runs.CannotTell {
			why = "They cannot be told well enough, and are not needed."
			if r.Change.Is == runs.Unknown {
				why = clean(r.Why)
			}
		}
		if others[why] == 0 {
			reasons = append(reasons, why)
		}
		others[why]++
	}
	rest := section{title: "The other comparisons", note: "Each in full with --format json."}
	slices.SortStableFunc(reasons, func(a, b string) int { return int(others[b]) - int(others[a]) })
	for i, why := range reasons {
		if i == 10 {
			rest.facts = append(rest.facts, fact{"…", counted(uint64(len(reasons)-i), "more reason")})
			break
		}
		rest.facts = append(rest.facts, fact{count(others[why]), why})
	}
	return slices.DeleteFunc([]section{main, open, rest}, func(s section) bool { return s.empty() })
}

// rowGroup is where and whose a row is.
func rowGroup(r *runs.Row) string {
	where, whose := "the whole run", "everybody"
	if r.Phase != "" {
		where = cut(clean(r.Phase), 32)
	}
	if r.Action != "" {
		whose = cut(clean(r.Action), 32)
	}
	if r.Trigger != "" {
		whose = cut(clean(r.Trigger), 32)
	}
	return where + ", " + whose
}

// rowCells are the figures of a row.
func rowCells(r *runs.Row) []string {
	cells := []string{clean(r.Measure), rowValue(r, r.Base), rowValue(r, r.Head), rowChange(r, r.Change), none, r.Verdict.String()}
	if r.Low.Is == runs.Exact && r.High.Is == runs.Exact {
		cells[4] = rowChange(r, r.Low) + " to " + rowChange(r, r.High)
	}
	return cells
}

// isShare reports whether the figures of a row are shares.
func isShare(r *runs.Row) bool { return r.Measure == "errors" || r.Measure == "goodput" }

func rowValue(r *runs.Row, f runs.Figure) string {
	switch {
	case f.Is == runs.AtLeast:
		return "over " + took(f.Duration())
	case f.Is != runs.Exact:
		return none
	case isShare(r):
		return runs.Percent(min(max(f.Value, 0), 1))
	}
	return took(f.Duration())
}

// rowChange writes a change to three digits, in percent or percentage points.
func rowChange(r *runs.Row, f runs.Figure) string {
	v := f.Value * 100
	switch {
	case f.Is != runs.Exact:
		return none
	case isShare(r) && v == 0:
		return "0pp"
	case isShare(r):
		return fmt.Sprintf("%+.2gpp", v)
	case v >= 1000:
		return "over +999%"
	}
	return fmt.Sprintf("%+.1f%%", v)
}
