package freeze

import (
	"strings"
	"testing"
	"time"
)

func TestCheckCron(t *testing.T) {
	for expr, want := range map[string]string{
		"0 20 * * SAT":            "",
		"59 23 31 12 7":           "",
		"0 0 29 2 *":              "",
		"0 */6 1-7,15 jan-mar * ": `want five fields`,
		"0 */6 1-7,15 jan-mar *":  "",
		"0 0 1-31/2 * 1-5/2":      "",
		"":                        "want five fields",
		"@daily":                  "want five fields",
		"0 0 * *":                 "want five fields",
		"0 0 0 * * *":             "want five fields",
		"0  0 * * *":              "want five fields",
		"60 0 * * *":              `the minute "60": want 0 to 59`,
		"0 24 * * *":              `the hour "24": want 0 to 23`,
		"0 0 0 * *":               `the day of the month "0": want 1 to 31`,
		"0 0 * 13 *":              `the month "13": want 1 to 12`,
		"0 0 * SAT *":             `the month "SAT": want 1 to 12`,
		"0 0 * * 8":               `the day of the week "8": want 0 to 7`,
		"0 0 * * UNM":             `the day of the week "UNM": want 0 to 7`,
		"0 5-3 * * *":             "3 is before 5",
		"0 0 * * SAT-SUN":         "SUN is before SAT",
		"0 0 L * *":               "want *, a number, or a range",
		"0 0 * * 5#2":             "want *, a number, or a range",
		"0 0 1,,2 * *":            "want *, a number, or a range",
		"0 5/2 * * *":             "want a range or * before a step",
		"0 */0 * * *":             "want a step of at least 1",
		"* 0 * * *":               `the minute "*": want a single one`,
		"0,30 0 * * *":            `the minute "0,30": want a single one`,
		"0 0 30 2 *":              "there is no such day",
		"0 0 31 4,6,9,11 *":       "there is no such day",
	} {
		switch err := checkCron(expr); {
		case want == "" && err != nil:
			t.Errorf("%q: %v", expr, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%q: %v; want it to say %q", expr, err, want)
		}
	}
}

// FuzzCron reads anything as a recurrence. What is accepted is compared with brute
// force over the two months around a change of the clock.
func FuzzCron(f *testing.F) {
	for _, expr := range []string{"0 20 * * SAT", "30 2 14 3 *", "30 1 * * *", "0 */2 */3 * */2", "5 0-23/7 1,15 MAR-NOV 0-7/3", "0 0 29 2 *", "1 1 31 * 7"} {
		f.Add(expr, 0)
		f.Add(expr, 2)
	}
	f.Fuzz(func(t *testing.T, expr string, where int) {
		if err := checkCron(expr); err != nil {
			if says := err.Error(); strings.ContainsAny(says, "\n\r") || len(says) < 10 {
				t.Errorf("%q: unclear mistake %q", expr, says)
			}
			return
		}
		zone, err := LoadZone(zones[uint(where)%uint(len(zones))])
		if err != nil {
			t.Fatal(err)
		}
		for _, begin := range []time.Time{time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 10, 10, 0, 0, 0, 0, time.UTC)} {
			ahead := offsets(zone, begin, 60*1440)
			var want []time.Time
			for m, yes := range bruteStarts(newCronOracle(t, expr), begin, ahead, "") {
				if yes {
					want = append(want, begin.Add(time.Duration(m)*time.Minute))
				}
			}
			r := &Recurrence{Cron: expr, Zone: zone, For: time.Hour}
			got, err := r.Starts(begin, begin.Add(60*24*time.Hour-1))
			if err != nil || len(got) != len(want) {
				t.Fatalf("%q in %s from %v: %d starts, %v; want %d", expr, zone, begin, len(got), err, len(want))
			}
			for i := range got {
				if !got[i].At.Equal(want[i]) {
					t.Fatalf("%q in %s: start %d is %v, want %v", expr, zone, i, got[i].At, want[i])
				}
			}
		}
	})
}
