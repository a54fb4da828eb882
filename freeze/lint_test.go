package freeze

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestLint(t *testing.T) {
	const ny = "America/New_York"
	at := instant(t, "2026-10-01T00:00:00Z")
	for name, x := range map[string]struct {
		drafts []Draft
		want   []string
	}{
		"nothing": {nil, nil},
		"clean":   {[]Draft{{Name: "a", Start: "2027-02-12 00:00", End: "2027-02-15 12:00", Zone: ny}}, nil},
		"over": {[]Draft{{Name: "a", Start: "2026-02-12 00:00", End: "2026-02-15 12:00", Zone: ny}},
			[]string{`warning "a" it is over since Sun 2026-02-15 12:00:00 EST: was another year meant?`}},
		"elapsed over the autumn": {[]Draft{{Name: "a", Start: "2026-10-31 20:00", For: 10 * time.Hour, Zone: ny}},
			[]string{`note "a" the clock goes back by 1h between Sat 2026-10-31 20:00:00 EDT and Sun 2026-11-01 05:00:00 EST: it lasts 10h, though the clock shows 9h`}},
		"by the clock over the spring": {[]Draft{{Name: "a", Start: "2027-03-12 00:00", End: "2027-03-15 00:00", Zone: ny}},
			[]string{`note "a" the clock goes forward by 1h between Fri 2027-03-12 00:00:00 EST and Mon 2027-03-15 00:00:00 EDT: it lasts 71h, though the clock shows 72h`}},
		"half an hour": {[]Draft{{Name: "a", Start: "2027-04-03 12:00", For: 24 * time.Hour, Zone: "Australia/Lord_Howe"}},
			[]string{`note "a" the clock goes back by 30m0s between Sat 2027-04-03 12:00:00 +11 and Sun 2027-04-04 11:30:00 +1030: it lasts 24h, though the clock shows 23h30m0s`}},
		"skipped": {[]Draft{{Name: "a", Cron: "30 2 14 3 *", Zone: ny, For: time.Hour}},
			[]string{`warning "a" it is due at 2027-03-14 02:30:00, which the clock skips: it starts at Sun 2027-03-14 03:30:00 EDT`}},
		"twice": {[]Draft{{Name: "a", Cron: "30 1 1 11 *", Zone: ny, For: 10 * time.Minute}}, []string{
			`warning "a" it is due at 2026-11-01 01:30:00, which the clock shows twice: it starts at Sun 2026-11-01 01:30:00 EDT too; fold: first or second chooses one`,
			`warning "a" it is due at 2026-11-01 01:30:00, which the clock shows twice: it starts at Sun 2026-11-01 01:30:00 EST too; fold: first or second chooses one`}},
		"chosen": {[]Draft{{Name: "a", Cron: "30 1 1 11 *", Zone: ny, For: 10 * time.Minute, Fold: FoldSecond}}, nil},
		"far":    {[]Draft{{Name: "a", Cron: "0 0 29 2 *", Zone: ny, For: time.Hour}}, []string{`warning "a" it does not come in the next year`}},
		"endless": {[]Draft{{Name: "a", Cron: "0 0 * * *", Zone: "UTC", For: 24 * time.Hour}},
			[]string{`warning "a" it never ends in the next two years: each time lasts until the next`}},
		"itself": {[]Draft{{Name: "a", Cron: "0 */6 1 1 *", Zone: "UTC", For: 7 * time.Hour}},
			[]string{`note "a" it overlaps itself from Fri 2027-01-01 06:00:00 UTC to Fri 2027-01-01 07:00:00 UTC: both must let a change through`}},
		"overlap": {[]Draft{
			{Name: "a", Start: "2027-02-12 00:00", End: "2027-02-15 12:00", Zone: "UTC"},
			{Name: "b", Start: "2027-02-15 12:00", End: "2027-02-16 12:00", Zone: "UTC"}, // touches
			{Name: "c", Cron: "0 20 * * *", Zone: "UTC", For: time.Hour},
		}, []string{
			`note "a" it overlaps "c" from Fri 2027-02-12 20:00:00 UTC to Fri 2027-02-12 21:00:00 UTC: both must let a change through`,
			`note "b" it overlaps "c" from Mon 2027-02-15 20:00:00 UTC to Mon 2027-02-15 21:00:00 UTC: both must let a change through`}},
	} {
		var c Calendar
		for _, d := range x.drafts {
			c = append(c, reads(t, d))
		}
		notes, err := c.Lint(at)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var got []string
		for _, n := range notes {
			kind := "note"
			if n.Warning {
				kind = "warning"
			}
			got = append(got, fmt.Sprintf("%s %q %s", kind, n.Window, n.Says))
		}
		if diff := cmp.Diff(x.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestTransitions(t *testing.T) {
	c := Calendar{
		reads(t, Draft{Name: "far", Start: "2099-02-12 00:00", End: "2099-02-15 12:00", Zone: "UTC"}),
		reads(t, Draft{Name: "bowl", Start: "2027-02-12 00:00", End: "2027-02-14 06:00", Zone: "America/New_York"}),
		reads(t, Draft{Name: "year", Level: Feature, Cron: "0 20 13 2 *", Zone: "America/New_York", For: 10 * time.Hour}),
	}
	got, err := c.Transitions(instant(t, "2027-02-12T05:00:00Z"), 4)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, l := range got {
		lines = append(lines, l.String())
	}
	want := []string{
		`2027-02-14T01:00:00Z  Sat 2027-02-13 20:00:00 EST (America/New_York)  "year" (feature) begins: frozen`,
		`2027-02-14T11:00:00Z  Sun 2027-02-14 06:00:00 EST (America/New_York)  "bowl" (full) ends: not frozen`,
		`2027-02-14T11:00:00Z  Sun 2027-02-14 06:00:00 EST (America/New_York)  "year" (feature) ends: not frozen`,
		`2028-02-14T01:00:00Z  Sun 2028-02-13 20:00:00 EST (America/New_York)  "year" (feature) begins: frozen`,
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("transitions (-want +got):\n%s", diff)
	}
	got, err = c[:1].Transitions(instant(t, "2027-02-12T05:00:00Z"), 4)
	if err != nil || len(got) != 2 || got[1].At.Year() != 2099 || got[1].Frozen {
		t.Errorf("got %v, %v", got, err)
	}
}

// TestEndless holds what is said where recurrences leave no free instant, and that
// a runway is bounded then.
func TestEndless(t *testing.T) {
	c := Calendar{
		reads(t, Draft{Name: "always", Cron: "0 0 * * *", Zone: "UTC", For: 24 * time.Hour}),
		window(t, "noon", Full, "12:00", "13:00"),
	}
	a, err := c.Check(today(t, "12:30"), 0)
	if want := `frozen: "always" (full), "noon" (full) without an end in the next two years`; err != nil || a.String() != want {
		t.Errorf("got %v, %v; want %s", a, err, want)
	}
	if next, frozen, ok := c.Next(today(t, "12:30")); ok || frozen {
		t.Errorf("Next is %v", next)
	}
	if _, err := c.Check(today(t, "12:30"), 3*Horizon); err == nil || !strings.Contains(err.Error(), "want a runway of at most") {
		t.Errorf("got %v", err)
	}
	far := append(c[1:], Window{Name: "long", Start: today(t, "12:00"), End: today(t, "12:00").AddDate(500, 0, 0)},
		reads(t, Draft{Name: "night", Cron: "0 20 * * *", Zone: "UTC", For: time.Hour}))
	if a, err := far.Check(today(t, "12:30"), 0); err != nil || a.Until.Year() != 2527 {
		t.Errorf("got %v, %v", a, err)
	}
}
