package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"gameday/runs"
)

// A journal is the file of a play's journal. Where the disk is full it loses
// entries, but never holds a part of one, which would make it unreadable.
type journal struct {
	to   io.WriteCloser
	cut  func(size int64) error // shortens the file
	say  func(error)            // is told of the first loss; may be nil
	size int64                  // of the whole entries
	lost error                  // why the first entry was lost; nil: none was
	torn error                  // why nothing more can be written
}

// newJournal makes the journal in a run's folder.
func newJournal(dir string) (*journal, error) {
	f, err := os.OpenFile(filepath.Join(dir, runs.JournalFile), os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, fmt.Errorf("making the journal: %w", err)
	}
	return &journal{to: f, cut: f.Truncate}, nil
}

// Write writes an entry, whole or not at all.
func (j *journal) Write(entry []byte) (int, error) {
	if j.torn != nil {
		return 0, j.torn
	}
	n, err := j.to.Write(entry)
	if err == nil {
		j.size += int64(n)
		return n, nil
	}
	if n > 0 {
		if worse := j.cut(j.size); worse != nil { // a part of a line may stand only at the end
			j.torn = fmt.Errorf("its last line cannot be taken back: %w", worse)
		}
	}
	if j.lost == nil {
		j.lost = err
		if j.say != nil && j.size > 0 { // a play whose first entry is lost does not begin
			j.say(fmt.Errorf("the journal has holes from now on, and the play goes on: %w", err))
		}
	}
	return 0, err
}

// Close closes the file.
func (j *journal) Close() error { return j.to.Close() }
