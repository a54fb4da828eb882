package freeze

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestValidateWindow(t *testing.T) {
	good := Window{Name: "super-bowl", Level: Full, Start: instant(t, "2027-02-12T00:00:00-05:00"), End: instant(t, "2027-02-15T12:00:00-05:00")}
	for name, c := range map[string]struct {
		spoil func(*Window)
		want  []Mistake
	}{
		"nothing":     {func(*Window) {}, nil},
		"empty level": {func(w *Window) { w.Level = "" }, nil},
		"feature":     {func(w *Window) { w.Level = Feature }, nil},
		"no name":     {func(w *Window) { w.Name = "" }, []Mistake{{"name", `missing: want a name, such as "super-bowl"`}}},
		"bad level":   {func(w *Window) { w.Level = "Full" }, []Mistake{{"level", `"Full" is unknown: want full or feature`}}},
		"no start":    {func(w *Window) { w.Start = time.Time{} }, []Mistake{{"start", "missing: want " + wantedLocal}}},
		"no end":      {func(w *Window) { w.End = time.Time{} }, []Mistake{{"end", "missing: want " + wantedLocal}}},
		"end is start": {func(w *Window) { w.End = w.Start },
			[]Mistake{{"end", `"2027-02-12T00:00:00-05:00" is not after start "2027-02-12T00:00:00-05:00"`}}},
		"end before start, in another offset": {func(w *Window) { w.End = instant(t, "2027-02-12T05:59:59.5+01:00") },
			[]Mistake{{"end", `"2027-02-12T05:59:59.5+01:00" is not after start "2027-02-12T00:00:00-05:00"`}}},
		"everything": {func(w *Window) { *w = Window{Level: "x"} }, []Mistake{
			{"name", `missing: want a name, such as "super-bowl"`}, {"level", `"x" is unknown: want full or feature`},
			{"start", "missing: want " + wantedLocal}, {"end", "missing: want " + wantedLocal},
		}},
	} {
		w := good
		c.spoil(&w)
		if diff := cmp.Diff(c.want, w.Validate()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestValidateCalendar(t *testing.T) {
	c := Calendar{
		window(t, "noon", "", "12:00", "13:00"),
		window(t, "tea", Feature, "16:00", "15:00"),
		window(t, "noon", "", "12:30", "14:00"),
		window(t, "", "", "12:00", "13:00"),
		window(t, "", "", "12:00", "13:00"),
		window(t, "noon", "most", "12:30", "14:00"),
	}
	var got []string
	for _, m := range c.Validate() {
		got = append(got, m.Error())
	}
	want := []string{
		`windows[1].end: "2027-02-14T15:00:00Z" is not after start "2027-02-14T16:00:00Z"`,
		`windows[3].name: missing: want a name, such as "super-bowl"`,
		`windows[4].name: missing: want a name, such as "super-bowl"`,
		`windows[5].level: "most" is unknown: want full or feature`,
		`windows[2].name: "noon" is already the name of windows[0]: want different names`,
		`windows[5].name: "noon" is already the name of windows[0]: want different names`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mistakes (-want +got):\n%s", diff)
	}
	if got := c[:1].Validate(); got != nil {
		t.Errorf("a good calendar has mistakes: %v", got)
	}
}
