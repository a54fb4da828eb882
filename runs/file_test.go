package runs

import (
	"bytes"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// full is a record that has something in every field.
func full(t testing.TB) *Run {
	t.Helper()
	r := record(t, "success >= 99%, readers p99 <= 100ms, fresh max <= 1s", asks(rand.New(rand.NewPCG(9, 9))))
	watch(r, 0, ms, 70*ms)
	r.Schedule, r.DuringFreeze, r.Aborted = strings.Repeat("ab", 32), "the CTO asked", "it was cancelled"
	r.Add(&Entry{
		Marks:     []Mark{{At: 0, Kind: MarkPhase, Text: "p0"}, {At: Span(1500 * ms), Kind: MarkAborted, Text: "it was cancelled"}},
		Witness:   &Witness{Absent: "it left", Failed: 3, Lies: []string{"post 7 <is> gone"}, Lied: 1},
		Generator: &Generator{InFlightPeak: 9, CPU: Span(200 * 24 * time.Hour), CPUShare: 0.37, Starved: 2, MemoryPeak: 1 << 26, Notes: []string{"é"}},
	})
	Judge(r)
	return r
}

func TestSaveAndLoad(t *testing.T) {
	r := full(t)
	dir := t.TempDir()
	if err := r.Save(dir); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, filepath.Join(dir, RunFile)} {
		got, err := Load(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(r, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-saved +loaded):\n%s", path, diff)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Errorf("%d files are left, %v; want the record alone", len(files), err)
	}
}

// A record that is there is replaced as a whole or not at all.
func TestSaveReplaces(t *testing.T) {
	r, dir := full(t), t.TempDir()
	if err := r.Save(dir); err != nil {
		t.Fatal(err)
	}
	open, err := os.Open(filepath.Join(dir, RunFile))
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	want := text(t, r)
	r.Gameday = "0.2.0"
	if err := r.Save(dir); err != nil {
		t.Fatal(err)
	}
	if old, err := ReadRun(open); err != nil || text(t, old) != want {
		t.Errorf("who had the old record open reads something else, %v", err)
	}
	if got, err := Load(dir); err != nil || got.Gameday != "0.2.0" {
		t.Errorf("the record was not replaced, %v", err)
	}
	if err := os.Mkdir(filepath.Join(dir, RunFile+".new"), 0o755); err != nil {
		t.Fatal(err)
	}
	r.Gameday = "0.3.0"
	if err := r.Save(dir); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("it was saved, %v", err)
	}
	if got, err := Load(dir); err != nil || got.Gameday != "0.2.0" {
		t.Errorf("a save that failed changed the record, %v", err)
	}
	if err := r.Save(filepath.Join(dir, "nowhere")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("saved in a folder that is not there: %v", err)
	}
}

// Each mistake is one clear sentence with the path.
func TestLoadMistakes(t *testing.T) {
	good := text(t, full(t))
	changed := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("the record does not hold %s", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	dir := t.TempDir()
	for _, tt := range []struct{ name, text, says string }{
		{"empty.json", "", "not a run of gameday: unexpected end of JSON input"},
		{"cut.json", good[:len(good)/2], "not a run of gameday: unexpected end of JSON input"},
		{"more.json", good + "{}", "not a run of gameday: invalid character '{' after top-level value"},
		{"page.json", "<!doctype html>", "not a run of gameday: invalid character '<' looking for beginning of value"},
		{"list.json", "[]", "not a run of gameday: json: cannot unmarshal array"},
		{"null.json", "null", "not a run of gameday: it has no schema or no scenario"},
		{"foreign.json", `{"name": "left-pad", "version": "1.0.0"}`, "not a run of gameday: it has no schema or no scenario"},
		{"schema0.json", changed(`"schema":1`, `"schema":0`), "not a run of gameday: it has no schema or no scenario"},
		{"schema2.json", changed(`"schema":1`, `"schema":2`), "the record has schema 2; this gameday reads 1"},
		{"verdict.json", changed(`"verdict":"fail"`, `"verdict":"great"`), `not a run of gameday: verdict "great": want pass, fail or unclear`},
		{"empty.jsonl", "", "the journal is empty"},
		{"cut.jsonl", `{"run":{"sch`, "the journal is empty"},
		{"page.jsonl", "<!doctype html>\n", "line 1 is not an entry of a journal: invalid character '<' looking for beginning of value"},
		{"foreign.jsonl", "{}\n", "not a journal of gameday: it does not begin with a run"},
		{"record.jsonl", good + "\n", "not a journal of gameday: it does not begin with a run"},
		{"twice.jsonl", strings.Repeat(`{"run":`+good+"}\n", 2), "line 2 begins another run"},
		{"blank.jsonl", `{"run":` + good + "}\n\n", "line 2 is not an entry of a journal: unexpected end of JSON input"},
	} {
		path := filepath.Join(dir, tt.name)
		if err := os.WriteFile(path, []byte(tt.text), 0o644); err != nil {
			t.Fatal(err)
		}
		r, err := Load(path)
		if r != nil || err == nil || !strings.HasPrefix(err.Error(), path+": "+tt.says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.says)
		}
	}
	for _, path := range []string{dir, filepath.Join(dir, "missing.json"), filepath.Join(dir, "missing.jsonl"), filepath.Join(dir, "missing")} {
		if r, err := Load(path); r != nil || !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v, want that it is not there", path, err)
		}
	}
}

