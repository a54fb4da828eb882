package freeze

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// A Transition is a begin or an end of one window.
type Transition struct {
	At     time.Time `json:"at"`    // in UTC
	Local  string    `json:"local"` // what a clock in the window's zone shows
	Zone   string    `json:"zone,omitempty"`
	Window string    `json:"window"`
	Level  Level     `json:"level"`
	Event  string    `json:"event"`  // begins or ends
	Frozen bool      `json:"frozen"` // whether anything is, from then on
}

// String returns a line such as
//
//	2027-02-12T05:00:00Z  Fri 2027-02-12 00:00:00 EST (America/New_York)  "super-bowl" (full) begins: frozen
func (t Transition) String() string {
	after := "not frozen"
	if t.Frozen {
		after = "frozen"
	}
	local := t.Local
	if t.Zone != "" {
		local += " (" + t.Zone + ")"
	}
	return fmt.Sprintf("%s  %s  %q (%s) %s: %s", t.At.Format(time.RFC3339), local, t.Window, t.Level, t.Event, after)
}

// Clock is what a clock in t's own zone shows, with the name of that time.
func Clock(t time.Time) string { return t.Format("Mon 2006-01-02 15:04:05 MST") }

// Transitions returns the next begins and ends of single windows after an instant,
// in order and at most so many. Recurrences are looked ahead two years.
func (c Calendar) Transitions(at time.Time, most int) ([]Transition, error) {
	if _, err := c.Check(at, 0); err != nil {
		return nil, err
	}
	var found []Transition
	from := at
	for ; from.Before(at.Add(Horizon)) && len(found) < most; from = from.Add(step) {
		near, err := c.expand(from, from.Add(step))
		if err != nil {
			return nil, fmt.Errorf("looking for the next windows: %w", err)
		}
		found = append(found, edges(near, from, from.Add(step))...)
	}
	for _, w := range c { // those that are written down may be farther away
		if w.Every == nil {
			found = append(found, edges(Calendar{w}, from, time.Time{})...)
		}
	}
	slices.SortStableFunc(found, func(a, b Transition) int { return a.At.Compare(b.At) })
	found = found[:min(most, len(found))]
	for i, t := range found {
		answer, err := c.Check(t.At, 0)
		if err != nil {
			return nil, err
		}
		found[i].Frozen = answer.Frozen
	}
	return found, nil
}

// edges are the begins and ends of windows after from and up to to; a zero to is
// no limit.
func edges(windows Calendar, from, to time.Time) []Transition {
	var found []Transition
	for _, w := range windows {
		for _, e := range []struct {
			at    time.Time
			event string
		}{{w.Start, "begins"}, {w.End, "ends"}} {
			if e.at.After(from) && (to.IsZero() || !e.at.After(to)) {
				found = append(found, Transition{At: e.at.UTC(), Local: Clock(e.at), Zone: zoneName(e.at),
					Window: w.Name, Level: cmp.Or(w.Level, Full), Event: e.event})
			}
		}
	}
	return found
}

// zoneName is the zone in which t is read, if it has a name.
func zoneName(t time.Time) string {
	if name := t.Location().String(); name != "Local" {
		return name
	}
	return ""
}
