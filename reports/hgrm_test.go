package reports

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"gameday/runs"
)

// The lines that a plotter reads, and those that it leaves out.
var (
	hgrmLine   = regexp.MustCompile(`^ *(\d+\.\d+) ([01]\.\d{12}) +(\d+)(?: +(\d+\.\d\d))?$`)
	hgrmFooter = regexp.MustCompile(`^#\[(Mean|Max|Buckets|Failed) +=.*\]$`)
)

// A point is a line of percentiles.
type point struct {
	value, percentile float64
	count             uint64
	inverse           string
}

// checkHgrm checks that a plotter finds its way through the percentiles.
func checkHgrm(t *testing.T, report string) (points []point) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(report, "\n"), "\n")
	if len(lines) < 5 || strings.Join(strings.Fields(lines[0]), " ") != "Value Percentile TotalCount 1/(1-Percentile)" || lines[1] != "" {
		t.Fatalf("it begins with %q", lines)
	}
	for i, line := range lines[2:] {
		if hgrmFooter.MatchString(line) {
			continue
		}
		m := hgrmLine.FindStringSubmatch(line)
		if m == nil || strings.HasPrefix(lines[i+1], "#") {
			t.Fatalf("line %d: %q", i+3, line)
		}
		p := point{inverse: m[4]}
		p.value, _ = strconv.ParseFloat(m[1], 64)
		p.percentile, _ = strconv.ParseFloat(m[2], 64)
		p.count, _ = strconv.ParseUint(m[3], 10, 64)
		if n := len(points); n > 0 {
			if b := points[n-1]; p.value < b.value || p.percentile < b.percentile || p.count < b.count || b.inverse == "" {
				t.Errorf("line %d falls: %q", i+3, line)
			}
		}
		points = append(points, p)
	}
	return points
}

// The percentiles are those of the record, and the verdict's where requests failed.
func TestHgrmIsTheRecord(t *testing.T) {
	for name, r := range map[string]*runs.Run{"night": night(t), "killed": killed(t), "silent": silent(t), "storm": storm(t)} {
		all := r.Sum(nil)
		points := checkHgrm(t, write(t, Hgrm, r))
		if len(points) < 4 {
			t.Fatalf("%s: %d lines", name, len(points))
		}
		for _, p := range points {
			// A little less, as twelve decimals may have been rounded up.
			want, answered := all.Quantile(math.Max(0, p.percentile-1e-9))
			if got := time.Duration(math.Round(p.value * 1e6)); !answered || math.Abs(float64(got-want)) > 0.011*float64(want) {
				t.Errorf("%s: at %v it is %s, want %s", name, p.percentile, got, want)
			}
			if p.inverse != "" {
				if got, _ := strconv.ParseFloat(p.inverse, 64); math.Abs(got*(1-p.percentile)-1) > 0.01 {
					t.Errorf("%s: 1/(1-%v) is %s", name, p.percentile, p.inverse)
				}
			}
		}
		last, failed := points[len(points)-1], all.Failures()
		if last.count != all.Response.Count() || math.Round(last.value*1e6) != float64(all.Response.Max()) || (failed == 0) != (last.percentile == 1) {
			t.Errorf("%s: the last line is %v of %d failures", name, last, failed)
		}
	}
}

// Nothing leaves a file that can be read.
func TestHgrmOfNothing(t *testing.T) {
	if points := checkHgrm(t, write(t, Hgrm, unplayed(t))); len(points) > 0 {
		t.Errorf("percentiles of nothing: %v", points)
	}
}

// The mean is exact, and the deviation that of what was recorded.
func TestMoments(t *testing.T) {
	var h runs.Histogram
	for i := range 1000 {
		h.Record(time.Duration(i+1) * time.Millisecond)
	}
	mean, deviation := moments(&h)
	if mean != 500.5 || math.Abs(deviation-288.675) > 0.011*288.675 {
		t.Errorf("mean %v, deviation %v; want 500.5 and 288.7", mean, deviation)
	}
}