// A folder is read from its record, and without one from its journal.
func TestLoadPrefersTheRecord(t *testing.T) {
	r, dir := full(t), t.TempDir()
	r.Aborted = ""
	all := asks(rand.New(rand.NewPCG(9, 9)))
	if err := os.WriteFile(filepath.Join(dir, JournalFile), journalOf(t, r, all), 0o644); err != nil {
		t.Fatal(err)
	}
	killed, err := Load(dir)
	if err != nil || killed.Aborted != "the play was killed" || len(killed.Tallies) != len(r.Tallies) {
		t.Fatalf("read from the journal: %v, %+v", err, killed)
	}
	if err := r.Save(dir); err != nil {
		t.Fatal(err)
	}
	if ended, err := Load(dir); err != nil || ended.Aborted != "" {
		t.Errorf("read from the record: %v, %+v", err, ended)
	}
}

// A journal that was cut anywhere is read up to its last whole line, says that
// the play was killed, and never passes.
func TestJournalCutAnywhere(t *testing.T) {
	all := asks(rand.New(rand.NewPCG(9, 9)))[:90]
	r := record(t, "success >= 1%, p50 <= 1h", all)
	journal := journalOf(t, r, all)
	first := bytes.IndexByte(journal, '\n') + 1
	step := 1
	for cut := 0; cut <= len(journal); cut += step {
		if step = 1; cut > first+60 && cut < len(journal)-60 {
			step = 397
		}
		got, err := ReadJournal(bytes.NewReader(journal[:cut]))
		if cut < first {
			if err == nil || err.Error() != "the journal is empty" {
				t.Fatalf("cut at %d, in the first line: %v", cut, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		lines := bytes.Count(journal[:cut], []byte("\n"))
		want := uint64(min(max(lines-1, 0)*20, len(all)))
		if n := got.Sum(nil).Offered; n != want || got.Aborted != "the play was killed" {
			t.Fatalf("cut at %d: %d requests, aborted %q; want %d", cut, n, got.Aborted, want)
		}
		if Judge(got); got.Verdict == Pass {
			t.Fatalf("cut at %d: %s", cut, got.Why)
		}
	}
}

// A journal says itself that its play was ended early, or came to an end.
func TestJournalWithAnEnd(t *testing.T) {
	for _, why := range []string{"", "somebody pressed Ctrl-C"} {
		r := night(t, "p99 <= 1s", "")
		if r.Aborted = why; why != "" {
			r.Ended = time.Time{}
		}
		var journal bytes.Buffer
		if err := (&Entry{Run: r}).Write(&journal); err != nil {
			t.Fatal(err)
		}
		got, err := ReadJournal(&journal)
		if err != nil || got.Aborted != why {
			t.Errorf("aborted %q, %v; want %q", got.Aborted, err, why)
		}
	}
}

// A torn is a reader and writer that breaks off.
type torn struct{}

func (torn) Read([]byte) (int, error)  { return 0, fs.ErrPermission }
func (torn) Write([]byte) (int, error) { return 0, fs.ErrPermission }

func TestTornFiles(t *testing.T) {
	if _, err := ReadRun(torn{}); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("reading a record: %v", err)
	}
	if _, err := ReadJournal(torn{}); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("reading a journal: %v", err)
	}
	if err := (&Entry{}).Write(torn{}); !errors.Is(err, fs.ErrPermission) || !strings.HasPrefix(err.Error(), "writing the journal: ") {
		t.Errorf("writing a journal: %v", err)
	}
}
