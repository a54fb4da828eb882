package harness

import (
	"sync"
	"time"

	"gameday/runs"
)

// news are the marks that the record does not have yet. The zero value has none. It
// is safe for concurrent use.
type news struct {
	mu    sync.Mutex
	marks []runs.Mark
}

// note marks that something has happened now.
func (p *play) note(kind, fault, text string) {
	p.noteAt(time.Since(p.start), kind, fault, text)
}

func (p *play) noteAt(at time.Duration, kind, fault, text string) {
	p.news.mu.Lock()
	defer p.news.mu.Unlock()
	p.news.marks = append(p.news.marks, runs.Mark{At: runs.Span(at), Kind: kind, Fault: fault, Text: text})
}

// take returns the marks, and forgets them.
func (n *news) take() []runs.Mark {
	n.mu.Lock()
	defer n.mu.Unlock()
	marks := n.marks
	n.marks = nil
	return marks
}

// borders are the borders between phases that were passed since the last mark.
func (p *play) borders(now time.Duration) []runs.Mark {
	var marks []runs.Mark
	for ; p.border <= len(p.run.Phases); p.border++ {
		m := runs.Mark{At: runs.Span(p.schedule.Scenario.Duration()), Kind: runs.MarkEnd, Text: "the schedule is over"}
		if p.border < len(p.run.Phases) {
			m = runs.Mark{At: p.run.Phases[p.border].Begin, Kind: runs.MarkPhase, Text: p.run.Phases[p.border].Name}
		}
		if time.Duration(m.At) > now {
			break
		}
		marks = append(marks, m)
	}
	return marks
}
