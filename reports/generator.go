package reports

import (
	"fmt"
	"strconv"
	"time"

	"gameday/runs"
)

// generatorSection tells whether the load itself kept up.
func generatorSection(r *runs.Run, e *evidence) section {
	g := &r.Generator
	s := section{
		title: "Generator",
		note:  "What sent the load. If it did not keep up, nothing here says anything about the service.",
	}
	add := func(name, value string) { s.facts = append(s.facts, fact{name, value}) }
	all := e.all(len(r.Phases))
	late := func(name string, n uint64, why string) {
		add(name, fmt.Sprintf("%s (%s), over 10ms: %s", counted(n, "request"), share(n, all.Offered), why))
	}
	late("left late", all.Late, "the generator did not keep up")
	late("had to wait", all.Waited, "every place in flight was taken")
	if all.lag.Count() > 0 {
		add("lag", spread(&all.lag))
	}
	add("in flight", "at the most "+thousands(strconv.Itoa(g.InFlightPeak))+" at once")
	add("CPU", processor(g))
	if g.StealShare >= runs.StealMatters {
		add("stolen", fmt.Sprintf("%s, %s of the host's CPU time was given to others", took(time.Duration(g.Steal)), runs.Percent(g.StealShare)))
	}
	if g.GC.Count > 0 {
		add("garbage", collections(g.GC))
	}
	add("memory", memory(g.MemoryPeak)+" at the most")
	if t := r.Selftest; t != nil {
		add("selftest", fmt.Sprintf("%s, %s", t.Verdict, t.At.UTC().Format(time.DateTime)+" UTC"))
	}
	for _, n := range g.Notes {
		add("note", clean(n))
	}
	return s
}

func processor(g *runs.Generator) string {
	s := fmt.Sprintf("%s, %s%% of what there was", took(time.Duration(g.CPU)), number(g.CPUShare*100))
	if g.Starved > 0 {
		s += fmt.Sprintf("; starved of it for %s", took(time.Duration(g.Starved)*(time.Second/10)))
	}
	return s
}

func collections(gc runs.GC) string {
	s := fmt.Sprintf("%s; stood still for %s, at most %s at once", counted(gc.Count, "collection"), took(time.Duration(gc.Total)), took(time.Duration(gc.Max)))
	if gc.CPUShare >= runs.GCMatters {
		s += fmt.Sprintf("; took %s of what CPU time there was", runs.Percent(gc.CPUShare))
	}
	return s
}
