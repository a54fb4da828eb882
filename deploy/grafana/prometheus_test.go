package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// A promServer is a real Prometheus.
type promServer string

// startPrometheus starts a server with some features that scrapes addresses five
// times a second.
func startPrometheus(t *testing.T, features string, scraped ...string) promServer {
	t.Helper()
	binary, err := exec.LookPath("prometheus")
	if err != nil {
		t.Skip("there is no prometheus here")
	}
	list, err := json.Marshal(scraped)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	text := fmt.Sprintf("global: {scrape_interval: 200ms, scrape_timeout: 200ms}\nscrape_configs: [{job_name: all, static_configs: [{targets: %s}]}]\n", list)
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	c := exec.Command(binary, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+address, "--enable-feature="+features, "--log.level=error")
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

// get reads what is at a path, or says what is wrong with it.
func (p promServer) get(path string, into any) error {
	res, err := http.Get(string(p) + path)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	a := struct {
		Status, Error string
		Data          any
	}{Data: into}
	if err := json.NewDecoder(res.Body).Decode(&a); err != nil {
		return err
	}
	if a.Status != "success" {
		return fmt.Errorf("%s", a.Error)
	}
	return nil
}

// A series is one of an answer.
type series struct {
	Metric map[string]string
	Value  []any
	Values [][]any
}

// values are the values of a series that are numbers.
func (s *series) values() (n int) {
	for _, v := range append(s.Values, s.Value) {
		if len(v) == 2 && v[1] != "NaN" {
			n++
		}
	}
	return n
}

// ask asks a query, now or over the last seconds.
func (p promServer) ask(query string, instant bool, since time.Time) (all []series, err error) {
	var data struct{ Result []series }
	path := "/api/v1/query?query=" + url.QueryEscape(query)
	if !instant {
		at := float64(time.Now().UnixMilli()) / 1000
		path = fmt.Sprintf("/api/v1/query_range?start=%.3f&end=%.3f&step=%.3f&query=%s", float64(since.UnixMilli())/1000, at, 0.5, url.QueryEscape(query))
	}
	err = p.get(path, &data)
	return data.Result, err
}

// until waits for a query to find so many series.
func (p promServer) until(t *testing.T, query string, series int) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); ; <-time.After(50 * time.Millisecond) {
		all, err := p.ask(query, true, time.Time{})
		if err == nil && len(all) == series {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s finds %v, want %d series: %v", query, all, series, err)
		}
	}
}
