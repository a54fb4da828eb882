package faults

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// record is a line of the journal.
type record struct {
	At    time.Time       `json:"at"`
	Do    string          `json:"do"`    // break or mend
	By    identity        `json:"by"`    // the gameday that broke it
	N     int             `json:"n"`     // the how-manieth it broke
	Fault string          `json:"fault"` // its name
	Kind  string          `json:"kind"`
	Undo  json.RawMessage `json:"undo,omitempty"` // how to mend it
}

// journal writes down what is broken before it is, and when it is mended: one
// JSON object a line. It is safe for concurrent use.
type journal struct {
	mu  sync.Mutex
	out io.Writer // nil: nobody wants it
	by  identity
	n   int
}

func newJournal(out io.Writer) *journal {
	_, start, _ := inspect(os.Getpid())
	return &journal{out: out, by: identity{os.Getpid(), start}}
}

// note is one thing that stands in the journal as broken. A nil note stands
// nowhere.
type note struct {
	journal *journal
	record  record
}

// breaks notes that something is about to be broken.
func (j *journal) breaks(fault, kind string, undo any) (*note, error) {
	if undo == nil {
		return nil, nil
	}
	data, err := json.Marshal(undo)
	if err != nil {
		return nil, fmt.Errorf("writing down how to mend %s: %w", fault, err)
	}
	j.mu.Lock()
	j.n++
	n := &note{j, record{Do: "break", By: j.by, N: j.n, Fault: fault, Kind: kind, Undo: data}}
	j.mu.Unlock()
	return n, j.write(n.record)
}

// over notes that it is mended.
func (n *note) over() error {
	if n == nil {
		return nil
	}
	r := n.record
	r.Do, r.Undo = "mend", nil
	return n.journal.write(r)
}

// write writes a line. It begins with the end of whatever line was cut off there
// before.
func (j *journal) write(r record) error {
	if j.out == nil {
		return nil
	}
	r.At = time.Now().UTC()
	line, err := json.Marshal(r)
	if err == nil {
		j.mu.Lock()
		defer j.mu.Unlock()
		_, err = j.out.Write(slices.Concat([]byte("\n"), line, []byte("\n")))
	}
	if err != nil {
		return fmt.Errorf("writing the journal of faults: %w", err)
	}
	return nil
}

// absolute is the name of a file for those who are elsewhere; empty stays empty.
func absolute(name string) string {
	if full, err := filepath.Abs(name); err == nil && name != "" {
		return full
	}
	return name
}
