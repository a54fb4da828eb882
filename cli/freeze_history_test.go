package cli

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// prometheusOf starts a real Prometheus server that scrapes an address twice
// a second, and waits until it is ready.
func prometheusOf(t *testing.T, scraped string) (url string) {
	t.Helper()
	binary, err := exec.LookPath("prometheus")
	if err != nil {
		t.Skip("there is no prometheus here")
	}
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	text := fmt.Sprintf("global: {scrape_interval: 500ms, scrape_timeout: 500ms}\nscrape_configs: [{job_name: app, static_configs: [{targets: [%q]}]}]\n", scraped)
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	c := exec.Command(binary, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+address, "--log.level=error")
	c.Stderr = t.Output()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Process.Kill()
		c.Wait()
	})
	for range 300 {
		if res, err := http.Get("http://" + address + "/-/ready"); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return "http://" + address
			}
		}
		<-time.After(100 * time.Millisecond)
	}
	t.Fatal("prometheus does not get ready")
	return ""
}

// TestHistory deploys a build, takes it back, and sees that a look knows nothing
// of it, and a Prometheus server all.
func TestHistory(t *testing.T) {
	s := onStage(t, "  windows: []\n")
	config, err := os.ReadFile("config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	stage, _, _ := strings.Cut(strings.SplitAfter(string(config), "url: http://")[1], "\n")
	text := fmt.Sprintf(`
targets:
  - name: staging
    url: http://%s
    dialect: http
    identity: [{kind: build, url: %q, query: count by (version) (timeline_build_info), labels: [version]}]
`, stage, prometheusOf(t, stage))
	if err := os.WriteFile("config.yaml", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	until := func(want string, args ...string) (said string) {
		t.Helper()
		for end := time.Now().Add(30 * time.Second); time.Now().Before(end); <-time.After(100 * time.Millisecond) {
			_, stdout, stderr := gameday(args...)
			if said = stdout + stderr; strings.Contains(said, want) {
				return said
			}
		}
		t.Fatalf("nobody says %q, but\n%s", want, said)
		return ""
	}
	until("captured in", "freeze", "capture")
	s.deploy(service(t, "6.6.6", 50))
	until("violated  added 6.6.6; gone 4.3.0\n", "freeze", "verify")
	<-time.After(1200 * time.Millisecond) // over a step of the past
	s.deploy(service(t, "4.3.0", 50))
	until("the freeze is honoured\n", "freeze", "verify")
	if code, stdout, _ := gameday("freeze", "verify", "--history"); code != exitFrozen || !strings.Contains(stdout, "staging  build  violated  came and went 6.6.6\n") {
		t.Errorf("%d\n%s", code, stdout)
	}
	if code, stdout, _ := gameday("freeze", "watch", "--for", "2s", "--every", "500ms", "--metrics", "off"); code != exitFrozen ||
		!strings.Contains(stdout, "came and went 6.6.6\n") || !strings.HasSuffix(stdout, "the freeze is honoured\n") {
		t.Errorf("%d\n%s", code, stdout)
	}
}
