package freeze

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// A Calendar is the union of its windows, in any order: changes are frozen while at least one is in force. The nil
// Calendar never freezes.
type Calendar []Window

// Validate returns every mistake in c, with keys such as windows[1].end, and none if c is in order. Windows must have
// different names; they may overlap.
func (c Calendar) Validate() []Mistake {
	var found []Mistake
	for i, w := range c {
		for _, m := range w.Validate() {
			found = append(found, Mistake{fmt.Sprintf("windows[%d].%s", i, m.Key), m.Says})
		}
	}
	return append(found, c.ValidateNames()...)
}

// ValidateNames returns a mistake for each name that another window has already.
func (c Calendar) ValidateNames() []Mistake {
	var found []Mistake
	first := map[string]int{}
	for i, w := range c {
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
	met, err := c.expand(at, at.Add(runway))
	if err != nil {
		return Answer{}, fmt.Errorf("checking the freeze: %w", err)
	}
	a := Answer{At: at, Through: at.Add(runway), Windows: []Window{}}
	for _, w := range met {
		if w.Level == "" {
			w.Level = Full
		}
		a.Windows = append(a.Windows, w)
	}
	if len(a.Windows) > 0 {
		a.Frozen = true
		if a.Until, err = c.free(at, runway); err != nil {
			return Answer{}, fmt.Errorf("checking the freeze: %w", err)
		}
	}
	return a, nil
}

// Next returns the first instant after at from which the answer for an instant is another, and whether that answer is
// frozen; ok is false if there is none in the next two years. Windows that overlap or touch are one stretch: nothing
// changes between them. The calendar must be without mistakes.
func (c Calendar) Next(at time.Time) (t time.Time, frozenAfter, ok bool) {
	end, err := c.free(at, 0)
	if err != nil || end.IsZero() {
		return time.Time{}, false, false
	}
	if end.After(at) {
		return end, false, true
	}
	for from, width := at, 24*time.Hour; from.Before(at.Add(Horizon)); width = min(2*width, step) {
		near, err := c.expand(from, from.Add(width))
		if err != nil {
			return time.Time{}, false, false
		}
		from = from.Add(width)
		for _, w := range near {
			if w.Start.After(at) && (!ok || w.Start.Before(t)) {
				t, ok = w.Start, true
			}
		}
		if ok {
			break
		}
	}
	for _, w := range c { // one that is written down may be farther away
		if w.Every == nil && w.Start.After(at) && (!ok || w.Start.Before(t)) {
			t, ok = w.Start, true
		}
	}
	return t, ok, ok
}

// Horizon is how far recurrences are looked ahead, and how long a runway may be
// where there are any.
const Horizon = 2 * longest

// step is how far they are expanded at once, at most: what is near is found with less.
const step = 32 * 24 * time.Hour

// free returns the first instant, not before at, at which a change that takes the runway meets no window; the zero time
// if recurrences leave none up to the horizon.
func (c Calendar) free(at time.Time, runway time.Duration) (time.Time, error) {
	width := 24 * time.Hour
	for range int(Horizon/step) + 5 + len(c) { // all but the first and the jumps over windows that are written down go a step
		to := at.Add(runway).Add(width)
		width = min(2*width, step)
		near, err := c.expand(at, to)
		if err != nil {
			return time.Time{}, err
		}
		slices.SortFunc(near, func(a, b Window) int { return a.Start.Compare(b.Start) })
		for _, w := range near {
			if w.overlaps(at, runway) {
				at = w.End
			}
		}
		if at.Add(runway).Before(to) {
			return at, nil
		}
	}
	return time.Time{}, nil
}

// expand returns the windows that are in force at any instant from one to another, both included, with the recurring
// ones as their occurrences, in the calendar's order.
func (c Calendar) expand(from, to time.Time) (Calendar, error) {
	var all Calendar
	for _, w := range c {
		if w.Every == nil {
			if w.End.After(from) && !w.Start.After(to) {
				all = append(all, w)
			}
			continue
		}
		if to.Sub(from) > Horizon+step {
			return nil, fmt.Errorf("the window %q comes again and again: want a runway of at most %s", w.Name, Horizon)
		}
		found, err := w.occurrences(from, to)
		if err != nil {
			return nil, fmt.Errorf("the window %q: %w", w.Name, err)
		}
		all = append(all, found...)
	}
	return all, nil
}
