package runs

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
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

// readHead reads a record up to its findings.
func readHead(from io.Reader) (*Run, error) {
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
		if name == "findings" || name == "phases" || name == "tallies" {
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
	r.Verdict, r.Why = Unclear, "" // without the rest it is not known
	switch {
	case r.Schema == 0 || r.Scenario == nil:
		return nil, errors.New("not a run of gameday: it has no schema or no scenario")
	case r.Schema != Schema:
		return nil, fmt.Errorf("the record has schema %d; this gameday reads %d", r.Schema, Schema)
	case !(r.Scale > 0):
		return nil, errors.New("the record does not say at what scale it was played")
	}
	return &r, nil
}
