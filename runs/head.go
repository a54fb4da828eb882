package runs

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// LoadHead reads from dir/run.json what stands there before the findings and the
// tallies: what was played, where, when and against what, and no verdict. It reads
// kilobytes of a record of many megabytes, so it does not see what is wrong with
// the rest; [Load] does.
//
// The error is fs.ErrNotExist if there is no run.json.
func LoadHead(dir string) (*Run, error) {
	f, err := os.Open(filepath.Join(dir, RunFile))
	if err != nil {
		return nil, fmt.Errorf("reading the run: %w", err)
	}
	defer f.Close()
	r, err := readHead(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name(), err)
	}
	return r, nil
}

// maxBrief is how much is read of a record whose tallies do not come.
const maxBrief = 16 << 20

// ReadBrief reads what stands in a record before its tallies: besides the head the
// verdict that it was given, for what it is worth, the findings and the phases.
func ReadBrief(from io.Reader) (*Run, error) {
	return readUntil(io.LimitReader(from, maxBrief), "tallies")
}

// ReadBeginning reads from a journal the run as it began. It is io.EOF if the
// journal has no whole line yet.
func ReadBeginning(journal io.Reader) (*Run, error) {
	in := bufio.NewReader(io.LimitReader(journal, maxBrief))
	line, err := in.ReadBytes('\n')
	if err != nil {
		return nil, err
	}
	var e Entry
	if err := json.Unmarshal(line, &e); err != nil || e.Run == nil {
		return nil, errors.New("not a journal of gameday: it does not begin with a run")
	}
	if err := e.Run.checkHead(); err != nil {
		return nil, err
	}
	return e.Run, nil
}

// readHead reads a record up to its findings.
func readHead(from io.Reader) (*Run, error) {
	r, err := readUntil(from, "findings", "phases", "tallies")
	if err != nil {
		return nil, err
	}
	r.Verdict, r.Why = Unclear, "" // without the rest it is not known
	return r, nil
}

// readUntil reads a record up to the first of some keys.
func readUntil(from io.Reader, keys ...string) (*Run, error) {
	in := json.NewDecoder(from)
	if open, err := in.Token(); err != nil || open != json.Delim('{') {
		return nil, errors.New("not a run of gameday")
	}
	head := map[string]json.RawMessage{}
	for in.More() {
		key, err := in.Token()
		if err != nil {
			return nil, fmt.Errorf("not a run of gameday: %w", err)
		}
		name := key.(string) // the key of an object is nothing else
		if slices.Contains(keys, name) {
			return decodeHead(head)
		}
		var value json.RawMessage
		if err := in.Decode(&value); err != nil {
			return nil, fmt.Errorf("not a run of gameday: %w", err)
		}
		head[name] = value
	}
	return decodeHead(head)
}

func decodeHead(head map[string]json.RawMessage) (*Run, error) {
	data, err := json.Marshal(head)
	if err != nil {
		return nil, fmt.Errorf("not a run of gameday: %w", err)
	}
	var r Run
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, fmt.Errorf("not a run of gameday: %w", err)
	}
	if err := r.checkHead(); err != nil {
		return nil, err
	}
	return &r, nil
}

// checkHead refuses what does not begin as a record.
func (r *Run) checkHead() error {
	switch {
	case r.Schema == 0 || r.Scenario == nil:
		return errors.New("not a run of gameday: it has no schema or no scenario")
	case r.Schema != Schema:
		return fmt.Errorf("the record has schema %d; this gameday reads %d", r.Schema, Schema)
	case !(r.Scale > 0):
		return errors.New("the record does not say at what scale it was played")
	}
	return nil
}
