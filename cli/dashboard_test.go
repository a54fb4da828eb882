package cli

import (
	"bufio"
	"bytes"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"gameday/harness"
	"gameday/runs"
)

// Where nobody looks and nobody asked, or somebody said off, there is no dashboard.
func TestDashboardUnasked(t *testing.T) {
	for _, c := range []Config{{dashboardChosen: true}, {}} {
		c.Dashboard.Listen = off
		if !c.dashboardChosen {
			c.Dashboard.Listen = defaultDashboard
		}
		var said bytes.Buffer
		d, err := (&runner{config: &c, stderr: &said}).serveDashboard()
		if err != nil || d.live != nil || said.Len() > 0 {
			t.Errorf("at %s: %+v, %v, %q", c.Dashboard.Listen, d, err, &said)
		}
		d.begin(&runs.Run{})
		d.observe(harness.Moment{})
		d.end(&runs.Run{})
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
}

// Somebody who follows a play sees it begin, go on and end, and is let go.
func TestDashboardShowsAPlay(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	c := &Config{dashboardChosen: true}
	c.Dashboard.Listen = taken.Addr().String()
	var said bytes.Buffer
	d, err := (&runner{config: c, stderr: &said}).serveDashboard()
	if err != nil {
		t.Fatal(err)
	}
	first, at, _ := strings.Cut(strings.TrimSpace(said.String()), "\ndashboard at ")
	if !strings.HasPrefix(first, taken.Addr().String()+" is taken; serving on 127.0.0.1:") {
		t.Errorf("said %q", &said)
	}
	run := record(t)
	d.begin(run)
	res, err := http.Get(at + "events")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	events := make(chan string, 100)
	go func() {
		defer close(events)
		for lines := bufio.NewScanner(res.Body); lines.Scan(); {
			if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				events <- name
			}
		}
	}()
	next := func(want string) {
		t.Helper()
		select {
		case got := <-events:
			if got != want {
				t.Errorf("the event %q, want %q", got, want)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("no event %q", want)
		}
	}
	next("view")
	d.observe(harness.Moment{At: time.Second, Of: 10 * time.Second, Rates: []float64{1, 2, 3}, Entry: &runs.Entry{}})
	next("more")
	d.end(run)
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	rest := ""
	for name := range events {
		rest += name + " "
	}
	if rest != "view end " && rest != "" { // a long line is no event
		t.Errorf("at the end: %q", rest)
	}
	if _, err := http.Get(at); err == nil {
		t.Error("it is still there")
	}
}

// Whose address must be had, rather than only at a terminal.
func TestDashboardChosen(t *testing.T) {
	for _, c := range []struct {
		file, environment string
		args              []string
		want              bool
	}{
		{"", "", nil, false},
		{"dashboard: {listen: '127.0.0.1:7777'}", "", nil, false},
		{"dashboard: {listen: '127.0.0.1:7778'}", "", nil, true},
		{"", "127.0.0.1:7777", nil, true},
		{"", "", []string{"--dashboard=127.0.0.1:7777"}, true},
	} {
		t.Setenv("GAMEDAY_DASHBOARD_LISTEN", c.environment)
		got, err := read(t, c.file, c.args...)
		if err != nil {
			t.Fatal(err)
		}
		if got.dashboardChosen != c.want {
			t.Errorf("file %q, environment %q, flags %v: chosen is %v", c.file, c.environment, c.args, got.dashboardChosen)
		}
	}
}
