package freeze

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/adhocore/gronx"
)

// cronFields are the fields of a cron expression, with their least and greatest
// values and the names that stand for them.
var cronFields = []struct {
	name        string
	least, most int
	names       string // three letters each, in order from least
}{
	{"minute", 0, 59, ""},
	{"hour", 0, 23, ""},
	{"day of the month", 1, 31, ""},
	{"month", 1, 12, "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"},
	{"day of the week", 0, 7, "SUNMONTUEWEDTHUFRISAT"},
}

const wantedCron = `five fields, minute hour day month weekday, such as "0 20 * * SAT"`

// cronPart is one of the things that commas divide: *, 1, 1-5, with a step or not.
var cronPart = regexp.MustCompile(`^(?:\*|(\d{1,2}|[A-Za-z]{3})(?:-(\d{1,2}|[A-Za-z]{3}))?)(?:/(\d{1,2}))?$`)

// checkCron refuses what is not the cron that everybody knows: five fields with
// *, numbers, names, lists, ranges, and steps of * and ranges. The minute must be
// one number, so that a window starts at most once an hour.
func checkCron(expr string) error {
	fields := strings.Fields(expr)
	if len(fields) != len(cronFields) || strings.Join(fields, " ") != expr {
		return fmt.Errorf("%q: want %s", expr, wantedCron)
	}
	for i, field := range fields {
		for part := range strings.SplitSeq(field, ",") {
			if err := checkCronPart(part, i); err != nil {
				return fmt.Errorf("%q: the %s %q: %w", expr, cronFields[i].name, field, err)
			}
		}
	}
	if _, err := strconv.Atoi(fields[0]); err != nil {
		return fmt.Errorf("%q: the minute %q: want a single one, so that a window starts at most once an hour", expr, fields[0])
	}
	if _, err := nextTick(expr, time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)); err != nil {
		return fmt.Errorf("%q: there is no such day", expr)
	}
	return nil
}

func checkCronPart(part string, field int) error {
	f := cronFields[field]
	m := cronPart.FindStringSubmatch(part)
	if m == nil {
		return errors.New("want *, a number, or a range such as 1-5, with a step such as /2 or without")
	}
	from, okFrom := cronNumber(m[1], field, f.least)
	to, okTo := cronNumber(m[2], field, from)
	if !okFrom || !okTo {
		return fmt.Errorf("want %d to %d", f.least, f.most)
	}
	if to < from {
		return fmt.Errorf("%s is before %s", m[2], m[1])
	}
	if step, err := strconv.Atoi(m[3]); m[3] != "" && (err != nil || step < 1) {
		return errors.New("want a step of at least 1")
	}
	if m[3] != "" && m[1] != "" && m[2] == "" {
		return errors.New("want a range or * before a step")
	}
	return nil
}

// cronNumber is the value of a number or a name; that of the empty text is given.
func cronNumber(text string, field, otherwise int) (n int, ok bool) {
	f := cronFields[field]
	if text == "" {
		return otherwise, true
	}
	if n, err := strconv.Atoi(text); err == nil {
		return n, f.least <= n && n <= f.most
	}
	at := strings.Index(f.names, strings.ToUpper(text))
	return f.least + at/3, at >= 0 && at%3 == 0
}

// nextTick is the first time not before wall, a whole minute in UTC, at which the
// expression is due on a clock that is never changed.
func nextTick(expr string, wall time.Time) (time.Time, error) {
	next, err := gronx.NextTickAfter(expr, wall, true)
	if err == nil {
		var due bool
		if due, err = gronx.New().IsDue(expr, next); err == nil && (!due || next.Before(wall)) {
			err = errors.New("none was found")
		}
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("looking for the next %q after %s: %w", expr, wall.Format(time.DateTime), err)
	}
	return next, nil
}
