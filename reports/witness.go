package reports

import (
	"fmt"
	"strconv"
	"time"

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

// generatorSection tells whether the load itself kept up.
func generatorSection(r *runs.Run, e *evidence) section {
	g := &r.Generator
	s := section{
		title: "Generator",
		note:  "What sent the load. If it did not keep up, nothing here says anything about the service.",
	}
	add := func(name, value string) { s.facts = append(s.facts, fact{name, value}) }
	var all runs.Tally
	for i := range r.Phases {
		all.Merge(e.phase(i))
	}
	late := func(name string, n uint64, why string) {
		add(name, fmt.Sprintf("%s (%s) over 10ms late because %s", counted(n, "request"), share(n, all.Offered), why))
	}
	late("left late", all.Late, "the generator did not keep up")
	late("had to wait", all.Waited, "every place in flight was taken")
	var lag runs.Histogram
	for i := range g.Lags {
		lag.Merge(&g.Lags[i].Lag)
	}
	if lag.Count() > 0 {
		add("lag", spread(&lag))
	}
	add("in flight", "at the most "+thousands(strconv.Itoa(g.InFlightPeak))+" at once")
	cpu := fmt.Sprintf("%s of processor time, %s%% of what there was", took(time.Duration(g.CPU)), number(g.CPUShare*100))
	if g.Starved > 0 {
		cpu += fmt.Sprintf("; starved of it for %s", took(time.Duration(g.Starved)*(time.Second/10)))
	}
	add("CPU", cpu)
	add("memory", memory(g.MemoryPeak)+" at the most")
	for _, n := range g.Notes {
		add("note", clean(n))
	}
	return s
}
