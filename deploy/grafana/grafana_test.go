package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"gameday/freeze"
	"gameday/harness"
	"gameday/runs"
	"gameday/scenarios"
	"gameday/timeline"
)

// TestGenerated holds the dashboards that are kept against the code that makes them.
func TestGenerated(t *testing.T) {
	for name, d := range dashboards() {
		kept, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(kept, render(d)) {
			t.Errorf("%s is not what the code makes: go run ./deploy/grafana", name)
		}
	}
}

// TestLayout holds that panels have places and numbers of their own, and say how they
// are to be read.
func TestLayout(t *testing.T) {
	for name, d := range dashboards() {
		taken := map[[2]int]int{}
		for i, p := range d.Panels {
			if p.ID != i+1 || p.Title == "" || len(p.Targets) == 0 {
				t.Errorf("%s: panel %d is %q, %d queries", name, p.ID, p.Title, len(p.Targets))
			}
			for x := range p.GridPos.W {
				for y := range p.GridPos.H {
					at := [2]int{p.GridPos.X + x, p.GridPos.Y + y}
					if taken[at] != 0 || at[0] >= 24 {
						t.Fatalf("%s: %q lies over another, or outside", name, p.Title)
					}
					taken[at] = p.ID
				}
			}
		}
	}
}

const night = `
name: night
asks: Is it seen?
seed: 1
crowds: [{name: readers, rate: 100/s, do: [home 1]}, {name: posters, rate: 10/s, do: [post 1]}]
phases: [{name: calm, for: 1m}, {name: rush, for: 1m}]
expect: [success >= 99%]
`

