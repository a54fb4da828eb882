package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"gameday/reports"
	"gameday/runs"
)

func reportCommand() *cobra.Command {
	var names string
	for _, f := range slices.Concat(reports.Formats, exports) {
		names += f.Name + ", "
	}
	c := &cobra.Command{
		Use:   "report [RUN]",
		Short: "Print a run again, judged anew",
		Long: "Prints a run: a folder, a run.json, the journal.jsonl of a play that was killed, or the name of a folder under --out.\n" +
			"Without one, the latest. Exits as the play did.",
		Args: arguments(0, 1),
	}
	format := c.Flags().String("format", "text", names[:len(names)-2])
	out := c.Flags().String("out", defaultOut, "folder in which the runs are")
	c.RunE = func(c *cobra.Command, args []string) error {
		f, err := reports.Find(*format, exports...)
		if err != nil {
			return err
		}
		name := latest
		if len(args) > 0 {
			name = args[0]
		}
		run, err := findRun(*out, name)
		if err != nil {
			return err
		}
		runs.Judge(run)
		if err := f.Write(c.OutOrStdout(), run); err != nil {
			return err
		}
		code := exitOf(run.Verdict)
		if run.Aborted != "" {
			code = exitAborted
		}
		if code != exitPass {
			return &exit{code: code}
		}
		return nil
	}
	return c
}

// findRun loads a run by its path, or by its name under out.
func findRun(out, name string) (*runs.Run, error) {
	run, err := runs.Load(name)
	if errors.Is(err, fs.ErrNotExist) && filepath.Base(name) == name {
		under := filepath.Join(out, name)
		if _, missing := os.Stat(under); missing != nil {
			return nil, fmt.Errorf("there is no run %s, here or in %s", name, out)
		}
		return runs.Load(under)
	}
	return run, err
}
