package harness

import (
	"net/http/httptest"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"gameday/runs"
)

// everything is a play with all metrics there are.
func everything(t *testing.T) *Metrics {
	t.Helper()
	m := figures(t)
	witness := &runs.Witness{Fresh: make([]runs.Histogram, 1)}
	witness.Fresh[0].Record(time.Second)
	m.Observe(Moment{Rates: []float64{3, 4}, Entry: &runs.Entry{Witness: witness, Marks: []runs.Mark{
		{Kind: runs.MarkInjected, Fault: "slow-store"}, {Kind: runs.MarkInjected, Fault: "dead-link"}, {Kind: runs.MarkClear, Fault: "dead-link"},
	}}})
	m.End(&runs.Run{
		Ended: time.Unix(1_800_000_045, 0), Verdict: runs.Fail,
		Findings: []runs.Finding{{Expect: "success >= 99%", Phase: "calm", Verdict: runs.Fail}, {Expect: "p99 <= 200ms", Phase: "calm", Verdict: runs.Pass}},
		Recovery: []runs.Recovery{{Trigger: runs.Trigger{Kind: runs.Fault, Name: "dead-link"}, Verdict: runs.Recovered, Recover: runs.Figure{Is: runs.Exact, Value: 4}}},
	})
	return m
}

// TestPromtool lets Prometheus's own checker read a scrape of everything that can be
// scraped.
func TestPromtool(t *testing.T) {
	binary, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("there is no promtool here")
	}
	w := httptest.NewRecorder()
	m := everything(t)
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	page := w.Body.String()
	there := make(chan *prometheus.Desc, 100)
	m.Describe(there)
	close(there)
	for d := range there {
		name := regexp.MustCompile(`fqName: "(\w+)"`).FindStringSubmatch(d.String())[1]
		if !strings.Contains(page, "\n"+name+"{") && !strings.Contains(page, "\n"+name+" ") && !strings.Contains(page, "\n"+name+"_bucket{") {
			t.Errorf("%s is not in the scrape", name)
		}
	}
	c := exec.Command(binary, "check", "metrics")
	c.Stdin = strings.NewReader(page)
	if out, err := c.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("promtool check metrics: %v\n%s", err, out)
	}
}
