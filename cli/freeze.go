package cli

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"gameday/freeze"
)

func freezeCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "freeze",
		Short: "Ask whether changes are frozen",
	}
	group(c)
	c.AddCommand(freezeCheckCommand())
	return c
}

func freezeCheckCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "check",
		Short: "Exit 5 if a freeze window is open, or opens within the runway",
		Long: "Says whether a change, now or at another instant, meets a freeze window of the configuration.\n\n" +
			"Exits 0 not frozen, 5 frozen, 2 if the question or a window cannot be understood.",
		Args: arguments(0, 0),
	}
	at := c.Flags().String("at", "", "instant to ask about, such as 2027-02-14T18:30:00-05:00 (default: now)")
	runway := c.Flags().Duration("runway", 0, "how long the change takes: no window may be open at any time of it")
	asJSON := c.Flags().Bool("json", false, "the answer for programs")
	c.RunE = func(c *cobra.Command, _ []string) error {
		config, err := loadConfig(c.Flags())
		if err != nil {
			return err
		}
		when := time.Now()
		if *at != "" {
			if when, err = freeze.ParseInstant(*at); err != nil {
				return fmt.Errorf("--at %w", err)
			}
		}
		answer, err := config.windows.Check(when, *runway)
		if err != nil {
			return err
		}
		if config.file == "" {
			fmt.Fprintf(c.ErrOrStderr(), "no freeze windows are known: there is no %s here\n", defaultConfig)
		}
		if *asJSON {
			e := json.NewEncoder(c.OutOrStdout())
			e.SetIndent("", "  ")
			err = e.Encode(answer)
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
