package cli

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"gameday/faults"
	"gameday/scenarios"
	"gameday/targets"
)

// TestOutageKeys reads all that the configuration says of outages.
func TestOutageKeys(t *testing.T) {
	c, err := read(t, `
safety:
  hosts: [store.example]
  stop: [success < 50% for 10s, {url: "http://prometheus.example", query: up, want: "> 0.5", for: 3s}]
clients: {retries: {attempts: 4, backoff: 100ms, jitter: 50%}, refresh: {after: 1s}}
targets:
  - name: shop
    url: http://127.0.0.1:9
    dialect: http
    links: [{name: store, listen: "127.0.0.1:16379", upstream: "STORE.example:6379"}]
    processes: [{name: redis, pid_file: redis.pid, start: [redis-server, redis.conf]}, {name: ranker, run: [./ranker]}]
    toxiproxy: http://localhost:8474
    control: {url: "http://store.example:8081", token: control.token}
`)
	if err != nil {
		t.Fatal(err)
	}
	site := faults.Site{
		Links:     []faults.Link{{Name: "store", Listen: "127.0.0.1:16379", Upstream: "STORE.example:6379"}},
		Processes: []faults.Process{{Name: "redis", PIDFile: "redis.pid", Start: []string{"redis-server", "redis.conf"}}, {Name: "ranker", Run: []string{"./ranker"}}},
		Toxiproxy: "http://localhost:8474", Control: faults.Control{URL: "http://store.example:8081", Token: "control.token"},
	}
	if diff := cmp.Diff(site, c.Targets[0].Site, cmpopts.IgnoreFields(faults.Process{}, "Restart")); diff != "" {
		t.Error(diff)
	}
	want := scenarios.Clients{
		Timeout: 5 * time.Second, Retries: scenarios.Retries{Attempts: 4, Backoff: 100 * time.Millisecond, Jitter: 0.5}, Refresh: scenarios.Refresh{After: time.Second},
	}
	if c.Clients != want {
		t.Errorf("clients are %+v, want %+v", c.Clients, want)
	}
	if got := fmt.Sprint(c.Safety.Stop); got != "[success < 50% for 10s up is not > 0.5 for 3s]" {
		t.Errorf("what stops a play is %s", got)
	}
}

// TestRetriesOfEnvironment holds that the environment goes before keys too.
func TestRetriesOfEnvironment(t *testing.T) {
	const file = "clients: {retries: {attempts: 4, jitter: lots}}"
	t.Setenv("GAMEDAY_CLIENTS_RETRIES", "polite")
	if c, err := read(t, file); err != nil || c.Clients.Retries != scenarios.PoliteRetries {
		t.Errorf("%+v, %v", c, err)
	}
	t.Setenv("GAMEDAY_CLIENTS_RETRIES", "rude")
	want := "GAMEDAY_CLIENTS_RETRIES: \"rude\": want none, naive or polite, or keys such as {attempts: 4, backoff: 100ms}"
	if _, err := read(t, file); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// TestCheckOutages holds one fault, or one crowd's clients, at a time against a
// target. Nothing means that it can be played.
func TestCheckOutages(t *testing.T) {
	const hosts = `the host "flags.example" may not be broken: only loopback may, and what stands in safety.hosts`
	here, there := faults.Step{URL: "http://127.0.0.1:1/"}, faults.Step{URL: "http://flags.example/"}
	c := &Config{Clients: scenarios.Clients{Timeout: 5 * time.Second, Retries: scenarios.NoRetries}}
	inside, _, err := (&Config{Target: embedded}).target()
	if err != nil {
		t.Fatal(err)
	}
	outside := targets.Target{Name: "shop", Site: faults.Site{Links: []faults.Link{{Name: "store"}}}}
	for i, tt := range []struct {
		target targets.Target
		fault  faults.Fault
		want   string
	}{
		{inside, faults.Fault{Kind: "link", On: "front", Toxic: "down"}, ""},
		{inside, faults.Fault{Kind: "service", Do: "wipe"}, ""},
		{inside, faults.Fault{Kind: "process", On: "timeline", Do: "pause"}, ""},
		{inside, faults.Fault{Kind: "command"}, ""},
		{inside, faults.Fault{Kind: "link", On: "store"}, `f: faults[0].on: "store": the target has no link of this name; it has front (target embedded)`},
		{inside, faults.Fault{Kind: "process", On: "redis"}, `f: faults[0].on: "redis": the target has no process of this name; it has timeline (target embedded)`},
		{inside, faults.Fault{Kind: "toxiproxy"}, `f: faults[0].kind: toxiproxy: the target has none; want its URL, toxiproxy: http://127.0.0.1:8474 (target embedded)`},
		{outside, faults.Fault{Kind: "link", On: "store"}, ""},
		{outside, faults.Fault{Kind: "service"}, `f: faults[0].kind: service: the target has no control; only the reference service has (target shop)`},
		{outside, faults.Fault{Kind: "http", Inject: here, Confirm: here, Mend: here}, ""},
		{outside, faults.Fault{Kind: "http", Inject: there, Confirm: here, Mend: here}, "f: faults[0].inject.url: " + hosts},
		{outside, faults.Fault{Kind: "http", Inject: here, Confirm: there, Mend: here}, "f: faults[0].confirm.url: " + hosts},
		{outside, faults.Fault{Kind: "http", Inject: here, Confirm: here, Mend: there}, "f: faults[0].mend.url: " + hosts},
	} {
		s := &scenarios.Scenario{Faults: []faults.Fault{tt.fault}}
		if got := checked(t, c, s, tt.target); got != tt.want {
			t.Errorf("row %d says\n%s\nwant\n%s", i, got, tt.want)
		}
	}
	allowed := &Config{Clients: c.Clients}
	allowed.Safety.Hosts = []string{"FLAGS.example"}
	if got := checked(t, allowed, &scenarios.Scenario{Faults: []faults.Fault{{Kind: "http", Inject: there}}}, outside); got != "" {
		t.Errorf("a host that is allowed: %s", got)
	}
	six := scenarios.Clients{Refresh: scenarios.Refresh{After: 6 * time.Second}}
	s := &scenarios.Scenario{Crowds: []scenarios.Crowd{{}, {}, {Clients: six}, {Clients: scenarios.Clients{Timeout: 7 * time.Second}}}, Clients: six}
	want := "f: clients.refresh.after: 6s: want less than the timeout, 5s\nf: crowds[2].clients.refresh.after: 6s: want less than the timeout, 5s"
	if got := checked(t, c, s, inside); got != want {
		t.Errorf("clients say\n%s\nwant\n%s", got, want)
	}
}

// checked is what is wrong with a scenario for a target, a line each.
func checked(t *testing.T, c *Config, s *scenarios.Scenario, of targets.Target) string {
	t.Helper()
	err := c.checkOutages("f", s, of)
	if err == nil {
		return ""
	}
	if _, ok := errors.AsType[scenarios.Mistakes](err); !ok {
		t.Errorf("%v are no mistakes", err)
	}
	return err.Error()
}
