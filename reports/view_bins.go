package reports

import (
	"math"
	"slices"
	"time"

	"gameday/runs"
	"gameday/scenarios"
)

// What is drawn is small, however long a run was: this many bins at most for each
// series, and this many for all of them. An hour of ten actions has bins of five
// seconds.
const (
	mostBins  = 1200
	mostCells = 16_000
)

// steps are the lengths of a bin that an axis can be read with, in seconds. Longer
// ones are whole hours.
var steps = []int{1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600}

// bins are the tallies of a run, added up by bin of due time and by what a crowd
// does. They are not safe for concurrent use.
type bins struct {
	step   int // seconds in a bin
	length int // seconds of the schedule
	lines  []line
	leaves map[leaf]int // of each action of a crowd, where its tallies are

	cells [][]runs.Tally // by bin and leaf; nil: nothing is known of the bin
	all   []runs.Tally   // by leaf
	last  int            // how many bins are known, up to the last
}

// A leaf is an action of a crowd.
type leaf struct{ crowd, action string }

// A line is one series, and which leaves it adds up.
type line struct {
	leaf
	from, to int
}

// newBins lays out the bins of a run by its scenario and its phases: everybody,
// and each crowd followed by its actions. What is of neither counts for everybody.
func newBins(r *runs.Run) *bins {
	b := &bins{leaves: map[leaf]int{}, lines: []line{{}}}
	if r.Scenario != nil {
		for _, c := range r.Scenario.Crowds {
			crowd := line{leaf{crowd: c.Name}, len(b.leaves), len(b.leaves)}
			at := len(b.lines)
			b.lines = append(b.lines, crowd)
			for _, a := range c.Do {
				action := leaf{c.Name, a.Name}
				if _, twice := b.leaves[action]; twice {
					continue
				}
				i := len(b.leaves)
				b.leaves[action] = i
				b.lines = append(b.lines, line{action, i, i + 1})
			}
			b.lines[at].to = len(b.leaves)
		}
	}
	b.lines[0].to = len(b.leaves) + 1
	b.all = make([]runs.Tally, len(b.leaves)+1)
	var end runs.Span
	for i := range r.Phases {
		end = max(end, r.Phases[i].End)
	}
	b.length = int(math.Ceil(time.Duration(min(end, runs.Span(scenarios.MaxDuration))).Seconds()))
	b.step = stepOf(b.length, len(b.lines))
	b.cells = make([][]runs.Tally, (b.length+b.step-1)/b.step)
	return b
}

// stepOf is how long a bin is, of so many seconds and series.
func stepOf(seconds, lines int) int {
	most := min(mostBins, max(mostCells/lines, 1))
	for _, step := range steps {
		if (seconds+step-1)/step <= most {
			return step
		}
	}
	const hour = 3600
	return (seconds/most/hour + 1) * hour
}

// add adds tallies, which it copies, and returns the bins that changed, in rising
// order. Tallies outside the schedule are no part of a record that adds up, and
// are left out.
func (b *bins) add(tallies []runs.Tally) []int {
	parts := map[[2]int][]runs.Tally{}
	whole := make([][]runs.Tally, len(b.all))
	for i := range tallies {
		t := &tallies[i]
		if t.Second < 0 || t.Second >= b.length {
			continue
		}
		at, known := b.leaves[leaf{t.Crowd, t.Action}]
		if !known {
			at = len(b.leaves)
		}
		bin := t.Second / b.step
		parts[[2]int{bin, at}] = append(parts[[2]int{bin, at}], *t)
	}
	var changed []int
	for key, part := range parts {
		bin, at := key[0], key[1]
		if b.cells[bin] == nil {
			b.cells[bin] = make([]runs.Tally, len(b.all))
		}
		cell := &b.cells[bin][at]
		sum := addUp(part)
		whole[at] = append(whole[at], sum)
		*cell = addUp([]runs.Tally{*cell, sum})
		b.last = max(b.last, bin+1)
		changed = append(changed, bin)
	}
	for at, part := range whole {
		if len(part) > 0 {
			b.all[at] = addUp(append(part, b.all[at]))
		}
	}
	slices.Sort(changed)
	return slices.Compact(changed)
}

// addUp adds up tallies.
func addUp(tallies []runs.Tally) runs.Tally {
	r := runs.Run{Tallies: tallies}
	return r.Sum(nil)
}

// of is what a line came to in a bin.
func (b *bins) of(l *line, bin int) runs.Tally {
	if b.cells[bin] == nil {
		return runs.Tally{}
	}
	return l.sum(b.cells[bin])
}

// sum is what a line came to, of the tallies of all leaves.
func (l *line) sum(leaves []runs.Tally) runs.Tally {
	if l.to-l.from == 1 {
		return leaves[l.from]
	}
	return addUp(leaves[l.from:l.to])
}

// rates are the planned requests a second of each bin.
func (b *bins) rates(r *runs.Run) amounts {
	if r.Scenario == nil {
		return nil
	}
	planned := r.Scenario.Planned()
	if len(planned) > b.length {
		planned = planned[:b.length]
	}
	var all amounts
	for part := range slices.Chunk(planned, b.step) {
		var sum float64
		for _, rate := range part {
			sum += rate
		}
		all = append(all, sum/float64(len(part))*float64(r.Scale))
	}
	return all
}
