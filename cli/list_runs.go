package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"text/tabwriter"
	"time"

	"gameday/ready"
	"gameday/runs"
)

// whyWidth is how much of a reason stands in a list.
const whyWidth = 60

// listRuns writes a line a run, and one for all folders that are none. Of a record
// it reads what stands before the tallies.
func listRuns(to io.Writer, out string, now time.Time) error {
	shelf, err := runs.OpenShelf(out)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // as a catalogue without scenarios
	}
	if err != nil {
		return err
	}
	defer shelf.Close()
	all, others, err := shelf.List(now)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	if len(all) > 0 {
		fmt.Fprintln(w, "RUN\tAGE\tSCENARIO\tSCALE\tTARGET\tBUILD\tVERDICT\tWHY")
	}
	for _, r := range all {
		fmt.Fprintln(w, strings.Join(runCells(r, now), "\t"))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if len(others) == 0 {
		return nil
	}
	for i := range others {
		others[i] = runs.Line(others[i])
	}
	_, err = fmt.Fprintf(to, "no runs: %s\n", strings.Join(others, ", "))
	return err
}

// runCells are what stands in the columns of a run.
func runCells(r runs.Shelved, now time.Time) []string {
	cells := []string{r.Name, ready.Age(now.Sub(r.Began)), "-", "-", "-", "-", r.State.String(), "-"}
	if r.Trouble != "" {
		cells[7] = r.Trouble
	}
	if run := r.Run; run != nil {
		build := strings.Join(run.Identity["build"], "+")
		cells[2], cells[3], cells[4], cells[5] = run.Scenario.Name, run.Scale.String(), run.Target.Name, cmp.Or(build, "-")
		if r.State == runs.Recorded {
			cells[6], cells[7] = run.Verdict.String(), run.Why
		}
	}
	for i := range cells {
		cells[i] = runs.Line(cells[i]) // somebody else may have written it
	}
	if why := []rune(cells[7]); len(why) > whyWidth {
		cells[7] = string(why[:whyWidth-1]) + "…"
	}
	return cells
}
