package cli

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gameday/harness"
	"gameday/runs"
	"gameday/scenarios"
)

// night is a scenario of two crowds and two phases.
func night(t testing.TB) *scenarios.Scenario {
	t.Helper()
	s, err := scenarios.Read("night.yaml", []byte(`
name: night
asks: Does it hold?
seed: 5
crowds:
  - {name: readers, rate: 20000/s, arrivals: even, do: [home 1]}
  - {name: the-most-eager-posters, rate: 1000/s, arrivals: even, do: [post 1]}
phases:
  - {name: before, for: 6s}
  - {name: "a phase whose name is longer than anybody would want to read on a terminal", for: 6s}
`))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// tally is n requests of a crowd that took so long, of which some failed.
func tally(crowd string, n, failed uint64, took time.Duration) runs.Tally {
	t := runs.Tally{Crowd: crowd, Offered: n, Good: n - failed, MaxLag: runs.Span(took / 10)}
	if failed > 0 {
		t.Failed = map[string]uint64{"5xx": failed}
	}
	for range n - failed {
		t.Response.Record(took)
		t.Service.Record(took)
	}
	return t
}

// moments are a night of n seconds, one a second, of 200 and 10 requests each.
func moments(n int) []harness.Moment {
	var all []harness.Moment
	for s := 1; s <= n; s++ {
		m := harness.Moment{
			At: time.Duration(s) * time.Second, Of: 12 * time.Second, Rates: []float64{200, 10}, InFlight: s, Last: s == n,
			Entry: &runs.Entry{Tallies: []runs.Tally{
				tally("readers", 200, 0, 8*time.Millisecond), tally("the-most-eager-posters", 10, 5, 64*time.Millisecond),
			}},
		}
		if s > 6 {
			m.Phase = 1
		}
		all = append(all, m)
	}
	return all
}

// TestPlainLines holds the lines that a log gets: one every five seconds and a
// last one, together covering everything.
func TestPlainLines(t *testing.T) {
	var out bytes.Buffer
	v := newView(&out, night(t), 0.01, false)
	v.begin(&runs.Run{Target: runs.Target{Name: "staging", URL: "http://127.0.0.1:1"}})
	for _, m := range moments(12) {
		v.show(m)
	}
	v.end()
	want := `night at 1% of the real night against staging, 0:12, seed 5
Does it hold?
0:05 before: wanted 210/s, held 210/s, p50 8.07ms, p99 failed, errors 2.38%, lag 6.4ms, in flight 5
0:10 a phase whose name is longer than anybody would want to read on a terminal: wanted 210/s, held 210/s, p50 8.07ms, p99 failed, errors 2.38%, lag 6.4ms, in flight 10
0:12 over: wanted 210/s, held 210/s, p50 8.07ms, p99 failed, errors 2.38%, lag 6.4ms, in flight 12
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

// TestPlainHeld compares what the lines say was held with what was fed, over
// moments of any length.
func TestPlainHeld(t *testing.T) {
	var out bytes.Buffer
	v := newView(&out, night(t), 0.01, false)
	r := rand.New(rand.NewPCG(1, 2))
	var at time.Duration
	var fed, seconds float64
	for i := range 60 {
		at += time.Duration(200+r.IntN(1500)) * time.Millisecond
		n := uint64(r.IntN(100))
		fed += float64(n)
		v.show(harness.Moment{
			At: at, Of: time.Hour, Rates: []float64{1, 1}, Last: i == 59,
			Entry: &runs.Entry{Tallies: []runs.Tally{tally("readers", n, 0, time.Millisecond)}},
		})
		if printed := regexp.MustCompile(`held (\d+)/s`).FindStringSubmatch(out.String()); printed != nil {
			held, err := strconv.ParseFloat(printed[1], 64)
			if want := fed / (at.Seconds() - seconds); err != nil || held < want-0.51 || held > want+0.51 {
				t.Errorf("at %s: held %s/s of %v in %v s", at, printed[1], fed, at.Seconds()-seconds)
			}
			fed, seconds = 0, at.Seconds()
			out.Reset()
		}
	}
	if fed != 0 {
		t.Errorf("%v requests were never shown", fed)
	}
}

// TestLateness holds what is said where requests left late.
func TestLateness(t *testing.T) {
	var out bytes.Buffer
	v := newView(&out, night(t), 0.01, false)
	m := moments(1)[0]
	m.Entry.Tallies[0].Late, m.Entry.Tallies[0].Waited = 3, 4
	v.show(m)
	if want := "in flight 1, 3 left late: the generator does not keep up, 4 waited: every place in flight is taken\n"; !strings.HasSuffix(out.String(), want) {
		t.Errorf("got %q, want it to end in %q", out.String(), want)
	}
}

func TestQuiet(t *testing.T) {
	var out bytes.Buffer
	v := newView(&out, night(t), 0.01, true)
	v.begin(&runs.Run{})
	for _, m := range moments(12) {
		v.show(m)
	}
	v.end()
	if out.Len() > 0 {
		t.Errorf("quiet, but said %q", out.String())
	}
}

// TestTerminal holds when the block is drawn: on a terminal, unless the
// environment says that it wants none of that.
func TestTerminal(t *testing.T) {
	s := night(t)
	if newView(&bytes.Buffer{}, s, 1, false).terminal {
		t.Error("a buffer is taken for a terminal")
	}
	file, err := os.Create(t.TempDir() + "/log")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if newView(file, s, 1, false).terminal {
		t.Error("a file is taken for a terminal")
	}
	tty, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Logf("no terminal to try on: %v", err)
		return
	}
	defer tty.Close()
	for _, c := range []struct {
		noColor, ci, term string
		want              bool
	}{{"", "", "xterm", true}, {"1", "", "xterm", false}, {"", "true", "xterm", false}, {"", "", "dumb", false}} {
		t.Setenv("NO_COLOR", c.noColor)
		t.Setenv("CI", c.ci)
		t.Setenv("TERM", c.term)
		if got := newView(tty, s, 1, false).terminal; got != c.want {
			t.Errorf("NO_COLOR=%q CI=%q TERM=%s: terminal is %v, want %v", c.noColor, c.ci, c.term, got, c.want)
		}
	}
}

func TestNumber(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 0.4: "0", 0.6: "1", 999: "999", 999.6: "1,000", 1000: "1,000", 12345: "12,345", 1234567: "1,234,567"} {
		if got := number(v); got != want {
			t.Errorf("number(%v) = %s, want %s", v, got, want)
		}
	}
	for range 1000 {
		v := rand.Float64() * 1e12
		got := number(v)
		if strings.ReplaceAll(got, ",", "") != fmt.Sprintf("%.0f", v) || !regexp.MustCompile(`^\d{1,3}(,\d{3})*$`).MatchString(got) {
			t.Errorf("number(%v) = %s", v, got)
		}
	}
}

func TestClock(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0:00", 499 * time.Millisecond: "0:00", 500 * time.Millisecond: "0:01", 59 * time.Second: "0:59",
		59*time.Second + 600*time.Millisecond: "1:00", time.Hour: "60:00", 90*time.Minute + 5*time.Second: "90:05",
	} {
		if got := clock(d); got != want {
			t.Errorf("clock(%s) = %s, want %s", d, got, want)
		}
	}
}

// TestCells holds what stands where there is nothing to tell.
func TestCells(t *testing.T) {
	none, failed, fine := runs.Tally{}, tally("c", 4, 4, 0), tally("c", 4, 0, time.Millisecond)
	for _, c := range []struct{ what, got, want string }{
		{"quantile of nothing", quantile(&none, 0.5), "-"},
		{"quantile of failures", quantile(&failed, 0.5), "failed"},
		{"quantile", quantile(&fine, 0.5), "1ms"},
		{"errors of nothing", errorShare(&none), "-"},
		{"errors of failures", errorShare(&failed), "100%"},
		{"no errors", errorShare(&fine), "0"},
	} {
		if c.got != c.want {
			t.Errorf("%s is %q, want %q", c.what, c.got, c.want)
		}
	}
}
