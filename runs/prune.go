package runs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// unfinished is how long a run without a record is kept in any case: somebody may
// be playing it, or want to know what became of it.
const unfinished = 24 * time.Hour

// Prune removes all but the newest runs, as many as are to be kept, and returns the
// names of those that are gone. It leaves alone the run that was played just now,
// the one that latest leads to, runs without a record that are younger than a day,
// and whatever does not look like a run.
func (s *Shelf) Prune(keep int, played string, now time.Time) (removed []string, err error) {
	found, _, err := s.look()
	if err != nil {
		return nil, err
	}
	newest, err := s.root.Readlink(latest)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("removing old runs: %w", err) // nobody knows what it is
	}
	var wrong []error
	for _, f := range found[min(keep, len(found)):] {
		young := now.Sub(f.began) < unfinished || now.Sub(f.written) < unfinished
		if f.name == played || f.name == filepath.Base(newest) || !f.recorded && young {
			continue
		}
		if err := s.root.RemoveAll(f.name); err != nil {
			wrong = append(wrong, fmt.Errorf("removing an old run: %w", err))
			continue
		}
		removed = append(removed, f.name)
	}
	return removed, errors.Join(wrong...)
}
