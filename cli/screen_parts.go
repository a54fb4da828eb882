package cli

import (
	"fmt"
	"strings"
	"time"

	"gameday/runs"
)

// phases draws the phases as segments as long as they last, with their names below,
// and says in words where the play is.
func (p *picture) phases(width int) []pictureLine {
	of := max(p.now.Of, 1)
	column := func(d time.Duration) int { return int(float64(d) / float64(of) * float64(width)) }
	done := column(min(p.now.At, of))
	var bar, names strings.Builder
	var begin time.Duration
	named := false
	for i, phase := range p.scenario.Phases {
		end := begin + phase.For
		from, to := column(begin), column(end)
		if i == len(p.scenario.Phases)-1 {
			to = width
		}
		begin = end
		drawn := to
		if to-from >= 3 && to < width {
			drawn-- // a gap before the next
		}
		full := min(max(done, from), drawn)
		segment := strings.Repeat("█", full-from) + strings.Repeat("░", drawn-full) + strings.Repeat(" ", to-drawn)
		name, current := clean(phase.Name), i == p.now.Phase && !p.over()
		if current {
			segment, name = paint(cyan, segment), "▸"+name
		}
		bar.WriteString(segment)
		if to-from < 4 {
			name = ""
		}
		if name = pad(name, to-from-1) + strings.Repeat(" ", min(to-from, 1)); current {
			name = paint(bold, name)
		}
		named = named || strings.TrimSpace(unpainted(name)) != ""
		names.WriteString(name)
	}
	lines := []pictureLine{{bar.String(), 5}}
	if named {
		lines = append(lines, pictureLine{names.String(), 9})
	}
	return append(lines, pictureLine{p.where(width), 1})
}

// over reports whether the schedule is over: only answers are waited for.
func (p *picture) over() bool { return p.now.At >= p.now.Of }

// where says what time it is in the play, in fewer words where it is narrow: of the
// phase's name at least the beginning is to be read.
func (p *picture) where(width int) string {
	at := clock(min(p.now.At, p.now.Of)) + " of " + clock(p.now.Of)
	if p.over() {
		return at + ", over: the last answers are waited for"
	}
	phases := p.scenario.Phases
	var end time.Duration
	for _, phase := range phases[:p.now.Phase+1] {
		end += phase.For
	}
	name := clean(phases[p.now.Phase].Name)
	left := ""
	if p.now.Phase+1 < len(phases) {
		left = ", " + clock(max(end-p.now.At, 0)) + " left"
	}
	number := fmt.Sprintf("phase %d/%d ", p.now.Phase+1, len(phases))
	long := fmt.Sprintf("%s, %s left; %s", at, clock(p.now.Of-p.now.At), number)
	room := width - wide(long) - wide(left)
	if room < min(wide(name), 12) {
		long = at + "; " + number
		room = width - wide(long) - wide(left)
	}
	if room < min(wide(name), 8) {
		room, left = room+wide(left), ""
	}
	return long + paint(bold, cut(name, room)) + left
}

// charts draw what was offered and what was good, on the same scale.
func (p *picture) charts(width int) []pictureLine {
	const name, figure = 8, 12
	cells := width - name - figure
	if cells < 8 {
		return nil
	}
	rates := p.rates[max(len(p.rates)-cells, 0):]
	var most float64
	offered, good := make([]float64, len(rates)), make([]float64, len(rates))
	for i, r := range rates {
		offered[i], good[i] = r.offered, r.good
		most = max(most, r.offered)
	}
	var now rate
	if len(rates) > 0 {
		now = rates[len(rates)-1]
	}
	share := ""
	if now.offered > 0 {
		share = runs.Percent(now.good / now.offered)
	}
	chart := func(label, above string, values []float64, v float64, rank int) []pictureLine {
		rows := spark(values, most)
		top := strings.Repeat(" ", name) + paint(cyan, pad(rows[0], cells)) + fmt.Sprintf("%*s", figure, above)
		low := fmt.Sprintf("%-*s", name, label) + paint(cyan, pad(rows[1], cells)) + fmt.Sprintf("%*s", figure, number(v)+"/s")
		return []pictureLine{{top, spare + rank}, {low, rank}}
	}
	return append(chart("offered", "", offered, now.offered, 7), chart("good", share, good, now.good, 6)...)
}

// spark draws values as columns of two rows, the upper one first.
func spark(values []float64, most float64) [2]string {
	steps := []rune(" ▁▂▃▄▅▆▇█")
	full := len(steps) - 1
	var rows [2]strings.Builder
	for _, v := range values {
		level := 0
		if v > 0 {
			level = min(max(int(v/most*float64(2*full)+0.5), 1), 2*full)
		}
		rows[0].WriteRune(steps[max(level-full, 0)])
		rows[1].WriteRune(steps[min(level, full)])
	}
	return [2]string{rows[0].String(), rows[1].String()}
}
