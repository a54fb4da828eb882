package reports

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"

	"gameday/ready"
)

//go:embed ready.html
var readyPage string

var readyTemplate = template.Must(template.New("ready").Parse(readyPage))

// A sheet is what the page shows. All its words are clean.
type sheet struct {
	Event, Decision, Class, Mark, Why string
	Facts                             []sheetFact
	Groups                            []sheetGroup
	Waivers                           []sheetFact
	Signatures                        []struct{}
}

type sheetFact struct{ Name, Value string }

// A sheetGroup is questions that belong together and have the same evidence.
type sheetGroup struct {
	About, Evidence string
	Rows            []sheetRow
}

type sheetRow struct{ Asks, Class, Mark, Reply, Age, Why string }

// What is told by colour is told by a mark and a word too.
var (
	decisionMarks = map[ready.Decision]string{ready.Go: "✓", ready.NoGo: "✕", ready.Broken: "✕"}
	replyMarks    = map[ready.Reply]string{ready.Yes: "✓", ready.Waived: "!", ready.No: "✕", ready.Violated: "✕"}
)

// signatures is how many can sign.
const signatures = 3

// ReadyHTML writes go or no-go as one page to sign: it needs nothing besides itself,
// and prints.
func ReadyHTML(w io.Writer, a *ready.Answer) error {
	s := sheet{
		Event: clean(a.Event), Decision: decision(a.Decision), Class: "unknown", Mark: "?", Why: clean(a.Why),
		Signatures: make([]struct{}, signatures),
	}
	if mark, ok := decisionMarks[a.Decision]; ok {
		s.Class, s.Mark = string(a.Decision), mark
	}
	for _, f := range readyFacts(a) {
		s.Facts = append(s.Facts, sheetFact{f.name, f.value})
	}
	for _, f := range waiverSection(a).facts {
		s.Waivers = append(s.Waivers, sheetFact{f.name, f.value})
	}
	for _, q := range a.Questions {
		g := sheetGroup{About: clean(q.About), Evidence: clean(q.Evidence)}
		last := len(s.Groups) - 1
		if last < 0 || s.Groups[last].About != g.About || s.Groups[last].Evidence != g.Evidence {
			s.Groups = append(s.Groups, g)
			last++
		}
		mark, ok := replyMarks[q.Reply]
		if !ok {
			mark = "?"
		}
		s.Groups[last].Rows = append(s.Groups[last].Rows, sheetRow{clean(q.Asks), q.Reply.String(), mark, q.Reply.String(), aged(q), clean(q.Why)})
	}
	var page bytes.Buffer
	if err := readyTemplate.Execute(&page, s); err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	return send(w, page.Bytes())
}
