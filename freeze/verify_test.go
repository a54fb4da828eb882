package freeze

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// superBowl are rules with one window, in force at captured, and one override.
func superBowl() Rules {
	return Rules{
		Calendar: Calendar{{Name: "super-bowl", Start: captured.Add(-time.Hour), End: captured.Add(100 * time.Hour)}},
		Overrides: Overrides{{
			Window: "super-bowl", Reason: "SEV1", ApprovedBy: "kim", From: captured, Until: captured.Add(2 * time.Hour),
			Allow: Allowed{Target: "t", Kind: "build", Revision: "1.0.1"},
		}},
	}
}

// verifyOne is the answer for one kind, build, of one target.
func verifyOne(t *testing.T, was []string, now Seen, rules Rules, at time.Time) Finding {
	t.Helper()
	lock := NewLock(captured, []Locked{{Target: "t", Identity: Identity{"build": was}, Sources: map[string]string{"build": "s"}}})
	if now.Sources == nil {
		now.Sources = map[string]string{"build": "s"}
	}
	v, err := Verify(lock, map[string]Seen{"t": now}, rules, at)
	if err != nil || len(v.Findings) != 1 || v.State != v.Findings[0].State {
		t.Fatalf("%+v, %v", v, err)
	}
	return v.Findings[0]
}

