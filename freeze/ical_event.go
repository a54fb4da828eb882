package freeze

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// An icalEvent is a VEVENT: its properties by name.
type icalEvent struct {
	line  int
	props map[string][]icalLine
}

// get is the first property of that name.
func (e icalEvent) get(name string) (l icalLine, ok bool) {
	if all := e.props[name]; len(all) > 0 {
		return all[0], true
	}
	return icalLine{}, false
}

// text is the first property of that name as a text, empty if there is none.
func (e icalEvent) text(name string) string {
	l, ok := e.get(name)
	if !ok {
		return ""
	}
	return strings.Join(l.texts(), ",")
}

// list is a property that is a list of texts.
func (e icalEvent) list(name string) []string {
	l, ok := e.get(name)
	if !ok {
		return nil
	}
	return l.texts()
}

// once are the properties that an event has at most once.
var once = []string{"DTSTART", "DTEND", "DURATION", "RRULE", "SUMMARY", "STATUS", "UID", "RECURRENCE-ID"}

// unread are the properties that would change when an event is, and are not understood.
var unread = []string{"EXRULE"}

// icalEvents finds the events of a calendar.
func icalEvents(lines []icalLine) ([]icalEvent, error) {
	var events []icalEvent
	var inside []string
	for _, l := range lines {
		switch {
		case l.name == "BEGIN":
			inside = append(inside, strings.ToUpper(l.value))
			if inside[0] != "VCALENDAR" {
				return nil, l.errorf("%q: want BEGIN:VCALENDAR first", short(l.value))
			}
			if slices.Equal(inside, []string{"VCALENDAR", "VEVENT"}) {
				events = append(events, icalEvent{l.number, map[string][]icalLine{}})
			}
		case len(inside) == 0:
			return nil, l.errorf("it stands outside of BEGIN:VCALENDAR")
		case l.name == "END":
			if last := inside[len(inside)-1]; !strings.EqualFold(last, l.value) {
				return nil, l.errorf("%q ends what began as %q", short(l.value), short(last))
			}
			inside = inside[:len(inside)-1]
		case slices.Equal(inside, []string{"VCALENDAR", "VEVENT"}):
			e := events[len(events)-1]
			if slices.Contains(once, l.name) && len(e.props[l.name]) > 0 {
				return nil, l.errorf("a second one in the same event")
			}
			if slices.Contains(unread, l.name) {
				return nil, l.errorf("not understood")
			}
			e.props[l.name] = append(e.props[l.name], l)
		}
	}
	if len(inside) > 0 {
		return nil, fmt.Errorf("it breaks off within %q: its END is missing", short(inside[len(inside)-1]))
	}
	if len(lines) == 0 {
		return nil, errors.New("empty: want BEGIN:VCALENDAR")
	}
	return events, nil
}
