package reports

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"gameday/runs"
)

// slowed is the night with all answers to the readers late by a fifth, and a
// recovery that took longer.
func slowed(t testing.TB) *runs.Run {
	r := night(t)
	r.ID, r.Began, r.Identity = "20270215T233000Z-touchdown", r.Began.Add(24*time.Hour), map[string][]string{"build": {"4.3.0"}}
	for i := range r.Tallies {
		if r.Tallies[i].Crowd == "readers" {
			r.Tallies[i].Response = stretched(&r.Tallies[i].Response, 8)
		}
	}
	runs.Judge(r)
	return r
}

// stretched has the durations of another, each longer by so many buckets of 2.2 %.
func stretched(h *runs.Histogram, buckets int) runs.Histogram {
	var out runs.Recorder
	for i, n := range h.Buckets() {
		for range n {
			out.Record(runs.UpperBound(i + buckets))
		}
	}
	return out.Histogram()
}

// strange is a comparison of hostile names.
func strange(t testing.TB) *runs.Comparison {
	c := runs.Compare(night(t), slowed(t), runs.DefaultTolerance)
	c.Why, c.Head.ID, c.Head.Scenario = nasty, nasty, nasty
	c.Notes = []string{nasty}
	for i := range c.Rows {
		r := &c.Rows[i]
		r.Phase, r.Action, r.Trigger, r.Why = nasty, nasty, nasty, nasty
	}
	return c
}

// comparisons are of every kind there is.
func comparisons(t testing.TB) map[string]*runs.Comparison {
	worse, apart := slowed(t), night(t)
	apart.Scale, apart.Target.Transport = 0.5, "h2"
	spike := runs.Compare(storm(t), storm(t), runs.DefaultTolerance)
	return map[string]*runs.Comparison{
		"compare-worse":   runs.Compare(night(t), worse, runs.DefaultTolerance),
		"compare-better":  runs.Compare(worse, night(t), runs.DefaultTolerance),
		"compare-apart":   runs.Compare(night(t), apart, runs.DefaultTolerance),
		"compare-killed":  runs.Compare(night(t), killed(t), runs.DefaultTolerance),
		"compare-storm":   spike,
		"compare-hostile": strange(t),
	}
}

func TestCompareGolden(t *testing.T) {
	for name, c := range comparisons(t) {
		for _, f := range CompareFormats {
			if f.Name == "json" || f.Name == "html" {
				continue
			}
			t.Run(name+"/"+f.Name, func(t *testing.T) {
				var got bytes.Buffer
				if err := f.Write(&got, nil, nil, c); err != nil {
					t.Fatal(err)
				}
				file := filepath.Join("testdata", name+"."+f.Name)
				if *update {
					if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), got.String()); diff != "" {
					t.Errorf("%s differs (-want +got); -update writes it anew:\n%s", file, diff)
				}
			})
		}
	}
}

// What a comparison is printed as fits a terminal, is XML, is green only if it
// passes, and is what JSON holds.
func TestCompareFormats(t *testing.T) {
	for name, c := range comparisons(t) {
		var text, junit, data bytes.Buffer
		for to, write := range map[*bytes.Buffer]CompareFormat{&text: CompareFormats[0], &junit: CompareFormats[2], &data: CompareFormats[3]} {
			if err := write.Write(to, nil, nil, c); err != nil {
				t.Fatal(err)
			}
		}
		for i, line := range strings.Split(text.String(), "\n") {
			if i > 0 && utf8.RuneCountInString(line) > textWidth {
				t.Errorf("%s: wider than %d columns: %s", name, textWidth, line)
			}
		}
		if strings.ContainsAny(text.String(), "\x1b\x00") {
			t.Errorf("%s: what steers a terminal was printed", name)
		}
		var suites junitSuites
		if err := xml.Unmarshal(junit.Bytes(), &suites); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		s := suites.Suite
		if s.Tests != len(s.Cases) || s.Tests == 0 || (s.Failures+s.Errors == 0) != (c.Verdict == runs.Pass) || (s.Failures > 0) != (c.Verdict == runs.Fail) {
			t.Errorf("%s: %s, but %d tests, %d failures, %d errors", name, c.Verdict, s.Tests, s.Failures, s.Errors)
		}
		var again runs.Comparison
		if err := json.Unmarshal(data.Bytes(), &again); err != nil {
			t.Fatal(err)
		}
		var second bytes.Buffer
		if err := CompareText(&second, &again); err != nil || name != "compare-hostile" && second.String() != text.String() {
			t.Errorf("%s: read from JSON it prints otherwise: %v\n%s", name, err, cmp.Diff(text.String(), second.String()))
		}
	}
}

func TestFindCompare(t *testing.T) {
	if _, err := FindCompare("pdf"); err == nil || err.Error() != `no format "pdf"; there are text, markdown, junit, json, html` {
		t.Error(err)
	}
}
