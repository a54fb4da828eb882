package freeze

import (
	"strings"
	"testing"
	"time"
)

func TestAllows(t *testing.T) {
	bowl, day := Window{Name: "super-bowl"}, Window{Name: "day"}
	o := Overrides{
		{Window: "super-bowl", From: today(t, "10:00"), Until: today(t, "12:00"), Allow: Allowed{"staging", "", "9f3c"}},
		{Window: "day", From: today(t, "11:00"), Until: today(t, "14:00"), Allow: Allowed{"staging", "build", "9f3c"}},
		{Window: "super-bowl", From: today(t, "10:00"), Until: today(t, "12:00"), Allow: Allowed{"staging", "config", "c1"}},
	}
	for _, c := range []struct {
		name    string
		windows []Window
		change  Allowed
		at      string
		want    int // overrides used; 0: refused
	}{
		{"the very identity", []Window{bowl}, Allowed{"staging", "build", "9f3c"}, "11:00", 1},
		{"its first instant", []Window{bowl}, Allowed{"staging", "build", "9f3c"}, "10:00", 1},
		{"before it is valid", []Window{bowl}, Allowed{"staging", "build", "9f3c"}, "09:59", 0},
		{"expired: half-open", []Window{bowl}, Allowed{"staging", "build", "9f3c"}, "12:00", 0},
		{"another revision", []Window{bowl}, Allowed{"staging", "build", "9f3"}, "11:00", 0},
		{"a longer revision", []Window{bowl}, Allowed{"staging", "build", "9f3c1"}, "11:00", 0},
		{"another target", []Window{bowl}, Allowed{"prod", "build", "9f3c"}, "11:00", 0},
		{"another kind", []Window{bowl}, Allowed{"staging", "config", "9f3c"}, "11:00", 0},
		{"of that kind", []Window{bowl}, Allowed{"staging", "config", "c1"}, "11:00", 1},
		{"both windows", []Window{bowl, day}, Allowed{"staging", "build", "9f3c"}, "11:30", 2},
		{"only one of two windows", []Window{bowl, day}, Allowed{"staging", "build", "9f3c"}, "10:30", 0},
		{"a window without an override", []Window{bowl, {Name: "tea"}}, Allowed{"staging", "build", "9f3c"}, "11:30", 0},
		{"no window", nil, Allowed{"staging", "build", "9f3c"}, "11:00", 0},
		{"nothing", []Window{bowl}, Allowed{}, "11:00", 0},
	} {
		by, ok := o.Allows(c.windows, c.change, today(t, c.at))
		if len(by) != c.want || ok != (c.want > 0) {
			t.Errorf("%s: %v, %v; want %d", c.name, by, ok, c.want)
		}
	}
}

func TestValidateOverrides(t *testing.T) {
	c := Calendar{
		window(t, "noon", Full, "12:00", "13:00"),
		{Name: "nights", Every: &Recurrence{Cron: "0 20 * * SAT", Zone: time.UTC, For: time.Hour}},
	}
	good := Override{"noon", "SEV1", "lead", today(t, "12:00"), today(t, "14:00"), Allowed{"staging", "", "9f3c"}}
	for name, x := range map[string]struct {
		spoil func(*Override)
		want  string // the mistakes' beginnings
	}{
		"nothing":           {func(*Override) {}, ""},
		"a kind":            {func(o *Override) { o.Allow.Kind = "config" }, ""},
		"a recurrence":      {func(o *Override) { o.Window, o.From = "nights", today(t, "14:00"); o.Until = o.From.AddDate(0, 0, 7) }, ""},
		"no window":         {func(o *Override) { o.Window = "" }, "window: missing"},
		"another window":    {func(o *Override) { o.Window = "tea" }, `window: there is no window "tea"; there are: noon, nights`},
		"no reason":         {func(o *Override) { o.Reason = " " }, "reason: missing"},
		"nobody approved":   {func(o *Override) { o.ApprovedBy = "" }, "approved_by: missing"},
		"lines":             {func(o *Override) { o.Reason = "a\nb" }, `reason: "a\nb": want one line`},
		"no begin":          {func(o *Override) { o.From = time.Time{} }, "from: missing"},
		"no expiry":         {func(o *Override) { o.Until = time.Time{} }, "until: missing"},
		"backwards":         {func(o *Override) { o.Until = o.From }, `until: "2027-02-14T12:00:00Z" is not after from`},
		"outside":           {func(o *Override) { o.From = today(t, "13:00") }, `from: the window "noon" is never in force from then until`},
		"over at the start": {func(o *Override) { o.From, o.Until = today(t, "11:00"), today(t, "12:00") }, `from: the window "noon" is never in force`},
		"between nights":    {func(o *Override) { o.Window = "nights" }, `from: the window "nights" is never in force`},
		"no target":         {func(o *Override) { o.Allow.Target = "" }, "allow.target: missing"},
		"no identity":       {func(o *Override) { o.Allow.Revision = "" }, "allow.revision: missing"},
		"anything":          {func(o *Override) { o.Allow.Revision = "9f*" }, `allow.revision: "9f*": want one exact identity`},
		"bad kind":          {func(o *Override) { o.Allow.Kind = "*" }, `allow.kind: "*": want a kind`},
		"all":               {func(o *Override) { *o = Override{} }, "reason: missing|approved_by: missing|allow.target: missing|allow.revision: missing|from: missing|until: missing|window: missing"},
	} {
		o := good
		x.spoil(&o)
		got := Overrides{good, o}.Validate(c)
		var want []string
		if x.want != "" {
			want = strings.Split(x.want, "|")
		}
		if len(got) != len(want) {
			t.Errorf("%s: %v, want %q", name, got, want)
			continue
		}
		for i, m := range got {
			if !strings.HasPrefix(m.Error(), "overrides[1]."+want[i]) {
				t.Errorf("%s: %v, want %s", name, m, want[i])
			}
		}
	}
}
