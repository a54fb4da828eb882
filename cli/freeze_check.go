package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

func freezeCheckCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "check",
		Short: "Exit 5 if a freeze window is open, or opens within the runway",
		Long: "Says whether a change, now or at another instant, meets a freeze window of the configuration: any window, or with\n" +
			"--target one that covers the target.\n\n" +
			"Exits 0 not frozen, 5 frozen, 2 if the question or a window cannot be understood.",
		Args: arguments(0, 0),
	}
	askAt(c)
	askTarget(c)
	runway := c.Flags().Duration("runway", 0, "how long the change takes: no window may be open at any time of it")
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
		answer, err := windows.Check(at, *runway)
		if err != nil {
			return err
		}
		if *asJSON {
			err = writeJSON(c.OutOrStdout(), answer)
		} else {
			_, err = fmt.Fprintln(c.OutOrStdout(), answer)
		}
		if err == nil && answer.Frozen {
			return &exit{code: exitFrozen}
		}
		return err
	}
	return c
}
