package freeze

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

// A rule is an RRULE: RFC 5545, 3.3.10.
type rule struct {
	line  icalLine
	parts map[string]string // without UNTIL
	until *icalTime         // nil: none
}

// rulePart is what the value of each part looks like. The bounds are those within
// which the library that walks the rule is safe.
var rulePart = map[string]*regexp.Regexp{
	"FREQ":       regexp.MustCompile(`^(YEARLY|MONTHLY|WEEKLY|DAILY|HOURLY|MINUTELY|SECONDLY)$`),
	"COUNT":      regexp.MustCompile(`^[1-9]\d{0,3}$`),
	"INTERVAL":   regexp.MustCompile(`^[1-9]\d{0,2}$`),
	"WKST":       regexp.MustCompile(`^(MO|TU|WE|TH|FR|SA|SU)$`),
	"BYDAY":      regexp.MustCompile(`^([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)(,([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU))*$`),
	"BYMONTH":    numbers(`[1-9]|1[0-2]`),
	"BYMONTHDAY": numbers(`-?([1-9]|[12]\d|3[01])`),
	"BYYEARDAY":  numbers(`-?([1-9]|[1-9]\d|[12]\d\d|3[0-5]\d|36[0-6])`),
	"BYWEEKNO":   numbers(`-?([1-9]|[1-4]\d|5[0-3])`),
	"BYSETPOS":   numbers(`-?([1-9]|[1-9]\d|[12]\d\d|3[0-5]\d|36[0-6])`),
	"BYHOUR":     numbers(`\d|1\d|2[0-3]`),
	"BYMINUTE":   numbers(`[0-5]?\d`),
	"BYSECOND":   numbers(`[0-5]?\d`),
}

// numbers is a list of them.
func numbers(one string) *regexp.Regexp {
	return regexp.MustCompile(`^(` + one + `)(,(` + one + `))*$`)
}

// parseRule reads an RRULE.
func (i *icalImport) parseRule(l icalLine, start icalTime) (rule, error) {
	r := rule{line: l, parts: map[string]string{}}
	for part := range strings.SplitSeq(strings.ToUpper(l.value), ";") {
		key, value, _ := strings.Cut(part, "=")
		if key == "UNTIL" && r.until == nil {
			until := icalLine{l.number, l.name + " UNTIL", nil, value}
			t, err := (&icalImport{zone: start.zone}).one(until)
			if err != nil {
				return r, err
			}
			r.until = &t
			continue
		}
		shape, known := rulePart[key]
		if !known || r.parts[key] != "" || !shape.MatchString(value) {
			return r, l.errorf("%q is not understood", short(part))
		}
		r.parts[key] = value
	}
	return r, r.check()
}

// check refuses what RFC 5545 forbids, and what has no one meaning.
func (r rule) check() error {
	freq := r.parts["FREQ"]
	forbidden := map[string][]string{
		"MONTHLY": {"BYYEARDAY", "BYWEEKNO"}, "WEEKLY": {"BYYEARDAY", "BYWEEKNO", "BYMONTHDAY"}, "DAILY": {"BYYEARDAY", "BYWEEKNO"},
	}[freq]
	for key := range r.parts {
		if slices.Contains(forbidden, key) {
			return r.line.errorf("%s does not go with FREQ=%s", key, freq)
		}
		if r.elapsed() && strings.HasPrefix(key, "BY") {
			return r.line.errorf("%s does not go with FREQ=%s here: want FREQ=DAILY with BYHOUR", key, freq)
		}
	}
	switch ordinal := strings.ContainsAny(r.parts["BYDAY"], "12345"); {
	case freq == "":
		return r.line.errorf("FREQ is missing")
	case r.until != nil && r.parts["COUNT"] != "":
		return r.line.errorf("UNTIL stands beside COUNT")
	case ordinal && freq != "MONTHLY" && freq != "YEARLY" || ordinal && r.parts["BYWEEKNO"] != "":
		return r.line.errorf("BYDAY=%s does not go with FREQ=%s", r.parts["BYDAY"], freq)
	}
	return nil
}

