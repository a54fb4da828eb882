package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"gameday/runs"
)

// A table is all that was measured.
type table struct {
	date  time.Time
	host  string
	nginx string // version
	plan  plan
	rows  []row
}

const none = "—"

// markdown is a section of Markdown.
func (t *table) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "## Gameday and its peers\n\n")
	fmt.Fprintf(&b, "`go run ./bench/peers` made this on %s: %s. nginx %s with one worker on one core, each tool on another.\n\n",
		t.date.Format("2 January 2006"), t.host, t.nginx)
	fmt.Fprintf(&b, "Versions: %s.\n\n", t.versions())
	fmt.Fprintf(&b, "Compare the ratios: the rates are those of this machine. A tool holds a rate if over %v it got %.0f %% of the wanted answers,\n"+
		"fewer than %.1f %% failed, and the p99 that it reports itself is within %v; for gameday, which counts from when a request was\n"+
		"due, also if it does not call its own run unclear. %s\nRates tried: %s a second.\n",
		t.plan.lasts, 100*heldShare, 100*heldErrors, heldP99, counts(t.plan.repetitions), t.rates())
	fmt.Fprintf(&b, "*open* sends when a request is due; *paced* too, if one of its workers is free (%d at most, k6 %d); *closed* knows no rate.\n"+
		"What wrk makes in its closed loop just before and just after a tool is how fast the host was then.\n\n",
		usualInFlight, 4*usualInFlight)
	t.holds(&b)
	f := t.plan.freeze
	p99 := truth(0.99, f)
	fmt.Fprintf(&b, "\n### A service that stands still\n\n")
	fmt.Fprintf(&b, "%s requests a second are wanted for %v, with %d in flight at most; after %v nginx is stopped for %v. Of the %s people who\n"+
		"come in that time %s come while it stands still, so 1 in 100 waits %v or longer, whoever measures.\n\n",
		thousands(uint64(f.rate)), f.lasts, f.inFlight, f.haltAfter, f.haltFor, thousands(f.wanted()),
		thousands(uint64(float64(f.rate)*f.haltFor.Seconds())), p99)
	t.freezes(&b, p99)
	return b.String()
}

func (t *table) versions() string {
	var all []string
	for _, r := range t.rows {
		if one := r.tool.program.name + " " + r.version; r.missing == "" && !slices.Contains(all, one) {
			all = append(all, one)
		}
	}
	return strings.Join(all, ", ")
}

func (t *table) rates() string {
	var all []string
	for _, r := range t.plan.rates {
		all = append(all, thousands(uint64(r)))
	}
	return strings.Join(all, ", ")
}

// holds writes which rate each tool holds.
func (t *table) holds(b *strings.Builder) {
	own := 0
	for _, r := range t.rows {
		if r.tool.name == gameday.name {
			own = r.rate
		}
	}
	line(b, "tool", "loop", "holds", "gameday holds of it", "p99 there", "memory there", "it admits there", "at the next rate", "wrk just before and after")
	line(b, "---", "---", "---", "---", "---", "---", "---", "---", "---")
	for _, r := range t.rows {
		beside := none
		if r.beside[0] > 0 && r.beside[1] > 0 {
			beside = roughly(r.beside[0]) + "/s, " + roughly(r.beside[1]) + "/s"
		}
		line(b, slices.Concat([]string{r.tool.name, string(r.tool.loop)}, r.holds(own), []string{beside})...)
	}
}

// holds are the row's figures at the highest rate it holds, where gameday holds own.
func (r *row) holds(own int) []string {
	switch {
	case r.missing != "":
		return []string{"not installed: " + r.missing, none, none, none, none, none}
	case r.tool.loop == closed && r.at.trouble != "":
		return []string{r.at.trouble, none, none, none, none, none}
	case r.tool.loop == closed:
		pace := roughly(r.at.perSecond())
		return []string{none + ", makes " + pace + "/s in its closed loop", none, duration(r.at.p99), r.at.megabytes(), cmp.Or(r.at.admits, "nothing"), none}
	}
	next := none
	if r.nextRate > 0 {
		next = thousands(uint64(r.nextRate)) + "/s: " + r.next.says()
	}
	if r.rate == 0 {
		return []string{"none of these", none, none, none, none, next}
	}
	held := thousands(uint64(r.rate)) + "/s"
	if r.nextRate == 0 {
		held += " or more"
	}
	ratio := none
	if own > 0 {
		ratio = times(float64(own) / float64(r.rate))
	}
	return []string{held, ratio, duration(r.at.p99), r.at.megabytes(), cmp.Or(r.at.admits, "nothing"), next}
}

// freezes writes what each tool says of the service that stood still.
func (t *table) freezes(b *strings.Builder, p99 time.Duration) {
	line(b, "tool", "in flight at most", "p99 it reports", "of the true "+p99.String(), "requests it made", "of those wanted", "what it admits to")
	line(b, "---", "---", "---", "---", "---", "---", "---")
	for _, r := range t.rows {
		inFlight := strconv.Itoa(t.plan.freeze.inFlight)
		if r.tool.unbounded {
			inFlight = "no limit"
		}
		cells := []string{r.tool.name, inFlight}
		o := r.frozen
		switch {
		case r.missing != "":
			cells = append(cells, "not installed", none, none, none, none)
		case o.trouble != "":
			cells = append(cells, o.trouble, none, none, none, none)
		case o.p99 == 0:
			cells = append(cells, "none", none)
		default:
			cells = append(cells, duration(o.p99), runs.Percent(float64(o.p99)/float64(p99)))
		}
		if len(cells) < 7 {
			made := float64(o.sent) / float64(t.plan.freeze.wanted())
			cells = append(cells, thousands(o.sent), runs.Percent(made), cmp.Or(o.admits, "nothing"))
		}
		line(b, cells...)
	}
}

func (o *outcome) megabytes() string {
	words := fmt.Sprintf("%d MB", (o.memory+1<<19)>>20)
	if o.atMost {
		return "at most " + words
	}
	return words
}

func line(b *strings.Builder, cells ...string) {
	for _, c := range cells {
		b.WriteString("| " + strings.ReplaceAll(c, "|", `\|`) + " ")
	}
	b.WriteString("|\n")
}

func duration(d time.Duration) string {
	if d == 0 {
		return none
	}
	return runs.Short(d)
}

// times writes a ratio to two digits.
func times(ratio float64) string {
	if ratio < 9.95 {
		return fmt.Sprintf("%.1f ×", ratio)
	}
	return fmt.Sprintf("%.0f ×", ratio)
}

// counts says which of n runs counts.
func counts(n int) string {
	if n == 1 {
		return "Each rate was run once."
	}
	return fmt.Sprintf("Of %d runs the one in the middle counts.", n)
}

// roughly writes a rate to three digits.
func roughly(rate float64) string {
	unit := math.Pow(10, max(0, math.Floor(math.Log10(max(rate, 1)))-2))
	return thousands(uint64(math.Round(rate/unit) * unit))
}

// thousands writes n with commas.
func thousands(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
