package freeze

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestDraft(t *testing.T) {
	const ny = "America/New_York"
	for _, c := range []struct{ start, end, zone, wantStart, wantEnd string }{
		{"2027-02-12T00:00:00-05:00", "2027-02-15T12:00:00-05:00", "", "2027-02-12T00:00:00-05:00", "2027-02-15T12:00:00-05:00"},
		{"2027-02-12 00:00", "2027-02-15 12:00:30", ny, "2027-02-12T00:00:00-05:00", "2027-02-15T12:00:30-05:00"},
		{"2027-02-12T00:00", "2027-07-15T12:00:00-04:00", ny, "2027-02-12T00:00:00-05:00", "2027-07-15T12:00:00-04:00"},
		{"2027-02-12T05:00:00Z", "2027-07-15T16:00:00Z", ny, "2027-02-12T00:00:00-05:00", "2027-07-15T12:00:00-04:00"}, // zone only shows
		{"2027-02-12 00:00", "2027-02-12T00:00:00-05:00", "UTC", "", ""},
	} {
		w, wrong := Draft{Name: "a", Start: c.start, End: c.end, Zone: c.zone}.Window()
		if c.wantStart == "" {
			if len(wrong) != 1 {
				t.Errorf("%+v: %v", c, wrong)
			}
			continue
		}
		if got := [2]string{w.Start.Format(time.RFC3339), w.End.Format(time.RFC3339)}; len(wrong) > 0 || got != [2]string{c.wantStart, c.wantEnd} {
			t.Errorf("%+v: %v, %v", c, got, wrong)
		}
	}
	w := reads(t, Draft{Name: "a", Start: "2027-02-12T00:00:00Z", For: 36 * time.Hour, Scope: []string{"env:prod"}, Watch: []string{"build"}})
	if w.End.Format(time.RFC3339) != "2027-02-13T12:00:00Z" || !slices.Equal(w.Scope, []string{"env:prod"}) || !slices.Equal(w.Watch, []string{"build"}) {
		t.Errorf("got %+v", w)
	}
}

func TestDraftRefuses(t *testing.T) {
	const ny = "America/New_York"
	start, end := "2027-02-12 00:00", "2027-02-15 12:00"
	for _, c := range []struct {
		d    Draft
		want []string // the beginnings of what is said, in order, and nothing else
	}{
		{Draft{}, []string{"name: missing", "start: missing", "end: missing"}},
		{Draft{Name: "a", Start: "noon", End: "2027-02-30 12:00", Zone: ny}, []string{`start: "noon": want an instant with its offset, such as`, `end: "2027-02-30 12:00": want`}},
		{Draft{Name: "a", Start: start, End: end}, []string{`start: "2027-02-12 00:00" has neither an offset nor a zone`, `end: "2027-02-15 12:00" has neither`}},
		{Draft{Name: "a", Start: end, End: start, Zone: ny}, []string{`end: "2027-02-12T00:00:00-05:00" is not after start "2027-02-15T12:00:00-05:00"`}},
		{Draft{Name: "a", Start: start, End: start, Zone: ny}, []string{`end: "2027-02-12T00:00:00-05:00" is not after start`}},
		{Draft{Name: "a", Start: start, End: end, Zone: "Local"}, []string{`zone: "Local" is unknown`}},
		{Draft{Name: "a", Start: start, End: end, Zone: "../etc"}, []string{`zone: "../etc" is unknown`}},
		{Draft{Name: "a", Start: start, End: end, Zone: ny, Fold: "third"}, []string{`fold: "third" is unknown: want first or second`}},
		{Draft{Name: "a", Start: start, End: end, For: time.Hour, Zone: ny}, []string{"for: 1h0m0s stands beside end"}},
		{Draft{Name: "a", Start: start, For: -time.Hour, Zone: ny}, []string{"for: -1h0m0s: want how long it lasts, above zero"}},
		{Draft{Name: "a", For: time.Hour}, []string{"start: missing"}},
		{Draft{Name: "a", Start: "2027-07-12T00:00:00-05:00", For: time.Hour, Zone: ny}, []string{`start: "2027-07-12T00:00:00-05:00" is not an offset that America/New_York has then: want 2027-07-12T01:00:00-04:00, or no zone`}},
		{Draft{Name: "a", Cron: "0 0 * * *", Start: start, End: end, Zone: ny, For: time.Hour}, []string{`start: "2027-02-12 00:00" stands beside cron`, `end: "2027-02-15 12:00" stands beside cron`}},
		{Draft{Name: "a", Cron: "daily"}, []string{`cron: "daily": want five fields`, "zone: missing", "for: 0s: want how long it lasts"}},
		{Draft{Name: "a", Cron: "0 0 * * *", Zone: ny, For: 367 * 24 * time.Hour}, []string{"for: 8808h0m0s: want how long it lasts, above zero and up to 8784h0m0s"}},
		{Draft{Name: "a\nb", Start: start, End: end, Zone: ny, Scope: []string{"prod", "env:prod", "a b:c"}, Watch: []string{"Build"}},
			[]string{`name: "a\nb": want a name on one line`, `scope[0]: "prod": want a label`, `scope[2]: "a b:c"`, `watch[0]: "Build": want a kind`}},
	} {
		_, wrong := c.d.Window()
		if len(wrong) != len(c.want) {
			t.Errorf("%+v:\n%v\nwant\n%q", c.d, wrong, c.want)
			continue
		}
		for i, m := range wrong {
			if !strings.HasPrefix(m.Error(), c.want[i]) {
				t.Errorf("%+v:\n%v\nwant\n%s", c.d, m, c.want[i])
			}
		}
	}
}

