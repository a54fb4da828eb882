package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"gameday/scenarios"
)

func showCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "show SCENARIO",
		Short: "Draw the load of a scenario before a single request is sent",
		Args:  arguments(1, 1),
	}
	scale := c.Flags().String("scale", "", "share of the real night (default 1%)")
	seed := c.Flags().Uint64("seed", 0, "another night of the same kind (default: the scenario's)")
	asJSON := c.Flags().Bool("json", false, "phases, exact counts and the schedule's hash, for programs")
	_ = scale // bound by the configuration
	c.RunE = func(c *cobra.Command, args []string) error {
		config, err := loadConfig(c.Flags())
		if err != nil {
			return err
		}
		s, err := scenarios.Load(args[0])
		if err != nil {
			return err
		}
		if c.Flags().Changed("seed") {
			s.Seed = *seed
		}
		schedule := scenarios.NewSchedule(s, config.Scale)
		refused := config.Safety.CheckRate(schedule)
		switch {
		case !*asJSON:
			return draw(c.OutOrStdout(), schedule, refused)
		case refused != nil:
			return refused // the hash of a schedule that may not be played could take for ever
		}
		return showJSON(c.OutOrStdout(), schedule)
	}
	return c
}

// shown is a schedule for programs.
type shown struct {
	Scenario string          `json:"scenario"`
	Scale    scenarios.Scale `json:"scale"`
	Seed     uint64          `json:"seed"`
	Seconds  float64         `json:"seconds"`
	Peak     float64         `json:"peak"` // requests per second of all crowds, at most
	Phases   []shownPhase    `json:"phases"`
	Requests uint64          `json:"requests"`
	SHA256   string          `json:"sha256"` // of every request's due time, crowd, action and draw
}

type shownPhase struct {
	Name     string            `json:"name"`
	Begin    float64           `json:"begin"` // seconds after the start
	End      float64           `json:"end"`
	Requests map[string]uint64 `json:"requests"` // by crowd
}

func showJSON(w io.Writer, s *scenarios.Schedule) error {
	out := shown{
		Scenario: s.Scenario.Name, Scale: s.Scale, Seed: s.Scenario.Seed,
		Seconds: s.Scenario.Duration().Seconds(), Peak: s.Peak(), Requests: s.Requests(), SHA256: s.Hash(),
	}
	for i, p := range s.Scenario.Phases {
		begin, end := s.Phase(i)
		phase := shownPhase{p.Name, begin.Seconds(), end.Seconds(), map[string]uint64{}}
		for c, crowd := range s.Scenario.Crowds {
			phase.Requests[crowd.Name] = s.Count(c, i)
		}
		out.Phases = append(out.Phases, phase)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(out)
}

// columns is how wide the curves are drawn.
const columns = 64

// draw draws the scenario: what it asks, each crowd's curve over the phases, what
// must hold, and why it is refused, if it is.
func draw(w io.Writer, s *scenarios.Schedule, refused error) error {
	var b strings.Builder
	sc := s.Scenario
	fmt.Fprintln(&b, wrap("", strings.Fields(sc.Name+": "+sc.Asks)))
	if sc.Story != "" {
		fmt.Fprintln(&b, wrap("", strings.Fields(sc.Story)))
	}
	fmt.Fprintf(&b, "\n%s at %s of the real night, seed %d; at most %s requests a second\n\n",
		clock(sc.Duration()), s.Scale, sc.Seed, number(s.Peak()))
	for i, c := range sc.Crowds {
		t := s.Crowds[i]
		fmt.Fprintf(&b, "%-12.12s %s\n", c.Name, curve(t, sc.Duration()))
		fmt.Fprintf(&b, "%-12s %s/s at most, %s in all, %s\n", "", number(t.Peak()), number(float64(t.Count())), c.Arrivals)
	}
	fmt.Fprintf(&b, "%-12.12s %s\n", "", ruler(s))
	for i, p := range sc.Phases {
		begin, end := s.Phase(i)
		var promises []string
		for _, e := range sc.Expectations(i) {
			promises = append(promises, e.String()+";")
		}
		if promises == nil {
			promises = []string{"nothing is promised"}
		}
		var counts []string
		for k, c := range sc.Crowds {
			counts = append(counts, fmt.Sprintf("%s %s,", c.Name, number(float64(s.Count(k, i)))))
		}
		fmt.Fprintf(&b, "\n%s %s, %s to %s\n", mark(i), p.Name, clock(begin), clock(end))
		fmt.Fprintf(&b, "%s\n%s\n", wrap("  ", counts), wrap("  ", promises))
	}
	if refused != nil {
		fmt.Fprintf(&b, "\n%s\n", wrap("", strings.Fields("It would not be played: "+refused.Error())))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// curve draws the requests of a timetable, a column for an equal stretch of time.
func curve(t *scenarios.Timetable, night time.Duration) string {
	var counts [columns]float64
	var most float64
	var before uint64
	for i := range counts {
		until := t.Before(night * time.Duration(i+1) / columns)
		counts[i] = float64(until - before)
		most, before = max(most, counts[i]), until
	}
	steps := []rune(" ▁▂▃▄▅▆▇█")
	out := make([]rune, columns)
	for i, n := range counts {
		out[i] = steps[0]
		if n > 0 {
			out[i] = steps[1+int(n/most*float64(len(steps)-2)+0.5)]
		}
	}
	return string(out)
}

// ruler marks under the curves where each phase begins.
func ruler(s *scenarios.Schedule) string {
	out := []rune(strings.Repeat("·", columns))
	for i := range s.Scenario.Phases {
		begin, _ := s.Phase(i)
		out[int(begin*columns/s.Scenario.Duration())] = []rune(mark(i))[0]
	}
	return string(out)
}

// mark is the letter of a phase.
func mark(i int) string {
	if i >= 26 {
		return "+"
	}
	return string(rune('A' + i))
}

// wrap puts words, or what else must not be broken, on lines that begin with
// indent and are no wider than a terminal, unless a word is. What parts the last
// word from a next one is left out.
func wrap(indent string, words []string) string {
	var lines []string
	line := indent
	for _, word := range words {
		if line != indent && utf8.RuneCountInString(line+" "+word) > width {
			lines = append(lines, line)
			line = indent
		}
		if line != indent {
			line += " "
		}
		line += word
	}
	return strings.TrimRight(strings.Join(append(lines, line), "\n"), ",; ")
}
