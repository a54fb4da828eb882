package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gameday/ready"
	"gameday/reports"
)

func readyCommand() *cobra.Command {
	var names string
	for _, f := range reports.ReadyFormats {
		names += f.Name + ", "
	}
	c := &cobra.Command{
		Use:   "ready [EVENT]",
		Short: "Answer go or no-go for an event, from evidence",
		Long: "Answers go only if every scenario that the event requires passed against every target, at the load it needs, not too long\n" +
			"ago, on the very identity that is frozen and runs now; if the freeze is honoured; if every check says yes; and if nothing\n" +
			"of this is unknown. Without a name it is about the only event of the configuration.\n\n" +
			"Exits 0 go, 1 no-go, 3 unknown, 5 the freeze was violated, 2 if the question cannot be understood.",
		Args: arguments(0, 1),
	}
	format := c.Flags().String("format", "text", names[:len(names)-2])
	out := c.Flags().String("out", defaultOut, "folder in which the runs are")
	c.RunE = func(c *cobra.Command, args []string) error {
		f, err := reports.FindReady(*format)
		if err != nil {
			return err
		}
		config, err := loadConfig(c.Flags())
		if err != nil {
			return err
		}
		i, err := config.findEvent(args)
		if err != nil {
			return err
		}
		ctx, stop := untilSignal()
		defer stop()
		answer, err := config.ready(ctx, i, *out)
		if err != nil {
			return err
		}
		if err := f.Write(c.OutOrStdout(), &answer); err != nil {
			return err
		}
		if code := exitOfReady(answer.Decision); code != exitPass {
			return &exit{code: code}
		}
		return nil
	}
	return c
}

// exitOfReady is what a decision exits with.
func exitOfReady(d ready.Decision) int {
	switch d {
	case ready.Go:
		return exitPass
	case ready.NoGo:
		return exitFail
	case ready.Broken:
		return exitFrozen
	}
	return exitUnclear
}

// findEvent is the index of the event that is named, or of the only one.
func (c *Config) findEvent(args []string) (int, error) {
	if len(c.events) == 0 {
		return 0, errors.New("no events are known; they stand in config.yaml under events")
	}
	var names []string
	for i, e := range c.events {
		if len(args) > 0 && e.Name == args[0] {
			return i, nil
		}
		names = append(names, e.Name)
	}
	known := strings.Join(names, ", ")
	switch {
	case len(args) > 0:
		return 0, fmt.Errorf("no event %q; there are %s", args[0], known)
	case len(c.events) > 1:
		return 0, fmt.Errorf("which event? there are %s", known)
	}
	return 0, nil
}

// ready gathers all that is known and decides.
func (c *Config) ready(ctx context.Context, i int, out string) (ready.Answer, error) {
	e, err := c.loadEvent(i)
	if err != nil {
		return ready.Answer{}, err
	}
	known := ready.Evidence{Lock: c.Freeze.Lock, Checks: map[string]ready.Result{}}
	if known.Runs, err = rehearsals(out, &e); err != nil {
		return ready.Answer{}, err
	}
	for _, x := range c.Events[i].Checks {
		known.Checks[x.Name] = x.ask(ctx)
	}
	if known.Frozen, known.Now, err = c.frozenNow(ctx, e.Targets); err != nil {
		return ready.Answer{}, err
	}
	if ctx.Err() != nil {
		return ready.Answer{}, &exit{exitAborted, fmt.Errorf("ended before the answer: %w", context.Cause(ctx))}
	}
	answer := ready.Decide(e, known, time.Now())
	answer.Gameday = version()
	return answer, nil
}