func TestScope(t *testing.T) {
	everything, prod, two := Window{}, Window{Scope: []string{"env:prod"}}, Window{Scope: []string{"target:staging", "env:prod"}}
	for _, c := range []struct {
		w      Window
		labels []string
		covers bool
		names  bool
	}{
		{everything, nil, true, false},
		{everything, []string{"env:prod"}, true, false},
		{prod, nil, true, false}, // nobody said what is changed
		{prod, []string{"target:a", "env:prod"}, true, true},
		{prod, []string{"target:a", "env:test"}, false, false},
		{two, []string{"target:staging"}, true, true},
		{two, []string{"target:other", "env:prod"}, true, true},
		{two, []string{"target:other"}, false, false},
	} {
		if c.w.Covers(c.labels...) != c.covers || c.w.Names(c.labels...) != c.names {
			t.Errorf("scope %q and labels %q: covers %v, names %v", c.w.Scope, c.labels, !c.covers, !c.names)
		}
		if got := len(Calendar{c.w}.For(c.labels...)) == 1; got != c.covers {
			t.Errorf("scope %q and labels %q: the calendar has it: %v", c.w.Scope, c.labels, got)
		}
	}
}

// FuzzDraft reads anything as a window: it is in order and can be asked, or every
// mistake is one line with a key.
func FuzzDraft(f *testing.F) {
	f.Add("a", "full", "2027-03-14 02:30", "2027-03-15T00:00:00Z", "America/New_York", "", "", int64(0), "env:prod")
	f.Add("a", "", "2026-11-01 01:30", "", "America/New_York", "second", "", int64(time.Hour), "")
	f.Add("a", "feature", "", "", "Australia/Lord_Howe", "first", "30 1 * * SUN", int64(30*time.Hour), "target:x")
	f.Add("", "", "2011-12-30 12:00", "0001-01-01 00:00", "Pacific/Apia", "third", "0 0 30 2 *", int64(-1), ":")
	f.Fuzz(func(t *testing.T, name, level, start, end, zone, fold, cron string, lasts int64, scope string) {
		d := Draft{name, Level(level), start, end, zone, Fold(fold), time.Duration(lasts), cron, []string{scope}, nil}
		w, wrong := d.Window()
		for _, m := range wrong {
			if m.Key == "" || m.Says == "" || strings.ContainsAny(m.Error(), "\n\r") {
				t.Errorf("%+v: unclear mistake %q", d, m)
			}
		}
		if len(wrong) > 0 {
			return
		}
		c := Calendar{w}
		at := w.Start
		if w.Every != nil {
			at = time.Date(2027, 3, 14, 0, 0, 0, 0, time.UTC)
		}
		answer, err := c.Check(at, time.Hour)
		if err != nil || w.Every == nil && !answer.Frozen {
			t.Fatalf("%+v: %v, %v at its start", d, answer, err)
		}
		if _, err := c.Lint(at); err != nil {
			t.Errorf("%+v: %v", d, err)
		}
		if _, err := c.Transitions(at, 3); err != nil {
			t.Errorf("%+v: %v", d, err)
		}
	})
}
