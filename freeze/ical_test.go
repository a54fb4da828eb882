package freeze

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// event is a calendar with one event of these lines.
func event(lines ...string) string {
	return "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:u\r\nSUMMARY:bowl\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
}

func TestImportICal(t *testing.T) {
	const tz = "DTSTART;TZID=America/New_York:"
	at := instant(t, "2026-10-01T00:00:00Z")
	for name, x := range map[string]struct {
		text     string
		want     []string
		warnings string // what they contain; empty: there are none
	}{
		"in UTC":         {event("DTSTART:20270212T050000Z", "DTEND:20270215T170000Z"), []string{"bowl 2027-02-12T05:00:00Z 2027-02-15T17:00:00Z"}, ""},
		"in a zone":      {event(tz+"20270212T000000", "DTEND;TZID=America/New_York:20270215T120000"), []string{"bowl 2027-02-12T00:00:00-05:00 2027-02-15T12:00:00-05:00"}, ""},
		"a quoted zone":  {event(`DTSTART;TZID="America/New_York":20270212T000000`, "DURATION:PT1H"), []string{"bowl 2027-02-12T00:00:00-05:00 2027-02-12T01:00:00-05:00"}, ""},
		"floating":       {event("DTSTART:20270212T000000", "DURATION:PT36H"), []string{"bowl 2027-02-12T00:00:00+01:00 2027-02-13T12:00:00+01:00"}, ""},
		"a whole day":    {event("DTSTART;VALUE=DATE:20270314"), []string{"bowl 2027-03-14T00:00:00+01:00 2027-03-15T00:00:00+01:00"}, ""},
		"whole days":     {event("DTSTART;VALUE=DATE:20270327", "DTEND;VALUE=DATE:20270329"), []string{"bowl 2027-03-27T00:00:00+01:00 2027-03-29T00:00:00+02:00"}, ""},
		"nominal days":   {event(tz+"20270313T200000", "DURATION:P1D"), []string{"bowl 2027-03-13T20:00:00-05:00 2027-03-14T20:00:00-04:00"}, ""},
		"elapsed hours":  {event(tz+"20270313T200000", "DURATION:PT24H"), []string{"bowl 2027-03-13T20:00:00-05:00 2027-03-14T21:00:00-04:00"}, ""},
		"in the gap":     {event(tz+"20270314T023000", "DURATION:PT1H"), []string{"bowl 2027-03-14T03:30:00-04:00 2027-03-14T04:30:00-04:00"}, "skips 2027-03-14 02:30:00"},
		"in the fold":    {event(tz+"20261101T013000", "DURATION:PT1H"), []string{"bowl 2026-11-01T01:30:00-04:00 2026-11-01T01:30:00-05:00"}, "twice"},
		"cancelled":      {event(tz+"20270212T000000", "STATUS:CANCELLED"), nil, "cancelled"},
		"past":           {event("DTSTART:20200212T050000Z", "DURATION:PT1H"), []string{"bowl 2020-02-12T05:00:00Z 2020-02-12T06:00:00Z"}, ""},
		"an alarm in it": {event("DTSTART:20270212T050000Z", "DURATION:PT1H", "BEGIN:VALARM", "DURATION:PT9H", "END:VALARM"), []string{"bowl 2027-02-12T05:00:00Z 2027-02-12T06:00:00Z"}, ""},
		"daily over the gap": {event(tz+"20270313T023000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=3"), []string{
			"bowl 2027-03-13 2027-03-13T02:30:00-05:00 2027-03-13T03:30:00-05:00",
			"bowl 2027-03-14 2027-03-14T03:30:00-04:00 2027-03-14T04:30:00-04:00",
			"bowl 2027-03-15 2027-03-15T02:30:00-04:00 2027-03-15T03:30:00-04:00"},
			"rrule-go differs in 1 of 3 times, at first 2027-03-14T06:30:00Z where RFC 5545 has 2027-03-14T07:30:00Z"},
		"hourly in spring": {event(tz+"20270314T003000", "DURATION:PT10M", "RRULE:FREQ=HOURLY;COUNT=4"), []string{
			"bowl 2027-03-14 2027-03-14T00:30:00-05:00 2027-03-14T00:40:00-05:00",
			"bowl 2027-03-14 (2) 2027-03-14T01:30:00-05:00 2027-03-14T01:40:00-05:00",
			"bowl 2027-03-14 (3) 2027-03-14T03:30:00-04:00 2027-03-14T03:40:00-04:00",
			"bowl 2027-03-14 (4) 2027-03-14T04:30:00-04:00 2027-03-14T04:40:00-04:00"},
			"counting elapsed time gives"},
		"hourly in autumn": {event(tz+"20261101T003000", "DURATION:PT10M", "RRULE:FREQ=HOURLY;COUNT=3"), []string{
			"bowl 2026-11-01 2026-11-01T00:30:00-04:00 2026-11-01T00:40:00-04:00",
			"bowl 2026-11-01 (2) 2026-11-01T01:30:00-04:00 2026-11-01T01:40:00-04:00",
			"bowl 2026-11-01 (3) 2026-11-01T01:30:00-05:00 2026-11-01T01:40:00-05:00"},
			"counting elapsed time gives"},
		"until in UTC": {event(tz+"20270101T200000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;UNTIL=20270116T010000Z;BYDAY=FR"), []string{
			"bowl 2027-01-01 2027-01-01T20:00:00-05:00 2027-01-01T21:00:00-05:00",
			"bowl 2027-01-08 2027-01-08T20:00:00-05:00 2027-01-08T21:00:00-05:00",
			"bowl 2027-01-15 2027-01-15T20:00:00-05:00 2027-01-15T21:00:00-05:00"}, ""},
		"second Sunday of February": {event("DTSTART;VALUE=DATE:20260208", "RRULE:FREQ=YEARLY;BYMONTH=2;BYDAY=2SU"), []string{
			"bowl 2027-02-14 2027-02-14T00:00:00+01:00 2027-02-15T00:00:00+01:00",
			"bowl 2028-02-13 2028-02-13T00:00:00+01:00 2028-02-14T00:00:00+01:00"}, "it goes on after 2028-10-02"},
		"off its own rule": {event("DTSTART:20270101T000000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;BYDAY=SA;COUNT=1"), []string{
			"bowl 2027-01-01 2027-01-01T00:00:00Z 2027-01-01T01:00:00Z", "bowl 2027-01-02 2027-01-02T00:00:00Z 2027-01-02T01:00:00Z"}, "does not come to its own start"},
		"with and without dates": {event("DTSTART:20270101T000000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20270102T000000Z", "RDATE:20270109T000000Z,20270103T000000Z"), []string{
			"bowl 2027-01-01 2027-01-01T00:00:00Z 2027-01-01T01:00:00Z",
			"bowl 2027-01-03 2027-01-03T00:00:00Z 2027-01-03T01:00:00Z",
			"bowl 2027-01-09 2027-01-09T00:00:00Z 2027-01-09T01:00:00Z"}, ""},
		"one of them moved": {event("DTSTART:20270101T000000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=2", "END:VEVENT", "BEGIN:VEVENT", "UID:u",
			"SUMMARY:later", "RECURRENCE-ID:20270102T000000Z", "DTSTART:20270102T120000Z", "DURATION:PT2H"), []string{
			"bowl 2027-01-01 2027-01-01T00:00:00Z 2027-01-01T01:00:00Z", "later 2027-01-02T12:00:00Z 2027-01-02T14:00:00Z"}, ""},
		"folded and escaped": {strings.Replace(event("DTSTART:20270101T000000Z", "DURATION:PT1H"), "SUMMARY:bowl", "SUMMARY:a\\, b\\; c\\\\ d\r\n  e\\nf", 1),
			[]string{`a, b; c\ d e f 2027-01-01T00:00:00Z 2027-01-01T01:00:00Z`}, ""},
	} {
		berlin, err := LoadZone("Europe/Berlin")
		if err != nil {
			t.Fatal(err)
		}
		c, warnings, err := ImportICal(x.text, berlin, at)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, w := range c {
			got = append(got, fmt.Sprint(w.Name, " ", w.Start.Format(time.RFC3339), " ", w.End.Format(time.RFC3339)))
		}
		if diff := cmp.Diff(x.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if said := strings.Join(warnings, "\n"); x.warnings == "" && said != "" || !strings.Contains(said, x.warnings) {
			t.Errorf("%s warns %q; want %q", name, said, x.warnings)
		}
	}
}

func TestImportICalRefuses(t *testing.T) {
	const start, hour = "DTSTART:20270101T000000Z", "DURATION:PT1H"
	for text, want := range map[string]string{
		"":                                     "empty: want BEGIN:VCALENDAR",
		"<html>":                               `line 1: "<html>": want a line of iCalendar`,
		"SUMMARY:x":                            "line 1: SUMMARY: it stands outside of BEGIN:VCALENDAR",
		"BEGIN:VEVENT\nEND:VEVENT":             `line 1: BEGIN: "VEVENT": want BEGIN:VCALENDAR first`,
		"BEGIN:VCALENDAR\nBEGIN:VEVENT":        `it breaks off within "VEVENT": its END is missing`,
		"BEGIN:VCALENDAR\nEND:VEVENT":          `line 2: END: "VEVENT" ends what began as "VCALENDAR"`,
		" x":                                   "line 1: it goes on with a line before, but there is none",
		"BEGIN:VCALENDAR\nDTSTART;TZID=a":      `line 2: "DTSTART;TZID=a": want a line of iCalendar`,
		"BEGIN:VCALENDAR\nDTSTART;TZID:a":      `line 2: "DTSTART;TZID:a": want parameters`,
		"BEGIN:VCALENDAR\n\xff:a":              "not UTF-8",
		event(hour):                            `line 2: "bowl": DTSTART is missing`,
		event(start):                           `line 2: "bowl": it has no length`,
		event(start, "DTEND:20270101T000000Z"): `line 2: "bowl": it has no length`,
		event(start, "DTEND:20261231T000000Z"): `line 2: "bowl": it has no length`,
		event(start, "DTEND:20270102T000000Z", hour):                             "line 7: DURATION: it stands beside DTEND",
		event(start, "DTEND;VALUE=DATE;TZID=UTC:20270102"):                       `line 6: DTEND: "20270102": want a date if DTSTART is one`,
		event(start, start, hour):                                                "line 6: DTSTART: a second one in the same event",
		event("DTSTART:20270101T000000", hour):                                   `line 5: DTSTART: "20270101T000000" names no zone: say one with --zone`,
		event("DTSTART;VALUE=DATE:20270101"):                                     `line 5: DTSTART: "20270101" names no zone`,
		event("DTSTART;TZID=Eastern Standard Time:20270101T000000", hour):        `line 5: DTSTART: TZID "Eastern Standard Time" is unknown`,
		event("DTSTART:20270230T000000Z", hour):                                  `line 5: DTSTART: "20270230T000000Z": there is no such time`,
		event("DTSTART:tomorrow", hour):                                          `line 5: DTSTART: "tomorrow": want a time such as`,
		event("DTSTART:20270101T000000Z,20270102T000000Z", hour):                 "want one time",
		event(start, "DURATION:PT"):                                              `line 6: DURATION: "PT": want a duration such as`,
		event(start, "DURATION:-PT1H"):                                           `line 6: DURATION: "-PT1H": want a duration such as`,
		event(start, hour, "EXRULE:FREQ=DAILY"):                                  "line 7: EXRULE: not understood",
		event(start, hour, "RECURRENCE-ID;RANGE=THISANDFUTURE:20270101T000000Z"): "line 7: RECURRENCE-ID: RANGE is not understood",
		event(start, hour, "RDATE;VALUE=PERIOD:20270101T000000Z/PT1H"):           `line 7: RDATE: "20270101T000000Z/PT1H": want a time`,
		event(start, hour, "RRULE:COUNT=3"):                                      "line 7: RRULE: FREQ is missing",
		event(start, hour, "RRULE:FREQ=DAILY;COUNT=0"):                           `line 7: RRULE: "COUNT=0" is not understood`,
		event(start, hour, "RRULE:FREQ=DAILY;COUNT=2;COUNT=3"):                   `line 7: RRULE: "COUNT=3" is not understood`,
		event(start, hour, "RRULE:FREQ=DAILY;BYEASTER=1"):                        `line 7: RRULE: "BYEASTER=1" is not understood`,
		event(start, hour, "RRULE:FREQ=DAILY;COUNT=2;UNTIL=20270105T000000Z"):    "line 7: RRULE: UNTIL stands beside COUNT",
		event(start, hour, "RRULE:FREQ=DAILY;UNTIL=never"):                       `line 7: RRULE UNTIL: "NEVER": want a time such as`,
		event(start, hour, "RRULE:FREQ=HOURLY;BYHOUR=3"):                         "line 7: RRULE: BYHOUR does not go with FREQ=HOURLY here: want FREQ=DAILY with BYHOUR",
		event(start, hour, "RRULE:FREQ=WEEKLY;BYDAY=2SU"):                        "line 7: RRULE: BYDAY=2SU does not go with FREQ=WEEKLY",
		event(start, hour, "RRULE:FREQ=MONTHLY;BYWEEKNO=2"):                      "line 7: RRULE: BYWEEKNO does not go with FREQ=MONTHLY",
		event(start, hour, "RRULE:FREQ=SECONDLY"):                                "line 7: RRULE: it makes more than 10000 windows",
		event(start, hour, "X-GAMEDAY-LEVEL:most"):                               `windows[0].level: "most" is unknown`,
		event(start, hour, "X-GAMEDAY-ZONE:Mars/Olympus"):                        `line 2: "bowl": X-GAMEDAY-ZONE: "Mars/Olympus" is unknown`,
	} {
		c, warnings, err := ImportICal(text, nil, instant(t, "2026-10-01T00:00:00Z"))
		if err == nil || !strings.Contains(err.Error(), want) || c != nil || warnings != nil {
			t.Errorf("%q:\n%v, %v\nwant %s", text, c, err, want)
		}
	}
}

// again imports what was exported.
func again(t *testing.T, c Calendar, at time.Time) Calendar {
	t.Helper()
	text, err := c.ExportICal(at)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(text, "\r\n") {
		if len(line) > 75 || strings.Contains(line, "\n") {
			t.Fatalf("the line %q has %d bytes", line, len(line))
		}
	}
	back, warnings, err := ImportICal(text, nil, at)
	if err != nil || len(warnings) > 0 {
		t.Fatalf("%v, %q in\n%s", err, warnings, text)
	}
	return back
}

func TestExportICal(t *testing.T) {
	at := instant(t, "2026-10-01T00:00:00Z")
	c := Calendar{
		reads(t, Draft{Name: strings.Repeat("große, alte; Party\\ ", 9) + "!", Level: Feature, Start: "2027-02-12 00:00", End: "2027-02-15 12:00", Zone: "America/New_York",
			Scope: []string{"target:staging", "url:a;b\\c"}, Watch: []string{"build", "config"}}),
		reads(t, Draft{Name: "b", Level: Full, Start: "2027-02-20T00:00:00Z", For: time.Hour}),
	}
	same := cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) && zoneName(a) == zoneName(b) })
	if diff := cmp.Diff(c, again(t, c, at), same); diff != "" {
		t.Errorf("exported and imported (-want +got):\n%s", diff)
	}
	nights := Calendar{reads(t, Draft{Name: "night", Level: Full, Cron: "30 1 * * SUN", Zone: "America/New_York", For: 2 * time.Hour})}
	back := again(t, nights, at)
	if back[0].Every != nil || len(back) < 104 {
		t.Fatalf("%d windows, the first %+v", len(back), back[0])
	}
	for m := at; m.Before(at.AddDate(1, 0, 0)); m = m.Add(6*time.Hour + 37*time.Minute) {
		a, errA := nights.Check(m, 0)
		b, errB := back.Check(m, 0)
		if errA != nil || errB != nil || a.Frozen != b.Frozen || !a.Until.Equal(b.Until) {
			t.Fatalf("at %v: %v, %v; imported %v, %v", m, a, errA, b, errB)
		}
	}
	split := again(t, Calendar{{Name: "part of a second", Start: at.Add(-time.Millisecond), End: at.Add(time.Millisecond)}}, at)
	if !split[0].Start.Equal(at.Add(-time.Second)) || !split[0].End.Equal(at.Add(time.Second)) {
		t.Errorf("%v does not cover what was exported", split)
	}
}

