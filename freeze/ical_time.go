package freeze

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// An icalTime is a DATE or a DATE-TIME with its zone.
type icalTime struct {
	wall  time.Time // what the clock shows, in UTC
	zone  *time.Location
	date  bool      // a whole day
	fixed time.Time // the instant itself, if it was not found by the clock
}

// icalShape is a date, and a time with it or not.
var icalShape = regexp.MustCompile(`^\d{8}(T\d{6}Z?)?$`)

// times reads a property that is a list of times. Those that name no zone are in
// the one that was said for them.
func (i *icalImport) times(l icalLine) ([]icalTime, error) {
	zone := i.zone
	if id, ok := l.params["TZID"]; ok {
		var err error
		if zone, err = LoadZone(id); err != nil {
			return nil, l.errorf("TZID %v", err)
		}
	}
	var all []icalTime
	for text := range strings.SplitSeq(l.value, ",") {
		if !icalShape.MatchString(text) {
			return nil, l.errorf("%q: want a time such as 20270212T000000, or a date such as 20270212", short(text))
		}
		t := icalTime{zone: zone, date: len(text) == len("20270212")}
		layout := "20060102T150405Z"[:len(text)]
		var err error
		if t.wall, err = time.Parse(layout, text); err != nil || t.wall.Year() < 1900 || t.wall.Year() > 2200 {
			return nil, l.errorf("%q: there is no such time from 1900 to 2200", text)
		}
		if strings.HasSuffix(text, "Z") {
			t.zone = time.UTC
		}
		if t.zone == nil {
			return nil, l.errorf("%q names no zone: say one with --zone", text)
		}
		all = append(all, t)
	}
	return all, nil
}

// one reads a property that is one time.
func (i *icalImport) one(l icalLine) (icalTime, error) {
	all, err := i.times(l)
	if err == nil && len(all) != 1 {
		err = l.errorf("%q: want one time", short(l.value))
	}
	if err != nil {
		return icalTime{}, err
	}
	return all[0], nil
}

// instant is when t is. Where the clock skips it, or shows it twice, that is as
// RFC 5545, 3.3.5 says, with the offset before the change, and told as odd.
func (t icalTime) instant() (at time.Time, odd string) {
	if !t.fixed.IsZero() {
		return t.fixed, ""
	}
	shown, skipped := readings(t.wall, t.zone)
	shows := t.wall.Format(time.DateTime)
	switch {
	case len(shown) == 0:
		return skipped, "the clock of " + t.zone.String() + " skips " + shows + ": taken for " + Clock(skipped) + ", as RFC 5545 says"
	case len(shown) > 1:
		return shown[0], "the clock of " + t.zone.String() + " shows " + shows + " twice: taken for the first, as RFC 5545 says"
	}
	return shown[0], ""
}

// later is t after so many days by the clock.
func (t icalTime) later(days int) icalTime {
	if days != 0 {
		t.wall, t.fixed = t.wall.AddDate(0, 0, days), time.Time{}
	}
	return t
}

// A length is how long an event lasts: days by the calendar, then an elapsed time.
type length struct {
	days  int
	exact time.Duration
}

// after is the end of what starts at t.
func (n length) after(t icalTime) time.Time {
	at, _ := t.later(n.days).instant()
	return at.Add(n.exact)
}

var icalLength = regexp.MustCompile(`^\+?P(?:(\d{1,4})W|(?:(\d{1,5})D)?(T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?)$`)

// parseLength reads a DURATION: weeks and days are nominal, the rest is exact.
func parseLength(l icalLine) (length, error) {
	m := icalLength.FindStringSubmatch(l.value)
	if m == nil || m[3] == "T" {
		return length{}, l.errorf("%q: want a duration such as P3D or PT36H", short(l.value))
	}
	n := func(i int) int {
		v, _ := strconv.Atoi(m[i]) // digits, or empty for none
		return v
	}
	return length{7*n(1) + n(2), time.Duration(n(4))*time.Hour + time.Duration(n(5))*time.Minute + time.Duration(n(6))*time.Second}, nil
}

// lengthOf is how long an event that starts at t lasts.
func (i *icalImport) lengthOf(e icalEvent, t icalTime) (length, error) {
	end, hasEnd := e.get("DTEND")
	lasts, hasLength := e.get("DURATION")
	switch {
	case hasEnd && hasLength:
		return length{}, lasts.errorf("it stands beside DTEND")
	case hasLength:
		return parseLength(lasts)
	case !hasEnd && t.date:
		return length{days: 1}, nil
	case !hasEnd:
		return length{}, nil
	}
	until, err := i.one(end)
	if err != nil {
		return length{}, err
	}
	if until.date != t.date {
		return length{}, end.errorf("%q: want a date if DTSTART is one, and a time if not", end.value)
	}
	if t.date {
		return length{days: int(until.wall.Sub(t.wall) / (24 * time.Hour))}, nil
	}
	from, _ := t.instant()
	to, odd := until.instant()
	i.warn(e, odd)
	return length{exact: to.Sub(from)}, nil
}
