package targets

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestQueryAnswers reads what a Prometheus server can answer, right and wrong.
func TestQueryAnswers(t *testing.T) {
	for _, c := range []struct {
		body   string
		labels []string
		want   []string
		says   string
	}{
		{`{"status":"success","data":{"resultType":"vector","result":[{"metric":{"v":"1"},"value":[1,"3"]},{"metric":{"v":"2"},"value":[1,"4"]}]}}`, []string{"v"}, []string{"1", "2"}, ""},
		{`{"status":"success","data":{"resultType":"vector","result":[{"metric":{"i":"1"},"value":[1,"3"]},{"metric":{"i":"2"},"value":[1,"3"]}]}}`, nil, []string{"3"}, ""},
		{`{"status":"success","data":{"resultType":"scalar","result":[1,"5"]}}`, nil, []string{"5"}, ""},
		{`{"status":"success","data":{"resultType":"vector","result":[]}}`, nil, nil, "nothing was found"},
		{`{"status":"success","data":{"resultType":"matrix","result":[]}}`, nil, nil, "the query gives a matrix; want one that gives a vector or a scalar"},
		{`{"status":"success","warnings":["a store is away"],"data":{"resultType":"vector","result":[{"metric":{},"value":[1,"3"]}]}}`, nil, nil, "the Prometheus server warns: a store is away"},
		{`{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"NaN"]}]}}`, nil, nil, `the query's result is "NaN", which is no number`},
		{`{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"1"]}]}}`, []string{"version"}, nil, "the query's result has no label version"},
		{`{"status":"success","data":{"resultType":"vector","result":7}}`, nil, nil, "the answer is not that of a Prometheus server"},
		{`[]`, nil, nil, "GET /api/v1/query was answered with JSON of another form"},
		{`<html>`, nil, nil, "GET /api/v1/query was answered with HTML where JSON was promised; is a sign-in or error page in front of it?"},
	} {
		url := answering(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, c.body) })
		got, wrong := only(t, "http://h", Source{URL: url, Query: "q", Labels: c.labels}, Sampling{})
		if !cmp.Equal(got, append([]string{}, c.want...)) || wrong != c.says {
			t.Errorf("%s: %q, %q\nwant %q", c.body, got, wrong, c.says)
		}
	}
	url := answering(t, status(http.StatusBadRequest, "application/json", `{"status":"error"}`))
	if _, wrong := only(t, "http://h", Source{URL: url, Query: "q("}, Sampling{}); wrong != "the Prometheus server refuses the query q( (400)" {
		t.Error(wrong)
	}
}

// TestPrometheus asks a real server that scrapes a build that changes and changes
// back: now it is as it was, and the past tells.
func TestPrometheus(t *testing.T) {
	binary, err := exec.LookPath("prometheus")
	if err != nil {
		t.Skip("there is no prometheus here")
	}
	version := atomic.Pointer[string]{}
	deploy := func(v string) { version.Store(&v) }
	deploy("1.0")
	fake := answering(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "# TYPE app_build_info gauge\napp_build_info{version=%q} 1\n", *version.Load())
	})
	url := prometheus(t, binary, strings.TrimPrefix(fake, "http://"))
	s := Source{URL: url, Query: "count by (version) (app_build_info)", Labels: []string{"version"}}
	until := func(want ...string) {
		t.Helper()
		var got []string
		var wrong string
		for end := time.Now().Add(30 * time.Second); time.Now().Before(end); <-time.After(100 * time.Millisecond) {
			if got, wrong = only(t, "http://h", s, Sampling{}); cmp.Equal(got, want) {
				return
			}
		}
		t.Fatalf("%q, %q; want %q", got, wrong, want)
	}
	until("1.0")
	began := time.Now()
	deploy("1.1")
	until("1.1")                          // a new series, and the old one is stale
	<-time.After(1200 * time.Millisecond) // over a step of the range
	deploy("1.0")
	until("1.0")
	s.Kind = "build"
	target := Target{URL: "http://h", Dialect: DialectHTTP, Identity: []Source{s}}
	out := target.Sample(t.Context(), Sampling{Since: began})
	if diff := cmp.Diff(map[string][]string{"build": {"1.0", "1.1"}}, out.Past); diff != "" || len(out.Wrong) > 0 {
		t.Errorf("the past since then: %v %s", out.Wrong, diff)
	}
	if out := target.Sample(t.Context(), Sampling{}); len(out.Past) > 0 {
		t.Errorf("a past that nobody asked for: %v", out.Past)
	}
}

// prometheus starts a server that scrapes an address five times a second, and
// waits until it is ready.
func prometheus(t *testing.T, binary, scraped string) (url string) {
	t.Helper()
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	text := fmt.Sprintf("global: {scrape_interval: 200ms, scrape_timeout: 200ms}\nscrape_configs: [{job_name: app, static_configs: [{targets: [%q]}]}]\n", scraped)
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
		res, err := http.Get("http://" + address + "/-/ready")
		if err == nil {
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
