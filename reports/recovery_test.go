package reports

import (
	"math"
	"strings"
	"testing"
	"time"

	"gameday/runs"
	"gameday/scenarios"
)

const stormYAML = `
name: retry-storm
asks: Does it come back when everybody tries again?
seed: 7
crowds: [{name: readers, rate: 200/s, do: [home 1]}]
phases:
  - {name: baseline, for: 40s}
  - {name: outage,   for: 10s}
  - {name: after,    for: 40s}
  - {name: rush,     for: 10s, load: [readers 3x], expect: [goodput >= 90% of baseline]}
  - {name: evening,  for: 40s, load: [readers 1x]}
expect: [recovers within 30s, attempts <= 1.2x, budget <= 5%]
`

// storm is a run with a fault that the service does not recover from in time, and
// a spike that it sheds.
func storm(t testing.TB) *runs.Run {
	t.Helper()
	s, err := scenarios.Read("retry-storm.yaml", []byte(stormYAML))
	if err != nil {
		t.Fatal(err)
	}
	began := time.Date(2027, 2, 14, 23, 30, 0, 0, time.UTC)
	r := &runs.Run{
		Schema: runs.Schema, ID: "20270214T233000Z-retry-storm", Gameday: "0.1.0", Scenario: s, Scale: 1, Seed: 7,
		Target: runs.Target{Name: "embedded"}, Began: began, Ended: began.Add(s.Duration()), Host: runs.Host{Name: "loadgen-1", OS: "linux", Arch: "amd64", CPUs: 2, Go: "go1.26"},
	}
	second := 0
	for i, p := range s.Phases {
		good := [...]int{100, 5, 100, 40, 100}[i]
		phase := runs.Phase{Name: p.Name, Begin: at(second), Due: map[string]uint64{}}
		for n := range int(p.For / time.Second) {
			if i == 2 && n < 35 {
				good = 60
			}
			tally := stormSecond(i, second, good)
			phase.Due["readers"] += tally.Offered
			r.Add(&runs.Entry{Tallies: []runs.Tally{tally}})
			second++
			good = [...]int{100, 5, 100, 40, 100}[i]
		}
		phase.End = at(second)
		r.Phases = append(r.Phases, phase)
	}
	for _, m := range []struct {
		at         int
		kind, says string
	}{{40, runs.MarkInjected, "latency 5s on the store"}, {41, runs.MarkConfirmed, "answers take 5s"}, {49, runs.MarkMended, "taken back"}, {50, runs.MarkClear, "answers take 1ms"}} {
		r.Marks = append(r.Marks, runs.Mark{At: at(m.at), Kind: m.kind, Fault: "slow-store", Text: m.says})
	}
	r.Marks = append(r.Marks, runs.Mark{At: at(second), Kind: runs.MarkEnd})
	runs.Judge(r)
	return r
}

func at(second int) runs.Span { return runs.Span(second) * runs.Span(time.Second) }

// stormSecond is one second of which so many percent of the requests are good.
func stormSecond(phase, second, good int) runs.Tally {
	t := runs.Tally{Phase: phase, Second: second, Crowd: "readers", Action: "home", Offered: 200, Attempts: 200}
	if phase == 3 {
		t.Offered, t.Attempts = 600, 1200
	}
	t.Good = t.Offered * uint64(good) / 100
	for range t.Good {
		t.Response.Record(5 * time.Millisecond)
	}
	t.Service = t.Response
	if bad := t.Offered - t.Good; bad > 0 {
		t.Failed = map[string]uint64{[...]string{"", "timeout", "timeout", "503", ""}[phase]: bad}
	}
	return t
}

// Every number and every limit of a recovery stands in every report.
func TestRecoveryIsTold(t *testing.T) {
	r := storm(t)
	for name, report := range map[string]string{"text": write(t, Text, r), "markdown": write(t, Markdown, r)} {
		report = strings.Join(strings.Fields(report), " ")
		for _, want := range []string{"fault slow-store", "spike rush", "time to recover", "35s", "amplification", "Judged by", "95%", "for 30 days."} {
			if !strings.Contains(report, want) {
				t.Errorf("%s: %q is missing:\n%s", name, want, report)
			}
		}
	}
	if junit := write(t, JUnit, r); !strings.Contains(junit, `<property name="recovery fault slow-store" value="slow: Goodput`) {
		t.Errorf("JUnit does not tell of the recovery:\n%s", junit)
	}
	r.Recovery = nil
	if report := write(t, Text, r); strings.Contains(report, "RECOVERY") {
		t.Errorf("nothing befell the service, and yet:\n%s", report)
	}
}

func TestFigureValues(t *testing.T) {
	for _, c := range []struct {
		figure runs.Figure
		unit   string
		want   string
	}{
		{runs.Figure{Is: runs.Exact, Value: 0.954}, "%", "95.4%"},
		{runs.Figure{Is: runs.Exact, Value: 1.512}, "%", "151%"},
		{runs.Figure{Is: runs.Exact, Value: 23}, "s", "23s"},
		{runs.Figure{Is: runs.AtLeast, Value: 70}, "s", ">= 1m10s"},
		{runs.Figure{Is: runs.AtLeast, Value: 1003.6}, "/s", ">= 1,004/s"},
		{runs.Figure{Is: runs.Exact, Value: 2.8}, "x", "2.8x"},
		{runs.Figure{Is: runs.Endless}, "s", "never"},
		{runs.Figure{Value: 7}, "s", none},
		{runs.Figure{Is: 9, Value: 7}, "s", none},
		{runs.Figure{Is: runs.Exact, Value: math.MaxFloat64}, "s", took(math.MaxInt64)},
	} {
		if got := (figure{Figure: c.figure, unit: c.unit}).value(); got != c.want {
			t.Errorf("%+v in %s: %q, want %q", c.figure, c.unit, got, c.want)
		}
	}
}
