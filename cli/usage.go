package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// complain writes an error, each of its sentences on a line that says who speaks.
func complain(to io.Writer, err error) {
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintf(to, "gameday: %s\n", strings.TrimSuffix(line, "\n"))
	}
}

// group makes c a command that only holds others. To name none, or one that is
// not there, is a mistake: a gate must not take a slip of the hand for a yes.
func group(c *cobra.Command) {
	c.Args = cobra.ArbitraryArgs
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			c.SetOut(c.ErrOrStderr())
			return errors.Join(c.Help(), errors.New("no command was given"))
		}
		var names []string
		for _, sub := range c.Commands() {
			if sub.IsAvailableCommand() {
				names = append(names, sub.Name())
			}
		}
		return fmt.Errorf("no command %q; want %s", args[0], strings.Join(names, ", "))
	}
}

// arguments refuses fewer or more arguments than a command takes.
func arguments(least, most int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch {
		case len(args) < least:
			return fmt.Errorf("an argument is missing; usage: %s", c.UseLine())
		case len(args) > most:
			return fmt.Errorf("%q is one argument too many; usage: %s", args[most], c.UseLine())
		}
		return nil
	}
}

// wanted is what the values of flags look like, by their type.
var wanted = map[string]string{
	"bool":     "true or false",
	"duration": "a duration, such as 90s",
	"float64":  "a number",
	"int":      "a whole number",
	"uint64":   "a whole number from 0 to 2^64-1",
}

// flagError says what a flag's value should have been.
func flagError(_ *cobra.Command, err error) error {
	if wrong, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		f := wrong.GetFlag()
		return fmt.Errorf("--%s %q: want %s", f.Name, wrong.GetValue(), wanted[f.Value.Type()])
	}
	return err
}
