package cli

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"gameday/faults"
)

// leave writes a journal of faults of a gameday that is no more, each mended by the
// shell script of its name.
func leave(t *testing.T, scripts ...string) (out string) {
	t.Helper()
	out = t.TempDir()
	journal, err := openFaultJournal(out)
	if err != nil {
		t.Fatal(err)
	}
	defer journal.Close()
	for i, script := range scripts {
		fmt.Fprintf(journal, `{"at":"2027-02-14T20:00:0%dZ","do":"break","by":{"pid":%d,"start":"1"},"n":%d,"fault":"f%d","kind":"command","undo":{"run":["sh","-c",%q,%q]}}`+"\n",
			i, os.Getpid(), i, i, script, filepath.Join(out, "healed")) // our pid, but not our start
	}
	return out
}

// mended is what the mends of a journal have written.
func mended(t *testing.T, out string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(out, "healed"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(data)
}

// TestMendLeftovers mends the last first before a play, once, however many plays
// begin at the same time.
func TestMendLeftovers(t *testing.T) {
	out := leave(t, `echo one >>"$0"`, `echo two >>"$0"`)
	if left, err := leftovers(out); err != nil || len(left) != 2 || left[0].Fault != "f1" {
		t.Fatalf("left over are %v, %v", left, err)
	}
	var says [5]bytes.Buffer
	var plays sync.WaitGroup
	for i := range says {
		plays.Go(func() {
			if err := mendLeftovers(t.Context(), out, &says[i]); err != nil {
				t.Error(err)
			}
		})
	}
	plays.Wait()
	if got := mended(t, out); got != "two\none\n" {
		t.Errorf("mended %q", got)
	}
	var all string
	for i := range says {
		all += says[i].String()
	}
	pid := os.Getpid()
	want := fmt.Sprintf("gameday: mended f1 (command), left in force since 2027-02-14 20:00:01 UTC by process %d\n"+
		"gameday: mended f0 (command), left in force since 2027-02-14 20:00:00 UTC by process %d\n", pid, pid)
	if all != want {
		t.Errorf("said\n%swant\n%s", all, want)
	}
	if left, err := leftovers(out); err != nil || len(left) > 0 {
		t.Errorf("left over are %v, %v", left, err)
	}
}

// TestMendLeftoversThatStay refuses to start, in one sentence, and tries again.
func TestMendLeftoversThatStay(t *testing.T) {
	out := leave(t, `echo one >>"$0"`, `test -e "$0".ok || { echo locked; exit 3; }`)
	var says bytes.Buffer
	err := mendLeftovers(t.Context(), out, &says)
	want := "not started, as a play that was killed may have left faults in force: mending f1: mend: sh: exit status 3: locked"
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	if left, err := leftovers(out); err != nil || len(left) != 1 || mended(t, out) != "one\n" {
		t.Errorf("left over are %v, %v; mended %q", left, err, mended(t, out))
	}
	if err := os.WriteFile(filepath.Join(out, "healed.ok"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := mendLeftovers(t.Context(), out, &says); err != nil {
		t.Error(err)
	}
	if left, err := leftovers(out); err != nil || len(left) > 0 {
		t.Errorf("left over are %v, %v", left, err)
	}
}

// TestMendSparesTheLiving leaves alone what a gameday that runs has broken.
func TestMendSparesTheLiving(t *testing.T) {
	out := filepath.Join(t.TempDir(), "new")
	if left, err := leftovers(out); err != nil || len(left) > 0 {
		t.Fatalf("without a journal: %v, %v", left, err)
	}
	journal, err := openFaultJournal(out)
	if err != nil {
		t.Fatal(err)
	}
	defer journal.Close()
	keeper, err := faults.Open(faults.Site{}, journal)
	if err != nil {
		t.Fatal(err)
	}
	defer keeper.Close()
	file := filepath.Join(out, "broken")
	run := func(args ...string) faults.Step { return faults.Step{Run: append(args, file)} }
	f := faults.Fault{Name: "x", Kind: "command", Inject: run("touch"), Confirm: run("test", "-e"), Mend: run("rm")}
	if err := keeper.Keep(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr strings.Builder
	if code := Main([]string{"mend", "--out", out}, nil, &stdout, &stderr); code != exitPass || stdout.String() != "nothing was left in force\n" {
		t.Errorf("exited %d: %s%s", code, &stdout, &stderr)
	}
	if _, err := os.Stat(file); err != nil {
		t.Errorf("another's fault was mended: %v", err)
	}
}

func TestMendJournalThatIsNone(t *testing.T) {
	out := t.TempDir()
	if err := os.Mkdir(filepath.Join(out, faultJournal), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := openFaultJournal(out); err == nil {
		t.Error("a folder was opened for writing")
	}
	if _, err := leftovers(out); err == nil {
		t.Error("a folder was read")
	}
	if err := mendLeftovers(t.Context(), out, &strings.Builder{}); err == nil || !strings.HasPrefix(err.Error(), "not started, ") {
		t.Errorf("a folder was mended from: %v", err)
	}
}
