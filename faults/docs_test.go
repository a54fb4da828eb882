package faults_test

import (
	"os"
	"strings"
	"testing"

	"github.com/spf13/viper"

	"gameday/faults"
	"gameday/scenarios"
)

// TestDocs decodes, as strictly as a scenario is, every example in the docs, finds
// no mistake in it, and that each kind has one.
func TestDocs(t *testing.T) {
	data, err := os.ReadFile("../docs/faults.md")
	if err != nil {
		t.Fatal(err)
	}
	var site faults.Site
	var all struct {
		Faults []faults.Fault `json:"faults"`
	}
	for i, block := range strings.Split(string(data), "```yaml\n")[1:] {
		block, _, _ = strings.Cut(block, "```")
		var into any = &site
		if strings.HasPrefix(block, "faults:") {
			into = &all
		}
		for _, m := range decode(t, block, into) {
			t.Errorf("example %d: %s", i, m)
		}
	}
	for _, m := range site.Validate() {
		t.Errorf("%s: %s", m.Key, m.Says)
	}
	kinds := map[string]bool{}
	for i, f := range all.Faults {
		kinds[f.Kind] = true
		for _, m := range f.Validate() {
			t.Errorf("%s: %s: %s", f.Name, m.Key, m.Says)
		}
		for _, m := range f.Fits(site) {
			t.Errorf("%s: %s: %s", f.Name, m.Key, m.Says)
		}
		for _, g := range all.Faults[:i] {
			if says := f.Overlaps(g); says != "" {
				t.Error(says)
			}
		}
	}
	for _, kind := range faults.Kinds() {
		if !kinds[kind] {
			t.Errorf("no example of the kind %s", kind)
		}
	}
}

// TestUnknownKeys are mistakes, with their key.
func TestUnknownKeys(t *testing.T) {
	var all struct {
		Faults []faults.Fault `json:"faults"`
	}
	var got []string
	for _, m := range decode(t, `faults: [{name: x, toxics: latency, latency: 20, toxicity: 0, shards: 3, inject: {runs: [a], within: soon}, mend: {run: [1]}}]`, &all) {
		got = append(got, m.String())
	}
	want := `x.yaml: faults[0].inject.within: "soon": want a duration, such as 20s or 1m30s
x.yaml: faults[0].latency: "20": want a duration, such as 20s or 1m30s
x.yaml: faults[0].mend.run[0]: 1: want text
x.yaml: faults[0].shards: 3: want a list
x.yaml: faults[0].toxicity: "0": want a share above 0 and at most 1, such as 0.1 or 10%
x.yaml: faults[0].inject.runs: unknown key
x.yaml: faults[0].toxics: unknown key`
	for _, line := range strings.Split(want, "\n") {
		if !strings.Contains(strings.Join(got, "\n"), line) {
			t.Errorf("no mistake %s in\n%s", line, strings.Join(got, "\n"))
		}
	}
}

// decode reads YAML as scenarios are read.
func decode(t *testing.T, text string, into any) scenarios.Mistakes {
	t.Helper()
	doc := scenarios.Document{File: "x.yaml"}
	v := viper.NewWithOptions(viper.KeyDelimiter("\x00"), viper.WithDecoderRegistry(&doc))
	v.SetConfigType("yaml")
	if err := v.ReadConfig(strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	return append(doc.Found, scenarios.Decode(doc.Settings(v), "x.yaml", into)...)
}
