package freeze

import (
	"slices"
	"time"
)

// A Recurrence is when a window comes again and again: by the clock of a zone,
// and each time for the same elapsed duration.
//
// It starts at every instant at which that clock shows a time that is due, so
// twice where the clock shows it twice, unless Fold says which. A due time that
// the clock skips does not vanish: it is read as if the clock had not been changed
// yet (RFC 5545, 3.3.5), so 02:30 becomes 03:30.
type Recurrence struct {
	Cron string // minute hour day month weekday; the minute is one number
	Zone *time.Location
	For  time.Duration
	Fold Fold
}

// A Start is one start of a recurrence.
type Start struct {
	At      time.Time // in the recurrence's zone
	Due     time.Time // what the clock was to show, as a time in UTC
	Skipped bool      // the clock skips what was due
	Twice   bool      // the clock shows it twice
}

// Starts returns every start from one instant to another, both included, in
// order. The recurrence must be without mistakes.
func (r Recurrence) Starts(from, to time.Time) ([]Start, error) {
	var found []Start
	low, _ := clockRange(from, r.Zone)
	_, high := clockRange(to, r.Zone)
	wall := low.Truncate(time.Minute)
	for {
		due, err := nextTick(r.Cron, wall)
		if err != nil {
			return nil, err
		}
		if due.After(high) {
			break
		}
		for _, s := range r.at(due) {
			if !s.At.Before(from) && !s.At.After(to) {
				found = append(found, s)
			}
		}
		wall = due.Add(time.Hour) // not before: the minute is one number
	}
	slices.SortStableFunc(found, func(a, b Start) int { return a.At.Compare(b.At) })
	return slices.CompactFunc(found, func(a, b Start) bool { return a.At.Equal(b.At) }), nil
}

// at are the starts that a due time on the clock leads to.
func (r Recurrence) at(due time.Time) []Start {
	shown, skipped := readings(due, r.Zone)
	switch {
	case len(shown) == 0:
		return []Start{{At: skipped, Due: due, Skipped: true}}
	case len(shown) == 1:
		return []Start{{At: shown[0], Due: due}}
	case r.Fold == FoldFirst:
		shown = shown[:1]
	case r.Fold == FoldSecond:
		shown = shown[len(shown)-1:]
	}
	var starts []Start
	for _, t := range shown {
		starts = append(starts, Start{At: t, Due: due, Twice: true})
	}
	return starts
}

// clockRange is the least and the most that a clock in zone may show at t, or may
// have shown had it not been changed in the days around.
func clockRange(t time.Time, zone *time.Location) (least, most time.Time) {
	for s := range stretches(t, zone) {
		shows := t.UTC().Add(s.offset)
		if least.IsZero() || shows.Before(least) {
			least = shows
		}
		if most.IsZero() || shows.After(most) {
			most = shows
		}
	}
	return least, most
}

// window is the occurrence of a window that starts at an instant.
func (w Window) occurrence(start time.Time) Window {
	w.Start, w.End, w.Every = start, start.Add(w.Every.For), nil
	return w
}

// occurrences are those that are in force at any instant from one to another,
// both included.
func (w Window) occurrences(from, to time.Time) ([]Window, error) {
	starts, err := w.Every.Starts(from.Add(-w.Every.For), to)
	if err != nil {
		return nil, err
	}
	var all []Window
	for _, s := range starts {
		if o := w.occurrence(s.At); o.End.After(from) {
			all = append(all, o)
		}
	}
	return all, nil
}
