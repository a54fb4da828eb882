package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"gameday/scenarios"
)

// read loads a configuration: the text of config.yaml, "" for none, and flags.
func read(t testing.TB, text string, args ...string) (*Config, error) {
	t.Helper()
	t.Chdir(t.TempDir())
	if text != "" {
		if err := os.WriteFile(defaultConfig, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return loadConfig(flags(t, args...))
}

// flags are those of a command that has all that stand for keys.
func flags(t testing.TB, args ...string) *pflag.FlagSet {
	t.Helper()
	f := pflag.NewFlagSet("run", pflag.ContinueOnError)
	for _, name := range []string{"config", "target", "scale", "metrics", "dashboard"} {
		f.String(name, "", "")
	}
	if err := f.Parse(args); err != nil {
		t.Fatal(err)
	}
	return f
}

// TestMistakes holds what is said of each mistake, and where it was made.
func TestMistakes(t *testing.T) {
	for _, c := range []struct {
		text, want string // the whole of what is said
	}{
		{"scale: 2", `config.yaml: scale: "2": want a share of the real night above 0% and up to 1000%, such as 1%`},
		{"scale: [1%]", `config.yaml: scale: a list: want text`},
		{"colour: red", `config.yaml: colour: unknown key`},
		{"safety: {max: 1}", `config.yaml: safety.max: unknown key`},
		{"safety: {max_rate: 0/s}", `config.yaml: safety.max_rate: "0/s": want more than zero requests per second, such as 50000/s`},
		{"safety: {max_in_flight: -1}", `config.yaml: safety.max_in_flight: -1: want at least 1`},
		{"safety: {max_in_flight: 1.5}", `config.yaml: safety.max_in_flight: 1.5: want a whole number below 2^63`},
		{"safety: {hosts: [http://x/]}", `config.yaml: safety.hosts[0]: "http://x/": want a host's name or address, without port or pattern`},
		{"safety: {hosts: x}", `config.yaml: safety.hosts: "x": want a list`},
		{"safety: 3", `config.yaml: safety: 3: want keys and values`},
		{"clients: {timeout: 3}", `config.yaml: clients.timeout: "3": want a duration, such as 20s or 1m30s`},
		{"clients: {timeout: 0s}", `config.yaml: clients.timeout: 0s: want a duration above zero, such as 5s`},
		{"clients: {timeout: 25h}", `config.yaml: clients.timeout: 25h0m0s: want a duration above zero and up to 24h, such as 5s`},
		{"clients: naive", `config.yaml: clients: "naive": want keys and values`},
		{"clients: {retries: rude}", `config.yaml: clients.retries: "rude": want none, naive or polite, or keys such as {attempts: 4, backoff: 100ms}`},
		{"clients: {retries: {attempts: 4, jitter: lots}}", `config.yaml: clients.retries.jitter: "lots": want a share, such as 10% or 0.1`},
		{"clients: {retries: {attempts: 4, pause: 1s}}", `config.yaml: clients.retries.pause: unknown key`},
		{"clients: {retries: {backoff: 1s}}", `config.yaml: clients.retries.attempts: 0: want 1 to 100 tries; 1 is none again`},
		{"clients: {refresh: 3s}", `config.yaml: clients.refresh: "3s": want keys and values`},
		{"clients: {refresh: {after: 5s}}", `config.yaml: clients.refresh.after: 5s: want less than the timeout, 5s`},
		{"safety: {stop: never}", `config.yaml: safety.stop: "never": want a list`},
		{"safety: {stop: [never]}", `config.yaml: safety.stop[0]: "never": want a measure, a limit and how long, such as success < 50% for 10s, errors > 20% for 5s or duration > 10m`},
		{"safety: {stop: [duration > 1h, duration > 1h]}", `config.yaml: safety.stop[1]: "duration > 1h" stands there already`},
		{"safety: {stop: [{url: 'http://127.0.0.1:9090', query: up, want: 'half', for: 3s}]}", `config.yaml: safety.stop[0].want: "half": want a comparison and a number, such as "> 0.5"`},
		{"targets: [{name: a, url: 'http://x', dialect: http, links: [{name: b, listen: here, upstream: '127.0.0.1:1'}]}]", `config.yaml: targets[0].links[0].listen: "here": want a host and a port, such as 127.0.0.1:16379`},
		{"targets: [{name: a, url: 'http://x', dialect: http, links: [{name: b, listen: '127.0.0.1:0', upstream: 'store.example:1'}]}]", `config.yaml: targets[0].links[0].upstream: the host "store.example" may not be broken: only loopback may, and what stands in safety.hosts`},
		{"targets: [{name: a, url: 'http://x', dialect: http, toxiproxy: 'http://store.example:1'}]", `config.yaml: targets[0].toxiproxy: the host "store.example" may not be broken: only loopback may, and what stands in safety.hosts`},
		{"targets: [{name: a, url: 'http://x', dialect: http, control: {url: 'http://store.example:1'}}]", `config.yaml: targets[0].control.url: the host "store.example" may not be broken: only loopback may, and what stands in safety.hosts`},
		{"targets: [{name: a, url: 'http://x', dialect: http, control: {secret: x}}]", `config.yaml: targets[0].control.secret: unknown key`},
		{"targets: [{name: a, url: 'http://x', dialect: http, processes: [{name: b, run: [x], pid: 1}]}]", `config.yaml: targets[0].processes[0].pid: unknown key`},
		{"targets: [{name: a, url: 'http://x', dialect: http, processes: [{name: b, run: [x], '-': 1}]}]", `config.yaml: targets[0].processes[0].-: unknown key`},
		{"targets: [{name: a, url: 'http://x', dialect: http, site: {toxiproxy: x}}]", `config.yaml: targets[0].site: unknown key`},
		{"dashboard: {listen: here}", `config.yaml: dashboard.listen: "here": want an address such as 127.0.0.1:7777, or off`},
		{"metrics: {listen: here}", `config.yaml: metrics.listen: "here": want an address such as 127.0.0.1:9464, or off`},
		{"targets: [{name: a, url: 'http://x'}]", `config.yaml: targets[0].dialect: "": want mastodon or http`},
		{"targets: [{name: embedded, url: 'http://x', dialect: http}]", `config.yaml: targets[0].name: "embedded" is the service that gameday starts itself; want another name`},
		{"targets: [{url: 'http://u:p@x', name: a, dialect: http}]", `config.yaml: targets[0].url: "http://…@x": want one such as https://timeline.example, without user, query or fragment`},
		{"targets: [{name: a, url: 'https://x', dialect: http, transport: h2c}]", `config.yaml: targets[0].transport: "h2c" is HTTP/2 without TLS, and the url says https; want h2`},
		{"targets: [{name: a, url: 'http://x', dialect: http, tls: {ca: a.pem}}]", `config.yaml: targets[0].tls: the url says http, which has no TLS; want a url with https, or no tls`},
		{"targets: [{name: a, url: 'https://x', dialect: http, tls: {verify: false}}]", `config.yaml: targets[0].tls.verify: unknown key`},
		{"freeze: {windows: [{name: a, start: 2027-01-01, end: '2027-01-02T00:00:00Z'}]}", `config.yaml: freeze.windows[0].start: "2027-01-01": want an instant with its offset, such as 2027-02-12T00:00:00-05:00, or a local time such as 2027-02-12 00:00 with a zone`},
		{"freeze: {windows: [{name: a, end: '2027-01-02T00:00:00Z'}]}", `config.yaml: freeze.windows[0].start: missing: want an instant with its offset, such as 2027-02-12T00:00:00-05:00, or a local time such as 2027-02-12 00:00 with a zone`},
	} {
		t.Run(c.text, func(t *testing.T) {
			_, err := read(t, c.text)
			if err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

// TestRefused holds that what is not one document of keys and values is refused,
// in one sentence that names the file and shows nothing of the machinery.
func TestRefused(t *testing.T) {
	for _, text := range []string{
		"scale: [", "scale: 1%: 2%", "- scale", "just words", "scale: 1%\nscale: 2%", "scale: 1%\nScale: 2%", "scale: 1%\n---\nscale: 2%", "\t- x", "\x00",
	} {
		t.Run(fmt.Sprintf("%q", text), func(t *testing.T) {
			_, err := read(t, text)
			if err == nil {
				t.Fatal("it was read")
			}
			if says := err.Error(); !strings.HasPrefix(says, "config.yaml: ") || strings.Contains(says, "\n") || strings.Contains(says, "map[") || strings.Contains(says, "!!") {
				t.Errorf("it says %q", says)
			}
		})
	}
}

// TestAllAtOnce makes every kind of mistake together, in each place: each is said
// once, and in the same order every time.
func TestAllAtOnce(t *testing.T) {
	t.Setenv("GAMEDAY_CLIENTS_TIMEOUT", "soon")
	t.Setenv("GAMEDAY_SAFETY_MAX_IN_FLIGHT", "many")
	text := `
scale: 1
targets: [{name: "", url: "", dialect: x, colour: red}]
safety: {max_rate: 3, hosts: ["*"]}
freeze: {windows: [{start: never, end: soon}]}
colour: red
`
	want := []string{
		"--metrics: ", "--scale: ", "GAMEDAY_CLIENTS_TIMEOUT: ", "GAMEDAY_SAFETY_MAX_IN_FLIGHT: ", "config.yaml: colour: ",
		"config.yaml: freeze.windows[0].end: ", "config.yaml: freeze.windows[0].name: ", "config.yaml: freeze.windows[0].start: ",
		"config.yaml: safety.hosts[0]: ", "config.yaml: safety.max_rate: ", "config.yaml: targets[0].colour: ",
		"config.yaml: targets[0].dialect: ", "config.yaml: targets[0].name: ", "config.yaml: targets[0].url: ",
	}
	first := ""
	for range 10 {
		_, err := read(t, text, "--scale", "much", "--metrics", "there")
		if err == nil {
			t.Fatal("no mistake was found")
		}
		if first == "" {
			first = err.Error()
		}
		if err.Error() != first {
			t.Fatalf("once it says\n%s\nthen\n%s", first, err)
		}
	}
	lines := strings.Split(first, "\n")
	slices.Sort(lines)
	if len(lines) != len(want) {
		t.Fatalf("%d mistakes, want %d:\n%s", len(lines), len(want), first)
	}
	for i, l := range lines {
		if !strings.HasPrefix(l, want[i]) {
			t.Errorf("got %q, want it to begin with %q", l, want[i])
		}
	}
}

// TestMetricsChosen holds whose address for Prometheus must be had, rather than
// any other.
func TestMetricsChosen(t *testing.T) {
	for _, c := range []struct {
		file, environment string
		args              []string
		want              bool
	}{
		{"", "", nil, false},
		{"metrics: {listen: '127.0.0.1:9464'}", "", nil, false},
		{"metrics: {listen: '127.0.0.1:9465'}", "", nil, true},
		{"", "127.0.0.1:9464", nil, true},
		{"", "", []string{"--metrics=127.0.0.1:9464"}, true},
	} {
		t.Setenv("GAMEDAY_METRICS_LISTEN", c.environment)
		got, err := read(t, c.file, c.args...)
		if err != nil {
			t.Fatal(err)
		}
		if got.metricsChosen != c.want {
			t.Errorf("file %q, environment %q, flags %v: chosen is %v", c.file, c.environment, c.args, got.metricsChosen)
		}
	}
}

// TestTarget holds what a target's name or address leads to.
func TestTarget(t *testing.T) {
	text := "targets: [{name: staging, url: 'https://staging.example', dialect: mastodon, accounts: a.csv}, {name: shop, url: 'http://127.0.0.1:9', dialect: http}]"
	for _, c := range []struct {
		said, url, dialect string
		external           bool
		wrong              string
	}{
		{said: "embedded", dialect: "mastodon"},
		{said: "staging", url: "https://staging.example", dialect: "mastodon", external: true},
		{said: "shop", url: "http://127.0.0.1:9", dialect: "http", external: true},
		{said: "http://127.0.0.1:8080/base", url: "http://127.0.0.1:8080/base", dialect: "mastodon", external: true},
		{said: "Staging", wrong: `--target: no target "Staging"; there are embedded, staging, shop, and any URL`},
		{said: "127.0.0.1:8080", wrong: `--target: no target "127.0.0.1:8080"; there are embedded, staging, shop, and any URL`},
		{said: "http://", wrong: `--target: "http://": want one such as https://timeline.example, without user, query or fragment`},
		{said: "http://x/?q=1", wrong: `--target: "http://x/?q=1": want one such as https://timeline.example, without user, query or fragment`},
	} {
		config, err := read(t, text, "--target", c.said)
		if err != nil {
			t.Fatal(err)
		}
		got, external, err := config.target()
		if says := fmt.Sprint(err); c.wrong != "" && says != c.wrong || c.wrong == "" && err != nil {
			t.Errorf("%s: got %v, want %s", c.said, err, c.wrong)
		}
		if err == nil && (got.URL != c.url || got.Dialect != c.dialect || external != c.external) {
			t.Errorf("%s leads to %+v, external %v", c.said, got, external)
		}
	}
}

// TestConfigFlag holds which file is read.
func TestConfigFlag(t *testing.T) {
	other := filepath.Join(t.TempDir(), "other.yaml")
	if err := os.WriteFile(other, []byte("clients: {timeout: 7s}"), 0o644); err != nil {
		t.Fatal(err)
	}
	c, err := read(t, "clients: {timeout: 6s}", "--config", other)
	if err != nil || c.Clients.Timeout != 7*time.Second || c.file != other {
		t.Errorf("got %+v: %v", c, err)
	}
	if c, err = read(t, ""); err != nil || c.file != "" {
		t.Errorf("without a file got %+v: %v", c, err)
	}
	if _, err = read(t, "", "--config", "nosuch.yaml"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err = read(t, "", "--config", "."); err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("a folder: %v", err)
	}
}

// FuzzConfig reads anything as a configuration: it is in order, or every mistake
// names the file.
func FuzzConfig(f *testing.F) {
	shipped, err := os.ReadFile("../config.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(shipped))
	f.Add("targets: [{name: a, url: 'http://127.0.0.1', dialect: http}]\nsafety: {hosts: [x]}\nfreeze: {windows: [{name: a, start: x, end: y, level: full}]}")
	f.Add("clients: {timeout: 3s, retries: {attempts: 4, jitter: 10%, budget: 0.1}, refresh: {after: 1s}}\nsafety: {hosts: [x], stop: [success < 5% for 1s, {url: 'http://x', query: up, want: '> 1', for: 1s}]}\n" +
		"targets: [{name: a, url: 'http://x', dialect: http, links: [{name: l, listen: ':1', upstream: 'x:1'}], processes: [{name: p, pid_file: f, start: [a]}], toxiproxy: 'http://x', control: {url: 'http://x'}}]")
	f.Add("target: !!binary aGk=\nscale: &a 1%\nmetrics: *a")
	f.Add("freeze:\n  windows:\n    - {name: a, start: 2026-11-01 01:30, for: 2h, zone: America/New_York, fold: second, scope: [target:embedded], watch: [build]}\n" +
		"    - {name: b, cron: 30 2 * * SUN, zone: Europe/Berlin, for: 2h}\n" +
		"  overrides: [{window: a, reason: r, approved_by: x, from: 2026-11-01T00:00:00Z, until: 2026-11-02T00:00:00Z, allow: {target: embedded, revision: z}}]")
	f.Add("? [a]\n: b")
	f.Add("1: 2\nnull: 3\n")
	file := filepath.Join(f.TempDir(), "f.yaml")
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		c, err := loadConfig(flags(t, "--config", file))
		if err == nil {
			if found := c.validate(file); len(found) > 0 {
				t.Errorf("it was read, but %v", found)
			}
			return
		}
		found, ok := errors.AsType[scenarios.Mistakes](err)
		if !ok || len(found) == 0 {
			t.Errorf("got %v, want mistakes", err)
		}
		for _, m := range found {
			if m.File != file || m.Says == "" || strings.ContainsAny(m.String(), "\n\r") {
				t.Errorf("a mistake says %q", m)
			}
		}
	})
}
