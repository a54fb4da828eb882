package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

func freezeExportCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "export",
		Short: "Print the windows as iCalendar",
		Long: "Prints the freeze windows as an iCalendar file, for the calendars of people. Recurring windows become an event for each\n" +
			"time in the next two years. gameday freeze import reads it back.\n\n" +
			"Exits 0, or 2 if a window cannot be understood.",
		Args: arguments(0, 0),
	}
	askAt(c)
	askTarget(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		config, err := loadConfig(c.Flags())
		if err != nil {
			return err
		}
		at, err := askedAt(c)
		if err != nil {
			return err
		}
		windows, err := askedWindows(c, config)
		if err != nil {
			return err
		}
		text, err := windows.ExportICal(at)
		if err != nil {
			return err
		}
		_, err = fmt.Fprint(c.OutOrStdout(), text)
		return err
	}
	return c
}
