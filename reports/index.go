package reports

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"gameday/ready"
	"gameday/runs"
)

//go:embed index.html
var indexPage string

var indexTemplate = template.Must(template.New("index").Parse(indexPage))

// Style is the style sheet of the pages that [IndexHTML] and [NoteHTML] write,
// which ask for it at /style.css.
//
//go:embed index.css
var Style []byte

// An Index is a folder of runs, for a page.
type Index struct {
	Out    string         // the folder
	Now    time.Time      // when it was looked at
	Runs   []runs.Shelved // the newest first
	Others []string       // folders in it that are no runs
	// Goodput is the share of the requests of a run that were good; it is asked of
	// few of the runs, and reports false if nobody knows.
	Goodput func(name string) (share float64, known bool)
}

// mostListed is how many runs a page lists.
const mostListed = 200

// A plainPage is a page: of a folder, or of a few words. All its words are
// clean.
type plainPage struct {
	Title, Heading string
	Home           bool // it leads back to the index
	Says           []string
	Shelf          *indexShelf
}

type indexShelf struct {
	Trends       []trend
	Rows         []indexRow
	More, Others string
}

// An indexRow is a run in the list.
type indexRow struct{ Link, Scenario, Class, Mark, Verdict, At, Age, Scale, Target, Running, Why string }

// What is told by colour is told by a mark and a word too.
var verdictMarks = map[runs.Verdict]string{runs.Pass: "✓", runs.Fail: "✕", runs.Unclear: "?"}

// IndexHTML writes the page of a folder of runs: how each scenario fared lately, and
// the newest runs, each with a link to runs/NAME/. It needs [Style] besides itself.
func IndexHTML(w io.Writer, x *Index) error {
	s := &indexShelf{Trends: trends(x)}
	for i := range x.Runs[:min(len(x.Runs), mostListed)] {
		s.Rows = append(s.Rows, rowOf(&x.Runs[i], x.Now))
	}
	if more := len(x.Runs) - mostListed; more > 0 {
		s.More = fmt.Sprintf("%s older ones are left out; gameday list --runs has them all.", count(uint64(more)))
	}
	s.Others = clean(strings.Join(x.Others, ", "))
	return sendPlain(w, plainPage{Title: "Runs in " + clean(x.Out), Heading: "Runs in " + clean(x.Out), Shelf: s})
}

// NoteHTML writes a page of a few sentences. It needs [Style] besides itself.
func NoteHTML(w io.Writer, heading string, says ...string) error {
	for i := range says {
		says[i] = clean(says[i])
	}
	return sendPlain(w, plainPage{Title: clean(heading), Heading: clean(heading), Home: true, Says: says})
}

func sendPlain(w io.Writer, l plainPage) error {
	var page bytes.Buffer
	if err := indexTemplate.ExecuteTemplate(&page, "page", l); err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	return send(w, page.Bytes())
}

// rowOf tells of one run.
func rowOf(s *runs.Shelved, now time.Time) indexRow {
	row := indexRow{
		Link: "/runs/" + s.Name + "/", Scenario: s.Name, Class: s.State.String(), Mark: "?", Verdict: s.State.String(),
		At: s.Began.UTC().Format(time.RFC3339), Age: ready.Age(now.Sub(s.Began)) + " ago", Why: clean(s.Trouble),
	}
	if now.Before(s.Began) {
		row.Age = "in the future"
	}
	switch s.State {
	case runs.Playing:
		row.Mark, row.Why = "▸", "It is being played now."
	case runs.Killed:
		row.Why = "Its play ended without a record; its journal is reported."
	}
	r := s.Run
	if r == nil {
		return row
	}
	row.Scenario, row.Scale, row.Target = name(r), r.Scale.String(), cut(clean(r.Target.Name), 60)
	var running []string
	for _, kind := range r.Identity.Kinds() {
		running = append(running, kind+" "+strings.Join(r.Identity[kind], "+"))
	}
	row.Running = cut(clean(strings.Join(running, ", ")), 60)
	if s.State == runs.Recorded {
		row.Class, row.Mark, row.Verdict, row.Why = r.Verdict.String(), verdictMarks[r.Verdict], r.Verdict.String(), cut(why(r), 160)
	}
	return row
}
