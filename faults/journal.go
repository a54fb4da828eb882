package faults

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
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

// A Leftover is a fault that a gameday which is no more left in force.
type Leftover struct {
	Fault string
	Kind  string
	At    time.Time // when it was broken
	By    int       // pid of the gameday that broke it

	record record
}

// Leftovers are what a journal has as broken and not as mended, the last first,
// which is the order to mend them in. What a gameday that still runs broke is not
// left over. Lines that are no records, such as one that was cut off, count for
// nothing: a fault is written down before it is injected.
func Leftovers(journal io.Reader) ([]Leftover, error) {
	var left []Leftover
	for in := bufio.NewReader(journal); ; {
		line, end := in.ReadString('\n')
		var r record
		if strings.TrimSpace(line) != "" && json.Unmarshal([]byte(line), &r) == nil {
			left = slices.DeleteFunc(left, func(l Leftover) bool { return l.record.By == r.By && l.record.N == r.N })
			if r.Do == "break" && !(r.By.PID > 0 && r.By.alive()) {
				left = append(left, Leftover{r.Fault, r.Kind, r.At, r.By.PID, r})
			}
		}
		if end == io.EOF {
			slices.Reverse(left)
			return left, nil
		} else if end != nil {
			return nil, fmt.Errorf("reading the journal of faults: %w", end)
		}
	}
}

// Mend mends what was left over, and writes that into the journal. It may be
// called again after an error.
func (l Leftover) Mend(ctx context.Context, out io.Writer) error {
	k, known := kindOf(l.Kind)
	if !known || k.undo == nil {
		return fmt.Errorf("%s: a fault of kind %q cannot be mended from the journal", l.Fault, l.Kind)
	}
	if err := k.undo(ctx, l.record.Undo); err != nil {
		return fmt.Errorf("mending %s: %w", l.Fault, err)
	}
	return (&note{&journal{out: out}, l.record}).over()
}
