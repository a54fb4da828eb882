package cli

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gameday/freeze"
)

// occurrencesShown is how many occurrences of a recurring window are told.
const occurrencesShown = 5

// A lint is what is to say about the freeze of a configuration.
type lint struct {
	At      time.Time     `json:"at"`
	Windows []preview     `json:"windows"`
	Notes   []freeze.Note `json:"notes"`
}

// A preview is a window with the instants that it comes to.
type preview struct {
	Name   string       `json:"name"`
	Level  freeze.Level `json:"level"`
	Scope  []string     `json:"scope"` // empty: everything
	Times  []times      `json:"times"` // the next ones
	InYear int          `json:"in_a_year"`
}

type times struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

func freezeLintCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "lint",
		Short: "Preview the windows, and find what was probably not meant",
		Long: "Prints the instants that each window comes to, and notes about overlaps and changes of the clock. It warns of windows\n" +
			"that are over, never come or never end, of due times that the clock skips or shows twice, of labels that no target\n" +
			"has, and of overrides that do nothing.\n\n" +
			"Exits 0 without warnings, 1 with warnings, 2 if a window or an override cannot be understood.",
		Args: arguments(0, 0),
	}
	askAt(c)
	asJSON := c.Flags().Bool("json", false, "the answer for programs")
	c.RunE = func(c *cobra.Command, _ []string) error {
		config, err := loadConfig(c.Flags())
		if err != nil {
			return err
		}
		at, err := askedAt(c)
		if err != nil {
			return err
		}
		if _, err := askedWindows(c, config); err != nil {
			return err
		}
		l, err := config.lint(at)
		if err != nil {
			return err
		}
		if *asJSON {
			err = writeJSON(c.OutOrStdout(), l)
		} else {
			_, err = io.WriteString(c.OutOrStdout(), l.String())
		}
		if err == nil && slices.ContainsFunc(l.Notes, func(n freeze.Note) bool { return n.Warning }) {
			return &exit{code: exitFail}
		}
		return err
	}
	return c
}

// lint looks at the windows and the overrides from an instant on.
func (c *Config) lint(at time.Time) (lint, error) {
	l := lint{At: at, Windows: []preview{}, Notes: []freeze.Note{}}
	for _, w := range c.windows {
		p := preview{Name: w.Name, Level: cmp.Or(w.Level, freeze.Full), Scope: append([]string{}, w.Scope...), Times: []times{}}
		first, all, err := w.Upcoming(at, occurrencesShown)
		if err != nil {
			return l, err
		}
		for _, o := range first {
			p.Times = append(p.Times, times{o.Start, o.End})
		}
		p.InYear = all
		l.Windows = append(l.Windows, p)
	}
	notes, err := c.windows.Lint(at)
	if err != nil {
		return l, err
	}
	l.Notes = append(append(append(l.Notes, notes...), c.lintScopes()...), c.lintOverrides(at)...)
	return l, nil
}

// lintScopes warns of labels that no target has.
func (c *Config) lintScopes() []freeze.Note {
	var notes []freeze.Note
	for _, w := range c.windows {
		for _, label := range w.Scope {
			known := strings.HasPrefix(label, "target:") // or it would be a mistake
			for _, t := range c.Targets {
				known = known || slices.Contains(t.Labels, label)
			}
			if !known {
				notes = append(notes, freeze.Note{Window: w.Name, Warning: true, Says: fmt.Sprintf("no target has the label %s", label)})
			}
		}
	}
	return notes
}

// lintOverrides warns of overrides that do nothing.
func (c *Config) lintOverrides(at time.Time) []freeze.Note {
	var notes []freeze.Note
	for i, o := range c.overrides {
		if !o.Until.After(at) {
			notes = append(notes, freeze.Note{Window: o.Window, Says: fmt.Sprintf("overrides[%d] has expired, at %s", i, freeze.Clock(o.Until))})
		}
		labels := []string{"target:" + o.Allow.Target}
		for _, t := range c.Targets {
			if t.Name == o.Allow.Target {
				labels = c.reach(t)
			}
		}
		for _, w := range c.windows {
			if w.Name == o.Window && !w.Covers(labels...) {
				notes = append(notes, freeze.Note{Window: o.Window, Warning: true, Says: fmt.Sprintf("overrides[%d] is for %s, which the window does not cover", i, o.Allow.Target)})
			}
		}
	}
	return notes
}

// String returns the windows, each with its instants and the notes about it.
func (l lint) String() string {
	var b strings.Builder
	for _, p := range l.Windows {
		covers := "everything"
		if len(p.Scope) > 0 {
			covers = strings.Join(p.Scope, ", ")
		}
		fmt.Fprintf(&b, "%q (%s) covers %s\n", p.Name, p.Level, covers)
		for _, t := range p.Times {
			fmt.Fprintf(&b, "  %s to %s: %s to %s\n", freeze.Clock(t.Start), freeze.Clock(t.End),
				t.Start.UTC().Format(time.RFC3339), t.End.UTC().Format(time.RFC3339))
		}
		if more := p.InYear - len(p.Times); more > 0 {
			fmt.Fprintf(&b, "  and %d more in the next year\n", more)
		}
		for _, n := range l.Notes {
			if n.Window != p.Name {
				continue
			}
			kind := "note"
			if n.Warning {
				kind = "warning"
			}
			fmt.Fprintf(&b, "  %s: %s\n", kind, n.Says)
		}
	}
	if len(l.Windows) == 0 {
		b.WriteString("no freeze windows\n")
	}
	return b.String()
}
