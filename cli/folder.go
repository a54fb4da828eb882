package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gameday/reports"
	"gameday/runs"
)

// latest is the name in the out folder that points at the newest run.
const latest = "latest"

// A folder is where one play leaves its record and its reports.
type folder struct {
	id      string
	path    string
	journal *journal
}

// newFolder makes a folder of its own for a play that begins now.
func newFolder(out, scenario string) (*folder, error) {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return nil, fmt.Errorf("making the out folder: %w", err)
	}
	first := runs.NewID(time.Now(), scenario)
	for n := 1; ; n++ {
		id := first
		if n > 1 {
			id = fmt.Sprintf("%s-%d", first, n) // another play began in the same second
		}
		path := filepath.Join(out, id)
		err := os.Mkdir(path, 0o755)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("making the run's folder: %w", err)
		}
		journal, err := newJournal(path)
		if err != nil {
			return nil, err
		}
		return &folder{id, path, journal}, nil
	}
}

func (f *folder) close() { f.journal.Close() }

// remove takes the folder of a play that never began away again.
func (f *folder) remove() {
	f.journal.Close()
	os.Remove(filepath.Join(f.path, runs.JournalFile))
	os.Remove(f.path)
}

// save writes the record and the reports, as many as can be written. The error says
// which are missing, and why.
func (f *folder) save(run *runs.Run) error {
	var gaps []gap
	note := func(file string, err error) {
		if err != nil {
			gaps = append(gaps, gap{file, err})
		}
	}
	note(runs.RunFile, run.Save(f.path))
	for _, report := range reports.Formats {
		if report.File != "" && report.File != runs.RunFile {
			note(report.File, writeReport(filepath.Join(f.path, report.File), report.Write, run))
		}
	}
	err := missing(f.path, gaps)
	switch {
	case len(gaps) == 0 || gaps[0].file != runs.RunFile:
		return err
	case f.journal.lost != nil:
		return errors.Join(err, fmt.Errorf("its %s has holes: %w", runs.JournalFile, reason(f.journal.lost)))
	}
	return errors.Join(err, fmt.Errorf("its %s is whole: gameday report %s", runs.JournalFile, f.path))
}

// A gap is a file that a play could not leave.
type gap struct {
	file string
	err  error
}

// missing says in a sentence for each reason which files a folder lacks.
func missing(dir string, gaps []gap) error {
	var order []string
	files, reasons := map[string][]string{}, map[string]error{}
	for _, g := range gaps {
		why := reason(g.err)
		key := why.Error()
		if files[key] == nil {
			order, reasons[key] = append(order, key), why
		}
		files[key] = append(files[key], g.file)
	}
	var all []error
	for _, key := range order {
		all = append(all, fmt.Errorf("%s lacks %s: %w", dir, strings.Join(files[key], ", "), reasons[key]))
	}
	return errors.Join(all...)
}

// reason is why a file could not be written, without its name.
func reason(err error) error {
	if at, ok := errors.AsType[*fs.PathError](err); ok {
		return at.Err
	}
	return err
}

// writeReport writes a report, or leaves nothing: half of one would be believed.
func writeReport(path string, write reports.Format, run *runs.Run) error {
	to, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("writing a report: %w", err)
	}
	err = write(to, run)
	if err = errors.Join(err, to.Close()); err != nil {
		os.Remove(path)
		return fmt.Errorf("writing a report: %w", err)
	}
	return nil
}

// point makes latest a link to the folder, replacing an older link in one step.
func (f *folder) point() error {
	link := filepath.Join(filepath.Dir(f.path), latest)
	temp := link + ".new"
	if err := os.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("pointing %s at the run: %w", link, err)
	}
	if err := os.Symlink(filepath.Base(f.path), temp); err != nil {
		return fmt.Errorf("pointing %s at the run: %w", link, err)
	}
	if err := os.Rename(temp, link); err != nil {
		return fmt.Errorf("pointing %s at the run: %w", link, err)
	}
	return nil
}