// TestVerify answers for each way in which a build can stay or change.
func TestVerify(t *testing.T) {
	by := "SEV1 (approved by kim, until 2027-02-12T07:00:00-05:00)"
	during, after := captured.Add(time.Hour), captured.Add(3*time.Hour)
	for _, c := range []struct {
		name  string
		was   []string
		now   []string
		past  []string
		wrong string
		at    time.Time
		want  Finding
	}{
		{"the same", []string{"1.0"}, []string{"1.0"}, nil, "", during, Finding{State: Honoured}},
		{"the same two", []string{"1.0", "2.0"}, []string{"1.0", "2.0"}, nil, "", during, Finding{State: Honoured}},
		{"another", []string{"1.0"}, []string{"1.1"}, nil, "", during, Finding{State: Violated, Added: []string{"1.1"}, Gone: []string{"1.0"}}},
		{"one more", []string{"1.0"}, []string{"1.0", "1.1"}, nil, "", during, Finding{State: Violated, Added: []string{"1.1"}}},
		{"one less", []string{"1.0", "1.1"}, []string{"1.0"}, nil, "", during, Finding{State: Violated, Gone: []string{"1.1"}}},
		{"exempted", []string{"1.0"}, []string{"1.0.1"}, nil, "", during, Finding{State: Exempted, Added: []string{"1.0.1"}, Gone: []string{"1.0"}, Why: by}},
		{"exempted, half way", []string{"1.0"}, []string{"1.0", "1.0.1"}, nil, "", during, Finding{State: Exempted, Added: []string{"1.0.1"}, Why: by}},
		{"exempted and captured half way", []string{"1.0", "1.0.1"}, []string{"1.0.1"}, nil, "", during, Finding{State: Exempted, Gone: []string{"1.0"}, Why: by}},
		{"exempted, and the other way", []string{"1.0", "1.0.1"}, []string{"1.0"}, nil, "", during, Finding{State: Violated, Gone: []string{"1.0.1"}}},
		{"exempted and another", []string{"1.0"}, []string{"1.0.1", "6.6.6"}, nil, "", during, Finding{State: Violated, Added: []string{"1.0.1", "6.6.6"}, Gone: []string{"1.0"}}},
		{"the override has expired", []string{"1.0"}, []string{"1.0.1"}, nil, "", after, Finding{State: Violated, Added: []string{"1.0.1"}, Gone: []string{"1.0"}}},
		{"away", []string{"1.0"}, nil, nil, "refused", during, Finding{State: Unknown, Why: "refused"}},
		{"silent", []string{"1.0"}, nil, nil, "", during, Finding{State: Unknown, Why: "nothing was found"}},
		{"half seen and the same", []string{"1.0", "2.0"}, []string{"1.0"}, nil, "503", during, Finding{State: Unknown, Why: "503"}},
		{"half seen and another", []string{"1.0"}, []string{"1.1"}, nil, "503", during, Finding{State: Violated, Added: []string{"1.1"}, Why: "503"}},
		{"half seen and exempted", []string{"1.0"}, []string{"1.0.1"}, nil, "503", during, Finding{State: Unknown, Added: []string{"1.0.1"}, Why: "503"}},
		{"changed and back", []string{"1.0"}, []string{"1.0"}, []string{"1.0", "1.1"}, "", during, Finding{State: Violated, Passed: []string{"1.1"}}},
		{"exempted and back", []string{"1.0"}, []string{"1.0"}, []string{"1.0", "1.0.1"}, "", during, Finding{State: Exempted, Passed: []string{"1.0.1"}, Why: by}},
		{"nothing in the lock", nil, []string{"1.0"}, nil, "", during, Finding{State: Unknown, Why: "the lock does not have it; capture again"}},
	} {
		now := Seen{Identity: Identity{"build": c.now}, Past: Identity{"build": c.past}, Wrong: map[string]string{}}
		if c.wrong != "" {
			now.Wrong["build"] = c.wrong
		}
		got := verifyOne(t, c.was, now, superBowl(), c.at)
		for _, l := range []*[]string{&got.Added, &got.Gone, &got.Passed} {
			if len(*l) == 0 {
				*l = nil
			}
		}
		c.want.Target, c.want.Kind = "t", "build"
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
	now := Seen{Identity: Identity{"build": {"1.0"}}, Sources: map[string]string{"build": "elsewhere"}}
	if got, want := verifyOne(t, []string{"1.0"}, now, Rules{}, during).Why, "captured from s, and now read from elsewhere; capture again"; got != want {
		t.Errorf("another source: %q, want %q", got, want)
	}
	now = Seen{Identity: Identity{"build": {"1.0.1"}}}
	if got := verifyOne(t, []string{"1.0"}, now, Rules{Overrides: superBowl().Overrides}, during); got.State != Violated {
		t.Errorf("an override without a window exempts: %v", got)
	}
}

// TestVerifyWhole judges targets and kinds that are on one side only, and says what
// is not judged.
func TestVerifyWhole(t *testing.T) {
	lock := aLock()
	now := map[string]Seen{
		"staging": {
			Identity: Identity{"build": {"1.0"}, "config": {"5"}, Started: {"200"}},
			Sources:  map[string]string{"build": "url /v, json version", "config": "x"},
			Ahead:    -3 * time.Second,
		},
		"new": {Identity: Identity{"build": {"1"}}},
	}
	lock.Targets[1].Identity[Started] = []string{"100"}
	v, err := Verify(lock, now, Rules{}, captured)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range v.Findings {
		got = append(got, fmt.Sprintf("%s %s %s: %s", f.Target, f.Kind, f.State, f.Why))
	}
	want := []string{
		"api all unknown: the lock has it, and nobody asked it",
		"new all unknown: the lock does not have it; capture again",
		"staging build honoured: ",
		"staging config unknown: the lock does not have it; capture again",
		"staging flags unknown: the lock has it, and no source says it now",
	}
	notes := []string{
		"staging was started since the capture (1 start times are new); a restart is no change",
		"the clock of staging is at least 3s behind this one: windows begin and end by this one",
	}
	if diff := cmp.Diff(want, got) + cmp.Diff(notes, v.Notes); diff != "" || v.State != Unknown || v.Complete() {
		t.Errorf("%s %s", v.State, diff)
	}
	watching := Rules{Calendar: Calendar{{Name: "w", Start: captured, End: captured.Add(1), Watch: []string{"build"}}}}
	delete(now, "new")
	v, err = Verify(Lock{Targets: lock.Targets[1:]}, now, watching, captured)
	if err != nil || len(v.Findings) != 1 || v.State != Honoured {
		t.Errorf("a window that watches the build alone: %+v, %v", v, err)
	}
	if v, err := Verify(NewLock(captured, nil), nil, Rules{}, captured); err != nil || v.State != Unknown || v.Complete() {
		t.Errorf("nothing at all: %+v, %v", v, err)
	}
}

// TestVerifyNeverRaises takes random worlds and sees that less knowledge is never
// a better answer, and that honoured means the same sets.
func TestVerifyNeverRaises(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	some := func() []string {
		i := Identity{}
		for range random.IntN(4) {
			i.Add("x", []string{"1.0", "1.0.1", "2.0", "3.0"}[random.IntN(4)])
		}
		return i["x"]
	}
	for range 5000 {
		was, now := some(), Seen{Identity: Identity{"build": some()}, Past: Identity{"build": some()}}
		full := verifyOne(t, was, now, superBowl(), captured)
		if same := len(was) > 0 && slices.Equal(was, now.Identity["build"]) && len(without(now.Past["build"], was)) == 0; same != (full.State == Honoured) {
			t.Fatalf("%q, then %v: %s", was, now, full.State)
		}
		now.Wrong = map[string]string{"build": "503"}
		less := verifyOne(t, was, now, superBowl(), captured)
		if less.State == Honoured || less.State == Exempted {
			t.Fatalf("%q, then half of %v: %s", was, now, less.State)
		}
		empty := verifyOne(t, was, Seen{Identity: Identity{"build": {}}}, superBowl(), captured)
		if empty.State != Unknown {
			t.Fatalf("%q, then nothing: %s", was, empty.State)
		}
	}
}

// TestChanged names changes and nothing else.
func TestChanged(t *testing.T) {
	before := Identity{"build": {"4.3.0"}, "config": {"17"}, Started: {"1"}, "flags": {}, "was": {"x"}}
	after := Identity{"build": {"4.3.0", "4.3.1"}, "config": {"18"}, Started: {"2"}, "flags": {"a"}, "was": {}, "new": {"y"}}
	if got, want := Changed(before, after), "build changed from 4.3.0 to 4.3.0, 4.3.1; config changed from 17 to 18"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	for _, i := range []Identity{before, after, nil} {
		if got := Changed(i, i); got != "" {
			t.Error(got)
		}
	}
}

// TestStates reads and writes each state's word.
func TestStates(t *testing.T) {
	for _, s := range []State{Unknown, Honoured, Exempted, Violated} {
		text, err := s.MarshalText()
		var back State
		if err != nil || back.UnmarshalText(text) != nil || back != s {
			t.Errorf("%s becomes %s", s, back)
		}
		if s.Worse(Violated) != Violated || Honoured.Worse(s) != s || Violated.Worse(s) != Violated {
			t.Errorf("%s is in the wrong place", s)
		}
	}
	var s State
	if err := s.UnmarshalText([]byte("ok")); err == nil || !strings.Contains(err.Error(), "want unknown") {
		t.Error(err)
	}
}
