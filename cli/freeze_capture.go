package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"gameday/freeze"
	"gameday/targets"
)

func freezeCaptureCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "capture",
		Short: "Write down what exactly runs, for freeze verify",
		Long: "Asks each target of the configuration that says what it runs, and writes the answers into a lock.\n\n" +
			"Exits 0 captured, 3 if not all of it could be learned, and then nothing is written, 2 if the lock cannot be written.",
		Args: arguments(0, 0),
	}
	askWhich(c)
	out := c.Flags().String("out", "", "file to write (default freeze.lock.json)")
	replace := c.Flags().Bool("replace", false, "capture anew although there is a lock")
	c.RunE = func(c *cobra.Command, _ []string) error {
		config, all, err := whichTargets(c)
		if err != nil {
			return err
		}
		file := config.Freeze.Lock
		if *out != "" {
			file = *out
		}
		before, err := os.ReadFile(file)
		switch {
		case err == nil && !*replace:
			return fmt.Errorf("%s is there already; --replace captures anew", file)
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("reading the lock: %w", err)
		}
		ctx, stop := untilSignal()
		defer stop()
		at := time.Now()
		samples := sampleAll(ctx, c, all, time.Time{})
		var seen []freeze.Locked
		var unknown []error
		for i, t := range all {
			s := samples[i]
			seen = append(seen, freeze.Locked{Target: t.Name, URL: t.URL, At: s.At, Identity: s.Sets, Sources: s.Sources})
			for _, kind := range freeze.Identity(s.Sets).Kinds() {
				if why := s.Wrong[kind]; why != "" {
					unknown = append(unknown, fmt.Errorf("target %s: %s is unknown: %s", t.Name, kind, why))
				}
			}
		}
		if len(unknown) > 0 {
			return &exit{exitUnclear, errors.Join(append(unknown, errors.New("nothing was captured"))...)}
		}
		if err := freeze.WriteLock(file, freeze.NewLock(at, seen), before); err != nil {
			return err
		}
		return tellCapture(c, file, seen)
	}
	return c
}

// tellCapture prints what went into a lock.
func tellCapture(c *cobra.Command, file string, seen []freeze.Locked) error {
	table := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
	for _, l := range seen {
		for _, kind := range l.Identity.Kinds() {
			values := l.Identity[kind]
			fmt.Fprintf(table, "%s\t%s\t%s\n", l.Target, kind, strings.Join(values, ", "))
			if len(values) > 1 && kind != freeze.Started {
				fmt.Fprintf(c.ErrOrStderr(), "target %s: %s has %d values at once; is a rollout under way?\n", l.Target, kind, len(values))
			}
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(c.OutOrStdout(), "captured in %s\n", file)
	return err
}

// askWhich adds the flags that say which targets are asked, and how.
func askWhich(c *cobra.Command) {
	c.Flags().String("target", "", "only these targets of the configuration, with commas between, or a URL (default: all that say what they run)")
	c.Flags().Int("samples", 5, "how often each source is asked, over a fresh connection each time, so that a balancer shows who is behind it")
}

// whichTargets are the targets that the flags name, each of which says what it runs.
func whichTargets(c *cobra.Command) (*Config, []targets.Target, error) {
	config, err := loadConfig(c.Flags())
	if err != nil {
		return nil, nil, err
	}
	if n, err := c.Flags().GetInt("samples"); err != nil || n < 1 || n > 1000 {
		return nil, nil, fmt.Errorf("--samples %d: want 1 to 1000", n)
	}
	var all []targets.Target
	if !c.Flags().Changed("target") {
		for _, t := range config.Targets {
			if len(t.Sources()) > 0 {
				all = append(all, t)
			}
		}
		if len(all) == 0 {
			return nil, nil, errors.New("no target of the configuration says what it runs; want targets with identity, or --target")
		}
		return config, all, nil
	}
	for name := range strings.SplitSeq(config.Target, ",") {
		one := *config
		one.Target = name
		t, external, err := one.target()
		switch {
		case err != nil:
			return nil, nil, err
		case !external:
			return nil, nil, fmt.Errorf("--target %s runs only while something is played on it; want a target that runs by itself", embedded)
		case len(t.Sources()) == 0:
			return nil, nil, fmt.Errorf("target %s does not say what it runs; want it in the configuration, with identity", t.Name)
		case slices.ContainsFunc(all, func(o targets.Target) bool { return o.Name == t.Name }):
			return nil, nil, fmt.Errorf("--target names %s twice", t.Name)
		}
		all = append(all, t)
	}
	return config, all, nil
}

// sampleAll asks targets what they run, all at the same time.
func sampleAll(ctx context.Context, c *cobra.Command, all []targets.Target, since time.Time) []targets.Sample {
	times, err := c.Flags().GetInt("samples")
	if err != nil {
		panic(err) // the command has no such flag: a mistake of ours
	}
	samples := make([]targets.Sample, len(all))
	var asked sync.WaitGroup
	for i, t := range all {
		asked.Go(func() {
			samples[i] = t.Sample(ctx, targets.Sampling{Agent: "gameday/" + version(), Times: times, Since: since})
		})
	}
	asked.Wait()
	return samples
}
