package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

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
		if err := config.Safety.CheckRate(scenarios.NewSchedule(s, config.Scale)); err != nil && *asJSON {
			return err // the hash of a schedule that may not be played could take for ever
		}
		schedule := scenarios.NewSchedule(s, config.Scale)
		if *asJSON {
			return showJSON(c.OutOrStdout(), schedule)
		}
		return draw(c.OutOrStdout(), schedule)
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
		Seconds: s.Scenario.Duration().Seconds(), Peak: s.Peak(), SHA256: s.Hash(),
	}
	for i, p := range s.Scenario.Phases {
		begin, end := s.Phase(i)
		phase := shownPhase{p.Name, begin.Seconds(), end.Seconds(), map[string]uint64{}}
		for c, crowd := range s.Scenario.Crowds {
			phase.Requests[crowd.Name] = s.Count(c, i)
			out.Requests += s.Count(c, i)
		}
		out.Phases = append(out.Phases, phase)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(out)
}

// columns is how wide the curves are drawn.
const columns = 64

// draw draws the scenario: what it asks, each crowd's curve over the phases, and
// what must hold.
func draw(w io.Writer, s *scenarios.Schedule) error {
	var b strings.Builder
	sc := s.Scenario
	fmt.Fprintf(&b, "%s: %s\n", sc.Name, sc.Asks)
	if sc.Story != "" {
		fmt.Fprintf(&b, "%s\n", wrap(sc.Story, 80))
	}
	fmt.Fprintf(&b, "\n%s at %s of the real night, seed %d; at most %s requests a second\n\n",
		clock(sc.Duration()), s.Scale, sc.Seed, number(s.Peak()))
	for i, c := range sc.Crowds {
		t := s.Crowds[i]
		fmt.Fprintf(&b, "%-12.12s %s  %s/s at most, %s in all, %s\n", c.Name, curve(t, sc.Duration()), number(t.Peak()), number(float64(t.Count())), c.Arrivals)
	}
	fmt.Fprintf(&b, "%-12.12s %s\n", "", ruler(s))
	for i, p := range sc.Phases {
		begin, end := s.Phase(i)
		var promises []string
		for _, e := range sc.Expectations(i) {
			promises = append(promises, e.String())
		}
		var counts []string
		for k, c := range sc.Crowds {
			counts = append(counts, fmt.Sprintf("%s %s", c.Name, number(float64(s.Count(k, i)))))
		}
		fmt.Fprintf(&b, "\n%s %s, %s to %s: %s\n   %s\n", mark(i), p.Name, clock(begin), clock(end), strings.Join(counts, ", "), strings.Join(promises, "; "))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// curve draws the requests of a timetable, a column for an equal stretch of time.
func curve(t *scenarios.Timetable, night time.Duration) string {
	var counts [columns]float64
	var most float64
	for i := range counts {
		from, to := night*time.Duration(i)/columns, night*time.Duration(i+1)/columns
		counts[i] = float64(t.Before(to) - t.Before(from))
		most = max(most, counts[i])
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

// wrap breaks a text into lines.
func wrap(text string, width int) string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines = append(lines, line)
			line = ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	return strings.Join(append(lines, line), "\n")
}
