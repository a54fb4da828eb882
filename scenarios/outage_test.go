package scenarios

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gameday/faults"
)

// broken is a scenario with an outage and without a mistake, for tests to spoil.
const broken = `name: night
asks: Does it come back?
crowds:
  - {name: readers, rate: 200/s, do: [home 80, user 20], clients: {timeout: 2s, retries: {attempts: 4, backoff: 100ms, jitter: 12.5%, budget: 0.2, new_connection: true}, refresh: {after: 1s}}}
  - {name: posters, rate: 20/s, do: [post 1], clients: {retries: polite}}
clients: {timeout: 7s, retries: naive}
knobs: {Concurrency: 4, shed: "off"}
faults:
  - {name: slow, kind: link, on: store, toxic: latency, latency: 500ms, jitter: 50ms, toxicity: 10%}
  - {name: cut, kind: toxiproxy, on: far, toxic: limit_data, bytes: 5, stream: upstream}
  - {name: knob, kind: service, knobs: {Rank_Delay: 1s, share: 0.5, count: 3, list: [a, 7]}}
  - {name: shards, kind: service, do: flush, shards: [0, 3]}
  - {name: gone, kind: command, inject: {run: [a, "1"], within: 30s}, confirm: {run: [b]}, mend: {run: [c]}}
  - {name: dark, kind: http, inject: {url: "http://127.0.0.1/on", method: PUT}, confirm: {url: "http://127.0.0.1", contains: on, status: 201}, mend: {url: "http://127.0.0.1/off"}}
phases:
  - {name: quiet, for: 4s}
  - {name: bad, for: 6s, faults: [slow, knob]}
  - {name: worse, for: 2s, faults: [gone, slow, cut], expect: [recovers within 30s, attempts <= 1.2x]}
  - {name: better, for: 2s, faults: [shards, dark]}
intervention: {load: 1%, most: 2m}
stop: [success < 50% for 10s, duration > 10m, {url: "http://127.0.0.1:9090", query: up, want: ">= -1.5", for: 3s, token: t.token}]
`

func TestReadOutages(t *testing.T) {
	s, err := Read("night.yaml", []byte(broken))
	if err != nil {
		t.Fatal(err)
	}
	own := Clients{2 * time.Second, Retries{4, 100 * time.Millisecond, 0.125, 0.2, true, false}, Refresh{time.Second}}
	want := &Scenario{Name: "night", Asks: "Does it come back?", Population: DefaultPopulation,
		Crowds: []Crowd{
			{Name: "readers", Rate: 200, Do: []Action{{Name: Home, Weight: 80}, {Name: User, Weight: 20}}, Clients: own},
			{Name: "posters", Rate: 20, Do: []Action{{Name: Post, Weight: 1}}, Clients: Clients{Retries: PoliteRetries}},
		},
		Knobs:   map[string]any{"concurrency": 4, "shed": "off"},
		Clients: Clients{Timeout: 7 * time.Second, Retries: NaiveRetries},
		Faults: []faults.Fault{
			{Name: "slow", Kind: "link", On: "store", Toxic: "latency", Latency: 500 * time.Millisecond, Jitter: 50 * time.Millisecond, Toxicity: 0.1},
			{Name: "cut", Kind: "toxiproxy", On: "far", Toxic: "limit_data", Bytes: 5, Stream: "upstream"},
			{Name: "knob", Kind: "service", Knobs: map[string]any{"rank_delay": "1s", "share": 0.5, "count": 3, "list": []any{"a", 7}}},
			{Name: "shards", Kind: "service", Do: "flush", Shards: []int{0, 3}},
			{Name: "gone", Kind: "command", Inject: faults.Step{Run: []string{"a", "1"}, Within: 30 * time.Second}, Confirm: faults.Step{Run: []string{"b"}}, Mend: faults.Step{Run: []string{"c"}}},
			{Name: "dark", Kind: "http", Inject: faults.Step{URL: "http://127.0.0.1/on", Method: "PUT"}, Confirm: faults.Step{URL: "http://127.0.0.1", Contains: "on", Status: 201}, Mend: faults.Step{URL: "http://127.0.0.1/off"}},
		},
		Phases: []Phase{
			{Name: "quiet", For: 4 * time.Second},
			{Name: "bad", For: 6 * time.Second, Faults: []string{"slow", "knob"}},
			{Name: "worse", For: 2 * time.Second, Faults: []string{"gone", "slow", "cut"}, Expect: expectations("recovers within 30s", "attempts <= 1.2x")},
			{Name: "better", For: 2 * time.Second, Faults: []string{"shards", "dark"}},
		},
		Intervention: Intervention{Load: 0.01, Most: 2 * time.Minute},
		Stop: []Stop{
			{Measure: Success, Compare: "<", Limit: 50, For: 10 * time.Second}, {Measure: Elapsed, Compare: ">", Limit: 600},
			{For: 3 * time.Second, URL: "http://127.0.0.1:9090", Query: "up", Want: ">= -1.5", Token: "t.token"},
		},
	}
	if diff := cmp.Diff(want, s); diff != "" {
		t.Error(diff)
	}
	again := survivesJSON(t, s)
	var plan []string
	for _, f := range again.FaultPlan() {
		plan = append(plan, fmt.Sprintf("%s %s to %s", f.Fault.Name, f.From, f.Until))
	}
	if diff := cmp.Diff([]string{"slow 4s to 12s", "knob 4s to 10s", "gone 10s to 12s", "cut 10s to 12s", "shards 12s to 14s", "dark 12s to 14s"}, plan); diff != "" {
		t.Error(diff)
	}
}

