package reports

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"gameday/runs"
)

// loadSection tells what each crowd asked for in each phase, and what came of it.
func loadSection(r *runs.Run, e *evidence) section {
	s := section{
		title: "Load and answers",
		note:  "Each crowd in each phase.",
		legend: "good: answered, and within the promised time. left late: over 10ms after it was due, because the " +
			"generator did not keep up. had to wait: as long, because every place in flight was taken, which is the " +
			"service's doing and counts in its response time.",
		table: table{group: "phase", columns: []column{
			left("crowd"), right("requests"), right("per second"), right("good"), right("left late"), right("had to wait"), left("failed"),
		}},
	}
	length := length(r)
	for i := range r.Phases {
		seconds := lasted(r, &r.Phases[i], length).Seconds()
		e.rows(r, &s.table, i, func(crowd string, c *counts) []string { return loadCells(crowd, c, seconds) })
	}
	if len(s.table.rows) == 0 {
		s.facts = []fact{{"requests", "none in the record"}}
	}
	return s
}

// rows adds a phase to a table: a row for each crowd, and one for everybody.
func (e *evidence) rows(r *runs.Run, t *table, phase int, cells func(crowd string, c *counts) []string) {
	sum := e.phase(phase)
	group := phaseTitle(r, &r.Phases[phase], &sum.Tally)
	for _, c := range e.crowds {
		if sum.Offered > 0 {
			t.rows = append(t.rows, row{group, cells(c, e.at(phase, c))})
		}
	}
	if len(e.crowds) > 1 || sum.Offered == 0 {
		t.rows = append(t.rows, row{group, cells("everybody", sum)})
	}
}

// phaseTitle is the name of a phase, when it was, and what the record lacks.
func phaseTitle(r *runs.Run, p *runs.Phase, all *runs.Tally) string {
	var due uint64
	for _, n := range p.Due {
		due += n
	}
	missing := ""
	if all.Offered != due {
		missing = fmt.Sprintf("; %s of %s due requests recorded", count(all.Offered), count(due))
	}
	name := cut(cmp.Or(clean(p.Name), "unnamed"), 40)
	return fmt.Sprintf("%s (%s to %s%s)", name, took(time.Duration(p.Begin)), took(time.Duration(p.End)), missing)
}

func crowdName(name string) string { return cut(clean(name), 16) }

func loadCells(crowd string, c *counts, seconds float64) []string {
	rate := none
	if seconds > 0 {
		rate = number(float64(c.Offered) / seconds)
	}
	return []string{
		crowdName(crowd), count(c.Offered), rate, share(c.Good, c.Offered),
		share(c.Late, c.Offered), share(c.Waited, c.Offered), failures(&c.Tally),
	}
}

// failures tells how many requests failed and why, the most frequent cause first.
func failures(t *runs.Tally) string {
	all := t.Failures()
	switch {
	case t.Offered == 0:
		return none
	case all == 0:
		return "none"
	}
	causes := causesOf(t)
	for i, c := range causes {
		causes[i] = count(t.Failed[c]) + " " + clean(c)
	}
	return share(all, t.Offered) + ": " + strings.Join(causes, ", ")
}
