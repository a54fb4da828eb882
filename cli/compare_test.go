package cli

import (
	"bytes"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"gameday/runs"
	"gameday/scenarios"
)

const comparedNight = `
name: night
asks: Does it hold?
crowds: [{name: people, rate: 600/s, do: [{name: look, path: /}]}]
phases: [{name: all, for: 30s}]
expect: [success >= 90%]
`

// comparedRun is a run of thirty seconds of which every answer takes about 20 ms,
// times slower.
func comparedRun(seed uint64, slower float64) (*runs.Run, error) {
	s, err := scenarios.Read("night.yaml", []byte(comparedNight))
	if err != nil {
		return nil, err
	}
	began := time.Date(2027, 2, 14, 23, 30, 0, 0, time.UTC).Add(time.Duration(seed) * time.Hour)
	r := &runs.Run{
		Schema: runs.Schema, ID: runs.NewID(began, s.Name), Scenario: s, Scale: 1, Began: began, Ended: began.Add(s.Duration()),
		Target: runs.Target{Name: "staging", URL: "https://timeline.staging.example", Dialect: "http", Transport: "http1"},
		Phases: []runs.Phase{{Name: "all", End: runs.Span(s.Duration()), Due: map[string]uint64{"people": 600 * 30}}},
	}
	rng := rand.New(rand.NewPCG(seed, 1))
	for second := range 30 {
		var took runs.Recorder
		for range 600 {
			took.Record(time.Duration(20e6 * slower * math.Exp(rng.NormFloat64()/5)))
		}
		h := took.Histogram()
		r.Tallies = append(r.Tallies, runs.Tally{Second: second, Crowd: "people", Action: "look", Offered: 600, Good: 600, Attempts: 600, Response: h, Service: h})
	}
	runs.Judge(r)
	return r, nil
}

// recorded is "recorded FOLDER NIGHT SLOWER": it leaves the record of such a run,
// of another night for each length of NIGHT.
func recorded(ts *testscript.TestScript, _ bool, args []string) {
	seed := uint64(len(args[1]))
	slower := map[string]float64{"1x": 1, "1.1x": 1.1, "0.8x": 0.8}[args[2]]
	r, err := comparedRun(seed, slower)
	ts.Check(err)
	dir := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(dir, 0o755))
	ts.Check(r.Save(dir))
}

// The exit is the worse of the play's and the comparison's, and the folder keeps
// the comparison.
func TestAgainstABaseline(t *testing.T) {
	for _, tt := range []struct {
		name   string
		slower float64
		tweak  func(*runs.Run)
		code   int
		want   int
	}{
		{"same", 1, nil, exitPass, exitPass},
		{"better", 0.8, nil, exitPass, exitPass},
		{"worse", 1.1, nil, exitPass, exitFail},
		{"worse and unclear", 1.1, nil, exitUnclear, exitFail},
		{"same, but failed", 1, nil, exitFail, exitFail},
		{"same, but ended early", 1, nil, exitAborted, exitAborted},
		{"another scale", 1, func(r *runs.Run) { r.Scale = 2 }, exitPass, exitUnclear},
		{"another scale, and failed", 1, func(r *runs.Run) { r.Scale = 2 }, exitFail, exitFail},
	} {
		t.Run(tt.name, func(t *testing.T) {
			base, err := comparedRun(1, 1)
			if err != nil {
				t.Fatal(err)
			}
			head, err := comparedRun(2, tt.slower)
			if err != nil {
				t.Fatal(err)
			}
			if tt.tweak != nil {
				tt.tweak(head)
			}
			folder := t.TempDir()
			var out bytes.Buffer
			b := &baseline{base, runs.DefaultTolerance}
			got, err := b.against(head, folder, false, &out, tt.code)
			if err != nil {
				t.Fatal(err)
			}
			if got != tt.want {
				t.Errorf("exits %d, want %d\n%s", got, tt.want, &out)
			}
			for _, file := range []string{compareJSON, compareMarkdown, pageFile} {
				if data, err := os.ReadFile(filepath.Join(folder, file)); err != nil || len(data) == 0 {
					t.Errorf("%s: %v", file, err)
				}
			}
			out.Reset()
			if _, err := b.against(head, folder, true, &out, tt.code); err != nil || strings.Count(out.String(), "\n") != 1 || !strings.HasPrefix(out.String(), "compared with "+base.ID+": ") {
				t.Errorf("with --quiet: %v: %s", err, &out)
			}
			if _, err := b.against(head, filepath.Join(folder, "none"), true, &out, tt.code); err == nil {
				t.Error("a comparison that cannot be kept is no error")
			}
		})
	}
}
