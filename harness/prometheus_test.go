package harness

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"gameday/runs"
)

// A promServer is a real Prometheus.
type promServer string

// startPrometheus starts a server that receives remote write, with some features,
// and scrapes an address five times a second if it is not empty.
func startPrometheus(t *testing.T, features, scraped string) promServer {
	t.Helper()
	binary, err := exec.LookPath("prometheus")
	if err != nil {
		t.Skip("there is no prometheus here")
	}
	text := "global: {scrape_interval: 200ms, scrape_timeout: 200ms}\n"
	if scraped != "" {
		text += fmt.Sprintf("scrape_configs: [{job_name: scraped, static_configs: [{targets: [%q]}]}]\n", scraped)
	}
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	c := exec.Command(binary, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+address,
		"--web.enable-remote-write-receiver", "--enable-feature="+features, "--log.level=error")
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
				return promServer("http://" + address)
			}
		}
		<-time.After(100 * time.Millisecond)
	}
	t.Fatal("prometheus does not get ready")
	return ""
}

// A found series is one of the answer to a query.
type found struct {
	Metric map[string]string
	Values [][2]any
	Value  [2]any
	Raw    []json.RawMessage `json:"histograms"`
}

// query asks for what there is now.
func (p promServer) query(t *testing.T, query string) (all []found) {
	t.Helper()
	var a struct {
		Status, Error string
		Data          struct{ Result []found }
	}
	p.get(t, "/api/v1/query?query="+url.QueryEscape(query), &a)
	if a.Status != "success" {
		t.Fatalf("%s: %s", query, a.Error)
	}
	return a.Data.Result
}

func (p promServer) get(t *testing.T, path string, into any) {
	t.Helper()
	res, err := http.Get(string(p) + path)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(body, into); err != nil {
		t.Fatalf("%s: %v: %s", path, err, body)
	}
}

// number is a value of a series.
func number(t *testing.T, v [2]any) float64 {
	t.Helper()
	f, err := strconv.ParseFloat(v[1].(string), 64)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// last is the last value of the only series that a selector finds.
func (p promServer) last(t *testing.T, selector string) float64 {
	t.Helper()
	all := p.query(t, selector+"[1h]")
	if len(all) != 1 || len(all[0].Values) == 0 {
		t.Errorf("%s finds %d series, want one with values", selector, len(all))
		return math.NaN()
	}
	return number(t, all[0].Values[len(all[0].Values)-1])
}

// same compares the last native histogram that a selector finds with one of a run:
// its count, its sum and every bucket.
func (p promServer) same(t *testing.T, selector string, want *runs.Histogram) {
	t.Helper()
	all := p.query(t, selector+"[1h]")
	if len(all) != 1 || len(all[0].Raw) == 0 {
		t.Errorf("%s finds %d series, want one with native histograms", selector, len(all))
		return
	}
	var h struct {
		Count, Sum string
		Buckets    [][4]any
	}
	if err := json.Unmarshal(all[0].Raw[len(all[0].Raw)-1], &[]any{new(float64), &h}); err != nil {
		t.Fatal(err)
	}
	sum, err := strconv.ParseFloat(h.Sum, 64)
	if err != nil || h.Count != strconv.FormatUint(want.Count(), 10) || sum != want.Sum().Seconds() {
		t.Errorf("%s: count %s, sum %s; want %d, %v", selector, h.Count, h.Sum, want.Count(), want.Sum().Seconds())
	}
	got := map[int]string{}
	for _, b := range h.Buckets {
		upper, err := strconv.ParseFloat(b[2].(string), 64)
		if err != nil {
			t.Fatal(err)
		}
		if n := b[3].(string); n != "0" {
			got[int(math.Round(math.Log2(upper)*perOctave))] = n
		}
	}
	for i, n := range want.Buckets() {
		if got[i] != strconv.FormatUint(n, 10) {
			t.Errorf("%s: bucket %d holds %s, want %d", selector, i, got[i], n)
		}
		delete(got, i)
	}
	if len(got) > 0 {
		t.Errorf("%s: buckets that the run does not have: %v", selector, got)
	}
}
