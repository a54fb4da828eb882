package cli

import (
	"encoding/json"
	"fmt"
	"io"
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
	c.AddCommand(freezeCheckCommand(), freezeNextCommand(), freezeLintCommand(), freezeImportCommand(), freezeExportCommand(),
		freezeCaptureCommand(), freezeVerifyCommand(), freezeWatchCommand(), freezeServeWebhookCommand())
	return c
}

// askAt adds the flag that says about which instant a question is.
func askAt(c *cobra.Command) {
	c.Flags().String("at", "", "instant to ask about, such as 2027-02-14T18:30:00-05:00 (default: now)")
}

// askTarget adds the flag that says about which target a question is.
func askTarget(c *cobra.Command) {
	c.Flags().String("target", "", "only the windows that cover it: a target's name in the configuration, a URL, or embedded")
}

// askedAt is the instant that a question is about.
func askedAt(c *cobra.Command) (time.Time, error) {
	at, err := c.Flags().GetString("at")
	if err != nil || at == "" {
		return time.Now(), err
	}
	t, err := freeze.ParseInstant(at)
	if err != nil {
		return t, fmt.Errorf("--at %w", err)
	}
	return t, nil
}

// askedWindows are the windows that a question is about: all, or those that cover
// the target that was named.
func askedWindows(c *cobra.Command, config *Config) (freeze.Calendar, error) {
	if config.file == "" {
		fmt.Fprintf(c.ErrOrStderr(), "no freeze windows are known: there is no %s here\n", defaultConfig)
	}
	if f := c.Flags().Lookup("target"); f == nil || !f.Changed {
		return config.windows, nil
	}
	t, _, err := config.target()
	if err != nil {
		return nil, err
	}
	return config.windows.For(config.reach(t)...), nil
}

// writeJSON writes v for programs.
func writeJSON(to io.Writer, v any) error {
	e := json.NewEncoder(to)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
