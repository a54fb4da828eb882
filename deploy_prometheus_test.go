package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"gameday/freeze"
	"gameday/harness"
)

// TestRules lets Prometheus's own tool check the configuration and the rules, and play
// the tests of the rules.
func TestRules(t *testing.T) {
	binary, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("there is no promtool here")
	}
	for _, args := range [][]string{{"check", "config", "prometheus.yml"}, {"check", "rules", "gameday.rules.yml"}, {"test", "rules", "gameday.rules.test.yml"}} {
		c := exec.Command(binary, args...)
		c.Dir = "deploy/prometheus"
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}

// metricsThere are those that there are, with their labels.
func metricsThere(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, c := range []prometheus.Collector{harness.NewMetrics(), freeze.NewExporter(nil)} {
		there := make(chan *prometheus.Desc, 100)
		c.Describe(there)
		close(there)
		for d := range there {
			m := regexp.MustCompile(`fqName: "(\w+)".*variableLabels: \{([\w,]*)\}`).FindStringSubmatch(d.String())
			if m == nil {
				t.Fatalf("a description is written otherwise: %s", d)
			}
			all[m[1]] = m[2]
		}
	}
	return all
}

// TestMetricsPage holds docs/metrics.md against the metrics and their labels, and the
// rules against the metrics.
func TestMetricsPage(t *testing.T) {
	page, err := os.ReadFile("docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(gameday_\\w+)` \\| (counter|gauge|histogram) \\|([^|]*)\\|").FindAllStringSubmatch(string(page), -1) {
		told[row[1]] = strings.NewReplacer("`", "", " ", "").Replace(row[3])
	}
	there := metricsThere(t)
	for name, labels := range there {
		if got, known := told[name]; !known || got != labels {
			t.Errorf("the page gives %s the labels %q (told: %t), and it has %q", name, got, known, labels)
		}
	}
	for name := range told {
		if _, known := there[name]; !known {
			t.Errorf("there is no %s", name)
		}
	}
	var names []string
	for name := range there {
		names = append(names, name, name+"_bucket", name+"_count", name+"_sum")
	}
	for _, file := range []string{"docs/metrics.md", "README.md", "deploy/prometheus/gameday.rules.yml", "deploy/prometheus/gameday.rules.test.yml"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range regexp.MustCompile(`\bgameday_[a-z_]+`).FindAllString(string(text), -1) {
			if !slices.Contains(names, name) && !strings.Contains(string(text), ":"+name+":") {
				t.Errorf("%s: there is no metric %s", file, name)
			}
		}
	}
	config, err := os.ReadFile("config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"push", "push_token", "trace"} {
		if !strings.Contains(string(page), fmt.Sprintf("%s: ", key)) || !regexp.MustCompile(`(?m)^#? +`+key+`: `).Match(config) {
			t.Errorf("the page or config.yaml does not have the key %s", key)
		}
	}
}
