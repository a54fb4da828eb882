package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gameday/freeze"
	"gameday/timeline"
)

// A stage is a target behind a balancer that gives each request to the next of its
// services, and flags that stand beside them.
type stage struct {
	mu       sync.Mutex
	services []http.Handler
	flags    string
	ahead    time.Duration
	next     int
}

func (s *stage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Date", time.Now().Add(s.ahead).UTC().Format(http.TimeFormat))
	if r.URL.Path == "/flags.json" {
		fmt.Fprint(w, s.flags)
		return
	}
	s.next++
	s.services[s.next%len(s.services)].ServeHTTP(w, r)
}

// deploy puts other services on the stage.
func (s *stage) deploy(all ...http.Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.services = all
}

// service is a reference timeline service.
func service(t *testing.T, version string, accounts int) http.Handler {
	t.Helper()
	s, err := timeline.New(timeline.Options{Accounts: accounts, Version: version})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// started is when a service with a process was started.
func started(h http.Handler, at string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/started" {
			fmt.Fprintf(w, "process_start_time_seconds %s\n", at)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// gameday runs a command in this process.
func gameday(args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = Main(args, strings.NewReader(""), &out, &errs)
	return code, out.String(), errs.String()
}

// onStage starts a stage with a configuration that asks it for everything, in a
// folder of its own.
func onStage(t *testing.T, freezing string) *stage {
	t.Helper()
	s := &stage{flags: `{"limit":5000,"seen":1}`}
	s.deploy(started(service(t, "4.3.0", 50), "100"))
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	t.Chdir(t.TempDir())
	config := fmt.Sprintf(`
targets:
  - name: staging
    url: %s
    dialect: mastodon
    identity:
      - {kind: build, url: /api/v2/instance, json: version}
      - {kind: config, url: /metrics, metric: timeline_config_hash}
      - {kind: data, url: /metrics, metric: timeline_accounts}
      - {kind: flags, url: /flags.json, body: json, drop: [seen]}
      - {kind: started, url: /started, metric: process_start_time_seconds}
  - {name: silent, url: "http://127.0.0.1:9", dialect: http}
freeze:
%s`, server.URL, freezing)
	if err := os.WriteFile("config.yaml", []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestVerifyFindsWhatWasPlanted captures the reference service, plants one change
// after another, and sees each; scaling and restarts stay honoured.
func TestVerifyFindsWhatWasPlanted(t *testing.T) {
	s := onStage(t, "  windows: []\n")
	same := func(at string) http.Handler { return started(service(t, "4.3.0", 50), at) }
	if code, _, stderr := gameday("freeze", "capture"); code != exitPass {
		t.Fatalf("%d %s", code, stderr)
	}
	for _, c := range []struct {
		name  string
		plant func()
		want  int
		says  string
	}{
		{"nothing", func() {}, exitPass, "honoured"},
		{"scaled", func() { s.deploy(same("100"), same("200"), same("300")) }, exitPass, "staging was started since the capture (2 start times are new); a restart is no change"},
		{"restarted", func() { s.deploy(same("400")) }, exitPass, "(1 start times are new); a restart is no change"},
		{"another build", func() { s.deploy(started(service(t, "4.3.1", 50), "500")) }, exitFrozen, "staging  build   violated  added 4.3.1; gone 4.3.0\n"},
		{"half way", func() { s.deploy(same("100"), started(service(t, "4.3.1", 50), "500")) }, exitFrozen, "staging  build   violated  added 4.3.1\n"},
		{"another config", func() { s.deploy(started(service(t, "4.3.0", 51), "500")) }, exitFrozen, "staging  data    violated  added 51; gone 50\n"},
		{"back again", func() { s.deploy(same("600")) }, exitPass, "the freeze is honoured"},
		{"what may change", func() { s.flags = `{"seen":2, "limit":5000}` }, exitPass, "the freeze is honoured"},
		{"a flag", func() { s.flags = `{"limit":9000,"seen":1}` }, exitFrozen, "staging  flags   violated  added sha256:"},
		{"HTML", func() { s.flags = "<html>Sign in</html>" }, exitUnclear, "staging  flags   unknown  GET /flags.json was answered with HTML where JSON was promised; is a sign-in or error page in front of it?\n"},
		{"a clock", func() { s.flags, s.ahead = `{"limit":5000}`, 10*time.Second }, exitPass, "s ahead of this one: windows begin and end by this one\n"},
	} {
		c.plant()
		code, stdout, stderr := gameday("freeze", "verify")
		if code != c.want || !strings.Contains(stdout, c.says) || stderr != "" {
			t.Errorf("%s: %d\n%s%s", c.name, code, stdout, stderr)
		}
		code, stdout, _ = gameday("freeze", "verify", "--json")
		var v freeze.Verification
		if err := json.Unmarshal([]byte(stdout), &v); err != nil || code != exitOfFreeze(v.State) || code != c.want || len(v.Findings) != 4 {
			t.Errorf("%s: %d %v\n%s", c.name, code, err, stdout)
		}
	}
}

// TestVerifyOverride exempts one exact build.
func TestVerifyOverride(t *testing.T) {
	from, until := time.Now().Add(-time.Hour).Format(time.RFC3339), time.Now().Add(time.Hour).Format(time.RFC3339)
	s := onStage(t, fmt.Sprintf(`  windows: [{name: sb, start: "%s", end: "%s", scope: ["target:staging"], watch: [build]}]
  overrides:
    - {window: sb, reason: SEV1, approved_by: kim, from: "%s", until: "%s", allow: {target: staging, kind: build, revision: 4.3.1}}
`, from, until, from, until))
	if code, _, stderr := gameday("freeze", "capture"); code != exitPass {
		t.Fatal(stderr)
	}
	for version, want := range map[string]struct {
		code int
		says string
	}{
		"4.3.1": {exitPass, "staging  build  exempted  added 4.3.1; gone 4.3.0; SEV1 (approved by kim, until "},
		"4.3.2": {exitFrozen, "staging  build  violated  added 4.3.2; gone 4.3.0\n"},
	} {
		s.deploy(started(service(t, version, 50), "1")) // the config hash too, which the window does not watch
		if code, stdout, _ := gameday("freeze", "verify"); code != want.code || !strings.Contains(stdout, want.says) {
			t.Errorf("%d\n%s", code, stdout)
		}
	}
}

// TestWatchRaisesTheAlarm watches a build that is deployed and taken back, with a
// webhook that is deaf at first, and a command.
func TestWatchRaisesTheAlarm(t *testing.T) {
	s := onStage(t, "  windows: []\n")
	if code, _, stderr := gameday("freeze", "capture"); code != exitPass {
		t.Fatal(stderr)
	}
	var calls atomic.Int32
	heard := make(chan string, 10)
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var told struct {
			Event    string
			Findings []freeze.Finding
		}
		if err := json.NewDecoder(r.Body).Decode(&told); err != nil || told.Event != "freeze-violated" || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%+v, %v", told, err)
		}
		if calls.Add(1) == 1 {
			http.Error(w, "later", http.StatusServiceUnavailable)
			return
		}
		heard <- fmt.Sprint(told.Findings[0].Added)
		s.deploy(started(service(t, "4.3.0", 50), "100")) // taken back
	}))
	t.Cleanup(hook.Close)
	t.Setenv(webhookVariable, hook.URL+"/T0/secret")
	s.deploy(started(service(t, "6.6.6", 50), "100"))
	code, stdout, stderr := gameday("freeze", "watch", "--every", "100ms", "--for", "5s", "--samples", "1", "--command", "cat >>alarm.json", "--metrics", "127.0.0.1:0")
	if code != exitFrozen || !strings.Contains(stdout, "added 6.6.6") || !strings.HasSuffix(stdout, "the freeze is honoured\n") {
		t.Errorf("%d\n%s", code, stdout)
	}
	if got := <-heard; got != "[6.6.6]" {
		t.Errorf("the webhook heard %s", got)
	}
	if !strings.Contains(stderr, "gameday: a violation could not be reported, and will be tried again: the webhook at 127.0.0.1:") || strings.Contains(stderr, "secret") {
		t.Errorf("%s", stderr)
	}
	if text, err := os.ReadFile("alarm.json"); err != nil || !bytes.Contains(text, []byte(`"freeze-violated"`)) {
		t.Errorf("the command heard %s, %v", text, err)
	}
}
