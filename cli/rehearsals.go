package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"gameday/ready"
	"gameday/runs"
)

// rehearsals reads the records of the runs under out that can say something about
// an event, and judges those that decide. Of the others no more than the head is
// read: a record can be tens of megabytes. A record that cannot be read is a run
// with trouble.
func rehearsals(out string, e *ready.Event) ([]ready.Run, error) {
	entries, err := os.ReadDir(out)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the runs: %w", err)
	}
	var all []ready.Run
	var dirs []string
	for _, entry := range entries {
		dir := filepath.Join(out, entry.Name())
		if info, err := os.Stat(dir); entry.Name() == latest || err == nil && !info.IsDir() {
			continue
		}
		if r, isRun := headOf(dir); isRun {
			all, dirs = append(all, r), append(dirs, dir)
		}
	}
	for _, i := range e.Deciding(all) {
		if all[i].Trouble == "" {
			judge(dirs[i], &all[i])
		}
	}
	return all, nil
}

// headOf reads the head of the run in a folder. It reports false if none was ever
// there.
func headOf(dir string) (r ready.Run, isRun bool) {
	r.Path = reportIn(dir)
	head, err := runs.LoadHead(dir)
	if errors.Is(err, fs.ErrNotExist) {
		began, named := runs.ParseID(filepath.Base(dir))
		if _, missing := os.Stat(filepath.Join(dir, runs.JournalFile)); missing != nil && !named {
			return r, false
		}
		r.Began = began
	}
	if err != nil {
		head, err = runs.Load(dir) // a journal, or a record that somebody else wrote
	}
	if err != nil {
		r.Began, _ = runs.ParseID(filepath.Base(dir))
		r.Trouble = err.Error()
		return r, true
	}
	r.Run = bare(head)
	return r, true
}

// judge reads a run as a whole and judges it anew: a verdict that somebody wrote
// into it is not believed.
func judge(dir string, r *ready.Run) {
	full, err := runs.Load(dir)
	if err != nil {
		r.Trouble = err.Error()
		return
	}
	runs.Judge(full)
	r.Run = bare(full)
}

// bare is a run without what takes room.
func bare(r *runs.Run) runs.Run {
	b := *r
	b.Phases, b.Findings, b.Tallies, b.Examples, b.Marks = nil, nil, nil, nil, nil
	b.Witness, b.Generator = runs.Witness{}, runs.Generator{}
	return b
}

// reportIn is what a person opens to see a run.
func reportIn(dir string) string {
	for _, name := range []string{"report.html", "report.txt", runs.RunFile} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return filepath.Join(dir, name)
		}
	}
	return dir
}
