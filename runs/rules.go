package runs

import (
	"fmt"
	"time"
)

// RecoveryRules are the limits that recoveries are judged by. They are recorded
// with a run, so that it is judged the same again, and printed in every report.
type RecoveryRules struct {
	// A service is back at Back of the goodput of the baseline, for InARow bins in
	// a row. A bin is a second, or as many as have LeastInBin requests.
	Back       float64 `json:"back"`
	InARow     int     `json:"in_a_row"`
	LeastInBin uint64  `json:"least_in_bin"`

	// A baseline has BaselineBins, and a goodput of at least Healthy.
	BaselineBins int     `json:"baseline_bins"`
	Healthy      float64 `json:"healthy"`

	// Load that reaches Spike times that of the baseline is a spike. Load within
	// Tolerance of it is the same load.
	Spike     float64 `json:"spike"`
	Tolerance float64 `json:"tolerance"`

	// Deadline is the longest that a recovery may take, where no promise says it.
	Deadline Span `json:"deadline"`

	// Goodput has collapsed below Collapse of the baseline's, over the last
	// CollapseOver bins.
	Collapse     float64 `json:"collapse"`
	CollapseOver int     `json:"collapse_over"`

	// What is asked of a service that is not back is taken over the last AskedOver
	// bins. Capacity is what it can answer in a second; 0: the most it did.
	AskedOver int     `json:"asked_over"`
	Capacity  float64 `json:"capacity,omitempty"`

	// Patience is how long a client goes on with one request: all its tries, and the
	// pauses between them. So long what was before can disturb what comes after.
	Patience Span `json:"patience"`

	// A backlog must be gone after DrainFactor times what it should take, and the
	// Patience of a client.
	DrainFactor float64 `json:"drain_factor"`

	// A service sheds, rather than queues, if Shedding of its failures are explicit
	// refusals.
	Shedding float64 `json:"shedding"`

	// The plateau is judged where the load is PlateauFrom to PlateauTo times what
	// the service can answer.
	PlateauFrom float64 `json:"plateau_from"`
	PlateauTo   float64 `json:"plateau_to"`

	// SLO is the share of requests to be good, where no promise says it: its error
	// budget is for BudgetFor at the load of the baseline.
	SLO       float64 `json:"slo"`
	BudgetFor Span    `json:"budget_for"`
}

// DefaultRules are the rules where none are given. The page on recovery in docs
// says where each comes from.
var DefaultRules = RecoveryRules{
	Back: 0.95, InARow: 5, LeastInBin: 20,
	BaselineBins: 30, Healthy: 0.95,
	Spike: 1.5, Tolerance: 0.05,
	Deadline: Span(30 * time.Second),
	Collapse: 0.5, CollapseOver: 10,
	AskedOver: 10, Patience: Span(5 * time.Second),
	DrainFactor: 1.5,
	Shedding:    0.5,
	PlateauFrom: 1.5, PlateauTo: 2,
	SLO: 0.99, BudgetFor: Span(30 * 24 * time.Hour),
}

// check refuses rules that nothing can be judged by. Nil is DefaultRules.
func (x *RecoveryRules) check() error {
	if x == nil {
		return nil
	}
	const day, ages = 86400, 1e9 // seconds
	for _, c := range []struct {
		name               string
		value, least, most float64
	}{
		{"back", x.Back, 0.01, 1}, {"in_a_row", float64(x.InARow), 1, day}, {"least_in_bin", float64(x.LeastInBin), 1, largestCount},
		{"baseline_bins", float64(x.BaselineBins), 1, day}, {"healthy", x.Healthy, 0.01, 1},
		{"spike", x.Spike, 1, 1e6}, {"tolerance", x.Tolerance, 0, 1},
		{"deadline", time.Duration(x.Deadline).Seconds(), 0, ages},
		{"collapse", x.Collapse, 0, 1}, {"collapse_over", float64(x.CollapseOver), 1, day},
		{"asked_over", float64(x.AskedOver), 1, day}, {"capacity", x.Capacity, 0, 1e12},
		{"drain_factor", x.DrainFactor, 1, 1e6}, {"patience", time.Duration(x.Patience).Seconds(), 0, ages},
		{"shedding", x.Shedding, 0, 1}, {"plateau_from", x.PlateauFrom, 0, 1e6}, {"plateau_to", x.PlateauTo, 0, 1e6},
		{"slo", x.SLO, 0.01, 1}, {"budget_for", time.Duration(x.BudgetFor).Seconds(), 1, ages},
	} {
		if !(c.value >= c.least && c.value <= c.most) {
			return fmt.Errorf("recovery_rules.%s: %v, want %v to %v", c.name, c.value, c.least, c.most)
		}
	}
	return nil
}
