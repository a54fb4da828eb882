package cli

import (
	"fmt"
	"slices"
	"strings"

	"gameday/runs"
)

// A pictureLine is a line of the picture. Those of the greatest rank go first where the
// terminal has too few lines; rank 0 stays.
type pictureLine struct {
	text string
	rank int
}

// From spare on a line is only there to look good.
const spare = 10

// frame draws the picture: exactly height lines, none wider than width.
func (p *picture) frame(width, height int) []string {
	if width < 1 || height < 1 {
		return nil
	}
	lines := p.fitting(width, height-1)
	for len(lines) < height-1 {
		lines = append(lines, "")
	}
	lines = append(lines, p.hints())
	for i := range lines {
		lines[i] = cut(lines[i], width)
	}
	return lines
}

// block is the picture without colours, as it stays when the play is over.
func (p *picture) block(width int) []string {
	var out []string
	for _, l := range p.lines(width, len(p.scenario.Crowds)) {
		if l.rank <= spare { // a chart of one row is enough
			out = append(out, strings.TrimRight(unpainted(cut(l.text, width)), " "))
		}
	}
	return out
}

// fitting are as many lines as there is room for. What only looks good goes first,
// then crowds, then the rest by rank.
func (p *picture) fitting(width, height int) []string {
	var lines []pictureLine
	for shown := len(p.scenario.Crowds); shown >= 0; shown-- {
		if lines = drop(p.lines(width, shown), height, spare); len(lines) <= height {
			break
		}
	}
	var texts []string
	for _, l := range drop(lines, height, 1) {
		texts = append(texts, l.text)
	}
	return texts[:min(len(texts), max(height, 0))]
}

// drop leaves out lines of a rank of least and above until height are left.
func drop(lines []pictureLine, height, least int) []pictureLine {
	lines = slices.Clone(lines)
	for len(lines) > height {
		worst := 0
		for i, l := range lines {
			if l.rank >= lines[worst].rank {
				worst = i
			}
		}
		if lines[worst].rank < least {
			break
		}
		lines = slices.Delete(lines, worst, worst+1)
	}
	return lines
}

// lines are all that there is to show, with the table's first crowds.
func (p *picture) lines(width, crowds int) []pictureLine {
	blank := pictureLine{"", spare}
	lines := []pictureLine{
		{paint(bold, clean(p.scenario.Name)) + fmt.Sprintf(" at %s of the real night against %s, %s, seed %d",
			p.scale, clean(p.target), clock(p.now.Of), p.scenario.Seed), 3},
		{clean(p.scenario.Asks), 8}, blank,
	}
	lines = append(lines, p.phases(width)...)
	lines = append(lines, blank)
	lines = append(lines, p.charts(width)...)
	lines = append(lines, blank)
	lines = append(lines, p.table(width, crowds)...)
	lines = append(lines, blank)
	var all runs.Tally
	for i := range p.recent {
		all.Merge(&p.recent[i])
	}
	lines = append(lines, p.facts(&all)...)
	for i, w := range p.warnings(&all) {
		lines = append(lines, pictureLine{paint(yellow, "! "+w), min(1+i, 5)})
	}
	return lines
}

// facts are lines of a name and what is to be said about it.
func (p *picture) facts(all *runs.Tally) []pictureLine {
	fact := func(name, text string, rank int) pictureLine {
		return pictureLine{fmt.Sprintf("%-10s %s", name, text), rank}
	}
	failed := p.errors()
	if len(p.causes) > 0 {
		failed = paint(red, failed)
	}
	lines := []pictureLine{
		fact("errors", failed, 2),
		fact("in flight", fmt.Sprintf("%s, peak %s; lag %s",
			number(float64(p.now.InFlight)), number(float64(p.peak)), runs.Short(span(all.MaxLag))), 4),
	}
	if p.breakable || len(p.now.Faults) > 0 {
		text := p.faults()
		if len(p.now.Faults) > 0 {
			text = paint(red, text)
		}
		lines = append(lines, fact("faults", text, 1))
	}
	if p.reason != "" {
		lines = append(lines, fact("freeze", "in force; played all the same: "+clean(p.reason), 6))
	}
	if p.address {
		lines = append(lines, fact("dashboard", clean(p.dashboard), 0))
	}
	if p.says != "" {
		lines = append(lines, fact("service", clean(p.says), 5))
	}
	return lines
}

// hints are the keys, or what happens once one was pressed.
func (p *picture) hints() string {
	switch {
	case p.ending && p.keyboard:
		return "ending: a report of what was seen follows   Ctrl-C ends at once"
	case p.ending:
		return "ending: a report of what was seen follows"
	case !p.keyboard:
		return paint(dim, "Ctrl-C stop")
	}
	keys := "q stop"
	switch {
	case p.breakable && p.whole:
		keys += "   p let faults go on"
	case p.breakable:
		keys += "   p pause faults"
	}
	if p.dashboard != "" {
		keys += "   d dashboard"
	}
	return paint(dim, keys)
}
