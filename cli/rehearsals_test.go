package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gameday/ready"
	"gameday/runs"
	"gameday/scenarios"
)

// quick is a scenario of a second, by a name.
func quick(t testing.TB, name string) *scenarios.Scenario {
	t.Helper()
	s, err := scenarios.Read(name+".yaml", fmt.Appendf(nil, `
name: %s
asks: Does it answer at all?
crowds: [{name: readers, rate: 40000/s, arrivals: even, do: [home 1]}]
phases: [{name: all, for: 1s}]
expect: [success >= 99%%, p50 <= 1s]
`, name))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// kept leaves the record of a run that passed, with a verdict that nobody should
// believe.
func kept(t testing.TB, out string, s *scenarios.Scenario, began time.Time, change func(r *runs.Run)) (dir string) {
	t.Helper()
	const n = 400
	r := &runs.Run{
		Schema: runs.Schema, ID: runs.NewID(began, s.Name), Scenario: s, Scale: 0.01, Began: began, Ended: began.Add(time.Second),
		Target: runs.Target{Name: "staging", URL: "http://127.0.0.1:9", Dialect: "http"}, Verdict: runs.Fail, Why: "somebody wrote this",
		Phases: []runs.Phase{{Name: "all", End: runs.Span(time.Second), Due: map[string]uint64{"readers": n}}},
	}
	tally := runs.Tally{Crowd: "readers", Action: "home", Offered: n, Good: n, Attempts: n}
	for range n {
		tally.Response.Record(time.Millisecond)
		tally.Service.Record(time.Millisecond)
	}
	r.Tallies = []runs.Tally{tally}
	if change != nil {
		change(r)
	}
	dir = filepath.Join(out, r.ID)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := r.Save(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// quickEvent wants quick against what kept leaves.
func quickEvent(t testing.TB) *ready.Event {
	return &ready.Event{
		Targets: []ready.Target{{Name: "staging", URL: "http://127.0.0.1:9"}}, Headroom: 1,
		Require: []ready.Requirement{{Scenario: quick(t, "quick"), Scale: 0.01}},
	}
}

// Runs that decide are judged anew, whatever stands in them; of older ones nothing
// but the head is read.
func TestRehearsals(t *testing.T) {
	out := t.TempDir()
	now := time.Now().Truncate(time.Second)
	old := kept(t, out, quick(t, "quick"), now.Add(-2*time.Hour), nil)
	newest := kept(t, out, quick(t, "quick"), now.Add(-time.Hour), nil)
	kept(t, out, quick(t, "other"), now.Add(-time.Minute), nil)
	text, err := os.ReadFile(filepath.Join(old, runs.RunFile))
	if err != nil {
		t.Fatal(err)
	}
	cut := text[:strings.Index(string(text), `"findings"`)+10] // its tallies are gone
	for file, content := range map[string]string{
		filepath.Join(old, runs.RunFile): string(cut), filepath.Join(newest, "report.txt"): "a report",
		filepath.Join(out, "notes.txt"): "no run", filepath.Join(out, runs.SelftestFile): "{}",
	} {
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, dir := range []string{"notes", ".cache"} {
		if err := os.Mkdir(filepath.Join(out, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Base(old), filepath.Join(out, latest)); err != nil {
		t.Fatal(err)
	}
	all, err := rehearsals(out, quickEvent(t))
	if err != nil || len(all) != 3 {
		t.Fatalf("got %d runs, %v", len(all), err)
	}
	for _, r := range all {
		want := runs.Unclear
		if filepath.Dir(r.Path) == newest {
			want = runs.Pass
			if r.Path != filepath.Join(newest, "report.txt") {
				t.Errorf("people open %s", r.Path)
			}
		}
		if r.Verdict != want || r.Trouble != "" {
			t.Errorf("%s: %s, %q, %q; want %s", r.Path, r.Verdict, r.Why, r.Trouble, want)
		}
		if r.Tallies != nil || r.Findings != nil {
			t.Errorf("%s: it keeps what takes room", r.Path)
		}
	}
}

// What cannot be read is trouble, dated by its folder's name, and never nothing.
func TestRehearsalsInTrouble(t *testing.T) {
	began := time.Now().UTC().Truncate(time.Second).Add(-time.Hour)
	for name, spoil := range map[string]func(dir string) error{
		"its head is cut off":      func(dir string) error { return os.Truncate(filepath.Join(dir, runs.RunFile), 100) },
		"its tallies are cut off":  func(dir string) error { return os.Truncate(filepath.Join(dir, runs.RunFile), 1500) },
		"it is empty":              func(dir string) error { return os.Truncate(filepath.Join(dir, runs.RunFile), 0) },
		"its record is gone":       func(dir string) error { return os.Remove(filepath.Join(dir, runs.RunFile)) },
		"it has only just begun":   func(dir string) error { return startOver(dir, "") },
		"its journal is no record": func(dir string) error { return startOver(dir, "{}\n") },
	} {
		t.Run(name, func(t *testing.T) {
			out := t.TempDir()
			dir := kept(t, out, quick(t, "quick"), began, nil)
			if err := spoil(dir); err != nil {
				t.Fatal(err)
			}
			all, err := rehearsals(out, quickEvent(t))
			if err != nil || len(all) != 1 {
				t.Fatalf("got %d runs, %v", len(all), err)
			}
			if r := all[0]; r.Trouble == "" || r.Verdict != runs.Unclear || !r.Began.Equal(began) {
				t.Errorf("got trouble %q, verdict %s, began %s", r.Trouble, r.Verdict, r.Began)
			}
		})
	}
}

// startOver leaves nothing but a journal.
func startOver(dir, journal string) error {
	if err := os.Remove(filepath.Join(dir, runs.RunFile)); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, runs.JournalFile), []byte(journal), 0o644)
}

// A play that was killed is read from its journal, and decides nothing.
func TestRehearsalsThatWereKilled(t *testing.T) {
	out := t.TempDir()
	dir := kept(t, out, quick(t, "quick"), time.Now().Add(-time.Hour), nil)
	r, err := runs.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	r.Ended, r.Tallies = time.Time{}, nil
	var journal strings.Builder
	if err := (&runs.Entry{Run: r}).Write(&journal); err != nil {
		t.Fatal(err)
	}
	if err := startOver(dir, journal.String()); err != nil {
		t.Fatal(err)
	}
	all, err := rehearsals(out, quickEvent(t))
	if err != nil || len(all) != 1 || all[0].Verdict != runs.Unclear || all[0].Trouble != "" || all[0].Aborted == "" {
		t.Errorf("got %+v, %v", all, err)
	}
}

// Where there is no folder there are no runs; where there is something else, it
// is said.
func TestRehearsalsNowhere(t *testing.T) {
	if all, err := rehearsals(filepath.Join(t.TempDir(), "nosuch"), quickEvent(t)); len(all) > 0 || err != nil {
		t.Errorf("got %v, %v", all, err)
	}
	if _, err := rehearsals("rehearsals_test.go", quickEvent(t)); err == nil {
		t.Error("a file was read as a folder")
	}
}
