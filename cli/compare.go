package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gameday/reports"
	"gameday/runs"
)

// The files in which a run's folder keeps the comparison with its baseline.
const (
	compareJSON     = "compare.json"
	compareMarkdown = "compare.md"
)

func compareCommand() *cobra.Command {
	var names string
	for _, f := range reports.CompareFormats {
		names += f.Name + ", "
	}
	c := &cobra.Command{
		Use:   "compare BASE HEAD",
		Short: "Say whether a run is worse than another",
		Long: "Compares two runs of a scenario: response times, errors and goodput of everybody and of each action, in the whole run and\n" +
			"in each phase, and the times to recover. A run is a folder, a run.json, a journal.jsonl, or the name of a folder under\n" +
			"--out, such as latest.\n\n" +
			"Exits 0 nothing got worse, 1 something did, 2 a run cannot be read, 3 it cannot be told.",
		Args: arguments(2, 2),
	}
	format := c.Flags().String("format", "text", names[:len(names)-2])
	out := c.Flags().String("out", defaultOut, "folder in which the runs are")
	toleranceFlag(c.Flags())
	c.RunE = func(c *cobra.Command, args []string) error {
		f, err := reports.FindCompare(*format)
		wrong := []error{err}
		tolerance, err := toleranceOf(c.Flags())
		wrong = append(wrong, err)
		base, head, err := bothJudged(*out, args[0], args[1])
		if err := errors.Join(append(wrong, err)...); err != nil {
			return err
		}
		comparison := runs.Compare(base, head, tolerance)
		if err := f.Write(c.OutOrStdout(), base, head, comparison); err != nil {
			return err
		}
		if code := exitOf(comparison.Verdict); code != exitPass {
			return &exit{code: code}
		}
		return nil
	}
	return c
}

func toleranceFlag(f *pflag.FlagSet) {
	f.String("tolerance", runs.DefaultTolerance.String(), "the smallest differences that matter: of a time, of a time at least, of a share")
}

func toleranceOf(f *pflag.FlagSet) (runs.Tolerance, error) {
	text, err := f.GetString("tolerance")
	if err != nil {
		return runs.Tolerance{}, err
	}
	t, err := runs.ParseTolerance(text)
	if err != nil {
		return t, fmt.Errorf("--%w", err)
	}
	return t, nil
}

// judged loads a run and judges it anew.
func judged(out, name string) (*runs.Run, error) {
	run, err := findRun(out, name)
	if err != nil {
		return nil, err
	}
	runs.Judge(run)
	return run, nil
}

// bothJudged loads two runs at once: reading records is most of the work.
func bothJudged(out, baseName, headName string) (base, head *runs.Run, err error) {
	var badBase, badHead error
	var other sync.WaitGroup
	other.Go(func() { base, badBase = judged(out, baseName) })
	head, badHead = judged(out, headName)
	other.Wait()
	return base, head, errors.Join(badBase, badHead)
}

func baselineFlags(f *pflag.FlagSet) {
	f.String("baseline", "", "a run to compare with, such as latest; the exit code is the worse of both")
	toleranceFlag(f)
}

// A baseline is the run that plays are compared with; nil: none.
type baseline struct {
	run       *runs.Run
	tolerance runs.Tolerance
}

// findBaseline reads the run that --baseline names, before the play begins: then
// the latest is still the one before.
func (r *runner) findBaseline(f *pflag.FlagSet) error {
	tolerance, err := toleranceOf(f)
	if err != nil {
		return err
	}
	name, err := f.GetString("baseline")
	if err != nil || !f.Changed("baseline") {
		return err
	}
	run, err := judged(r.out, name)
	if err != nil {
		return fmt.Errorf("--baseline: %w", err)
	}
	for _, s := range r.scenarios {
		if s.Name != run.Scenario.Name {
			return fmt.Errorf("--baseline: %s is a run of %s, which says nothing about %s", name, run.Scenario.Name, s.Name)
		}
	}
	r.baseline = &baseline{run, tolerance}
	return nil
}

// exitOfPlay is what a play exits with by itself.
func exitOfPlay(run *runs.Run) int {
	if run.Aborted != "" {
		return exitAborted
	}
	return exitOf(run.Verdict)
}

// against compares a play with the baseline, leaves the comparison in the folder,
// and its page anew with the comparison in it, prints it, and says what to exit with: the worse of it and of code,
// which it is without a baseline.
func (b *baseline) against(run *runs.Run, folder string, quiet bool, stdout io.Writer, code int) (int, error) {
	if b == nil {
		return code, nil
	}
	c := runs.Compare(b.run, run, b.tolerance)
	write := func(w io.Writer) error {
		if quiet {
			_, err := fmt.Fprintf(w, "compared with %s: %s: %s\n", b.run.ID, c.Verdict, c.Why)
			return err
		}
		fmt.Fprintln(w)
		return reports.CompareText(w, c)
	}
	trouble := errors.Join(
		writeComparison(filepath.Join(folder, compareJSON), reports.CompareJSON, c),
		writeComparison(filepath.Join(folder, compareMarkdown), reports.CompareMarkdown, c),
		writeReport(filepath.Join(folder, pageFile), func(w io.Writer, run *runs.Run) error { return reports.HTMLCompared(w, b.run, run, c) }, run),
		write(stdout),
	)
	if trouble != nil {
		return 0, &exit{exitUsage, trouble}
	}
	if compared := exitOf(c.Verdict); worse(compared, code) {
		code = compared
	}
	return code, nil
}

func writeComparison(path string, write func(io.Writer, *runs.Comparison) error, c *runs.Comparison) error {
	to, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("writing the comparison: %w", err)
	}
	return errors.Join(write(to, c), to.Close())
}
