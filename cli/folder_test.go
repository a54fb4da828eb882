package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"gameday/reports"
	"gameday/runs"
	"gameday/scenarios"
)

// TestFolderNames makes folders in one second: each has a name of its own, from
// the time and the scenario.
func TestFolderNames(t *testing.T) {
	out := filepath.Join(t.TempDir(), "a", "b")
	synctest.Test(t, func(t *testing.T) {
		for _, want := range []string{"20000101T000000Z-night", "20000101T000000Z-night-2", "20000101T000000Z-night-3"} {
			f, err := newFolder(out, "night")
			if err != nil {
				t.Fatal(err)
			}
			f.close()
			if f.id != want || f.path != filepath.Join(out, want) {
				t.Errorf("got %s at %s, want %s", f.id, f.path, want)
			}
		}
	})
}

// TestFoldersAtOnce makes folders from many plays at the same time.
func TestFoldersAtOnce(t *testing.T) {
	out := t.TempDir()
	const plays = 30
	var all sync.WaitGroup
	for range plays {
		all.Go(func() {
			f, err := newFolder(out, "night")
			if err != nil {
				t.Error(err)
				return
			}
			defer f.close()
			if _, err := f.journal.Write([]byte(f.id)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	entries, err := os.ReadDir(out)
	if err != nil || len(entries) != plays {
		t.Fatalf("%d folders, want %d: %v", len(entries), plays, err)
	}
	for _, e := range entries {
		if data, err := os.ReadFile(filepath.Join(out, e.Name(), runs.JournalFile)); err != nil || string(data) != e.Name() {
			t.Errorf("the journal of %s is %q: %v", e.Name(), data, err)
		}
	}
}

func TestFolderRemove(t *testing.T) {
	out := t.TempDir()
	f, err := newFolder(out, "night")
	if err != nil {
		t.Fatal(err)
	}
	f.remove()
	if _, err := os.Stat(f.path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
}

// TestFolderNowhere makes folders where none can be.
func TestFolderNowhere(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{file, filepath.Join(file, "deeper"), ""} {
		if _, err := newFolder(out, "night"); err == nil {
			t.Errorf("a folder was made in %q", out)
		}
	}
}

// TestFolderSave holds that everything there is is left, and reads back.
func TestFolderSave(t *testing.T) {
	f, err := newFolder(t.TempDir(), "night")
	if err != nil {
		t.Fatal(err)
	}
	defer f.close()
	if err := f.save(record(t)); err != nil {
		t.Fatal(err)
	}
	for _, format := range reports.Formats {
		if info, err := os.Stat(filepath.Join(f.path, format.File)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", format.Name, err)
		}
	}
	if got, err := runs.Load(f.path); err != nil || got.ID != "x" {
		t.Errorf("read back %+v: %v", got, err)
	}
}

// TestFolderSaveWhatCan saves into a folder in which one report cannot be
// written: the others are there, and the error names the one.
func TestFolderSaveWhatCan(t *testing.T) {
	f, err := newFolder(t.TempDir(), "night")
	if err != nil {
		t.Fatal(err)
	}
	defer f.close()
	if err := os.Mkdir(filepath.Join(f.path, "report.txt"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := f.save(record(t)); err == nil || !strings.Contains(err.Error(), "report.txt") || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v, want one error about report.txt", err)
	}
	for _, name := range []string{runs.RunFile, "report.md", "junit.xml"} {
		if _, err := os.Stat(filepath.Join(f.path, name)); err != nil {
			t.Error(err)
		}
	}
}

// TestFolderFull saves on a disk that is full for some files: the error says which
// are missing in a line, nothing half-written is left, and the journal is named.
func TestFolderFull(t *testing.T) {
	f, err := newFolder(t.TempDir(), "night")
	if err != nil {
		t.Fatal(err)
	}
	defer f.close()
	for _, name := range []string{runs.RunFile + ".new", "report.txt"} {
		if err := os.Symlink("/dev/full", filepath.Join(f.path, name)); err != nil {
			t.Fatal(err)
		}
	}
	err = f.save(record(t))
	want := f.path + " lacks run.json, report.txt: no space left on device\nits journal.jsonl is whole: gameday report " + f.path
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	f.journal.lost = syscall.ENOSPC
	if err := os.Symlink("/dev/full", filepath.Join(f.path, runs.RunFile+".new")); err != nil {
		t.Fatal(err)
	}
	if err := f.save(record(t)); err == nil || !strings.HasSuffix(err.Error(), "\nits journal.jsonl has holes: no space left on device") {
		t.Errorf("got %v", err)
	}
	var left []string
	entries, err := os.ReadDir(f.path)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		left = append(left, e.Name())
	}
	if diff := cmp.Diff([]string{"journal.jsonl", "junit.xml", "report.html", "report.md", "report.txt"}, left); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
}

// TestLatest points at one run after another while somebody reads: the link is
// always there and always leads to a run.
func TestLatest(t *testing.T) {
	out := t.TempDir()
	first, err := newFolder(out, "night")
	if err != nil {
		t.Fatal(err)
	}
	defer first.close()
	if err := os.WriteFile(filepath.Join(out, latest+".new"), nil, 0o644); err != nil { // of one that was killed
		t.Fatal(err)
	}
	if err := first.point(); err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	var reader sync.WaitGroup
	reader.Go(func() {
		for {
			if _, err := os.Stat(filepath.Join(out, latest, runs.JournalFile)); err != nil {
				t.Error(err)
			}
			select {
			case <-over:
				return
			default:
			}
		}
	})
	var newest *folder
	for range 50 {
		if newest, err = newFolder(out, "night"); err != nil {
			t.Fatal(err)
		}
		newest.close()
		if err := newest.point(); err != nil {
			t.Fatal(err)
		}
	}
	close(over)
	reader.Wait()
	if to, err := os.Readlink(filepath.Join(out, latest)); err != nil || to != newest.id {
		t.Errorf("latest leads to %q, want %q: %v", to, newest.id, err)
	}
}

// TestLatestTaken holds that something else of that name is not replaced.
func TestLatestTaken(t *testing.T) {
	out := t.TempDir()
	if err := os.MkdirAll(filepath.Join(out, latest, "precious"), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := newFolder(out, "night")
	if err != nil {
		t.Fatal(err)
	}
	defer f.close()
	if err := f.point(); err == nil || !strings.Contains(err.Error(), "pointing "+filepath.Join(out, latest)) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(filepath.Join(out, latest, "precious")); err != nil {
		t.Error(err)
	}
}

// record is a run in which nothing happened.
func record(t *testing.T) *runs.Run {
	t.Helper()
	s, err := scenarios.Load("steady")
	if err != nil {
		t.Fatal(err)
	}
	r := &runs.Run{Schema: runs.Schema, ID: "x", Scenario: s, Seed: s.Seed, Scale: 0.01}
	schedule := scenarios.NewSchedule(s, r.Scale)
	for i, p := range s.Phases {
		begin, end := schedule.Phase(i)
		due := map[string]uint64{}
		for c, crowd := range s.Crowds {
			due[crowd.Name] = schedule.Count(c, i)
		}
		r.Phases = append(r.Phases, runs.Phase{Name: p.Name, Begin: runs.Span(begin), End: runs.Span(end), Due: due})
	}
	runs.Judge(r)
	return r
}
