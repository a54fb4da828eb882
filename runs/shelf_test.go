package runs

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// noon is when the tests of shelves look.
var noon = time.Date(2027, 2, 15, 12, 0, 0, 0, time.UTC)

// shelve leaves a run that began so long before noon, with the files named.
func shelve(t *testing.T, out string, ago time.Duration, files ...string) (name string) {
	t.Helper()
	r := play(night(t, "readers p99 <= 100ms", ""), load{n: 400})
	r.Began = noon.Add(-ago)
	r.ID = NewID(r.Began, "night")
	Judge(r)
	dir := filepath.Join(out, r.ID)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		var text strings.Builder
		write := r.Write
		if file == JournalFile {
			write = (&Entry{Run: r}).Write
		}
		if err := write(&text); err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(dir, file), text.String(), ago)
	}
	return r.ID
}

// put writes a file that was last changed so long before noon.
func put(t *testing.T, path, text string, ago time.Duration) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, noon.Add(-ago), noon.Add(-ago)); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, dir string) *Shelf {
	t.Helper()
	s, err := OpenShelf(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// A shelf with all there can be on it: what is a run is told from what is not, and
// each by how far it came.
func TestShelfList(t *testing.T) {
	out, elsewhere := t.TempDir(), t.TempDir()
	recorded := shelve(t, out, time.Hour, RunFile, JournalFile)
	killed := shelve(t, out, 2*time.Hour, JournalFile)
	playing := shelve(t, out, 5*time.Second, JournalFile)
	broken := shelve(t, out, 3*time.Hour, RunFile)
	put(t, filepath.Join(out, broken, RunFile), "{", time.Hour)
	begins := NewID(noon.Add(-time.Second), "night")
	never := NewID(noon.Add(-4*time.Hour), "night")
	for name, ago := range map[string]time.Duration{begins: time.Second, never: 4 * time.Hour} {
		if err := os.Mkdir(filepath.Join(out, name), 0o755); err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(out, name, JournalFile), "", ago)
	}
	away := shelve(t, elsewhere, 6*time.Hour, RunFile)
	for _, err := range []error{
		os.Mkdir(filepath.Join(out, "notes"), 0o755),
		os.Mkdir(filepath.Join(out, NewID(noon, "hollow")), 0o755),
		os.MkdirAll(filepath.Join(out, NewID(noon, "deep"), RunFile), 0o755),
		os.Symlink(recorded, filepath.Join(out, latest)),
		os.Symlink(filepath.Join(elsewhere, away), filepath.Join(out, away)),
		os.WriteFile(filepath.Join(out, SelftestFile), nil, 0o644),
		os.WriteFile(filepath.Join(out, NewID(noon, "file")), nil, 0o644),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	all, others, err := open(t, out).List(noon)
	if err != nil {
		t.Fatal(err)
	}
	want := []Shelved{
		{Name: begins, State: Playing}, {Name: playing, State: Playing, Run: &Run{}}, {Name: recorded, State: Recorded, Run: &Run{}},
		{Name: killed, State: Killed, Run: &Run{}}, {Name: broken, State: Unreadable}, {Name: never, State: Unreadable},
	}
	for i := range want {
		want[i].Began, _ = ParseID(want[i].Name)
	}
	there := cmp.Comparer(func(a, b *Run) bool { return (a == nil) == (b == nil) })
	if diff := cmp.Diff(want, all, there, cmpopts.IgnoreFields(Shelved{}, "Trouble")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, r := range all {
		if (r.State == Unreadable) != (r.Trouble != "") {
			t.Errorf("%s: %v with the trouble %q", r.Name, r.State, r.Trouble)
		}
	}
	if diff := cmp.Diff([]string{NewID(noon, "deep"), NewID(noon, "hollow"), "notes"}, others); diff != "" {
		t.Errorf("no runs (-want +got):\n%s", diff)
	}
	if run := all[2].Run; run.Verdict != Pass || len(run.Findings) == 0 || len(run.Phases) == 0 || run.Tallies != nil {
		t.Errorf("the brief is %+v", run)
	}
}

// Nothing but a file of a run is opened, by whatever name it is asked for.
func TestShelfStaysInside(t *testing.T) {
	out, elsewhere := t.TempDir(), t.TempDir()
	name := shelve(t, out, time.Hour, RunFile)
	put(t, filepath.Join(elsewhere, "secret"), "secret", 0)
	put(t, filepath.Join(out, "beside"), "secret", 0)
	for link, to := range map[string]string{
		filepath.Join(out, name, "out"): filepath.Join(elsewhere, "secret"), filepath.Join(out, name, "up"): "../../secret",
		filepath.Join(out, name, "loop"): "loop",
	} {
		if err := os.Symlink(to, link); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, out)
	for _, path := range [][2]string{
		{name, "out"}, {name, "up"}, {name, "loop"}, {name, ""}, {name, "."}, {name, ".."}, {"..", "secret"}, {"", ""},
		{name, "../../" + filepath.Base(elsewhere) + "/secret"}, {"/etc", "passwd"}, {elsewhere, "secret"}, {name, "a\x00b"},
	} {
		if f, err := s.Open(path[0], path[1]); err == nil {
			f.Close()
			t.Errorf("%q was opened", path)
		}
	}
	for _, name := range []string{"", ".", "..", "../" + name, name + "/", name + "/.", latest, "20270101T000000Z-nosuch", name + "\x00"} {
		if r, err := s.Find(name, noon); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("found %q: %+v, %v", name, r, err)
		}
	}
}

// A run is loaded as it is from its folder, from its record or its journal.
func TestShelfLoad(t *testing.T) {
	out := t.TempDir()
	s := open(t, out)
	for _, name := range []string{shelve(t, out, time.Hour, RunFile, JournalFile), shelve(t, out, 2*time.Hour, JournalFile)} {
		want, err := Load(filepath.Join(out, name))
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-Load +Shelf.Load):\n%s", name, diff)
		}
	}
	if _, err := s.Load("20270101T000000Z-nosuch"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if _, err := OpenShelf(filepath.Join(out, "nosuch")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestParseID(t *testing.T) {
	for _, name := range []string{NewID(noon, "a"), NewID(noon, "super_bowl-2"), NewID(noon, "A-b_c9") + "-12"} {
		if began, ok := ParseID(name); !ok || !began.Equal(noon) {
			t.Errorf("%s: %s, %v", name, began, ok)
		}
	}
	for _, name := range []string{
		"", "latest", "20270215T120000Z", "20270215T120000Z-", "20271315T120000Z-a", "20270215T120000Z-../a", "20270215T120000Z-a/b",
		"x20270215T120000Z-a", "20270215T120000Z-a\n", "20270215T120000-a", "20270215T120000Z-.", "20270215T120000Z-2", `20270215T120000Z-a\b`,
	} {
		if _, ok := ParseID(name); ok {
			t.Errorf("%q is taken for a run", name)
		}
	}
}
