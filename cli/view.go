package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"gameday/harness"
	"gameday/runs"
	"gameday/scenarios"
)

// width is how many columns of a terminal are drawn on. A line that broke would
// make the block longer than what is erased.
const width = 80

// plainEvery is how often a line is printed where the view is not a terminal.
const plainEvery = 5 * time.Second

// A view shows a play while it goes on: on a terminal a block that is drawn anew
// every second, elsewhere a line every five.
type view struct {
	to       io.Writer
	terminal bool
	quiet    bool
	scenario *scenarios.Scenario
	scale    scenarios.Scale

	crowds []runs.Tally // since the last drawing, in the scenario's order
	since  time.Duration
	drawn  int // lines of the block on the screen
}

func newView(to io.Writer, s *scenarios.Scenario, scale scenarios.Scale, quiet bool) *view {
	v := &view{to: to, quiet: quiet, scenario: s, scale: scale, crowds: make([]runs.Tally, len(s.Crowds))}
	if f, ok := to.(*os.File); ok {
		v.terminal = term.IsTerminal(int(f.Fd())) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	}
	return v
}

// begin says what is about to be played.
func (v *view) begin(r *runs.Run) {
	if v.quiet {
		return
	}
	fmt.Fprintf(v.to, "%s at %s of the real night against %s, %s, seed %d\n%s\n",
		v.scenario.Name, v.scale, r.Target.Name, clock(v.scenario.Duration()), v.scenario.Seed, v.scenario.Asks)
}

// show adds a moment, and draws if it is time to.
func (v *view) show(m harness.Moment) {
	if v.quiet {
		return
	}
	for i := range m.Entry.Tallies {
		t := &m.Entry.Tallies[i]
		v.crowds[v.scenario.Crowd(t.Crowd)].Merge(t)
	}
	if !v.terminal && !m.Last && m.At-v.since < plainEvery-100*time.Millisecond {
		return
	}
	lines := v.lines(m)
	if v.terminal {
		v.erase()
		v.drawn = len(lines)
	}
	fmt.Fprintln(v.to, strings.Join(lines, "\n"))
	v.since = m.At
	clear(v.crowds)
}

// end leaves the terminal as it was, but for the last block.
func (v *view) end() { v.drawn = 0 }

// erase moves to the beginning of the block and clears from there.
func (v *view) erase() {
	if v.drawn > 0 {
		fmt.Fprintf(v.to, "\x1b[%dF\x1b[J", v.drawn)
	}
}

// lines are what is drawn of a moment: the night, and on a terminal each crowd.
func (v *view) lines(m harness.Moment) []string {
	var all runs.Tally
	for i := range v.crowds {
		all.Merge(&v.crowds[i])
	}
	took := max(m.At-v.since, time.Millisecond).Seconds()
	var target float64
	for _, r := range m.Rates {
		target += r
	}
	phase := v.scenario.Phases[m.Phase].Name
	if m.At >= m.Of {
		phase = "over"
	}
	if !v.terminal {
		return []string{fmt.Sprintf("%s %s: %s", clock(min(m.At, m.Of)), phase, figures(target, took, &all, m.InFlight))}
	}
	lines := []string{
		fmt.Sprintf("%s %s %s left  %s", bar(m.At, m.Of), clock(min(m.At, m.Of)), clock(max(m.Of-m.At, 0)), phase),
		row("", "wanted/s", "held/s", "p50", "p99", "p99.9", "errors", "lag"),
	}
	for i, c := range v.scenario.Crowds {
		lines = append(lines, crowdRow(c.Name, m.Rates[i], took, &v.crowds[i]))
	}
	if len(v.scenario.Crowds) > 1 {
		lines = append(lines, crowdRow("all", target, took, &all))
	}
	lines = append(lines, fmt.Sprintf("in flight %d", m.InFlight))
	lines = append(lines, lateness(&all)...)
	for i := range lines {
		lines[i] = cut(lines[i], width)
	}
	return lines
}

// cut shortens a line to n characters.
func cut(line string, n int) string {
	if all := []rune(line); len(all) > n {
		return string(all[:n])
	}
	return line
}

// row is one line of the block's table.
func row(name string, cells ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-12.12s", name)
	for _, c := range cells {
		fmt.Fprintf(&b, " %8s", c)
	}
	return b.String()
}

func crowdRow(name string, target, took float64, t *runs.Tally) string {
	return row(name, number(target), number(float64(t.Offered)/took),
		quantile(t, 0.5), quantile(t, 0.99), quantile(t, 0.999), errorShare(t), runs.Short(time.Duration(t.MaxLag)))
}

// figures are the same in one plain line.
func figures(target, took float64, t *runs.Tally, inFlight int) string {
	all := fmt.Sprintf("wanted %s/s, held %s/s, p50 %s, p99 %s, errors %s, lag %s, in flight %d",
		number(target), number(float64(t.Offered)/took), quantile(t, 0.5), quantile(t, 0.99), errorShare(t),
		runs.Short(time.Duration(t.MaxLag)), inFlight)
	return strings.Join(append([]string{all}, lateness(t)...), ", ")
}

// lateness says why requests left late, if some did.
func lateness(t *runs.Tally) []string {
	var why []string
	if t.Late > 0 {
		why = append(why, fmt.Sprintf("%d left late: the generator does not keep up", t.Late))
	}
	if t.Waited > 0 {
		why = append(why, fmt.Sprintf("%d waited: every place in flight is taken", t.Waited))
	}
	return why
}

func quantile(t *runs.Tally, q float64) string {
	if t.Offered == 0 {
		return "-"
	}
	d, answered := t.Quantile(q)
	if !answered {
		return "failed"
	}
	return runs.Short(d)
}

func errorShare(t *runs.Tally) string {
	if t.Offered == 0 {
		return "-"
	}
	failed := t.Failures()
	if failed == 0 {
		return "0"
	}
	return runs.Percent(float64(failed) / float64(t.Offered))
}

// number writes a rate with thousands set apart.
func number(v float64) string {
	s := fmt.Sprintf("%.0f", v)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// clock writes a duration as minutes and seconds.
func clock(d time.Duration) string {
	s := int(d.Round(time.Second).Seconds())
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// bar is how much of the night is over.
func bar(at, of time.Duration) string {
	const cells = 40
	full := int(min(float64(at)/float64(of), 1) * cells)
	return strings.Repeat("█", full) + strings.Repeat("░", cells-full)
}
