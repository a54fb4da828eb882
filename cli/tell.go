package cli

import (
	"fmt"
	"path/filepath"
	"strings"

	"gameday/reports"
	"gameday/runs"
)

// tell prints the report, or with --quiet one line, and what the folder lacks.
func (r *runner) tell(run *runs.Run, folder string, lacks error) error {
	if r.quiet {
		_, err := fmt.Fprintf(r.stdout, "%s: %s (%s)\n", run.Verdict, run.Why, filepath.Join(folder, runs.RunFile))
		return err
	}
	if err := reports.Text(r.stdout, run); err != nil {
		return err
	}
	if lacks != nil {
		_, err := fmt.Fprintf(r.stdout, "\nNOT KEPT  %s\n", strings.ReplaceAll(lacks.Error(), "\n", "\n  "))
		return err
	}
	_, err := fmt.Fprintf(r.stdout, "\nThe whole record and the reports are in %s\n", folder)
	return err
}