// TestWithoutOutages holds that records of before are written as they were.
func TestWithoutOutages(t *testing.T) {
	data, err := json.Marshal(soundScenario(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"knobs", "faults", "clients", "intervention", "stop"} {
		if strings.Contains(string(data), key) {
			t.Errorf("there is %s in %s", key, data)
		}
	}
}

// TestReadRefusesOutages spoils the broken scenario in one place at a time.
func TestReadRefusesOutages(t *testing.T) {
	const duration = `want a duration, such as 20s or 1m30s`
	const share = `want a share, such as 10% or 0.1`
	for i, c := range []struct{ old, new, want string }{
		// Clients.
		{"timeout: 2s", "timeout: 2", `crowds[0].clients.timeout: "2": ` + duration},
		{"timeout: 2s", "timeout: 25h", `crowds[0].clients.timeout: 25h0m0s: want a duration above zero and up to 24h, such as 5s`},
		{"timeout: 2s", "patience: 2s", `crowds[0].clients.patience: unknown key`},
		{"timeout: 2s, ", "", ""},
		{"clients: {retries: polite}", "clients: polite", `crowds[1].clients: "polite": want keys and values`},
		{"retries: polite", "retries: rude", `crowds[1].clients.retries: "rude": want none, naive or polite, or keys such as {attempts: 4, backoff: 100ms}`},
		{"retries: polite", "retries: 3", `crowds[1].clients.retries: "3": want none, naive or polite, or keys such as {attempts: 4, backoff: 100ms}`},
		{"retries: polite", "retries: [polite]", `crowds[1].clients.retries: a list: want text`},
		{"retries: polite", "retries: {backoff: 1s}", `crowds[1].clients.retries.attempts: 0: want 1 to 100 tries; 1 is none again`},
		{"retries: polite", "retries: {}", ""},
		{"retries: polite", "retries: ~", ""},
		{"retries: polite", "refresh: {after: 7s}", `crowds[1].clients.refresh.after: 7s: want less than the timeout, 7s`},
		{"attempts: 4", "attempts: 101", `crowds[0].clients.retries.attempts: 101: want 1 to 100 tries; 1 is none again`},
		{"attempts: 4", "attempts: -1", `crowds[0].clients.retries.attempts: -1: want 1 to 100 tries; 1 is none again`},
		{"attempts: 4", "attempts: 4.5", `crowds[0].clients.retries.attempts: 4.5: want a whole number below 2^63`},
		{"attempts: 4", "tries: 4", "crowds[0].clients.retries.tries: unknown key"},
		{"backoff: 100ms", "backoff: 100", `crowds[0].clients.retries.backoff: "100": ` + duration},
		{"backoff: 100ms", "backoff: 61m", `crowds[0].clients.retries.backoff: 1h1m0s: want a duration up to 1h, such as 100ms`},
		{"jitter: 12.5%", "jitter: lots", `crowds[0].clients.retries.jitter: "lots": ` + share},
		{"jitter: 12.5%", "jitter: -1%", `crowds[0].clients.retries.jitter: "-1%": ` + share},
		{"jitter: 12.5%", "jitter: 1.5", `crowds[0].clients.retries.jitter: 1.5: want a share from 0 to 1, such as 0.5 or 50%`},
		{"jitter: 12.5%", "jitter: .nan", `crowds[0].clients.retries.jitter: NaN: want a share from 0 to 1, such as 0.5 or 50%`},
		{"jitter: 12.5%", "jitter: [1]", `crowds[0].clients.retries.jitter: a list: want a number`},
		{"budget: 0.2", "budget: -1", `crowds[0].clients.retries.budget: -1: want 0 to 100 tries again for each request, such as 0.1 or 10%`},
		{"budget: 0.2", "budget: 10001%", `crowds[0].clients.retries.budget: 100.01: want 0 to 100 tries again for each request, such as 0.1 or 10%`},
		{"new_connection: true", "new_connection: 1", `crowds[0].clients.retries.new_connection: 1: want true or false`},
		{"refresh: {after: 1s}", "refresh: 1s", `crowds[0].clients.refresh: "1s": want keys and values`},
		{"refresh: {after: 1s}", "refresh: {after: 2s}", `crowds[0].clients.refresh.after: 2s: want less than the timeout, 2s`},
		{"refresh: {after: 1s}", "refresh: {after: 1us}", `crowds[0].clients.refresh.after: 1µs: want 1ms to 24h, such as 3s`},
		{"clients: {timeout: 7s, retries: naive}", "clients: {timeout: 7s, refresh: {after: 8s}}", `clients.refresh.after: 8s: want less than the timeout, 7s`},
		// Knobs.
		{"Concurrency: 4", "concurrency: ", "knobs.concurrency: want a value: text, a number, true or false, or a list of texts"},
		{"Concurrency: 4", "concurrency: .inf", "knobs.concurrency: want a value: text, a number, true or false, or a list of texts"},
		{"Concurrency: 4", "concurrency: 18446744073709551615", "knobs.concurrency: 18446744073709551615: want a number of at most 2^53"},
		{"Concurrency: 4", "concurrency: [!!binary gIA=]", `knobs.concurrency: "\x80\x80": want text in UTF-8`},
		{`{Concurrency: 4, shed: "off"}`, "4", "knobs: 4: want keys and values"},
		// Faults.
		{"latency: 500ms", "latency: 500", `faults[0].latency: "500": ` + duration},
		{"latency: 500ms", "latency: 10ms", `faults[0].jitter: 50ms: want at most the latency, 10ms`},
		{"toxicity: 10%", "toxicity: 0%", `faults[0].toxicity: "0%": want a share above 0 and at most 1, such as 0.1 or 10%`},
		{"toxicity: 10%", "toxicity: [1]", `faults[0].toxicity: a list: want text`},
		{"toxicity: 10%", "pid: 1", `faults[0].pid: unknown key`},
		{"toxicity: 10%", `"-": 1`, `faults[0].-: unknown key`},
		{"toxicity: 10%", "rate: 1", `faults[0].rate: does not go with this fault, of which the keys are name, kind, on, toxic, stream, toxicity, latency, jitter`},
		{"kind: link", "kind: links", `faults[0].kind: "links": want one of link, toxiproxy, process, service, command, http`},
		{"bytes: 5", "bytes: 5.5", `faults[1].bytes: 5.5: want a whole number below 2^63`},
		{"count: 3", "count: 9007199254740993", `faults[2]: 9007199254740993: want a number of at most 2^53`},
		{"count: 3", "count: -9223372036854775808", `faults[2]: -9223372036854775808: want a number of at most 2^53`},
		{"count: 3", "count: !!binary gIA=", `faults[2]: "\x80\x80": want text in UTF-8`},
		{"count: 3", "\"two\\nlines\": ~", `faults[2]."knobs.two\nlines": want a value: text, a number, true or false, or a list of texts`},
		{"count: 3", "count: .nan", `faults[2].knobs.count: want a value: text, a number, true or false, or a list of texts`},
		{"count: 3", "Share: 3", `faults[2].knobs.share: stands there already as "Share"`},
		{"shards: [0, 3]", "shards: [0, x]", `faults[3].shards[1]: "x": want a whole number below 2^63`},
		{`run: [a, "1"]`, "run: a", `faults[4].inject.run: "a": want a list`},
		{`run: [a, "1"]`, "run: [a, 1]", `faults[4].inject.run[1]: 1: want text`},
		{"within: 30s", "within: 30", `faults[4].inject.within: "30": ` + duration},
		{"confirm: {run: [b]}, ", "", `faults[4].confirm.run: missing; want the program and the arguments that exit with 0 while it is broken and with 1 when it is whole`},
		{"status: 201", "status: 20", `faults[5].confirm.status: 20: want 200 to 599`},
		{"name: dark", "name: gone", "faults[5].name: \"gone\": there is a fault of this name already\n" +
			`some/night.yaml: phases[3].faults[1]: "dark": there is no fault of this name`},
		{"name: dark", "name: ", "faults[5].name: \"\": want a letter, then letters, digits, - or _\n" +
			`some/night.yaml: phases[3].faults[1]: "dark": there is no fault of this name`},
		// Phases that name them.
		{"[shards, dark]", "[shards]", `faults[5]: "dark": no phase names it; want it in the faults of those in which it is in force`},
		{"[shards, dark]", "[shards, dark, shards]", `phases[3].faults[2]: "shards" stands there already`},
		{"[shards, dark]", "[shards, dark, slower]", `phases[3].faults[2]: "slower": there is no fault of this name`},
		{"[shards, dark]", "dark", `phases[3].faults: "dark": want a list`},
		{"[shards, dark]", "[shards, dark, 3]", `phases[3].faults[2]: 3: want text`},
		{"kind: toxiproxy, on: far, toxic: limit_data, bytes: 5, stream: upstream", "kind: link, on: store, toxic: latency, latency: 1s",
			`phases[2].faults[2]: slow and cut both break downstream store by latency`},
		// Intervention and stop.
		{"{load: 1%, most: 2m}", "1%", `intervention: "1%": want keys and values`},
		{"load: 1%", "load: 1", `intervention.load: 1: want a share of the load above 0 and up to 0.5, such as 1%`},
		{"load: 1%", "load: a little", `intervention.load: "a little": ` + share},
		{"load: 1%, ", "", `intervention.load: 0: want a share of the load above 0 and up to 0.5, such as 1%`},
		{"most: 2m", "most: 25h", `intervention.most: 25h0m0s: want 1s to 24h, such as 5m`},
		{"most: 2m", "most: 2", `intervention.most: "2": ` + duration},
		{"success < 50% for 10s", "never", `stop[0]: "never": ` + wantStop},
		{"success < 50% for 10s", "~", `stop[0]: ` + wantStop + `, or keys such as {url: …, query: …, want: "> 0.5", for: 10s}`},
		{"success < 50% for 10s", "{measure: success}", "stop[0].measure: unknown key"},
		{"duration > 10m", "success < 50% for 10s", `stop[1]: "success < 50% for 10s" stands there already`},
		{`url: "http://127.0.0.1:9090"`, `url: "http://me:secret@127.0.0.1:9090"`, `stop[2].url: want that of a Prometheus server, such as http://prometheus.example:9090, without user, query and fragment`},
		{"query: up, ", "", `stop[2].query: missing; want PromQL, such as sum(rate(errors_total[1m]))`},
		{">= -1.5", "== 3", `stop[2].want: "== 3": want a comparison and a number, such as "> 0.5"`},
		{"for: 3s", "for: 3", `stop[2].for: "3": ` + duration},
		{"for: 3s, ", "", `stop[2].for: 0s: want 1s to 24h, such as 10s`},
	} {
		if strings.Count(broken, c.old) != 1 {
			t.Fatalf("row %d: %q stands %d times in the broken scenario, want once", i, c.old, strings.Count(broken, c.old))
		}
		want := ""
		if c.want != "" {
			want = "some/night.yaml: " + c.want
		}
		if got := says(t, strings.Replace(broken, c.old, c.new, 1)); got != want {
			t.Errorf("row %d: %q in place of %q says\n%s\nwant\n%s", i, c.new, c.old, got, want)
		}
	}
}
