package runs

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// The files of a run's folder that this package reads and writes.
const (
	RunFile     = "run.json"
	JournalFile = "journal.jsonl"
)

// Write writes the record as one line of JSON. (Indented, the buckets of its
// histograms would take up most of the file with spaces.)
func (r *Run) Write(to io.Writer) error {
	data, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encoding the run: %w", err)
	}
	if _, err := to.Write(append(data, '\n')); err != nil {
		return fmt.Errorf("writing the run: %w", err)
	}
	return nil
}

// Save writes the record to dir/run.json. A file that is there is replaced as a
// whole or not at all.
func (r *Run) Save(dir string) error {
	var data bytes.Buffer
	if err := r.Write(&data); err != nil {
		return err
	}
	temp := filepath.Join(dir, RunFile+".new")
	if err := os.WriteFile(temp, data.Bytes(), 0o644); err != nil {
		os.Remove(temp) // on a full disk, others want the room
		return fmt.Errorf("saving the run: %w", err)
	}
	if err := os.Rename(temp, filepath.Join(dir, RunFile)); err != nil {
		return fmt.Errorf("saving the run: %w", err)
	}
	return nil
}

// Load reads a run from its folder, its run.json or its journal.jsonl. A folder
// without run.json is that of a play that was killed: it is read from its
// journal, and says so. The run keeps the verdict it was given; [Judge] gives it
// anew.
func Load(path string) (*Run, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("reading the run: %w", err)
	}
	if info.IsDir() {
		file := filepath.Join(path, RunFile)
		if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
			file = filepath.Join(path, JournalFile)
		}
		path = file
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading the run: %w", err)
	}
	defer f.Close()
	read := ReadRun
	if filepath.Ext(path) == filepath.Ext(JournalFile) {
		read = ReadJournal
	}
	r, err := read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// ReadRun reads a record that Save wrote.
func ReadRun(from io.Reader) (*Run, error) {
	data, err := io.ReadAll(from)
	if err != nil {
		return nil, err
	}
	var r Run
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, fmt.Errorf("not a run of gameday: %w", err)
	}
	return &r, r.check()
}

// Write appends e to a journal as one line. A play writes an entry every second,
// so that one that is killed still leaves a record.
func (e *Entry) Write(journal io.Writer) error {
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encoding the journal: %w", err)
	}
	if _, err := journal.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("writing the journal: %w", err)
	}
	return nil
}

// ReadJournal adds up the entries of a journal. A last line that was cut off by
// a kill is left out. A run without an end is marked as aborted.
func ReadJournal(from io.Reader) (*Run, error) {
	var r *Run
	in := bufio.NewReader(from)
	for n := 1; ; n++ {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		var e Entry
		if err := json.Unmarshal(bytes.TrimSpace(line), &e); err != nil {
			return nil, fmt.Errorf("line %d is not an entry of a journal: %w", n, err)
		}
		switch {
		case r != nil && e.Run != nil:
			return nil, fmt.Errorf("line %d begins another run", n)
		case r == nil && e.Run == nil:
			return nil, errors.New("not a journal of gameday: it does not begin with a run")
		case r == nil:
			r = &Run{}
		}
		r.Add(&e)
	}
	if r == nil {
		return nil, errors.New("the journal is empty")
	}
	if r.Ended.IsZero() && r.Aborted == "" {
		r.Aborted = "the play was killed"
	}
	return r, r.check()
}
