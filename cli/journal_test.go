package cli

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"gameday/harness"
	"gameday/runs"
	"gameday/scenarios"
	"gameday/targets"
)

// A disk has room for so many bytes, of which others take some away and give some
// back.
type disk struct {
	bytes.Buffer
	room   int
	sealed bool // it cannot be shortened
}

func (d *disk) Write(text []byte) (int, error) {
	fits := min(len(text), max(d.room-d.Len(), 0))
	d.Buffer.Write(text[:fits])
	if fits < len(text) {
		return fits, syscall.ENOSPC
	}
	return fits, nil
}

func (d *disk) Close() error { return nil }

func (d *disk) cut(size int64) error {
	if d.sealed {
		return syscall.EPERM
	}
	d.Truncate(int(size))
	return nil
}

// Whatever becomes of the disk, a journal holds whole entries, those whose writing
// was no error, and the first loss is said once.
func TestJournalOnAFullDisk(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	for round := range 200 {
		d := &disk{room: rnd.IntN(100), sealed: round%4 == 0}
		told := 0
		j := &journal{to: d, cut: d.cut, say: func(err error) {
			if told++; !errors.Is(err, syscall.ENOSPC) {
				t.Errorf("said %v", err)
			}
		}}
		var want strings.Builder
		lost := false
		for range 20 {
			line := strings.Repeat("x", rnd.IntN(12)) + "\n"
			if n, err := j.Write([]byte(line)); err == nil && n == len(line) {
				want.WriteString(line)
			} else if err == nil || n != 0 {
				t.Fatalf("wrote %d of %d bytes: %v", n, len(line), err)
			} else {
				lost = true
			}
			d.room = max(0, d.room+rnd.IntN(21)-10)
		}
		whole := d.String()[:strings.LastIndex(d.String(), "\n")+1]
		if whole != want.String() || !d.sealed && d.String() != whole {
			t.Errorf("the journal is %q, want %q", d.String(), want.String())
		}
		if told > 1 || lost != (j.lost != nil) {
			t.Errorf("said %d times, lost: %v", told, j.lost)
		}
	}
}

// A play whose journal has no room from its second entry on goes on to its end, and
// its report says what is missing.
func TestPlayOnAFullDisk(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(good))
	defer server.Close()
	s, err := scenarios.Read("shop.yaml", []byte(`
name: shop
asks: Does the shop hold?
crowds: [{name: buyers, rate: 2000/s, do: [{name: look, path: /look}]}]
phases: [{name: all, for: 2500ms}]
expect: [success >= 1%]
`))
	if err != nil {
		t.Fatal(err)
	}
	f, err := newFolder(t.TempDir(), s.Name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.close()
	var said []string
	f.journal.say = func(err error) { said = append(said, err.Error()) }
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	h := harness.Harness{Scale: 0.01, Journal: f.journal, Ready: func(*runs.Run) {}, Watch: func(m harness.Moment) {
		f.journal.to = full
	}}
	run, err := h.Play(t.Context(), s, targets.Target{Name: "shop", URL: server.URL, Dialect: targets.DialectHTTP})
	if err != nil {
		t.Fatal(err)
	}
	if run.Aborted != "" || run.Ended.Sub(run.Began) < 2*time.Second {
		t.Errorf("the play ended after %s: %q", run.Ended.Sub(run.Began), run.Aborted)
	}
	if len(said) != 1 || !strings.Contains(said[0], "no space left on device") {
		t.Errorf("said %q", said)
	}
	var report strings.Builder
	r := &runner{stdout: &report}
	lacks := missing("out/x", []gap{{runs.RunFile, &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}}, {"report.txt", syscall.EIO}})
	if err := r.tell(run, "out/x", lacks); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"the journal has holes: ", "NOT KEPT  out/x lacks run.json: no space left on device\n  out/x lacks report.txt: input/output error\n"} {
		if !strings.Contains(report.String(), line) {
			t.Errorf("the report does not say %q:\n%s", line, report.String())
		}
	}
	if _, err := runs.Load(filepath.Join(f.path, runs.JournalFile)); err != nil {
		t.Errorf("what is there of the journal cannot be read: %v", err)
	}
}
