package reports

import (
	"fmt"
	"strconv"

	"gameday/runs"
)

// witnessSection tells whether the service told the truth.
func witnessSection(r *runs.Run) section {
	w := &r.Witness
	s := section{
		title: "Witness",
		note:  "A small client that posts, and reads as a follower does, to check that the service tells the truth.",
	}
	add := func(name, value string) { s.facts = append(s.facts, fact{name, value}) }
	if w.Absent != "" {
		add("absent", clean(w.Absent))
	}
	if w.Absent == "" || w.Posts > 0 {
		add("posts", fmt.Sprintf("%s acknowledged, %s of them seen by a follower", count(w.Posts), count(w.Seen)))
	}
	if w.Failed > 0 {
		add("refused", counted(w.Failed, "post or read")+" (nothing learned, but no lie)")
	}
	var fresh runs.Histogram
	for i := range w.Fresh {
		fresh.Merge(&w.Fresh[i])
	}
	if fresh.Count() > 0 {
		add("fresh", spread(&fresh)+", from acknowledged until seen")
	}
	if w.Absent == "" || w.Lied > 0 {
		add("lies", count(w.Lied))
	}
	for i, lie := range w.Lies {
		add("lie "+strconv.Itoa(i+1), clean(lie))
	}
	return s
}

// spread is how durations lie.
func spread(h *runs.Histogram) string {
	return fmt.Sprintf("p50 %s, p99 %s, greatest %s", took(h.Quantile(0.5)), took(h.Quantile(0.99)), took(h.Max()))
}
