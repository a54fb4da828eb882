package freeze

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// lockVersion is the version of lock files that this code writes and reads.
const lockVersion = 1

// A Lock is what exactly ran when a freeze began: what must run until it ends.
type Lock struct {
	Version  int       `json:"version"`
	Captured time.Time `json:"captured"`
	Targets  []Locked  `json:"targets"` // by name
	Hash     string    `json:"hash"`    // over all the rest, so that an edit shows
}

// Locked is what one target ran.
type Locked struct {
	Target   string            `json:"target"`
	URL      string            `json:"url"`
	At       time.Time         `json:"at"`
	Identity Identity          `json:"identity"`
	Sources  map[string]string `json:"sources"` // by kind: where it was read
}

// NewLock makes a lock of what was seen at an instant.
func NewLock(at time.Time, seen []Locked) Lock {
	l := Lock{Version: lockVersion, Captured: at.UTC(), Targets: slices.Clone(seen)}
	for i := range l.Targets {
		l.Targets[i].At = l.Targets[i].At.UTC()
	}
	slices.SortFunc(l.Targets, func(a, b Locked) int { return cmp.Compare(a.Target, b.Target) })
	l.Hash = l.hash()
	return l
}

// hash is over everything but the hash itself.
func (l Lock) hash() string {
	l.Hash = ""
	text, err := json.Marshal(l)
	if err != nil {
		panic("writing a lock into memory: " + err.Error())
	}
	return fmt.Sprintf("sha256:%x", sha256.Sum256(text))
}

// Target returns what a target of that name ran.
func (l Lock) Target(name string) (Locked, bool) {
	i := slices.IndexFunc(l.Targets, func(t Locked) bool { return t.Target == name })
	if i < 0 {
		return Locked{}, false
	}
	return l.Targets[i], true
}

// ParseLock reads a lock file. One of another version, that was cut off, or that
// was changed after it was written is an error.
func ParseLock(data []byte) (Lock, error) {
	var l Lock
	var version struct{ Version *int }
	if err := json.Unmarshal(data, &version); err != nil {
		return l, errors.New("it is cut off, or not a lock")
	}
	if version.Version == nil {
		return l, errors.New("it is not a lock: it has no version")
	}
	if v := *version.Version; v != lockVersion {
		return l, fmt.Errorf("it has version %d; this gameday reads version %d", v, lockVersion)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil {
		return Lock{}, fmt.Errorf("it is not a lock of version %d: %w", lockVersion, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return Lock{}, errors.New("something stands after its end")
	}
	if l.hash() != l.Hash {
		return Lock{}, errors.New("it was changed after it was written: its hash is of something else; take it from where it was kept, or capture again")
	}
	return l, nil
}

// ReadLock reads the lock in a file.
func ReadLock(file string) (Lock, error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return Lock{}, fmt.Errorf("there is no %s; gameday freeze capture writes it", file)
	}
	if err != nil {
		return Lock{}, fmt.Errorf("reading the lock: %w", err)
	}
	l, err := ParseLock(data)
	if err != nil {
		return Lock{}, fmt.Errorf("%s: %w", file, err)
	}
	return l, nil
}

// WriteLock writes a lock in place of what the file held before the capture began;
// nil: there was none. The file is always whole: the old lock or the new one. Of
// several that write at the same time one wins, and the others get an error.
func WriteLock(file string, l Lock, before []byte) error {
	text, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the lock: %w", err)
	}
	draft := file + ".new" // who has made it may write
	f, err := os.OpenFile(draft, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("another capture is writing %s; if none is running, remove %s", file, draft)
	}
	if err != nil {
		return fmt.Errorf("writing the lock: %w", err)
	}
	defer os.Remove(draft) // which fails if it has become the lock
	_, err = f.Write(append(text, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("writing the lock: %w", err)
	}
	now, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("writing the lock: %w", err)
	}
	if (err == nil) != (before != nil) || !bytes.Equal(now, before) {
		return fmt.Errorf("%s was written by somebody else while this capture ran, and is left as it is; read it before you capture again", file)
	}
	if err := os.Rename(draft, filepath.Clean(file)); err != nil {
		return fmt.Errorf("writing the lock: %w", err)
	}
	return nil
}
