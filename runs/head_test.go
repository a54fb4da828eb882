package runs

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// The head of a record is the record, without what stands behind it and without a
// verdict.
func TestLoadHead(t *testing.T) {
	r := play(night(t, "readers p99 <= 100ms", ""), load{n: 400})
	Judge(r)
	if r.Verdict != Pass {
		t.Fatalf("the record is not a pass: %s", r.Why)
	}
	dir := t.TempDir()
	if err := r.Save(dir); err != nil {
		t.Fatal(err)
	}
	want, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	got, err := LoadHead(dir)
	if err != nil {
		t.Fatal(err)
	}
	behind := cmpopts.IgnoreFields(Run{}, "Verdict", "Why", "Findings", "Phases", "Tallies", "Examples", "Marks", "Witness", "Generator")
	if diff := cmp.Diff(want, got, behind); diff != "" {
		t.Errorf("(-Load +LoadHead):\n%s", diff)
	}
	if got.Verdict != Unclear || got.Why != "" || got.Tallies != nil {
		t.Errorf("the head says %s, %q, %v", got.Verdict, got.Why, got.Tallies)
	}
}

// What stands behind the head is not read, whatever it is.
func TestLoadHeadReadsNoFurther(t *testing.T) {
	var text strings.Builder
	r := night(t, "", "")
	r.Verdict = Pass
	if err := r.Write(&text); err != nil {
		t.Fatal(err)
	}
	head, _, ok := strings.Cut(text.String(), `"findings"`)
	if !ok {
		t.Fatal("the record has no findings")
	}
	got, err := readHead(strings.NewReader(head + `"findings":[cut off`))
	if err != nil || got.ID != r.ID || got.Verdict != Unclear {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestLoadHeadRefuses(t *testing.T) {
	if _, err := LoadHead(t.TempDir()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an empty folder: %v", err)
	}
	for text, says := range map[string]string{
		"":                                     "not a run of gameday",
		"[]":                                   "not a run of gameday",
		"{}":                                   "it has no schema or no scenario",
		`{"schema":1`:                          "it has no schema or no scenario",
		`{"schema":"1"}`:                       "not a run of gameday",
		`{"schema":2,"scenario":{"name":"x"}}`: "the record has schema 2",
		`{"schema":1,"scenario":{"name":"x"}}`: "does not say at what scale",
		`{"schema":1,"id":`:                    "not a run of gameday",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, RunFile), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if r, err := LoadHead(dir); err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), RunFile) {
			t.Errorf("%s: got %v, %v; want it to say %q", text, r, err, says)
		}
	}
}
