package faults

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
)

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

// MendLeftovers mends what a journal has left over, the last first, and says of each
// how that went; failed is nil if it is mended. One process does so at a time, so
// that nobody mends what another has mended, and broken anew, in the meantime. It
// returns an error, and says nothing, if the journal cannot be had or read.
func MendLeftovers(ctx context.Context, journal *os.File, said func(l Leftover, failed error)) error {
	for tick := time.NewTicker(10 * look); ; {
		mine, err := lock(journal)
		if mine || err != nil {
			tick.Stop()
			if err != nil {
				return fmt.Errorf("locking the journal of faults: %w", err)
			}
			break
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			tick.Stop()
			return fmt.Errorf("somebody else is mending: %w", context.Cause(ctx))
		}
	}
	defer unlock(journal)
	if _, err := journal.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("reading the journal of faults: %w", err)
	}
	left, err := Leftovers(journal)
	for _, l := range left {
		said(l, l.Mend(ctx, journal))
	}
	return err
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
