package main

import (
	"bytes"
	"testing"
	"time"

	"gameday/runs"
	"gameday/scenarios"
)

// played is the record of a run of 100 requests a second for two seconds.
func played(verdict runs.Verdict, failed uint64) *runs.Run {
	run := &runs.Run{Schema: runs.Schema, Verdict: verdict}
	run.Phases = []runs.Phase{{Name: "hold", End: runs.Span(2 * time.Second), Due: map[string]uint64{"all": 200}}}
	for second := range 2 {
		tally := runs.Tally{Second: second, Crowd: "all", Action: "page", Offered: 100, Attempts: 100, Late: 3, Waited: 5}
		var times runs.Recorder
		for i := range 100 - failed {
			times.Record(time.Duration(i+1) * time.Millisecond)
		}
		tally.Response, tally.Service = times.Histogram(), times.Histogram()
		if failed > 0 {
			tally.Failed = map[string]uint64{"timeout": failed}
		}
		run.Tallies = append(run.Tallies, tally)
	}
	return run
}

func TestReadRun(t *testing.T) {
	for _, c := range []struct {
		name string
		run  *runs.Run
		want report
	}{
		{"kept", played(runs.Pass, 0), report{sent: 200, good: 200, p99: 99 * ms, admits: "3% late, 5% waited for a place"}},
		{"unclear", played(runs.Unclear, 0), report{sent: 200, good: 200, p99: 99 * ms, admits: "3% late, 5% waited for a place", doubt: "unclear"}},
		{"failed", played(runs.Fail, 10), report{sent: 200, good: 180, admits: "3% late, 5% waited for a place", doubt: "1 of 100 was not answered"}},
		{"nothing", &runs.Run{}, report{}},
	} {
		got := readRun(c.run)
		if off := got.p99 - c.want.p99; off.Abs() > c.want.p99/90 {
			t.Errorf("%s: p99 %v, want %v", c.name, got.p99, c.want.p99)
		}
		got.p99 = c.want.p99
		if got != c.want {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, got, c.want)
		}
		if held := (&outcome{report: got, load: load{rate: 100, lasts: 2 * time.Second}}).held(); held != (c.name == "kept") {
			t.Errorf("%s: held is %v", c.name, held)
		}
	}
}

// TestGamedayFiles: the scenario that gameday is given is sound and of the wanted
// requests, and a record of it is read as it was written.
func TestGamedayFiles(t *testing.T) {
	loads := []load{full.freeze, short.freeze, {rate: 100, lasts: 2 * time.Second}}
	for _, p := range []plan{full, short} {
		for _, rate := range p.rates {
			loads = append(loads, load{rate: rate, lasts: p.lasts})
		}
	}
	for _, l := range loads {
		l.url = "http://127.0.0.1:1/"
		s, err := scenarios.Read("even.yaml", []byte(gameday.files(l)["even.yaml"]))
		if err != nil {
			t.Fatal(err)
		}
		if rate := float64(s.Crowds[0].Rate); rate != float64(l.rate) || s.Duration() != l.lasts || s.Crowds[0].Arrivals != scenarios.Even {
			t.Errorf("%d/s for %v became %v/s for %v, %v", l.rate, l.lasts, rate, s.Duration(), s.Crowds[0].Arrivals)
		}
		if l.rate != 100 {
			continue
		}
		run := played(runs.Pass, 0)
		run.Scenario, run.Scale = s, 1
		var file bytes.Buffer
		if err := run.Write(&file); err != nil {
			t.Fatal(err)
		}
		got, err := gameday.read(l, file.Bytes(), nil)
		if err != nil || got != readRun(run) {
			t.Errorf("read %+v, %v; want %+v", got, err, readRun(run))
		}
	}
}
