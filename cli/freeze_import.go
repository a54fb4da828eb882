package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gameday/freeze"
)

func freezeImportCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "import FILE.ics",
		Short: "Print an iCalendar file as windows for the configuration",
		Long: "Prints the events of an iCalendar file as freeze windows, to be put into config.yaml. Recurring events become a window\n" +
			"for each time that is not over, up to two years ahead. What was not simply followed is said on standard error.\n\n" +
			"Exits 0, or 2 if anything in the file cannot be understood.",
		Args: arguments(1, 1),
	}
	askAt(c)
	name := c.Flags().String("zone", "", "of times and days that name none, such as America/New_York")
	c.RunE = func(c *cobra.Command, args []string) error {
		at, err := askedAt(c)
		if err != nil {
			return err
		}
		var zone *time.Location
		if *name != "" {
			if zone, err = freeze.LoadZone(*name); err != nil {
				return fmt.Errorf("--zone %w", err)
			}
		}
		text, err := os.ReadFile(args[0])
		if err != nil {
			return fmt.Errorf("reading the calendar: %w", err)
		}
		windows, warnings, err := freeze.ImportICal(string(text), zone, at)
		if err != nil {
			return inFile(args[0], err)
		}
		for _, w := range warnings {
			fmt.Fprintf(c.ErrOrStderr(), "%s: %s\n", args[0], w)
		}
		_, err = fmt.Fprint(c.OutOrStdout(), asConfig(windows))
		return err
	}
	return c
}

// inFile puts the file's name before each line of an error.
func inFile(file string, err error) error {
	lines := strings.Split(err.Error(), "\n")
	return fmt.Errorf("%s: %s", file, strings.Join(lines, "\n"+file+": "))
}

// asConfig are windows as they stand in config.yaml.
func asConfig(windows freeze.Calendar) string {
	if len(windows) == 0 {
		return "freeze:\n  windows: []\n"
	}
	var b strings.Builder
	b.WriteString("freeze:\n  windows:\n")
	for _, w := range windows {
		fmt.Fprintf(&b, "    - name: %s\n      level: %s\n      start: %s\n      end: %s\n", quoted(w.Name), w.Level,
			w.Start.Format(time.RFC3339Nano), w.End.Format(time.RFC3339Nano))
		if zone := w.Start.Location().String(); zone != "" && zone != "UTC" && zone != "Local" {
			fmt.Fprintf(&b, "      zone: %s\n", quoted(zone))
		}
		if len(w.Scope) > 0 {
			fmt.Fprintf(&b, "      scope: %s\n", quoted(w.Scope))
		}
		if len(w.Watch) > 0 {
			fmt.Fprintf(&b, "      watch: %s\n", quoted(w.Watch))
		}
	}
	return b.String()
}

// quoted is a text, or a list of them, as JSON, which is YAML too.
func quoted(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // texts have no other form
	}
	return string(data)
}
