package freeze

import (
	"fmt"
	"regexp"
	"time"
	_ "time/tzdata" // the zones are part of the binary: a host without them must not read a window otherwise
)

// LoadZone returns the IANA time zone of that name. There is no zone that stands
// in for an unknown one, and none that depends on the host.
func LoadZone(name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		return nil, fmt.Errorf("%q is unknown: want a name of the IANA time zone database, such as America/New_York", name)
	}
	return zone, nil
}

const wantedLocal = wanted + ", or a local time such as 2027-02-12 00:00 with a zone"

// localShape is a local time; the groups are the date, the minute and the second.
var localShape = regexp.MustCompile(`^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)(:\d\d)?$`)

// parseLocal reads a date and a time without an offset, as a time in UTC: what a
// wall clock would show, wherever it hangs.
func parseLocal(s string) (wall time.Time, err error) {
	m := localShape.FindStringSubmatch(s)
	if m == nil {
		return time.Time{}, fmt.Errorf("%q: want %s", s, wantedLocal)
	}
	if m[3] == "" {
		m[3] = ":00"
	}
	if wall, err = time.Parse(time.DateTime, m[1]+" "+m[2]+m[3]); err != nil {
		return time.Time{}, fmt.Errorf("%q: want %s", s, wantedLocal)
	}
	return wall, nil
}

// Fold says which of two instants is meant where the clock shows a time twice.
type Fold string

// The folds. The empty Fold chooses neither.
const (
	FoldFirst  Fold = "first"
	FoldSecond Fold = "second"
)

// resolve returns the instant at which a clock in zone shows wall. A time that
// the clock skips is an error that names the nearest it shows; one that it shows
// twice is an error unless fold says which.
func resolve(wall time.Time, zone *time.Location, fold Fold) (time.Time, error) {
	shown, skipped := readings(wall, zone)
	switch {
	case len(shown) == 1:
		return shown[0], nil
	case len(shown) > 1 && fold == FoldFirst:
		return shown[0], nil
	case len(shown) > 1 && fold == FoldSecond:
		return shown[len(shown)-1], nil
	case len(shown) > 1:
		return time.Time{}, fmt.Errorf("%q comes twice in %s, as %s and as %s: want fold: first or fold: second",
			wall.Format(time.DateTime), zone, shown[0].Format(time.RFC3339), shown[len(shown)-1].Format(time.RFC3339))
	}
	after, _ := skipped.ZoneBounds()
	return time.Time{}, fmt.Errorf("%q does not exist in %s, where the clock goes from %s to %s: the nearest times that do are %s and %s",
		wall.Format(time.DateTime), zone, clockBefore(after).Add(time.Second).Format(time.TimeOnly), after.Format(time.TimeOnly),
		clockBefore(after).Format(time.DateTime), after.Format(time.DateTime))
}

// clockBefore is what the clock shows a second before it is changed.
func clockBefore(change time.Time) time.Time {
	t := change.Add(-time.Second)
	_, offset := t.Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// readings returns every instant at which a clock in zone shows wall, in order.
// If there is none, skipped is the instant it would have been had the clock not
// been changed: RFC 5545, 3.3.5.
func readings(wall time.Time, zone *time.Location) (shown []time.Time, skipped time.Time) {
	for i := range stretches(wall, zone) {
		t := i.shows(wall)
		if i.start.IsZero() || !t.Before(i.start) {
			if i.end.IsZero() || t.Before(i.end) {
				shown = append(shown, t.In(zone))
			} else if next := t.In(zone); len(shown) == 0 && beyond(next, wall) {
				skipped = next
			}
		}
	}
	return shown, skipped
}

// beyond reports whether a clock already shows more than wall at an instant.
func beyond(t, wall time.Time) bool {
	_, offset := t.Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second).After(wall)
}

// A stretch is a time without a change of the clock; zero bounds are none.
type stretch struct {
	start, end time.Time
	offset     time.Duration
}

// shows is the instant of a wall time if the clock had always been as it is in s.
func (s stretch) shows(wall time.Time) time.Time { return wall.Add(-s.offset) }

// day is more than any clock is away from UTC, and than any was ever changed by.
const day = 26 * time.Hour

// stretches yields the stretches of a zone that touch two days around t, in order.
func stretches(t time.Time, zone *time.Location) func(func(stretch) bool) {
	return func(yield func(stretch) bool) {
		for at := t.Add(-day); ; {
			_, offset := at.In(zone).Zone()
			start, end := at.In(zone).ZoneBounds()
			if !yield(stretch{start, end, time.Duration(offset) * time.Second}) || end.IsZero() || end.After(t.Add(day)) {
				return
			}
			at = end
		}
	}
}
