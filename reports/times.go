package reports

import (
	"time"

	"gameday/runs"
)

// timesSection tells of each crowd in each phase whether the time went in the
// service or on the way to it.
func timesSection(r *runs.Run, e *evidence) section {
	s := section{
		title: "Was it us or them?",
		note:  "The times of each crowd in each phase.",
		legend: "response: from when a request was due until its answer was read. service: from when it was sent, which is " +
			"what the service took. lag: from when it was due until it was sent, which was spent here, or waiting for a place " +
			`in flight. p99: 99 of 100 took no longer; it says "failed" where fewer were answered at all.`,
		table: table{group: "phase", columns: []column{
			left("crowd"), right("response p50"), right("response p99"), right("response p99.9"),
			right("service p50"), right("service p99"), right("lag p50"), right("lag p99"), right("lag max"),
		}},
	}
	for _, c := range e.crowds {
		if all := e.crowd(c, len(r.Phases)); len(r.Phases) > 0 {
			s.facts = append(s.facts, fact{crowdName(c), blame(&all.Tally, sent(&all.Tally))})
		}
	}
	for i := range r.Phases {
		e.rows(r, &s.table, i, timesCells)
	}
	return s
}

func timesCells(crowd string, c *counts) []string {
	service := sent(&c.Tally)
	cells := []string{
		crowdName(crowd), quantile(&c.Tally, 0.5), quantile(&c.Tally, 0.99), quantile(&c.Tally, 0.999),
		quantile(service, 0.5), quantile(service, 0.99), none, none, none,
	}
	if c.lag.Count() > 0 {
		cells[6], cells[7] = took(c.lag.Quantile(0.5)), took(c.lag.Quantile(0.99))
	}
	if c.Offered > 0 {
		cells[8] = took(time.Duration(c.MaxLag))
	}
	return cells
}

// sent is t with its service times for its response times.
func sent(t *runs.Tally) *runs.Tally {
	return &runs.Tally{Offered: t.Offered, Response: t.Service}
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
	case answered && response-service <= max(service/10, runs.OnTime):
		return "them: requests left on time"
	case t.Late > t.Waited:
		return "us: the generator sent them late"
	case t.Waited > 0:
		return "waiting, as every place in flight was taken"
	}
	return "us: they left late, by " + took(time.Duration(t.MaxLag)) + " at most"
}