// elapsed reports whether the rule counts hours or less. Those pass whatever the
// clock shows, so it is walked in elapsed time.
func (r rule) elapsed() bool {
	return slices.Contains([]string{"HOURLY", "MINUTELY", "SECONDLY"}, r.parts["FREQ"])
}

// maxOccurrences is how many windows one rule may make.
const maxOccurrences = 10_000

// walk returns the times of the rule from one on, and whether it goes on after
// the limit. Each stands for what a clock shows if it counts by the clock: the
// library is only ever asked about a clock that is never changed, since it takes
// other instants than RFC 5545 where one is.
func (r rule) walk(start, limit time.Time) (times []time.Time, more bool, err error) {
	it, err := r.iterator(start)
	if err != nil {
		return nil, false, err
	}
	for t, ok := it(); ok; t, ok = it() {
		if t.After(limit) {
			return times, true, nil
		}
		if times = append(times, t); len(times) > maxOccurrences {
			return nil, false, r.line.errorf("it makes more than %d windows", maxOccurrences)
		}
	}
	return times, false, nil
}

// iterator is that of the library, in the zone of the start.
func (r rule) iterator(start time.Time) (rrule.Next, error) {
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(r.parts)) {
		parts = append(parts, key+"="+r.parts[key])
	}
	option, err := rrule.StrToROption(strings.Join(parts, ";"))
	if err != nil {
		return nil, r.line.errorf("%v", err)
	}
	option.Dtstart = start
	walker, err := rrule.NewRRule(*option)
	if err != nil {
		return nil, r.line.errorf("%v", err)
	}
	return walker.Iterator(), nil
}

// ended reports whether a time of the rule is after its UNTIL.
func (r rule) ended(t icalTime) bool {
	switch {
	case r.until == nil:
		return false
	case r.until.date:
		return !t.wall.Before(r.until.wall.AddDate(0, 0, 1))
	}
	at, _ := t.instant()
	last, _ := r.until.instant()
	return at.After(last)
}

// expand returns the times that the rule comes to from start up to the limit, and
// whether it goes on after that. If the library itself would have taken other
// instants, odd says so.
func (r rule) expand(start icalTime, limit time.Time) (times []icalTime, more bool, odd string, err error) {
	from, _ := start.instant()
	walked := start
	if r.elapsed() {
		walked.wall, walked.zone = from.UTC(), time.UTC
	}
	if r.until != nil {
		if last := r.until.wall.Add(2 * day); last.Before(limit) {
			limit = last // no zone is farther away
		}
	}
	all, more, err := r.walk(walked.wall, clockAt(limit, walked.zone))
	if err != nil {
		return nil, false, "", err
	}
	for _, wall := range all {
		t := icalTime{wall: wall, zone: walked.zone, date: start.date}
		if r.elapsed() {
			t = icalTime{wall: clockAt(wall, start.zone), zone: start.zone, fixed: wall.In(start.zone)}
		}
		if r.ended(t) {
			break
		}
		times = append(times, t)
	}
	return times, more && r.until == nil, r.differs(from.In(start.zone), times), nil
}

// clockAt is what a clock in zone shows at t, as a time in UTC.
func clockAt(t time.Time, zone *time.Location) time.Time {
	_, offset := t.In(zone).Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// differs says how the library differs from what is taken, if it is asked in the
// zone itself.
func (r rule) differs(start time.Time, taken []icalTime) string {
	it, err := r.iterator(start)
	if err != nil {
		return ""
	}
	why := "RFC 5545 has"
	if r.elapsed() {
		why = "counting elapsed time gives"
	}
	count, first := 0, ""
	for _, t := range taken {
		theirs, ok := it()
		ours, _ := t.instant()
		if ok && theirs.Equal(ours) {
			continue
		}
		if count++; first == "" {
			took := "nothing more"
			if ok {
				took = theirs.UTC().Format(time.RFC3339)
			}
			first = fmt.Sprintf("%s where %s %s", took, why, ours.UTC().Format(time.RFC3339))
		}
	}
	if count == 0 {
		return ""
	}
	return fmt.Sprintf("where the clock is changed, the library rrule-go differs in %d of %d times, at first %s: the latter is taken", count, len(taken), first)
}
