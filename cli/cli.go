// Package cli is the door: one file per command, their flags, and what they exit
// with.
//
// Results go to standard output, progress and complaints to standard error.
package cli

import (
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"gameday/runs"
)

// What a command exits with.
const (
	exitPass    = 0 // pass, go, not frozen
	exitFail    = 1 // a promise was broken
	exitUsage   = 2 // usage, configuration, or the target cannot be reached
	exitUnclear = 3 // the evidence does not decide
	exitAborted = 4 // a signal; a partial report is still written
	exitFrozen  = 5 // frozen
)

// An exit ends a command with a code. If err is not nil it is shown.
type exit struct {
	code int
	err  error
}

func (e *exit) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit %d", e.code)
	}
	return e.err.Error()
}

func (e *exit) Unwrap() error { return e.err }

// exitOf is what a run's verdict exits with.
func exitOf(v runs.Verdict) int {
	switch v {
	case runs.Pass:
		return exitPass
	case runs.Fail:
		return exitFail
	}
	return exitUnclear
}

// Main runs the command that args name and returns what to exit with.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := &cobra.Command{
		Use:           "gameday",
		Short:         "Rehearse a big night: will we survive Sunday?",
		Long:          "Gameday presses a timeline service with the load of a big night and says pass, fail or unclear, with evidence.",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	group(root)
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(flagError)
	root.SetUsageTemplate(strings.Replace(root.UsageTemplate(), "{{if .Runnable}}", "{{if not .HasAvailableSubCommands}}", 1))
	root.PersistentFlags().String("config", "", "file with targets, safety and freeze windows (config.yaml, if it is there)")
	root.AddCommand(
		runCommand(), listCommand(), showCommand(), checkCommand(), mendCommand(),
		reportCommand(), compareCommand(), serveCommand(),
		freezeCommand(), readyCommand(),
		selftestCommand(), selftestServerCommand(), guardCommand(),
		timelineCommand(), versionCommand(),
	)
	err := root.Execute()
	if err == nil {
		return exitPass
	}
	if e, ok := errors.AsType[*exit](err); ok {
		if e.err != nil {
			complain(stderr, e.err)
		}
		return e.code
	}
	complain(stderr, err)
	return exitUsage
}

// version is that of this binary: of its module, or of the commit it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return "devel-" + s.Value[:12]
		}
	}
	return "devel"
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Say which gameday this is",
		Args:  arguments(0, 0),
		RunE: func(c *cobra.Command, _ []string) error {
			info, _ := debug.ReadBuildInfo()
			goVersion := "unknown"
			if info != nil {
				goVersion = info.GoVersion
			}
			_, err := fmt.Fprintf(c.OutOrStdout(), "gameday %s (%s)\n", version(), goVersion)
			return err
		},
	}
}
