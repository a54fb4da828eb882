package freeze

import (
	"encoding/csv"
	"os"
	"strings"
	"testing"
	"time"
)

// caseChecks is what a case of testdata/freeze-time-cases.csv comes to here, by
// its name and its local time. A case without a check fails, and so does a check
// without a case.
var caseChecks = map[string]func(t *testing.T, zone string){
	"spring gap, 2027-03-14 02:30": func(t *testing.T, zone string) {
		refuses(t, Draft{Name: "gap", Start: "2027-03-14 02:30", End: "2027-03-15 00:00", Zone: zone},
			`start: "2027-03-14 02:30:00" does not exist in America/New_York, where the clock goes from 02:00:00 to 03:00:00: the nearest times that do are 2027-03-14 01:59:59 and 2027-03-14 03:00:00`)
		refuses(t, Draft{Name: "gap", Start: "2027-03-14 02:30", End: "2027-03-15 00:00", Zone: zone, Fold: FoldFirst}, // a fold is no way out
			`start: "2027-03-14 02:30:00" does not exist in America/New_York, where the clock goes from 02:00:00 to 03:00:00: the nearest times that do are 2027-03-14 01:59:59 and 2027-03-14 03:00:00`)
		w := reads(t, Draft{Name: "gap", Cron: "30 2 14 3 *", Zone: zone, For: time.Hour})
		begins(t, w, "2027-03-13T00:00:00-05:00", "2027-03-14T03:30:00-04:00") // and not 2028
	},
	"autumn fold, 2026-11-01 01:30": func(t *testing.T, zone string) {
		d := Draft{Name: "fold", Start: "2026-11-01 01:30", End: "2026-11-02 00:00", Zone: zone}
		refuses(t, d, `start: "2026-11-01 01:30:00" comes twice in America/New_York, as 2026-11-01T01:30:00-04:00 and as 2026-11-01T01:30:00-05:00: want fold: first or fold: second`)
		for fold, want := range map[Fold]string{FoldFirst: "2026-11-01T01:30:00-04:00", FoldSecond: "2026-11-01T01:30:00-05:00"} {
			d.Fold = fold
			begins(t, reads(t, d), "2026-10-01T00:00:00Z", want)
		}
	},
	"elapsed window, 2026-10-31 20:00 for 10h": func(t *testing.T, zone string) {
		lastsTenHours(t, zone, "2026-10-31 20:00", "2026-11-01T05:00:00-05:00")
	},
	"elapsed window, 2027-03-13 20:00 for 10h": func(t *testing.T, zone string) {
		lastsTenHours(t, zone, "2027-03-13 20:00", "2027-03-14T07:00:00-04:00")
	},
	"runway, window 12:00-13:00, asked at 12:30 with runway 2h": func(t *testing.T, zone string) {
		c := Calendar{reads(t, Draft{Name: "noon", Start: "2027-02-14 12:00", End: "2027-02-14 13:00", Zone: zone})}
		if a, err := c.Check(today(t, "12:30"), 2*time.Hour); err != nil || !a.Frozen {
			t.Errorf("%v, %v; want frozen", a, err)
		}
	},
	"half-open, window [12:00,13:00) asked at 13:00:00": func(t *testing.T, zone string) {
		c := Calendar{reads(t, Draft{Name: "noon", Start: "2027-02-14 12:00", End: "2027-02-14 13:00", Zone: zone})}
		if a, err := c.Check(today(t, "13:00"), 0); err != nil || a.Frozen {
			t.Errorf("%v, %v; want not frozen", a, err)
		}
	},
	"unknown zone, any": func(t *testing.T, zone string) {
		refuses(t, Draft{Name: "mars", Start: "2027-02-14 12:00", End: "2027-02-14 13:00", Zone: zone},
			`zone: "Mars/Olympus" is unknown: want a name of the IANA time zone database, such as America/New_York`)
		refuses(t, Draft{Name: "mars", Cron: "0 0 * * *", For: time.Hour, Zone: zone},
			`zone: "Mars/Olympus" is unknown: want a name of the IANA time zone database, such as America/New_York`)
	},
	"past decision, any": func(t *testing.T, _ string) {
		c := Calendar{reads(t, Draft{Name: "evening", Cron: "0 20 * * *", Zone: "America/New_York", For: time.Hour})}
		for at, want := range map[string]bool{ // the same clock in both halves of the year, whenever it is asked
			"2020-01-15T01:30:00Z": true, "2020-01-15T00:30:00Z": false,
			"2020-07-15T01:30:00Z": false, "2020-07-15T00:30:00Z": true,
		} {
			if a, err := c.Check(instant(t, at), 0); err != nil || a.Frozen != want {
				t.Errorf("at %s: %v, %v; want %v", at, a, err, want)
			}
		}
	},
}

// TestTimeCases checks every case of the file on which other tools were found wanting.
func TestTimeCases(t *testing.T) {
	file, err := os.Open("testdata/freeze-time-cases.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r := csv.NewReader(file)
	r.Comment = '#'
	rows, err := r.ReadAll()
	if err != nil || len(rows) < 2 || strings.Join(rows[0], ",") != "case,zone,local,instant_or_rule,trap" {
		t.Fatalf("%d rows: %v", len(rows), err)
	}
	met := map[string]bool{}
	for _, row := range rows[1:] {
		name := row[0] + ", " + row[2]
		check, ok := caseChecks[name]
		if !ok || met[name] {
			t.Errorf("the case %q has no check, or comes twice", name)
			continue
		}
		met[name] = true
		t.Run(name, func(t *testing.T) { check(t, row[1]) })
	}
	if len(met) != len(caseChecks) {
		t.Errorf("%d checks for %d cases", len(caseChecks), len(met))
	}
}

// reads is the window of a draft that is in order.
func reads(t *testing.T, d Draft) Window {
	t.Helper()
	w, wrong := d.Window()
	if len(wrong) > 0 {
		t.Fatalf("%+v: %v", d, wrong)
	}
	return w
}

// refuses wants a draft to have one mistake and no other.
func refuses(t *testing.T, d Draft, want string) {
	t.Helper()
	_, wrong := d.Window()
	if len(wrong) != 1 || wrong[0].Error() != want {
		t.Errorf("%+v:\n%v\nwant\n%s", d, wrong, want)
	}
}

// begins wants a window to begin next at an instant.
func begins(t *testing.T, w Window, after, want string) {
	t.Helper()
	next, frozen, ok := Calendar{w}.Next(instant(t, after))
	if !ok || !frozen || !next.Equal(instant(t, want)) || next.Format(time.RFC3339) != want {
		t.Errorf("%q begins at %s, %v, %v; want %s", w.Name, next.Format(time.RFC3339), frozen, ok, want)
	}
}

// lastsTenHours wants ten hours to be ten hours, written down and recurring.
func lastsTenHours(t *testing.T, zone, start, end string) {
	t.Helper()
	for _, d := range []Draft{
		{Name: "once", Start: start, For: 10 * time.Hour, Zone: zone},
		{Name: "again", Cron: "0 20 * * SAT", For: 10 * time.Hour, Zone: zone},
	} {
		w := reads(t, d)
		a, err := Calendar{w}.Check(instant(t, end).Add(-time.Second), 0)
		if err != nil || !a.Frozen || a.Until.Format(time.RFC3339) != end {
			t.Errorf("%q: %v, %v; want until %s", d.Name, a, err, end)
		}
		if a.Windows[0].End.Sub(a.Windows[0].Start) != 10*time.Hour {
			t.Errorf("%q lasts %v", d.Name, a.Windows[0].End.Sub(a.Windows[0].Start))
		}
	}
}
