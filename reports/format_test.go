package reports

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"gameday/runs"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

func write(t testing.TB, f Format, r *runs.Run) string {
	t.Helper()
	var b bytes.Buffer
	if err := f(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	for _, run := range []struct {
		name string
		run  *runs.Run
	}{{"night", night(t)}, {"killed", killed(t)}, {"unplayed", unplayed(t)}, {"hostile", hostile(t)}, {"storm", storm(t)}} {
		for _, f := range Formats {
			if f.Name == "json" || f.Name == "html" {
				continue // compared with what Save writes, and held by the samples of its View
			}
			t.Run(run.name+"/"+f.Name, func(t *testing.T) {
				file := filepath.Join("testdata", run.name+"."+f.Name)
				got := write(t, f.Write, run.run)
				if *update {
					if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), got); diff != "" {
					t.Errorf("%s differs (-want +got); -update writes it anew:\n%s", file, diff)
				}
			})
		}
	}
}

func TestEveryFormatCopes(t *testing.T) {
	for name, r := range all(t) {
		t.Run(name, func(t *testing.T) { checkFormats(t, r) })
	}
}

// checkFormats checks what holds for every run in every format.
func checkFormats(t *testing.T, r *runs.Run) {
	t.Helper()
	before, unwritable := json.Marshal(r) // such as one of the year 10000
	for _, f := range Formats {
		if f.Name == "json" && unwritable != nil {
			continue
		}
		report := write(t, f.Write, r)
		switch f.Name {
		case "text":
			checkText(t, report)
		case "junit":
			checkJUnit(t, report, r)
		case "markdown":
			checkMarkdown(t, report)
		case "html":
			checkFilled(t, report)
		case "csv":
			checkCSV(t, report, r)
		case "hgrm":
			checkHgrm(t, report)
		}
		if again := write(t, f.Write, r); again != report {
			t.Errorf("%s: the same run gave other bytes:\n%s", f.Name, cmp.Diff(report, again))
		}
	}
	if after, _ := json.Marshal(r); !bytes.Equal(before, after) {
		t.Errorf("printing changed the run:\n%s", cmp.Diff(string(before), string(after)))
	}
}

// checkText checks that a terminal shows text as it is.
func checkText(t *testing.T, text string) {
	t.Helper()
	if !utf8.ValidString(text) || !strings.HasSuffix(text, "\n") {
		t.Errorf("not lines of UTF-8: %q", text)
	}
	for i, line := range strings.Split(text, "\n") {
		if at := strings.IndexFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }); at >= 0 {
			t.Errorf("line %d would steer the terminal: %q", i+1, line)
		}
		if line != strings.TrimRight(line, " ") {
			t.Errorf("line %d ends in spaces: %q", i+1, line)
		}
	}
}

func TestJSONIsTheRecord(t *testing.T) {
	for name, r := range map[string]*runs.Run{"night": night(t), "killed": killed(t), "hostile": hostile(t), "zero": {}} {
		dir := t.TempDir()
		if err := r.Save(dir); err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join(dir, runs.RunFile))
		if err != nil {
			t.Fatal(err)
		}
		if got := write(t, JSON, r); got != string(want) {
			t.Errorf("%s: JSON is not what Save wrote:\n%s", name, cmp.Diff(string(want), got))
		}
	}
}

func TestFind(t *testing.T) {
	files := map[string]bool{}
	for _, f := range Formats {
		got, err := Find(f.Name)
		if err != nil || got.Name != f.Name || got.File != f.File {
			t.Errorf("Find(%q) = %v, %v", f.Name, got, err)
		}
		if f.File != "" && files[f.File] {
			t.Errorf("%s: the file %q is another's", f.Name, f.File)
		}
		files[f.File] = true
	}
	more := Named{Name: "more"}
	if got, err := Find("more", more); err != nil || got.Name != "more" {
		t.Errorf("Find of one more = %v, %v", got, err)
	}
	if _, err := Find("pdf", more); err == nil || !strings.HasSuffix(err.Error(), `"pdf"; there are text, json, junit, markdown, html, csv, hgrm, more`) {
		t.Errorf("Find of an unknown format says %v", err)
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestWritingFails(t *testing.T) {
	r := night(t)
	for _, f := range Formats {
		if err := f.Write(brokenPipe{}, r); !errors.Is(err, os.ErrClosed) {
			t.Errorf("%s: error %v, want the writer's", f.Name, err)
		}
	}
}
