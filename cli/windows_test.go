package cli

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gameday/freeze"
	"gameday/targets"
)

// TestFreezeExamples reads the freeze windows and overrides that stand as examples
// in config.yaml and in docs/freeze.md.
func TestFreezeExamples(t *testing.T) {
	shipped, err := os.ReadFile("../config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	section := regexp.MustCompile(`(?m)^freeze:\n((?:(?:#  | ).*\n)+)`).FindString(string(shipped))
	section = strings.ReplaceAll(strings.ReplaceAll(section, " []\n", "\n"), "\n#", "\n")
	page, err := os.ReadFile("../docs/freeze.md")
	if err != nil {
		t.Fatal(err)
	}
	written := ""
	for _, block := range regexp.MustCompile("(?ms)^```yaml\n(.*?)^```$").FindAllStringSubmatch(string(page), 2) {
		written += block[1]
	}
	for _, text := range []string{section, written} {
		c, err := read(t, "targets: [{name: staging, url: 'https://staging.example', dialect: mastodon}]\n"+text)
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		if len(c.windows) < 2 || len(c.overrides) != 1 {
			t.Errorf("%d windows and %d overrides in\n%s", len(c.windows), len(c.overrides), text)
		}
	}
}

// TestBiting holds which windows forbid a rehearsal, target by target.
func TestBiting(t *testing.T) {
	c := &Config{
		Targets: []targets.Target{
			{Name: "staging", URL: "https://staging.example/api", Labels: []string{"env:test"}},
			{Name: "near", URL: "http://127.0.0.1:3000"},
			{Name: "tunnel", URL: "http://[::1]:3001", Labels: []string{"env:prod"}},
		},
		windows: freeze.Calendar{
			{Name: "all"}, {Name: "staging", Scope: []string{"target:staging"}}, {Name: "near", Scope: []string{"target:near"}},
			{Name: "prod", Scope: []string{"env:prod"}}, {Name: "embedded", Scope: []string{"target:embedded"}},
		},
	}
	url := func(address string) targets.Target { return targets.Target{Name: address, URL: address} }
	for _, x := range []struct {
		target targets.Target
		at     string // where it is, if that is not its URL
		want   string
	}{
		{c.Targets[0], "", "all staging"},
		{c.Targets[1], "", "near"},
		{c.Targets[2], "", "prod"},
		{targets.Target{Name: embedded}, "http://127.0.0.1", "embedded"},
		{url("https://elsewhere.example"), "", "all"},
		{url("https://STAGING.example:443"), "", "all staging"},
		{url("http://staging.example"), "", "all"},
		{url("https://staging.example:8443"), "", "all"},
		{url("http://127.0.0.1:3000/x"), "", "near"},
		{url("http://127.0.0.1:3002"), "", ""},
		{url("http://localhost:3002"), "", ""},
		{url("http://127.0.0.1.example"), "", "all"},
		{url("http://10.0.0.1"), "", "all"},
	} {
		at := x.at
		if at == "" {
			at = x.target.URL
		}
		var got []string
		for _, w := range c.biting(x.target, at) {
			got = append(got, w.Name)
		}
		if !slices.Equal(got, strings.Fields(x.want)) {
			t.Errorf("%s: %q bite, want %q", x.target.Name, got, x.want)
		}
	}
}
