package harness

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"gameday/runs"
)

var sample = regexp.MustCompile(`^(\w+(?:\{[^{}]*\})?) (\S+) ([0-9.e+]+)$`)

// samples are those of OpenMetrics' text by name and labels, all of them at one time.
func samples(t *testing.T, r *runs.Run, at time.Time) map[string]float64 {
	t.Helper()
	var b bytes.Buffer
	if err := WriteMetrics(&b, r); err != nil {
		t.Fatal(err)
	}
	text, found := strings.CutSuffix(b.String(), "# EOF\n")
	if !found {
		t.Fatalf("it does not end in # EOF: %q", text)
	}
	all := map[string]float64{}
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if line == "" || strings.HasPrefix(line, "# HELP ") || strings.HasPrefix(line, "# TYPE ") {
			continue
		}
		m := sample.FindStringSubmatch(line)
		if m == nil {
			t.Fatalf("no sample: %q", line)
		}
		seconds, _ := strconv.ParseFloat(m[3], 64)
		if when := time.UnixMilli(int64(seconds * 1000)); when.Sub(at).Abs() > 2*time.Millisecond {
			t.Errorf("%s is of %s, want %s", m[1], when, at)
		}
		value, err := strconv.ParseFloat(m[2], 64)
		if err != nil {
			t.Errorf("%q: %v", line, err)
		}
		all[m[1]] = value
	}
	return all
}

// The end of a run reads as what its metrics were when it ended.
func TestOpenMetrics(t *testing.T) {
	run := slowNight(t)
	runs.Judge(run)
	got := samples(t, run, run.Ended)
	for _, crowd := range run.Scenario.Crowds {
		for _, a := range crowd.Do {
			sum := run.Sum(func(t *runs.Tally) bool { return t.Crowd == crowd.Name && t.Action == a.Name })
			labels := fmt.Sprintf(`action=%q,crowd=%q`, a.Name, crowd.Name)
			want := map[string]float64{
				"gameday_response_seconds_count{" + labels + `,scenario="night"}`:            float64(sum.Response.Count()),
				"gameday_response_seconds_bucket{" + labels + `,scenario="night",le="+Inf"}`: float64(sum.Response.Count()),
				"gameday_requests_total{" + labels + `,outcome="success",scenario="night"}`:  float64(sum.Response.Count()),
				"gameday_service_seconds_sum{" + labels + `,scenario="night"}`:               sum.Service.Sum().Seconds(),
			}
			for cause, n := range sum.Failed {
				want["gameday_requests_total{"+labels+fmt.Sprintf(`,outcome=%q,scenario="night"}`, cause)] = float64(n)
			}
			for name, v := range want {
				if diff := got[name] - v; diff < -1e-6 || diff > 1e-6 {
					t.Errorf("%s is %v, want %v", name, got[name], v)
				}
			}
		}
	}
	if verdict := fmt.Sprintf(`gameday_verdict{scenario="night",verdict=%q}`, run.Verdict); got[verdict] != 1 {
		t.Errorf("%s is %v", verdict, got[verdict])
	}
	run.Ended = time.Time{} // as if it had been killed
	killed := samples(t, run, run.Began.Add(30*time.Second))
	if verdict := fmt.Sprintf(`gameday_verdict{scenario="night",verdict=%q}`, run.Verdict); killed[verdict] != 1 || killed[`gameday_phase_active{phase="calm",scenario="night"}`] != 0 {
		t.Errorf("of a run that was killed: %v", killed)
	}
	run.Tallies, run.Findings, run.Generator, run.Witness = nil, nil, runs.Generator{}, runs.Witness{}
	if got := samples(t, run, run.Began); got[`gameday_in_flight`] != 0 || len(got) == 0 {
		t.Errorf("of a run without requests: %v", got)
	}
	if got := samples(t, &runs.Run{}, time.Time{}); len(got) != 0 {
		t.Errorf("of no run: %v", got)
	}
}

// TestPrometheusReadsOpenMetrics has Prometheus' own command make blocks of a run
// and tell what is in them.
func TestPrometheusReadsOpenMetrics(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("there is no promtool here")
	}
	run := slowNight(t)
	var b bytes.Buffer
	if err := WriteMetrics(&b, run); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "run.txt")
	if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(promtool, "tsdb", "create-blocks-from", "openmetrics", file, filepath.Join(dir, "db")).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	if err := os.MkdirAll(filepath.Join(dir, "db", "wal"), 0o755); err != nil { // as a Prometheus has that they are moved to
		t.Fatal(err)
	}
	dump, err := exec.Command(promtool, "tsdb", "dump", filepath.Join(dir, "db")).Output()
	if err != nil {
		t.Fatal(err)
	}
	sum := run.Sum(func(t *runs.Tally) bool { return t.Action == "search" })
	want := fmt.Sprintf("{__name__=\"gameday_requests_total\", action=\"search\", crowd=\"bots\", outcome=\"success\", scenario=\"night\"} %d %d\n", sum.Response.Count(), run.Ended.UnixMilli())
	if !strings.Contains(string(dump), want) {
		t.Errorf("want %s in\n%s", want, dump)
	}
	if got, want := strings.Count(string(dump), "\n"), len(samples(t, run, run.Ended)); got != want {
		t.Errorf("Prometheus has %d samples, want %d", got, want)
	}
}

// Names that mean something in the text come back as they were.
func TestOpenMetricsEscapes(t *testing.T) {
	run := slowNight(t)
	run.Target.Name = "a\"b\\c\nd"
	var b bytes.Buffer
	if err := WriteMetrics(&b, run); err != nil {
		t.Fatal(err)
	}
	if want := `target="a\"b\\c\nd"`; !strings.Contains(b.String(), want) {
		t.Errorf("no %s in it", want)
	}
	if diff := gocmp.Diff(1, strings.Count(b.String(), "# EOF")); diff != "" {
		t.Error(diff)
	}
}
