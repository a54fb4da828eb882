package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"gameday/runs"
)

// A column of the table; the ones with the smallest rank stay where it is narrow.
type column struct {
	head string
	rank int
	cell func(wanted, took float64, t *runs.Tally) string
}

var tableColumns = []column{
	{"wanted/s", 6, func(wanted, _ float64, _ *runs.Tally) string { return number(wanted) }},
	{"offered/s", 2, func(_, took float64, t *runs.Tally) string { return number(float64(t.Offered) / took) }},
	{"good/s", 8, func(_, took float64, t *runs.Tally) string { return number(float64(t.Good) / took) }},
	{"p50", 4, func(_, _ float64, t *runs.Tally) string { return quantile(t, 0.5) }},
	{"p99", 1, func(_, _ float64, t *runs.Tally) string { return quantile(t, 0.99) }},
	{"p99.9", 5, func(_, _ float64, t *runs.Tally) string { return quantile(t, 0.999) }},
	{"errors", 3, func(_, _ float64, t *runs.Tally) string { return errorShare(t) }},
	{"lag", 7, func(_, _ float64, t *runs.Tally) string { return runs.Short(span(t.MaxLag)) }},
}

func span(s runs.Span) time.Duration { return time.Duration(s) }

// leastName and mostName are how wide the crowds' names are shown.
const leastName, mostName = 10, 24

func (c column) width() int { return 1 + max(len(c.head), 8) }

// columnsFor are the most important columns that a terminal has room for, and how
// wide the names before them can be.
func columnsFor(width int) (fit []column, name int) {
	used, rank := 0, 0
	for _, c := range slices.SortedFunc(slices.Values(tableColumns), func(a, b column) int { return cmp.Compare(a.rank, b.rank) }) {
		if used+c.width()+leastName > width {
			break
		}
		used, rank = used+c.width(), c.rank
	}
	for _, c := range tableColumns {
		if c.rank <= rank {
			fit = append(fit, c)
		}
	}
	return fit, min(max(width-used, leastName), mostName)
}

// table is the figures of the first crowds, and of all together.
func (p *picture) table(width, crowds int) []pictureLine {
	fit, name := columnsFor(width)
	row := func(label string, cell func(column) string) string {
		text := pad(label, name)
		for _, c := range fit {
			text += fmt.Sprintf("%*s", c.width(), cell(c))
		}
		return text
	}
	took := max(p.took, time.Millisecond).Seconds()
	figures := func(label string, wanted float64, t *runs.Tally) string {
		text := row(label, func(c column) string { return c.cell(wanted, took, t) })
		if t.Failures() > 0 {
			text = strings.ReplaceAll(text, "failed", paint(red, "failed"))
		}
		return text
	}
	since := "last " + runs.Short(max(p.took.Round(time.Second), time.Second))
	lines := []pictureLine{{paint(dim, row(since, func(c column) string { return c.head })), 2}}
	var all runs.Tally
	var wanted float64
	for i, c := range p.scenario.Crowds {
		all.Merge(&p.recent[i])
		wanted += p.wanted[i]
		if i < crowds {
			lines = append(lines, pictureLine{figures(clean(c.Name), p.wanted[i], &p.recent[i]), 3})
		}
	}
	if n := len(p.scenario.Crowds); crowds < n {
		lines = append(lines, pictureLine{fmt.Sprintf("… %d of %d crowds are not shown", n-crowds, n), 4})
	}
	if len(p.scenario.Crowds) > 1 {
		lines = append(lines, pictureLine{figures("all", wanted, &all), 1})
	}
	return lines
}
