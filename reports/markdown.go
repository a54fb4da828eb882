package reports

import (
	"fmt"
	"io"
	"strings"

	"gameday/runs"
)

// Summaries of CI systems are refused as a whole beyond a size (GitHub's beyond
// 1 MiB), so a table has a most of rows, and a text a most of characters.
const (
	markdownRows  = 200
	markdownChars = 400
)

var markdownMarks = [...]string{runs.Unclear: "❔", runs.Pass: "✅", runs.Fail: "❌"}

// Markdown writes a run as the summary of a CI job, in GitHub's Markdown.
func Markdown(w io.Writer, r *runs.Run) error {
	p := document{}
	verdict := known(r.Verdict)
	fmt.Fprintf(&p, "## %s %s: %s\n\n**Verdict**: %s\n\n", markdownMarks[verdict], escape(name(r)), verdict, escape(why(r)))
	p.facts(opening(r))
	e := gather(r)
	p.section(promiseSection(r, "❌ broken", "❔ undecided", "✅ kept"))
	for _, s := range []section{recoverySection(r), loadSection(r, e), timesSection(r, e), failureSection(r, e)} {
		if !s.empty() {
			p.section(s)
		}
	}
	p.WriteString("<details><summary>Whether the figures can be trusted: witness, generator</summary>\n\n")
	for _, s := range []section{eventSection(r), witnessSection(r), generatorSection(r, e)} {
		if !s.empty() {
			p.section(s)
		}
	}
	p.WriteString("</details>\n\n### Repeat it\n\n")
	fmt.Fprintf(&p, "```sh\n%s\n```\n\n%s\n", command(r), escape(sameSchedule(r)))
	return send(w, []byte(p.String()))
}

// A document is Markdown that is being written.
type document struct{ strings.Builder }

func (d *document) section(s section) {
	fmt.Fprintf(d, "### %s\n\n", escape(s.title))
	if s.note != "" {
		fmt.Fprintf(d, "%s\n\n", escape(s.note))
	}
	d.facts(s.facts)
	d.table(s.table)
	if s.legend != "" {
		fmt.Fprintf(d, "%s\n\n", escape(s.legend))
	}
}

func (d *document) facts(facts []fact) {
	for _, f := range facts[:min(len(facts), markdownRows)] {
		fmt.Fprintf(d, "- **%s**: %s\n", escape(f.name), escape(f.value))
	}
	if len(facts) > 0 {
		d.WriteByte('\n')
	}
	d.more(len(facts)-markdownRows, "line")
}

// table writes the groups as a first column.
func (d *document) table(t table) {
	if len(t.rows) == 0 {
		return
	}
	columns := t.columns
	if t.group != "" {
		columns = append([]column{left(t.group)}, columns...)
	}
	for _, c := range columns {
		d.WriteString("| " + escape(c.name) + " ")
	}
	d.WriteString("|\n")
	for _, c := range columns {
		d.WriteString(map[bool]string{false: "| --- ", true: "| ---: "}[c.right])
	}
	d.WriteString("|\n")
	for _, r := range t.rows[:min(len(t.rows), markdownRows)] {
		if t.group != "" {
			d.WriteString("| " + escape(r.group) + " ")
		}
		for _, c := range r.cells {
			d.WriteString("| " + escape(c) + " ")
		}
		d.WriteString("|\n")
	}
	d.WriteByte('\n')
	d.more(len(t.rows)-markdownRows, "row")
}

// more tells of what was left out.
func (d *document) more(n int, what string) {
	if n > 0 {
		fmt.Fprintf(d, "… and %s, which the text report shows.\n\n", counted(uint64(n), what))
	}
}

// marks are all characters that mean something in Markdown or HTML, or that
// GitHub makes links, mentions or formulas of.
var marks = strings.NewReplacer(
	"&", "&amp;", "<", "&lt;", ">", "&gt;", "|", "&#124;", "`", "&#96;", "*", "&#42;", "_", "&#95;", "~", "&#126;",
	"[", "&#91;", "]", "&#93;", `\`, "&#92;", "#", "&#35;", "@", "&#64;", "$", "&#36;", "!", "&#33;",
)

// escape makes s stand for itself wherever text may stand but at the beginning
// of a line, and cuts it if it is very long.
func escape(s string) string { return marks.Replace(cut(s, markdownChars)) }
