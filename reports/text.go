package reports

import (
	"io"
	"strings"
	"unicode/utf8"

	"gameday/runs"
)

const (
	textWidth = 80 // columns of a terminal
	cellWidth = 28 // of any column but the last
	lastWidth = 16 // of the last, at least
)

// Text writes a run for an engineer at midnight, in 80 columns but for the verdict
// and the command that repeats it, which are a line each.
func Text(w io.Writer, r *runs.Run) error {
	p := page{}
	verdict := strings.ToUpper(r.Verdict.String())
	p.line(verdict + "  " + why(r)) // not wrapped, so that a search finds it whole
	p.line("")
	p.facts("", opening(r))
	e := gather(r)
	for _, s := range []section{
		loadSection(r, e), timesSection(r, e), failureSection(r, e), promiseSection(r, "BROKEN", "UNDECIDED", "kept"),
		recoverySection(r), eventSection(r), witnessSection(r), generatorSection(r, e),
	} {
		if !s.empty() {
			p.section(s)
		}
	}
	p.line("\nREPEAT IT  " + command(r)) // not wrapped, so that it can be copied
	p.hang("  ", sameSchedule(r))
	return send(w, []byte(p.String()))
}

// A page is text that is being written.
type page struct{ strings.Builder }

func (p *page) line(s string) {
	p.WriteString(strings.TrimRight(s, " "))
	p.WriteByte('\n')
}

// hang writes s behind a head, and wrapped under its own beginning.
func (p *page) hang(head, s string) {
	indent := utf8.RuneCountInString(head)
	for _, l := range wrap(s, max(textWidth-indent, lastWidth)) {
		p.line(head + l)
		head = strings.Repeat(" ", indent)
	}
}

func (p *page) section(s section) {
	p.line("")
	p.hang(strings.ToUpper(s.title)+"  ", s.note)
	p.facts("  ", s.facts)
	p.table("  ", s.table)
	if s.legend != "" {
		p.hang("  ", s.legend)
	}
}

// facts writes names and values in two columns.
func (p *page) facts(indent string, facts []fact) {
	widest := 0
	for _, f := range facts {
		widest = max(widest, utf8.RuneCountInString(f.name))
	}
	for _, f := range facts {
		p.hang(indent+pad(f.name, widest, false)+"  ", f.value)
	}
}

// table writes columns as wide as they need to be, and wraps the last if it is
// text.
func (p *page) table(indent string, t table) {
	if len(t.rows) == 0 {
		return
	}
	if t.group != "" {
		indent += "  "
	}
	widths := t.widths()
	cells := func(cells []string) {
		head := indent
		for i, w := range widths {
			head += pad(cut(cells[i], cellWidth), w, t.columns[i].right) + "  "
		}
		if len(widths) == len(cells) {
			p.line(head)
		} else {
			p.hang(head, cells[len(widths)])
		}
	}
	for _, names := range t.heads() {
		cells(names)
	}
	group := ""
	for i, r := range t.rows {
		if t.group != "" && (i == 0 || r.group != group) {
			p.line(strings.TrimSuffix(indent, "  ") + r.group)
			group = r.group
		}
		cells(r.cells)
	}
}

// widths are those of all columns but a last one of text.
func (t table) widths() []int {
	widths := make([]int, len(t.columns))
	for i := range widths {
		for _, names := range t.heads() {
			widths[i] = max(widths[i], utf8.RuneCountInString(names[i]))
		}
		for _, r := range t.rows {
			widths[i] = max(widths[i], min(cellWidth, utf8.RuneCountInString(r.cells[i])))
		}
	}
	if last := len(widths) - 1; !t.columns[last].right {
		return widths[:last]
	}
	return widths
}

// heads returns the names of the columns in two lines, or one if that is enough.
// Of columns whose names begin alike, the first tells for all.
func (t table) heads() [][]string {
	upper, lower := make([]string, len(t.columns)), make([]string, len(t.columns))
	two, before := false, ""
	for i, c := range t.columns {
		first, rest, _ := strings.Cut(c.name, " ")
		switch {
		case rest == "" || i == len(t.columns)-1 && !c.right:
			lower[i], before = c.name, ""
			continue
		case first != before:
			upper[i] = first
		}
		lower[i], before, two = rest, first, true
	}
	if !two {
		return [][]string{lower}
	}
	return [][]string{upper, lower}
}

func pad(s string, width int, right bool) string {
	blank := strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
	if right {
		return blank + s
	}
	return s + blank
}
