package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/term"

	"gameday/harness"
	"gameday/runs"
	"gameday/scenarios"
)

// width is how many columns lines take where nobody says how many there are.
const width = 80

// plainEvery is how often a line is printed where the view is not a terminal.
const plainEvery = 5 * time.Second

// A view shows a play while it goes on: on a terminal a screen of its own, elsewhere
// a line every five seconds.
type view struct {
	to       io.Writer
	terminal bool
	quiet    bool
	scenario *scenarios.Scenario
	scale    scenarios.Scale

	keys      io.Reader    // the keyboard, if it is a terminal
	stop      func(error)  // ends the play, for a reason
	whole     *atomic.Bool // is set while faults are paused; nil: nothing can be broken
	dashboard string       // address of the page on the play; may be empty
	others    *aside       // where others write

	screen *screen
	crowds []runs.Tally // since the last line, in the scenario's order
	since  time.Duration
}

func newView(to io.Writer, s *scenarios.Scenario, scale scenarios.Scale, quiet bool) *view {
	v := &view{to: to, quiet: quiet, scenario: s, scale: scale, crowds: make([]runs.Tally, len(s.Crowds)), others: &aside{to: to}}
	if isTerminal(to) {
		v.terminal = os.Getenv("NO_COLOR") == "" && os.Getenv("CI") == "" && os.Getenv("TERM") != "dumb"
	}
	return v
}

// isTerminal reports whether somebody sits at what is written to.
func isTerminal(to io.Writer) bool {
	f, ok := to.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// begin says what is about to be played.
func (v *view) begin(r *runs.Run) {
	if v.quiet {
		return
	}
	if v.terminal {
		v.raise(r)
	}
	if v.screen == nil {
		fmt.Fprintf(v.to, "%s at %s of the real night against %s, %s, seed %d\n%s\n",
			v.scenario.Name, v.scale, r.Target.Name, clock(v.scenario.Duration()), v.scenario.Seed, v.scenario.Asks)
	}
}

// raise shows the screen, if the terminal is large enough and waits for us.
func (v *view) raise(r *runs.Run) {
	to, ok := v.to.(*os.File)
	if !ok || !ours(to) {
		return
	}
	if columns, rows, err := term.GetSize(int(to.Fd())); err != nil || columns < leastColumns || rows < leastRows {
		return
	}
	keys, ok := v.keys.(*os.File)
	if !ok || !term.IsTerminal(int(keys.Fd())) || !ours(keys) {
		keys = nil
	}
	p := newPicture(v.scenario, v.scale)
	p.target, p.reason, p.dashboard, p.breakable = r.Target.Name, r.DuringFreeze, v.dashboard, v.whole != nil
	v.screen = startScreen(to, keys, p, v.wants)
	v.others.hold(v.screen.say)
}

// wants does what a key on the screen asks for.
func (v *view) wants(w wish, p *picture) {
	switch w {
	case wishEnd:
		if p.key == "q" || interruptSelf() != nil {
			v.stop(fmt.Errorf("the key %s was pressed", p.key))
		}
	case wishNow:
		interruptAll()
	case wishFaults:
		v.whole.Store(p.whole)
	case wishBrowser:
		go browse(p.dashboard)
	}
}

// show adds a moment, and prints a line if it is time to.
func (v *view) show(m harness.Moment) {
	if v.quiet {
		return
	}
	if v.screen != nil {
		err := v.screen.broke()
		if err == nil {
			v.screen.show(m)
			return
		}
		v.screen = nil
		v.others.release()
		v.since = m.At - plainEvery
		fmt.Fprintf(v.to, "gameday: %v; the play goes on\n", err)
	}
	for i := range m.Entry.Tallies {
		t := &m.Entry.Tallies[i]
		v.crowds[v.scenario.Crowd(t.Crowd)].Merge(t)
	}
	if !m.Last && m.At-v.since < plainEvery-100*time.Millisecond {
		return
	}
	fmt.Fprintln(v.to, v.line(m))
	v.since = m.At
	clear(v.crowds)
}

// end leaves the terminal as it was, but for a block of what was last shown. It may
// be called again.
func (v *view) end() {
	if v.screen == nil {
		return
	}
	s := v.screen
	v.screen = nil
	if s.end() {
		columns, _, err := term.GetSize(int(s.out.Fd()))
		if err != nil {
			columns = width
		}
		fmt.Fprintf(v.to, "%s\n\n", strings.Join(s.block(min(columns, width)), "\n"))
	}
	v.others.release()
}

// line is what is printed of a moment.
func (v *view) line(m harness.Moment) string {
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
	return fmt.Sprintf("%s %s: %s", clock(min(m.At, m.Of)), phase, figures(target, took, &all, m.InFlight))
}

// figures are the numbers of a line.
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
