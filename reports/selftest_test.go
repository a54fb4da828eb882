package reports

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"gameday/runs"
)

func TestSelftest(t *testing.T) {
	const busy = "other programs took 50% of the CPUs meanwhile; end them and test again"
	met := runs.Check{Name: "memory", Limit: "<= 100 MB", Got: "25.1 MB", Verdict: runs.Pass}
	lost := runs.Check{Name: "freeze\x1b[2J", Limit: "within 1.1%", Verdict: runs.Unclear, Why: busy}
	also := runs.Check{Name: "top rate", Limit: ">= 5000/s", Got: "4900/s", Verdict: runs.Unclear, Why: busy}
	slow := runs.Check{Name: "pacing even", Limit: "p99 <= 1ms", Got: strings.Repeat("p99 3ms, ", 20), Verdict: runs.Fail, Why: "use another"}
	for _, c := range []struct {
		checks []runs.Check
		want   string
		holds  []string
	}{
		{[]runs.Check{met}, "PASS  This host can measure.\n", []string{"memory  pass     <= 100 MB  25.1 MB\n"}},
		{[]runs.Check{met, slow, lost}, "FAIL  This host cannot measure as it should: pacing even.\n", []string{"\npacing even: use another.\n"}},
		{
			[]runs.Check{met, lost, also}, "UNCLEAR  It is not clear whether this host can measure: freeze�[2J, top rate.\n",
			[]string{"unclear  within 1.1%  –\n", "\nfreeze�[2J, top rate: " + busy[:50]},
		},
		{nil, "UNCLEAR  Nothing was checked, so nothing was proved.\n", []string{"loadgen-1, linux/amd64 with 2 CPUs, gameday 0.1.0\n", "2027-02-14 12:00:00 UTC\n"}},
	} {
		s := &runs.Selftest{
			At: time.Date(2027, 2, 14, 12, 0, 0, 0, time.UTC), Gameday: "0.1.0", Checks: c.checks,
			Host: runs.Host{Name: "loadgen-1", OS: "linux", Arch: "amd64", CPUs: 2, Go: "go1.26"},
		}
		s.Conclude()
		var out strings.Builder
		if err := Selftest(&out, s); err != nil {
			t.Fatal(err)
		}
		text := out.String()
		for _, part := range append(c.holds, c.want) {
			if !strings.Contains(text, part) {
				t.Errorf("%q is not in\n%s", part, text)
			}
		}
		if !strings.HasPrefix(text, c.want) {
			t.Errorf("it begins with\n%s", text)
		}
		for line := range strings.Lines(text) {
			if utf8.RuneCountInString(line) > textWidth+1 {
				t.Errorf("too long: %s", line)
			}
		}
	}
}
