package runs

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What is removed is old, finished and nobody's: each rule by itself.
func TestPrune(t *testing.T) {
	out := t.TempDir()
	hours := func(n int) time.Duration { return time.Duration(n) * time.Hour }
	newest := shelve(t, out, hours(1), RunFile, JournalFile)
	second := shelve(t, out, hours(2), RunFile)
	young := shelve(t, out, hours(3), JournalFile)
	old := shelve(t, out, hours(30), RunFile, JournalFile)
	pointed := shelve(t, out, hours(31), RunFile)
	played := shelve(t, out, hours(32), RunFile)
	killed := shelve(t, out, hours(33), JournalFile)
	written := shelve(t, out, hours(34), JournalFile)
	put(t, filepath.Join(out, written, JournalFile), "", hours(1))
	spoilt := shelve(t, out, hours(35), RunFile)
	put(t, filepath.Join(out, spoilt, RunFile), "{", hours(35))
	hollow, precious := NewID(noon.Add(-hours(36)), "hollow"), "20200101"
	for _, dir := range []string{hollow, precious} {
		if err := os.Mkdir(filepath.Join(out, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	put(t, filepath.Join(out, precious, RunFile), "{}", hours(1000))
	if err := os.Symlink(pointed, filepath.Join(out, latest)); err != nil {
		t.Fatal(err)
	}
	removed, err := open(t, out).Prune(2, played, noon)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{old, killed, spoilt}, removed); diff != "" {
		t.Errorf("removed (-want +got):\n%s", diff)
	}
	var left []string
	entries, err := os.ReadDir(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		left = append(left, e.Name())
	}
	want := []string{newest, second, young, pointed, played, written, hollow, precious, latest}
	slices.Sort(want)
	if diff := cmp.Diff(want, left); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
}

// Of any runs, the newest are kept, and what was played: an oracle that knows
// nothing of folders.
func TestPruneKeepsTheNewest(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 11))
	for range 20 {
		out := t.TempDir()
		var names []string
		for n := range 1 + r.IntN(8) {
			names = append(names, shelve(t, out, time.Duration(100+n)*time.Hour, RunFile))
		}
		keep, played := r.IntN(10), r.IntN(len(names))
		removed, err := open(t, out).Prune(keep, names[played], noon)
		if err != nil {
			t.Fatal(err)
		}
		for i, name := range names {
			if gone := i >= keep && i != played; gone != slices.Contains(removed, name) {
				t.Errorf("of %d runs, %d to be kept and the %d. played, the %d. is gone: %v", len(names), keep, played, i, !gone)
			}
		}
	}
}

// A run that is elsewhere is not removed there, nor a link to it here.
func TestPruneFollowsNoLink(t *testing.T) {
	out, elsewhere := t.TempDir(), t.TempDir()
	away := shelve(t, elsewhere, 100*time.Hour, RunFile)
	here := shelve(t, out, 101*time.Hour, RunFile)
	for link, to := range map[string]string{filepath.Join(out, away): filepath.Join(elsewhere, away), filepath.Join(out, here, "more"): elsewhere} {
		if err := os.Symlink(to, link); err != nil {
			t.Fatal(err)
		}
	}
	if removed, err := open(t, out).Prune(0, "", noon); err != nil || !slices.Equal(removed, []string{here}) {
		t.Errorf("removed %v, %v", removed, err)
	}
	for _, path := range []string{filepath.Join(elsewhere, away, RunFile), filepath.Join(out, away)} {
		if _, err := os.Lstat(path); err != nil {
			t.Error(err)
		}
	}
}
