package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"gameday/freeze"
)

// transitionsShown is how many transitions are told.
const transitionsShown = 10

func freezeNextCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "next",
		Short: "Say when windows begin and end",
		Long: "Says whether anything is frozen, and lists the next begins and ends of windows, in UTC and by the clock of the\n" +
			"window's zone. Recurring windows are looked ahead two years.\n\n" +
			"Exits 0 whatever the answer, 2 if the question or a window cannot be understood.",
		Args: arguments(0, 0),
	}
	askAt(c)
	askTarget(c)
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
		windows, err := askedWindows(c, config)
		if err != nil {
			return err
		}
		answer, err := windows.Check(at, 0)
		if err != nil {
			return err
		}
		next, err := windows.Transitions(at, transitionsShown)
		if err != nil {
			return err
		}
		if *asJSON {
			return writeJSON(c.OutOrStdout(), struct {
				At     time.Time           `json:"at"`
				Frozen bool                `json:"frozen"`
				Next   []freeze.Transition `json:"next"`
			}{at, answer.Frozen, append([]freeze.Transition{}, next...)})
		}
		fmt.Fprintln(c.OutOrStdout(), answer)
		if len(next) == 0 {
			fmt.Fprintln(c.OutOrStdout(), "no window begins or ends after this")
		}
		for _, t := range next {
			fmt.Fprintln(c.OutOrStdout(), t)
		}
		return nil
	}
	return c
}
