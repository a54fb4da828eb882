package reports

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"gameday/ready"
)

// A ReadyFormat writes go or no-go for one kind of reader.
type ReadyFormat struct {
	Name  string // as people choose it
	Write func(w io.Writer, a *ready.Answer) error
}

// ReadyFormats are all there are.
var ReadyFormats = []ReadyFormat{{"text", ReadyText}, {"json", ReadyJSON}, {"html", ReadyHTML}}

// FindReady returns the format of that name. The error lists those that there are.
func FindReady(name string) (ReadyFormat, error) {
	var names []string
	for _, f := range ReadyFormats {
		if f.Name == name {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return ReadyFormat{}, fmt.Errorf("no format %q; there are %s", name, strings.Join(names, ", "))
}

// ReadyJSON writes go or no-go for programs.
func ReadyJSON(w io.Writer, a *ready.Answer) error {
	data, err := json.MarshalIndent(a, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the answer: %w", err)
	}
	return send(w, append(data, '\n'))
}

// ReadyText writes go or no-go for a terminal, in 80 columns but for the decision
// and where the evidence is.
func ReadyText(w io.Writer, a *ready.Answer) error {
	p := page{}
	p.line(decision(a.Decision) + "  " + clean(a.Why) + "\n")
	p.facts("", readyFacts(a))
	p.section(questionSection(a))
	if s := waiverSection(a); !s.empty() {
		p.section(s)
	}
	return send(w, []byte(p.String()))
}

// decision is a decision as it is shouted.
func decision(d ready.Decision) string {
	switch d {
	case ready.Go, ready.NoGo:
		return strings.ToUpper(string(d))
	case ready.Broken:
		return "FREEZE VIOLATED"
	}
	return "UNKNOWN"
}

// minute writes an instant as it is written there.
func minute(t time.Time) string { return t.Format("2006-01-02 15:04 Z07:00") }

// readyFacts say what the decision is about, and for how long it holds.
func readyFacts(a *ready.Answer) []fact {
	event := clean(a.Event)
	if !a.Date.IsZero() {
		event += ", " + minute(a.Date)
		if in := a.Date.Sub(a.At); in > 0 {
			event += ", in " + ready.Age(in)
		}
	}
	facts := []fact{{"event", event}}
	for _, t := range a.Targets {
		facts = append(facts, fact{"against", clean(t.Name + " (" + t.URL + ")")})
	}
	facts = append(facts, fact{"asked", minute(a.At)})
	if !a.Until.IsZero() {
		facts = append(facts, fact{"holds until", holds(a)})
	}
	if a.Gameday != "" {
		facts = append(facts, fact{"by", "gameday " + clean(a.Gameday)})
	}
	return facts
}

// holds says until when a go holds, and warns if that is before the event.
func holds(a *ready.Answer) string {
	until := minute(a.Until)
	if a.Until.Before(a.Date) {
		until += ", before the event begins: something expires then"
	}
	return until
}

// questionSection has every question with its answer.
func questionSection(a *ready.Answer) section {
	s := section{
		title: "Questions", note: "There is no score: one no is a no-go, and what is unknown is never a yes.",
		table: table{group: "question", columns: []column{left("question"), left("answer"), right("age"), left("why")}},
	}
	for _, q := range a.Questions {
		group := clean(q.About)
		if q.Evidence != "" {
			group += " (" + clean(q.Evidence) + ")"
		}
		s.table.rows = append(s.table.rows, row{group, []string{clean(q.Asks), q.Reply.String(), aged(q), clean(q.Why)}})
	}
	return s
}

// aged is how old the evidence of an answer is.
func aged(q ready.Question) string {
	if q.At.IsZero() {
		return none
	}
	return ready.Age(time.Duration(q.Age))
}

// waiverSection says who answers for what.
func waiverSection(a *ready.Answer) section {
	s := section{title: "Waived", note: "Somebody answers for these."}
	for _, q := range a.Questions {
		if w := q.Waiver; w != nil {
			s.facts = append(s.facts, fact{clean(q.ID), clean(fmt.Sprintf("%s; %s, until %s", w.Reason, w.Owner, minute(w.Expires)))})
		}
	}
	return s
}
