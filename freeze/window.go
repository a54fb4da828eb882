// Package freeze says when nothing may be changed: "Please, no changes until after the game."
//
// A calendar of windows answers questions about instants; it never looks at a clock itself.
package freeze

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
)

// A Window is a change freeze from Start up to, but not including, End; or one
// that comes again and again, by Every, without Start and End.
type Window struct {
	Name  string      `json:"name"`
	Level Level       `json:"level"`
	Start time.Time   `json:"start"` // in the zone in which people read it
	End   time.Time   `json:"end"`
	Every *Recurrence `json:"-"`
	Scope []string    `json:"scope,omitempty"` // labels, such as target:staging; empty: everything. See Covers
	Watch []string    `json:"watch,omitempty"` // kinds of identity that must not change; empty: all
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

// kindShape is a kind of identity.
var kindShape = regexp.MustCompile(`^[a-z][a-z0-9_-]*$`)

// Validate returns every mistake in w, and none if w is in order. Keys are those of the Window alone, such as end.
func (w Window) Validate() []Mistake {
	var found []Mistake
	wrong := func(key, says string, args ...any) {
		found = append(found, Mistake{key, fmt.Sprintf(says, args...)})
	}
	if w.Name == "" {
		wrong("name", `missing: want a name, such as "super-bowl"`)
	}
	if strings.ContainsFunc(w.Name, unicode.IsControl) {
		wrong("name", "%q: want a name on one line", w.Name)
	}
	if w.Level != "" && w.Level != Full && w.Level != Feature {
		wrong("level", "%q is unknown: want %s or %s", w.Level, Full, Feature)
	}
	for i, l := range w.Scope {
		if !labelShape.MatchString(l) {
			wrong(fmt.Sprintf("scope[%d]", i), "%q: want a label, such as target:staging or env:prod", l)
		}
	}
	for i, k := range w.Watch {
		if !kindShape.MatchString(k) {
			wrong(fmt.Sprintf("watch[%d]", i), "%q: want a kind of identity, such as build, config or flags", k)
		}
	}
	if w.Every != nil {
		return append(found, w.Every.validate()...)
	}
	if w.Start.IsZero() {
		wrong("start", "missing: want %s", wantedLocal)
	}
	if w.End.IsZero() {
		wrong("end", "missing: want %s", wantedLocal)
	}
	if !w.Start.IsZero() && !w.End.IsZero() && !w.End.After(w.Start) {
		wrong("end", "%q is not after start %q", w.End.Format(time.RFC3339Nano), w.Start.Format(time.RFC3339Nano))
	}
	return found
}

// longest is how long one occurrence of a recurring window may last.
const longest = 366 * 24 * time.Hour

// validate returns every mistake in r.
func (r *Recurrence) validate() []Mistake {
	var found []Mistake
	if err := checkCron(r.Cron); err != nil {
		found = append(found, Mistake{"cron", err.Error()})
	}
	if r.Zone == nil {
		found = append(found, Mistake{"zone", "missing: want the zone whose clock it is about, such as America/New_York"})
	}
	if r.For <= 0 || r.For > longest {
		found = append(found, Mistake{"for", fmt.Sprintf("%s: want how long it lasts, above zero and up to %s", r.For, longest)})
	}
	return found
}

// overlaps reports whether w is in force at any instant from at to at+runway, both included.
func (w Window) overlaps(at time.Time, runway time.Duration) bool {
	return w.End.After(at) && !w.Start.After(at.Add(runway))
}
