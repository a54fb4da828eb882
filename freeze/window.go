// Package freeze says when nothing may be changed: "Please, no changes until after the game."
//
// A calendar of windows answers questions about instants; it never looks at a clock itself.
package freeze

import (
	"fmt"
	"time"
)

// A Window is a change freeze from Start up to, but not including, End.
type Window struct {
	Name  string    `json:"name"`
	Level Level     `json:"level"`
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

// Level says which changes a Window forbids. The empty Level means Full.
type Level string

const (
	// Full forbids every change.
	Full Level = "full"
	// Feature forbids new features; repairs may go on.
	Feature Level = "feature"
)

// A Mistake is something wrong with one key of a calendar.
type Mistake struct {
	Key  string // such as windows[1].end
	Says string // what is wrong and what was wanted
}

// Error returns the key and what is wrong with it.
func (m Mistake) Error() string { return m.Key + ": " + m.Says }

// Validate returns every mistake in w, and none if w is in order. Keys are those of the Window alone, such as end.
func (w Window) Validate() []Mistake {
	var found []Mistake
	wrong := func(key, says string, args ...any) {
		found = append(found, Mistake{key, fmt.Sprintf(says, args...)})
	}
	if w.Name == "" {
		wrong("name", `missing: want a name, such as "super-bowl"`)
	}
	if w.Level != "" && w.Level != Full && w.Level != Feature {
		wrong("level", "%q is unknown: want %s or %s", w.Level, Full, Feature)
	}
	if w.Start.IsZero() {
		wrong("start", "missing: want %s", wanted)
	}
	if w.End.IsZero() {
		wrong("end", "missing: want %s", wanted)
	}
	if !w.Start.IsZero() && !w.End.IsZero() && !w.End.After(w.Start) {
		wrong("end", "%q is not after start %q", w.End.Format(time.RFC3339Nano), w.Start.Format(time.RFC3339Nano))
	}
	return found
}

// overlaps reports whether w is in force at any instant from at to at+runway, both included.
func (w Window) overlaps(at time.Time, runway time.Duration) bool {
	return w.End.After(at) && !w.Start.After(at.Add(runway))
}
