package runs

import (
	"fmt"
	"strings"
	"time"
)

// A Generator is how the load itself fared: whether it kept up, and what there
// was to keep up with.
type Generator struct {
	InFlightPeak int        `json:"in_flight_peak"` // requests on their way at once
	CPU          Span       `json:"cpu"`            // processor time used
	CPUShare     float64    `json:"cpu_share"`      // of what the host's CPUs had to give while it played
	Starved      int        `json:"starved"`        // tenths of a second in which it got too little CPU to be on time
	Steal        Span       `json:"steal"`          // processor time that whoever runs this host gave to others
	StealShare   float64    `json:"steal_share"`    // of the time of all CPUs
	GC           GC         `json:"gc"`
	MemoryPeak   uint64     `json:"memory_peak"` // bytes obtained from the operating system
	Lags         []LagTally `json:"lags"`        // in order of phase and crowd
	Notes        []string   `json:"notes,omitempty"`
}

// A GC is what it took the generator to collect its own garbage.
type GC struct {
	Count    uint64  `json:"count"`     // collections
	Total    Span    `json:"total"`     // for which everything stood still, each time rounded up by at most a quarter
	Max      Span    `json:"max"`       // of it, the longest at once
	CPUShare float64 `json:"cpu_share"` // of what there was, without what nobody else wanted
}

// A LagTally is how late the requests of one crowd left in one phase.
type LagTally struct {
	Phase int       `json:"phase"`
	Crowd string    `json:"crowd"`
	Lag   Histogram `json:"lag"`
}

// From these shares of the CPUs' time on it is worth a word what took it, when
// requests left late, and in the report.
const (
	StealMatters = 0.01
	GCMatters    = 0.05
	busyShare    = 0.9 // used by the generator itself
)

// advice says why requests left late, as far as the record tells, and what helps.
func (g *Generator) advice() string {
	const less = "press fewer requests a second, or give it another core"
	var why []string
	if g.StealShare >= StealMatters {
		why = append(why, fmt.Sprintf("the host took away %s of its CPUs' time: play on a host that is left alone", Percent(g.StealShare)))
	}
	if g.GC.CPUShare >= GCMatters || time.Duration(g.GC.Max) > OnTime {
		why = append(why, fmt.Sprintf("collecting garbage took %s of the CPUs' time, and stopped everything for up to %s: give it another core", Percent(g.GC.CPUShare), Short(time.Duration(g.GC.Max))))
	}
	switch short := Short(time.Duration(g.Starved) * (time.Second / 10)); {
	case g.Starved > 0 && g.CPUShare >= busyShare:
		why = append(why, fmt.Sprintf("it was short of CPU for %s, and used %s of what there was: %s", short, Percent(g.CPUShare), less))
	case g.Starved > 0:
		why = append(why, fmt.Sprintf("it was short of CPU for %s: %s", short, less))
	case g.CPUShare >= busyShare:
		why = append(why, fmt.Sprintf("it used %s of the CPU time there was: %s", Percent(g.CPUShare), less))
	case len(why) == 0:
		why = append(why, "the record does not say why: "+less)
	}
	return strings.Join(why, "; ")
}
