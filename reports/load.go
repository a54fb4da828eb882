package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"gameday/runs"
)

// loadSection tells what each crowd asked for in each phase, and how it was
// answered.
func loadSection(r *runs.Run, e *evidence) section {
	s := section{
		title: "Load and answers",
		note:  "Each crowd in each phase.",
		legend: "p99: 99 of 100 requests were answered within this time, counted from when each was due; it says " +
			`"failed" where fewer were answered at all. good: answered, and within the promised time. ` +
			"lag: how long after it was due a request left.",
		table: table{group: "phase", columns: []column{
			left("crowd"), right("requests"), right("per second"), right("good"),
			right("p50"), right("p99"), right("p99.9"), right("greatest lag"), left("failed"),
		}},
	}
	length := length(r)
	for i := range r.Phases {
		p := &r.Phases[i]
		seconds := lasted(r, p, length).Seconds()
		sum := e.phase(i)
		group := phaseTitle(r, p, sum)
		for _, c := range e.crowds {
			if sum.Offered > 0 {
				s.table.rows = append(s.table.rows, row{group, loadCells(c, e.at(i, c), seconds)})
			}
		}
		if len(e.crowds) > 1 || sum.Offered == 0 {
			s.table.rows = append(s.table.rows, row{group, loadCells("everybody", sum, seconds)})
		}
	}
	if len(s.table.rows) == 0 {
		s.facts = []fact{{"requests", "none in the record"}}
	}
	return s
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

func loadCells(crowd string, t *runs.Tally, seconds float64) []string {
	rate := none
	if seconds > 0 {
		rate = number(float64(t.Offered) / seconds)
	}
	lag := none
	if t.Offered > 0 {
		lag = took(time.Duration(t.MaxLag))
	}
	return []string{
		crowdName(crowd), count(t.Offered), rate, share(t.Good, t.Offered),
		quantile(t, 0.5), quantile(t, 0.99), quantile(t, 0.999), lag, failures(t),
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
	var causes []string
	for c := range t.Failed {
		causes = append(causes, c)
	}
	slices.SortFunc(causes, func(a, b string) int {
		return cmp.Or(cmp.Compare(t.Failed[b], t.Failed[a]), cmp.Compare(a, b))
	})
	for i, c := range causes {
		causes[i] = count(t.Failed[c]) + " " + clean(c)
	}
	return share(all, t.Offered) + ": " + strings.Join(causes, ", ")
}

// blameSection tells, for each crowd, whether the time went in the service or on
// the way to it.
func blameSection(r *runs.Run, e *evidence) section {
	s := section{
		title: "Was it us or them?",
		note:  "Over the whole run.",
		legend: "Response time counts from when a request was due, service time from when it was sent: what lies " +
			"between was spent here. left late: over 10ms, because the generator did not keep up. had to wait: over 10ms, " +
			"because every place in flight was taken.",
		table: table{columns: []column{
			left("crowd"), right("response p99"), right("service p99"), right("left late"), right("had to wait"),
			left("where the time went"),
		}},
	}
	for _, c := range e.crowds {
		t := e.crowd(c, len(r.Phases))
		sent := &runs.Tally{Offered: t.Offered, Response: t.Service}
		s.table.rows = append(s.table.rows, row{cells: []string{
			crowdName(c), quantile(t, 0.99), quantile(sent, 0.99),
			share(t.Late, t.Offered), share(t.Waited, t.Offered), blame(t, sent),
		}})
	}
	return s
}

// blame says where most of the time of the slowest requests went. Sent has the
// service times of t.
func blame(t, sent *runs.Tally) string {
	response, answered := t.Quantile(0.99)
	service, _ := sent.Quantile(0.99)
	switch {
	case t.Offered == 0:
		return "no request is in the record"
	case !answered && t.Late+t.Waited <= t.Offered/100:
		return "not here: requests left on time, but failed"
	case answered && response-service <= max(service/10, time.Millisecond):
		return "them: requests left on time"
	case t.Late > t.Waited:
		return "us: the generator sent them late"
	case t.Waited > 0:
		return "waiting, as every place in flight was taken"
	}
	return "us: they left late, by " + took(time.Duration(t.MaxLag)) + " at most"
}