// FuzzICal reads anything as iCalendar: it is refused with clear sentences, or
// what comes of it is in order, and the same again once exported.
func FuzzICal(f *testing.F) {
	f.Add(event("DTSTART;TZID=America/New_York:20270313T023000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20270102T000000Z"))
	f.Add(event("DTSTART;VALUE=DATE:20260208", "RRULE:FREQ=YEARLY;BYMONTH=2;BYDAY=-2SU;BYSETPOS=1,-1;WKST=SU"))
	f.Add(event("DTSTART:20270101T000000Z", "DTEND:20270102T000000Z", "RRULE:FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=-31,5;UNTIL=20280101"))
	f.Add(event("DTSTART:20270101T000000Z", "DURATION:P1W", "RRULE:FREQ=YEARLY;BYWEEKNO=53,-53;BYHOUR=1,2;BYMINUTE=3", "X-GAMEDAY-SCOPE:a:b,c:d"))
	f.Add(event("DTSTART:20270101T000000Z", "DURATION:PT1S", "RRULE:FREQ=YEARLY;BYYEARDAY=366,-366", "X-GAMEDAY-LEVEL:feature"))
	f.Add(event("DTSTART:20261101T003000", "DURATION:PT1M", "RRULE:FREQ=MINUTELY;INTERVAL=40;COUNT=9", "RECURRENCE-ID:20261101T003000"))
	f.Fuzz(func(t *testing.T, text string) {
		at := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
		zone, err := LoadZone("Australia/Lord_Howe")
		if err != nil {
			t.Fatal(err)
		}
		c, warnings, err := ImportICal(text, zone, at)
		if err != nil {
			for line := range strings.SplitSeq(err.Error(), "\n") {
				if len(strings.TrimSpace(line)) < 8 || strings.ContainsAny(line, "\r") {
					t.Errorf("unclear: %q", err)
				}
			}
			return
		}
		if wrong := c.Validate(); len(wrong) > 0 || strings.ContainsAny(strings.Join(warnings, ""), "\n\r") {
			t.Fatalf("%v, %q", wrong, warnings)
		}
		back := again(t, c, at)
		slices.SortStableFunc(c, func(a, b Window) int { return a.Start.Compare(b.Start) })
		for i := range c {
			if !back[i].Start.Equal(c[i].Start) || !back[i].End.Equal(c[i].End) || back[i].Name != c[i].Name || !slices.Equal(back[i].Scope, c[i].Scope) {
				t.Fatalf("%+v came back as %+v", c[i], back[i])
			}
		}
	})
}
