package freeze

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"
)

// icalUTC is how a DATE-TIME in UTC is written.
const icalUTC = "20060102T150405Z"

// ExportICal writes the windows as iCalendar (RFC 5545), with what it has no
// property for in X-GAMEDAY-LEVEL, -SCOPE, -WATCH and -ZONE. A recurrence becomes
// an event for each time that it comes to in the two years from an instant: what
// others make of a rule where a clock is changed is not what is frozen here.
// iCalendar has whole seconds: a window that begins or ends in one covers it.
func (c Calendar) ExportICal(at time.Time) (string, error) {
	if _, err := c.Check(at, 0); err != nil {
		return "", fmt.Errorf("exporting the freeze: %w", err)
	}
	var b strings.Builder
	for _, line := range []string{"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//gameday//freeze//EN"} {
		fold(&b, line)
	}
	for _, w := range c {
		if w.Every == nil {
			w.event(&b, at)
			continue
		}
		found, err := w.occurrences(at, at.Add(Horizon))
		if err != nil {
			return "", fmt.Errorf("exporting the freeze: the window %q: %w", w.Name, err)
		}
		for _, o := range found {
			o.Name += o.Start.Format(" 2006-01-02 15:04 MST")
			o.event(&b, at)
		}
	}
	fold(&b, "END:VCALENDAR")
	return b.String(), nil
}

// event writes a window as a VEVENT.
func (w Window) event(b *strings.Builder, at time.Time) {
	end := w.End.Add(time.Second - 1).Truncate(time.Second)
	lines := []string{
		"BEGIN:VEVENT",
		fmt.Sprintf("UID:%.16x@gameday", sha256.Sum256([]byte(w.Name))),
		"DTSTAMP:" + at.UTC().Format(icalUTC),
		"DTSTART:" + w.Start.UTC().Truncate(time.Second).Format(icalUTC),
		"DTEND:" + end.UTC().Format(icalUTC),
		"SUMMARY:" + icalText(w.Name),
		"X-GAMEDAY-LEVEL:" + string(cmp.Or(w.Level, Full)),
	}
	for _, x := range []struct {
		name   string
		values []string
	}{{"X-GAMEDAY-SCOPE", w.Scope}, {"X-GAMEDAY-WATCH", w.Watch}} {
		if len(x.values) > 0 {
			escaped := slices.Clone(x.values)
			for i := range escaped {
				escaped[i] = icalText(escaped[i])
			}
			lines = append(lines, x.name+":"+strings.Join(escaped, ","))
		}
	}
	if zone := zoneName(w.Start); zone != "" && zone != "UTC" {
		lines = append(lines, "X-GAMEDAY-ZONE:"+zone)
	}
	for _, line := range append(lines, "END:VEVENT") {
		fold(b, line)
	}
}
