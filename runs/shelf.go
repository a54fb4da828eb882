package runs

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"
)

// A Shelf is a folder in which each run has one of its own. Nothing is read or
// removed that lies outside of it, wherever links in it lead.
type Shelf struct{ root *os.Root }

// A Shelved is a run on a shelf, as far as it is known without its tallies.
type Shelved struct {
	Name  string    // of its folder
	Began time.Time // by its name
	State State
	// Run is what [ReadBrief] or, without a record, [ReadBeginning] read; nil if
	// nothing could be.
	Run     *Run
	Trouble string // why not, in a sentence
}

// A State is how far a run on a shelf has come.
type State int

// The states of a run on a shelf.
const (
	Unreadable State = iota // it cannot be read; Trouble says why
	Playing                 // it is being played
	Killed                  // its play ended without a record; its journal is there
	Recorded                // its record is there
)

func (s State) String() string {
	switch s {
	case Playing:
		return "playing"
	case Killed:
		return "killed"
	case Recorded:
		return "recorded"
	}
	return "unreadable"
}

// alive is how long after the last entry of a journal its play is taken to go on.
// There is one every second, but none while the end is judged.
const alive = 15 * time.Second

// latest is the name of the link to the newest run.
const latest = "latest"

// OpenShelf opens a folder. The error is fs.ErrNotExist if there is none.
func OpenShelf(dir string) (*Shelf, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("reading the runs: %w", err)
	}
	return &Shelf{root}, nil
}

// Close closes the folder.
func (s *Shelf) Close() error { return s.root.Close() }

var idPattern = regexp.MustCompile(`^(\d{8}T\d{6}Z)-[A-Za-z][A-Za-z0-9_-]*$`)

// ParseID returns when the run of that name began, to the second, and whether
// [NewID] could have made the name, with a number behind it or without.
func ParseID(name string) (began time.Time, ok bool) {
	match := idPattern.FindStringSubmatch(name)
	if match == nil {
		return began, false
	}
	began, err := time.Parse("20060102T150405Z", match[1])
	return began, err == nil
}

// List returns the runs, the newest first, and the names of folders that are none.
func (s *Shelf) List(now time.Time) (all []Shelved, others []string, err error) {
	found, others, err := s.look()
	for _, f := range found {
		all = append(all, s.read(f, now))
	}
	return all, others, err
}

// Find returns one run. The error is fs.ErrNotExist if there is none of that name.
func (s *Shelf) Find(name string, now time.Time) (Shelved, error) {
	f, ok := s.lookAt(name)
	if !ok {
		return Shelved{}, fmt.Errorf("there is no run %q: %w", name, fs.ErrNotExist)
	}
	return s.read(f, now), nil
}

// Load reads a run as a whole, as [Load] does.
func (s *Shelf) Load(name string) (*Run, error) {
	read := ReadRun
	f, err := s.Open(name, RunFile)
	if errors.Is(err, fs.ErrNotExist) {
		read = ReadJournal
		f, err = s.Open(name, JournalFile)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(s.root.Name(), name), err)
	}
	return r, nil
}

// Open opens a file of a run. The error is fs.ErrNotExist for whatever is no
// regular file, so that nobody waits for a pipe.
func (s *Shelf) Open(name, file string) (*os.File, error) {
	path := filepath.Join(name, file)
	if _, ok := s.regular(path); !ok {
		return nil, fmt.Errorf("there is no file %s: %w", path, fs.ErrNotExist)
	}
	return s.root.Open(path)
}

// A spot is a folder that looks like a run's.
type spot struct {
	name     string
	began    time.Time
	recorded bool
	written  time.Time // when its journal was, or without one its record
}

// look returns the folders that look like runs, the newest first, and those that
// do not.
func (s *Shelf) look() (found []spot, others []string, err error) {
	entries, err := fs.ReadDir(s.root.FS(), ".")
	if err != nil {
		return nil, nil, fmt.Errorf("reading the runs: %w", err)
	}
	for _, e := range entries {
		if f, ok := s.lookAt(e.Name()); ok {
			found = append(found, f)
		} else if e.IsDir() {
			others = append(others, e.Name())
		}
	}
	slices.SortFunc(found, func(a, b spot) int {
		return cmp.Or(b.began.Compare(a.began), cmp.Compare(len(b.name), len(a.name)), cmp.Compare(b.name, a.name))
	})
	return found, others, nil
}

// lookAt looks at one folder. It reports false if that is no run's.
func (s *Shelf) lookAt(name string) (spot, bool) {
	began, named := ParseID(name)
	if !named {
		return spot{}, false
	}
	if info, err := s.root.Lstat(name); err != nil || !info.IsDir() {
		return spot{}, false
	}
	record, recorded := s.regular(filepath.Join(name, RunFile))
	journal, begun := s.regular(filepath.Join(name, JournalFile))
	f := spot{name: name, began: began, recorded: recorded}
	switch {
	case begun:
		f.written = journal.ModTime()
	case recorded:
		f.written = record.ModTime()
	}
	return f, recorded || begun
}

func (s *Shelf) regular(path string) (fs.FileInfo, bool) {
	info, err := s.root.Stat(path)
	return info, err == nil && info.Mode().IsRegular()
}

// read reads what a listing needs.
func (s *Shelf) read(f spot, now time.Time) Shelved {
	r := Shelved{Name: f.name, Began: f.began, State: Killed}
	file, read := JournalFile, ReadBeginning
	switch {
	case f.recorded:
		r.State, file, read = Recorded, RunFile, ReadBrief
	case now.Sub(f.written).Abs() < alive:
		r.State = Playing
	}
	run, err := s.brief(filepath.Join(f.name, file), read)
	if errors.Is(err, io.EOF) && r.State == Playing {
		return r // it has not begun
	}
	if err != nil {
		r.State, r.Trouble = Unreadable, fmt.Sprintf("%s: %v", file, err)
		return r
	}
	r.Run = run
	return r
}

func (s *Shelf) brief(path string, read func(io.Reader) (*Run, error)) (*Run, error) {
	f, err := s.root.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return read(f)
}
