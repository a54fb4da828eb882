package freeze

import (
	"errors"
	"fmt"
	"time"
)

// A Calendar is the union of its windows, in any order: changes are frozen while at least one is in force. The nil
// Calendar never freezes.
type Calendar []Window

// Validate returns every mistake in c, with keys such as windows[1].end, and none if c is in order. Windows must have
// different names; they may overlap.
func (c Calendar) Validate() []Mistake {
	var found []Mistake
	first := map[string]int{}
	for i, w := range c {
		for _, m := range w.Validate() {
			found = append(found, Mistake{fmt.Sprintf("windows[%d].%s", i, m.Key), m.Says})
		}
		if j, taken := first[w.Name]; !taken {
			first[w.Name] = i
		} else if w.Name != "" {
			found = append(found, Mistake{fmt.Sprintf("windows[%d].name", i),
				fmt.Sprintf("%q is already the name of windows[%d]: want different names", w.Name, j)})
		}
	}
	return found
}

// Check says whether a change that starts at the given instant and takes the given runway meets a freeze: whether any
// window is in force at any instant from at to at+runway, both included. A runway of 0 asks about the instant alone.
//
// A negative runway is an error, and so is a calendar with mistakes: a window that cannot be read must not let a change
// through.
func (c Calendar) Check(at time.Time, runway time.Duration) (Answer, error) {
	if runway < 0 {
		return Answer{}, fmt.Errorf("checking the freeze: runway %v is negative: want 0 or more", runway)
	}
	if mistakes := c.Validate(); len(mistakes) > 0 {
		var all []error
		for _, m := range mistakes {
			all = append(all, m)
		}
		return Answer{}, fmt.Errorf("checking the freeze: %w", errors.Join(all...))
	}
	a := Answer{At: at, Through: at.Add(runway), Windows: []Window{}}
	for _, w := range c {
		if !w.overlaps(at, runway) {
			continue
		}
		if w.Level == "" {
			w.Level = Full
		}
		a.Windows = append(a.Windows, w)
	}
	if len(a.Windows) > 0 {
		a.Frozen, a.Until = true, c.free(at, runway)
	}
	return a, nil
}

// Next returns the first instant after at from which the answer for an instant is another, and whether that answer is
// frozen; ok is false if there is none. Windows that overlap or touch are one stretch: nothing changes between them.
// The calendar must be without mistakes.
func (c Calendar) Next(at time.Time) (t time.Time, frozenAfter, ok bool) {
	if end := c.free(at, 0); end.After(at) {
		return end, false, true
	}
	for _, w := range c {
		if w.Start.After(at) && (!ok || w.Start.Before(t)) {
			t, ok = w.Start, true
		}
	}
	return t, ok, ok
}

// free returns the first instant, not before at, at which a change that takes the runway meets no window.
func (c Calendar) free(at time.Time, runway time.Duration) time.Time {
	for moved := true; moved; {
		moved = false
		for _, w := range c {
			if w.overlaps(at, runway) {
				at, moved = w.End, true
			}
		}
	}
	return at
}
