package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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
	journal *os.File
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
		journal, err := os.Create(filepath.Join(path, runs.JournalFile))
		if err != nil {
			return nil, fmt.Errorf("making the journal: %w", err)
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

// save writes the record and the reports, as many as can be written.
func (f *folder) save(run *runs.Run) error {
	trouble := []error{run.Save(f.path)}
	for _, report := range reports.Formats {
		if report.File == "" || report.File == runs.RunFile {
			continue
		}
		trouble = append(trouble, writeReport(filepath.Join(f.path, report.File), report.Write, run))
	}
	return errors.Join(trouble...)
}

func writeReport(path string, write reports.Format, run *runs.Run) error {
	to, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("writing a report: %w", err)
	}
	if err := write(to, run); err != nil {
		to.Close()
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return to.Close()
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
