package harness

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// vegetaVersion is that of the library, and of the command in bench/peers.
const vegetaVersion = "v12.13.0"

// vegetaCommand builds Vegeta's own command, in a module that asks for nothing else.
func vegetaCommand(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	mod := fmt.Sprintf("module peer\n\ngo 1.26\n\nrequire github.com/tsenart/vegeta/v12 %s\n", vegetaVersion)
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(mod), 0o644); err != nil {
		t.Fatal(err)
	}
	c := exec.Command("go", "build", "-mod=mod", "-o", "vegeta", "github.com/tsenart/vegeta/v12")
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Skipf("there is no vegeta %s here: %v %s", vegetaVersion, err, out)
	}
	return filepath.Join(dir, "vegeta")
}

// TestVegetaReadsResults has Vegeta's own command report and plot a run. Its
// quantiles are estimates of their own (t-digest), so they may be a bucket away.
func TestVegetaReadsResults(t *testing.T) {
	command, run := vegetaCommand(t), slowNight(t)
	file := filepath.Join(t.TempDir(), "results.gob")
	var b bytes.Buffer
	if err := WriteResults(&b, run); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(command, "report", "-type=json", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	var got vegeta.Metrics
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	all := run.Sum(nil)
	answered := all.Offered - all.Failures()
	if got.Requests != all.Offered || got.Success != float64(answered)/float64(all.Offered) || all.Failures() == 0 {
		t.Errorf("%d requests, %v successes; want %d, %d of which answered", got.Requests, got.Success, all.Offered, answered)
	}
	if diff := gocmp.Diff(map[string]int{"200": int(answered), "0": int(all.Failures())}, got.StatusCodes); diff != "" {
		t.Error(diff)
	}
	slices.Sort(got.Errors)
	if diff := gocmp.Diff(slices.Sorted(maps.Keys(all.Failed)), got.Errors); diff != "" {
		t.Error(diff)
	}
	for q, d := range map[float64]time.Duration{0.5: got.Latencies.P50, 0.9: got.Latencies.P90, 0.95: got.Latencies.P95, 0.99: got.Latencies.P99, 1: got.Latencies.Max} {
		want, _ := all.Quantile(q)
		if q == 1 {
			want = all.Response.Max()
		}
		t.Logf("%v: %s, %+.2f%%", q, d, 100*(float64(d)/float64(want)-1))
		if math.Abs(float64(d-want)) > 0.022*float64(want) {
			t.Errorf("the %v quantile is %s, want %s", q, d, want)
		}
	}
	if got.Latencies.Min != all.Response.Min() {
		t.Errorf("the least is %s, want %s", got.Latencies.Min, all.Response.Min())
	}
	page, err := exec.Command(command, "plot", file).Output()
	if err != nil || !bytes.Contains(page, []byte("buyers: ERROR")) || !bytes.Contains(page, []byte("bots: OK")) {
		t.Errorf("the plot has no series of the crowds: %v", err)
	}
}
