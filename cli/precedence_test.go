package cli

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// A keyCase is a key with a single value: what it is by default, and what it is
// when the file, the environment and a flag say otherwise.
type keyCase struct {
	key, otherwise    string
	file, environment string
	flag              string // empty: there is none
	get               func(*Config) string
}

var keys = []keyCase{
	{"target", "embedded", "a", "b", "c", func(c *Config) string { return c.Target }},
	{"scale", "1%", "2%", "3%", "4%", func(c *Config) string { return c.Scale.String() }},
	{"safety.max_rate", "50000/s", "200/s", "300/s", "", func(c *Config) string { return c.Safety.MaxRate.String() }},
	{"safety.max_in_flight", "10000", "20", "30", "", func(c *Config) string { return fmt.Sprint(c.Safety.MaxInFlight) }},
	{"clients.timeout", "5s", "2s", "3s", "", func(c *Config) string { return c.Clients.Timeout.String() }},
	{"clients.retries", "none", "naive", "polite", "", func(c *Config) string { return c.Clients.Retries.String() }},
	{"clients.refresh.after", "0s", "2s", "3s", "", func(c *Config) string { return c.Clients.Refresh.After.String() }},
	{"metrics.listen", "127.0.0.1:9464", "127.0.0.1:2", "127.0.0.1:3", "off", func(c *Config) string { return c.Metrics.Listen }},
	{"metrics.push", "", "http://a/", "http://b/", "", func(c *Config) string { return c.Metrics.Push }},
	{"metrics.push_token", "", "a", "b", "", func(c *Config) string { return c.Metrics.PushToken }},
	{"dashboard.listen", "127.0.0.1:7777", "127.0.0.1:2", "127.0.0.1:3", "off", func(c *Config) string { return c.Dashboard.Listen }},
	{"freeze.lock", "freeze.lock.json", "a.json", "b.json", "", func(c *Config) string { return c.Freeze.Lock }},
}

// TestPrecedence holds, for every key, that flags go before the environment, that
// before the file, and that before the defaults.
func TestPrecedence(t *testing.T) {
	for key := range single {
		if !slices.ContainsFunc(keys, func(k keyCase) bool { return k.key == key }) {
			t.Errorf("the key %s is not tested", key)
		}
	}
	for _, k := range keys {
		if (k.flag != "") != (flagOf[k.key] != "") {
			t.Errorf("%s: the table has the flag %q, the command %q", k.key, k.flag, flagOf[k.key])
		}
		for said := range 8 { // which of file, environment and flag say something
			t.Run(fmt.Sprintf("%s/%03b", k.key, said), func(t *testing.T) {
				want, file, args := k.otherwise, "", []string(nil)
				if said&1 != 0 {
					want, file = k.file, document(k.key, k.file)
				}
				if said&2 != 0 {
					want = k.environment
					t.Setenv(variable(k.key), k.environment)
				}
				if said&4 != 0 && k.flag != "" {
					want, args = k.flag, []string{"--" + flagOf[k.key] + "=" + k.flag}
				}
				c, err := read(t, file, args...)
				if err != nil {
					t.Fatal(err)
				}
				if got := k.get(c); got != want {
					t.Errorf("%s is %s, want %s", k.key, got, want)
				}
			})
		}
	}
}

// document is YAML with one key.
func document(key, value string) string {
	parent, child, nested := strings.Cut(key, ".")
	if !nested {
		return fmt.Sprintf("%s: %s\n", key, value)
	}
	return fmt.Sprintf("%s:\n  %s", parent, strings.ReplaceAll(document(child, value), "\n  ", "\n    "))
}

// TestShippedConfig holds that the file that comes with gameday says what holds
// without it, and has every key with a single value.
func TestShippedConfig(t *testing.T) {
	text, err := os.ReadFile("../config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	with, err := read(t, string(text))
	if err != nil {
		t.Fatal(err)
	}
	without, err := read(t, "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(without, with, cmpopts.EquateEmpty(), cmpopts.IgnoreUnexported(Config{})); diff != "" {
		t.Errorf("the file says otherwise (-without +with):\n%s", diff)
	}
	if with.metricsChosen || without.metricsChosen || with.dashboardChosen || without.dashboardChosen {
		t.Error("a default is taken for a choice")
	}
	for key := range single {
		name := strings.Repeat("  ", strings.Count(key, ".")) + key[strings.LastIndex(key, ".")+1:]
		if !strings.Contains(string(text), "\n"+name+":") {
			t.Errorf("the file does not have %s", key)
		}
	}
}
