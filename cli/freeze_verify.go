package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"gameday/freeze"
	"gameday/targets"
)

func freezeVerifyCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "verify",
		Short: "Exit 5 if something else runs than was captured",
		Long: "Asks each target again what it runs, and compares that with the lock.\n\n" +
			"Exits 0 honoured or exempted, 5 violated, 3 if not all of it is known, 2 if the question cannot be understood.",
		Args: arguments(0, 0),
	}
	askWhich(c)
	lock := c.Flags().String("lock", "", "file of freeze capture (default freeze.lock.json)")
	history := c.Flags().Bool("history", false, "ask Prometheus servers also for what ran since the capture and is gone again")
	asJSON := c.Flags().Bool("json", false, "the answer for programs")
	c.RunE = func(c *cobra.Command, _ []string) error {
		v, err := newVerifier(c, *lock)
		if err != nil {
			return err
		}
		since := time.Time{}
		if *history {
			since = v.lock.Captured
		}
		ctx, stop := untilSignal()
		defer stop()
		answer, err := v.verify(ctx, since)
		if err != nil {
			return err
		}
		if *asJSON {
			err = writeJSON(c.OutOrStdout(), answer)
		} else {
			err = tellVerification(c.OutOrStdout(), answer)
		}
		if code := exitOfFreeze(answer.State); err == nil && code != exitPass {
			return &exit{code: code}
		}
		return err
	}
	return c
}

// exitOfFreeze is what a verification exits with.
func exitOfFreeze(s freeze.State) int {
	switch s {
	case freeze.Honoured, freeze.Exempted:
		return exitPass
	case freeze.Violated:
		return exitFrozen
	}
	return exitUnclear
}

// A verifier compares targets with a lock.
type verifier struct {
	command *cobra.Command
	config  *Config
	targets []targets.Target
	lock    freeze.Lock
}

// newVerifier reads the configuration and the lock, of which it keeps the targets
// that were asked for. A lock that cannot be trusted makes everything unknown.
func newVerifier(c *cobra.Command, file string) (*verifier, error) {
	config, all, err := whichTargets(c)
	if err != nil {
		return nil, err
	}
	if file == "" {
		file = config.Freeze.Lock
	}
	lock, err := freeze.ReadLock(file)
	if err != nil {
		return nil, &exit{exitUnclear, err}
	}
	if c.Flags().Changed("target") {
		lock.Targets = slices.DeleteFunc(lock.Targets, func(l freeze.Locked) bool {
			return !slices.ContainsFunc(all, func(t targets.Target) bool { return t.Name == l.Target })
		})
	}
	return &verifier{c, config, all, lock}, nil
}

// verify asks now, and Prometheus servers about the past since then.
func (v *verifier) verify(ctx context.Context, since time.Time) (freeze.Verification, error) {
	seen := map[string]freeze.Seen{}
	for i, s := range sampleAll(ctx, v.command, v.targets, since) {
		t := v.targets[i]
		seen[t.Name] = freeze.Seen{Identity: s.Sets, Past: s.Past, Wrong: s.Wrong, Sources: s.Sources, Ahead: s.Ahead, Reach: v.config.reach(t)}
	}
	return freeze.Verify(v.lock, seen, v.config.rules(), time.Now())
}

// rules are what a freeze is judged by.
func (c *Config) rules() freeze.Rules {
	r := freeze.Rules{Calendar: c.windows, Overrides: c.overrides, Reach: map[string][]string{}}
	for _, t := range c.Targets {
		r.Reach[t.Name] = c.reach(t)
	}
	return r
}

// tellVerification prints a line for each finding, and what decides last.
func tellVerification(to io.Writer, v freeze.Verification) error {
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	for _, f := range v.Findings {
		var parts []string
		for _, x := range []struct {
			verb string
			set  []string
		}{{"added", f.Added}, {"gone", f.Gone}, {"came and went", f.Passed}} {
			if len(x.set) > 0 {
				parts = append(parts, x.verb+" "+strings.Join(x.set, ", "))
			}
		}
		if f.Why != "" {
			parts = append(parts, f.Why)
		}
		line := fmt.Sprintf("%s\t%s\t%s\t%s", f.Target, f.Kind, f.State, strings.Join(parts, "; "))
		fmt.Fprintln(table, strings.TrimSuffix(line, "\t"))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, n := range v.Notes {
		fmt.Fprintln(to, n)
	}
	_, err := fmt.Fprintf(to, "the freeze is %s\n", v.State)
	return err
}
