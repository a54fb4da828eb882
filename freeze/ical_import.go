package freeze

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// An icalImport turns events into windows.
type icalImport struct {
	zone     *time.Location // of times that name none; nil: they are mistakes
	at       time.Time
	windows  Calendar
	warnings []string
	moved    map[string][]time.Time // by UID: instants of a recurrence that another event stands for
}

// ImportICal reads the events of an iCalendar file (RFC 5545) as windows, in the
// order of their starts. A recurring event becomes a window for each time that
// ends after an instant and begins within two years of it, or of its own start if
// that is later. Times and whole days without a zone are in zone; if that is nil
// they are mistakes.
//
// The warnings say where the file was not simply followed. The error has a line
// for each mistake; nothing of a file with mistakes is returned.
func ImportICal(text string, zone *time.Location, at time.Time) (c Calendar, warnings []string, err error) {
	lines, err := icalLines(text)
	if err != nil {
		return nil, nil, err
	}
	events, err := icalEvents(lines)
	if err != nil {
		return nil, nil, err
	}
	i := &icalImport{zone: zone, at: at, moved: map[string][]time.Time{}}
	var wrong []error
	for _, e := range events {
		wrong = append(wrong, i.move(e))
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, nil, err
	}
	for _, e := range events {
		wrong = append(wrong, i.event(e))
	}
	slices.SortStableFunc(i.windows, func(a, b Window) int { return a.Start.Compare(b.Start) })
	i.rename()
	for _, m := range i.windows.Validate() {
		wrong = append(wrong, m)
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, nil, err
	}
	return i.windows, i.warnings, nil
}

func (i *icalImport) warn(e icalEvent, says string) {
	if says != "" {
		i.warnings = append(i.warnings, fmt.Sprintf("line %d: %q: %s", e.line, e.name(), says))
	}
}

// move notes that an event stands for one time of a recurring one.
func (i *icalImport) move(e icalEvent) error {
	l, ok := e.get("RECURRENCE-ID")
	if !ok {
		return nil
	}
	if l.params["RANGE"] != "" {
		return l.errorf("RANGE is not understood")
	}
	t, err := i.one(l)
	if err != nil {
		return err
	}
	at, _ := t.instant()
	i.moved[e.text("UID")] = append(i.moved[e.text("UID")], at)
	return nil
}

// event adds the windows of an event.
func (i *icalImport) event(e icalEvent) error {
	if strings.EqualFold(e.text("STATUS"), "CANCELLED") {
		i.warn(e, "cancelled, and left out")
		return nil
	}
	l, ok := e.get("DTSTART")
	if !ok {
		return fmt.Errorf("line %d: %q: DTSTART is missing", e.line, e.name())
	}
	start, err := i.one(l)
	if err != nil {
		return err
	}
	lasts, err := i.lengthOf(e, start)
	if err != nil {
		return err
	}
	times, again, err := i.timesOf(e, start)
	if err != nil {
		return err
	}
	for _, t := range times {
		at, odd := t.instant()
		i.warn(e, odd)
		w := Window{Name: e.name(), Level: Level(cmp.Or(e.text("X-GAMEDAY-LEVEL"), string(Full))),
			Start: at.In(t.zone), End: lasts.after(t).In(t.zone), Scope: e.list("X-GAMEDAY-SCOPE"), Watch: e.list("X-GAMEDAY-WATCH")}
		if again {
			w.Name += " " + t.wall.Format("2006-01-02")
		}
		if !w.End.After(w.Start) {
			return fmt.Errorf("line %d: %q: it has no length: want a DTEND after DTSTART, or a DURATION", e.line, e.name())
		}
		if name := e.text("X-GAMEDAY-ZONE"); name != "" {
			zone, err := LoadZone(name)
			if err != nil {
				return fmt.Errorf("line %d: %q: X-GAMEDAY-ZONE: %w", e.line, e.name(), err)
			}
			w.Start, w.End = w.Start.In(zone), w.End.In(zone)
		}
		if again && !w.End.After(i.at) {
			continue
		}
		i.windows = append(i.windows, w)
	}
	return nil
}

// timesOf are the times at which an event starts, and whether it may be more than
// one: its start, what its rule comes to, and RDATE, but for EXDATE and those that
// other events stand for.
func (i *icalImport) timesOf(e icalEvent, start icalTime) (times []icalTime, again bool, err error) {
	times = []icalTime{start}
	if l, ok := e.get("RRULE"); ok {
		again = true
		if times, err = i.ruled(e, l, start); err != nil {
			return nil, false, err
		}
	}
	gone := map[int64]bool{}
	for _, l := range e.props["RDATE"] {
		more, err := i.times(l)
		if err != nil {
			return nil, false, err
		}
		times, again = append(times, more...), true
	}
	for _, l := range e.props["EXDATE"] {
		out, err := i.times(l)
		if err != nil {
			return nil, false, err
		}
		for _, t := range out {
			at, _ := t.instant()
			gone[at.Unix()] = true
		}
	}
	if _, stands := e.get("RECURRENCE-ID"); !stands {
		for _, at := range i.moved[e.text("UID")] {
			gone[at.Unix()] = true
		}
	}
	return slices.DeleteFunc(times, func(t icalTime) bool {
		at, _ := t.instant()
		out := gone[at.Unix()]
		gone[at.Unix()] = again // no instant twice
		return out
	}), again, nil
}

// ruled are the times of an event with a rule. Its start is one of them even if
// the rule does not come to it.
func (i *icalImport) ruled(e icalEvent, l icalLine, start icalTime) ([]icalTime, error) {
	r, err := i.parseRule(l, start)
	if err != nil {
		return nil, err
	}
	first, _ := start.instant()
	limit := i.at.Add(Horizon)
	if first.After(i.at) {
		limit = first.Add(Horizon)
	}
	times, more, odd, err := r.expand(start, limit)
	if err != nil {
		return nil, err
	}
	i.warn(e, odd)
	if more {
		i.warn(e, "it goes on after "+limit.UTC().Format(time.DateOnly)+", up to which it was read")
	}
	if len(times) == 0 || !times[0].wall.Equal(start.wall) {
		i.warn(e, "its rule does not come to its own start, which is taken all the same")
		times = append([]icalTime{start}, times...)
	}
	return times, nil
}

// name is what an event is called, on one line.
func (e icalEvent) name() string {
	name := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, cmp.Or(e.text("SUMMARY"), e.text("UID")))
	return cmp.Or(strings.TrimSpace(name), fmt.Sprintf("event in line %d", e.line))
}

// rename gives windows different names.
func (i *icalImport) rename() {
	taken := map[string]int{} // how often a name was wanted
	for n := range i.windows {
		w := &i.windows[n]
		for name := w.Name; taken[w.Name] > 0; {
			taken[name]++
			w.Name = fmt.Sprintf("%s (%d)", name, taken[name])
		}
		taken[w.Name]++
	}
}