// figures feeds metrics like a play does, until it is told to end.
func figures(t *testing.T, m *harness.Metrics, stop <-chan struct{}) {
	t.Helper()
	s, err := scenarios.Read("night.yaml", []byte(night))
	if err != nil {
		t.Error(err)
		return
	}
	run := &runs.Run{ID: "20270214T233000Z-night", Scenario: s, Target: runs.Target{Name: "staging"}, Began: time.Now(), Phases: []runs.Phase{{Name: "calm"}, {Name: "rush"}}}
	m.Begin(run)
	for n := 1; ; n++ {
		e := &runs.Entry{Witness: &runs.Witness{Fresh: make([]runs.Histogram, 1)}}
		e.Witness.Fresh[0].Record(time.Duration(n) * time.Millisecond)
		for _, c := range s.Crowds {
			tally := runs.Tally{Crowd: c.Name, Action: c.Do[0].Name, Offered: 10, Good: 8, Attempts: 12, Failed: map[string]uint64{"5xx": 1, "timeout": 1}}
			lag := runs.LagTally{Crowd: c.Name}
			for i := range 8 {
				tally.Response.Record(time.Duration(i*n+1) * time.Millisecond)
				tally.Service.Record(time.Duration(i+1) * time.Millisecond)
				lag.Lag.Record(time.Duration(i) * time.Microsecond)
			}
			e.Tallies, e.Lags = append(e.Tallies, tally), append(e.Lags, lag)
		}
		if n == 3 {
			e.Marks = []runs.Mark{{Kind: runs.MarkInjected, Fault: "slow-store"}}
		}
		m.Observe(harness.Moment{Phase: n / 10 % 2, Rates: []float64{100, 10}, InFlight: n, Entry: e})
		select {
		case <-stop:
			m.Observe(harness.Moment{Phase: 1, Rates: []float64{0, 0}, Entry: &runs.Entry{Marks: []runs.Mark{{Kind: runs.MarkClear, Fault: "slow-store"}}}})
			run.Ended, run.Verdict = time.Now(), runs.Fail
			run.Findings = []runs.Finding{{Expect: "success >= 99%", Phase: "calm", Verdict: runs.Fail}}
			run.Recovery = []runs.Recovery{{Trigger: runs.Trigger{Kind: runs.Fault, Name: "slow-store"}, Verdict: runs.Recovered, Recover: runs.Figure{Is: runs.Exact, Value: 4}}}
			m.End(run)
			return
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// busy is a timeline service that is read, written to, and asked for what is not
// there, until it is told to end.
func busy(t *testing.T, stop <-chan struct{}) (address string) {
	t.Helper()
	s, err := timeline.New(timeline.Options{Accounts: 50, Seed: 1, Version: "2.0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	ask := func(method, path, form string) {
		r := httptest.NewRequest(method, path, strings.NewReader(form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Authorization", "Bearer "+timeline.Token(1, 1))
		s.ServeHTTP(httptest.NewRecorder(), r)
	}
	go func() {
		for {
			ask(http.MethodGet, "/api/v1/timelines/home", "")
			ask(http.MethodPost, "/api/v1/statuses", "status=hello")
			ask(http.MethodGet, "/nowhere", "")
			select {
			case <-stop:
				return
			case <-time.After(50 * time.Millisecond):
			}
		}
	}()
	return strings.TrimPrefix(server.URL, "http://")
}

// frozen exports a freeze that is in force and not honoured everywhere.
func frozen() *freeze.Exporter {
	e := freeze.NewExporter(freeze.Calendar{{Name: "super-bowl", Start: time.Now().Add(-time.Hour), End: time.Now().Add(time.Hour)}})
	e.Observe(freeze.Verification{At: time.Now(), State: freeze.Violated, Findings: []freeze.Finding{
		{Target: "staging", Kind: "build", State: freeze.Violated}, {Target: "staging", Kind: "config", State: freeze.Honoured},
	}})
	return e
}

// filled puts values for a dashboard's variables.
func filled(expr string) string {
	return strings.NewReplacer("$window", "4s", "$__range", "10m", "$scenario", ".*", "$instance", ".*").Replace(expr)
}

// TestEveryQuery has real servers scrape a play, a timeline service and a freeze, one
// with native histograms and one without, and asks them every query of every panel,
// variable and annotation: each finds something.
func TestEveryQuery(t *testing.T) {
	m := harness.NewMetrics()
	playing, done := make(chan struct{}), make(chan struct{})
	open := func(h http.Handler) string {
		s := httptest.NewServer(h)
		t.Cleanup(s.Close)
		return strings.TrimPrefix(s.URL, "http://")
	}
	addresses := []string{open(m.Handler()), open(frozen().Handler()), busy(t, t.Context().Done())}
	native, classic := startPrometheus(t, "native-histograms", addresses...), startPrometheus(t, "", addresses...)
	native.until(t, "up == 1", len(addresses)) // it takes its time to begin
	classic.until(t, "up == 1", len(addresses))
	began := time.Now()
	go func() {
		defer close(done)
		figures(t, m, playing)
	}()
	// Long enough for rates, on a busy machine too.
	native.until(t, "count_over_time(gameday_fault_active[1m]) > 15", 1)
	classic.until(t, "count_over_time(gameday_fault_active[1m]) > 15", 1)
	close(playing)
	<-done
	native.until(t, "gameday_verdict", 3)
	classic.until(t, "gameday_verdict", 3)
	asked := 0
	for name, d := range dashboards() {
		for server, p := range map[string]promServer{"native": native, "classic": classic} {
			for _, panel := range d.Panels {
				for _, q := range panel.Targets {
					asked++
					all, err := p.ask(filled(q.Expr), q.Instant, began)
					n := found(all)
					if panel.Title == "Store" { // nobody calls one here: its quantiles are no numbers
						n = len(all)
					}
					if err != nil || n == 0 {
						t.Errorf("%s, %s, %q: %s finds %d series, %d of their values are numbers: %v", name, server, panel.Title, filled(q.Expr), len(all), n, err)
					}
					for _, label := range regexp.MustCompile(`{{(\w+)}}`).FindAllStringSubmatch(q.LegendFormat, -1) {
						if len(all) > 0 && all[0].Metric[label[1]] == "" && label[1] != "build" {
							t.Errorf("%s, %q: the legend wants %s, and there is %v", name, panel.Title, label[1], all[0].Metric)
						}
					}
				}
			}
			for _, a := range d.Annotations.List {
				if all, err := p.ask(filled(a.Expr), false, began); err != nil || found(all) == 0 {
					t.Errorf("%s, %s: annotation %s finds %v: %v", name, server, a.Name, all, err)
				}
			}
			for _, v := range d.Templating.List {
				if v.Type != "query" {
					continue
				}
				of := regexp.MustCompile(`^label_values\((\w+), (\w+)\)$`).FindStringSubmatch(v.Definition)
				var values []string
				if err := p.get("/api/v1/label/"+of[2]+"/values?match[]="+url.QueryEscape(of[1]), &values); err != nil || len(values) == 0 {
					t.Errorf("%s, %s: %s finds %v: %v", name, server, v.Definition, values, err)
				}
			}
		}
	}
	t.Logf("%d queries asked", asked)
}

// found is how many values there are that are numbers.
func found(all []series) (n int) {
	for i := range all {
		n += all[i].values()
	}
	return n
}
