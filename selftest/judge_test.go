package selftest

import (
	"os"
	"strings"
	"testing"
	"time"

	"gameday/runs"
	"gameday/scenarios"
)

// full is an outcome of which nothing is missing.
func full() *outcome {
	l := load{path: pathArrive, rate: 100, arrivals: scenarios.Even, lasts: time.Second}
	o := &outcome{load: l, table: timetable(l)}
	for range o.table.Count() {
		o.all.Offered++
		o.all.Service.Record(time.Millisecond)
		o.all.Response.Record(time.Millisecond)
		o.lag.Record(0)
		o.visits = append(o.visits, visit{})
	}
	return o
}

// Whatever is missing or doubtful, nothing passes; and nothing fails without a
// reason.
func TestJudge(t *testing.T) {
	for _, c := range []struct {
		name string
		but  func(*outcome)
		met  bool
		want runs.Verdict
	}{
		{"met", func(*outcome) {}, true, runs.Pass},
		{"not met", func(*outcome) {}, false, runs.Fail},
		{"aborted", func(o *outcome) { o.aborted = "why" }, true, runs.Unclear},
		{"one not offered", func(o *outcome) { o.all.Offered-- }, true, runs.Unclear},
		{"one failed", func(o *outcome) { o.all.Failed = map[string]uint64{"5xx": 1} }, true, runs.Unclear},
		{"no lag", func(o *outcome) { o.lag = runs.Histogram{} }, true, runs.Unclear},
		{"one visit lost", func(o *outcome) { o.visits = o.visits[1:] }, true, runs.Unclear},
		{"one visit too many", func(o *outcome) { o.visits = append(o.visits, visit{}) }, false, runs.Unclear},
		{"nothing due", func(o *outcome) { *o = outcome{table: timetable(load{path: "/", rate: 0, lasts: time.Second})} }, true, runs.Unclear},
		{"a busy core", func(o *outcome) { o.shortage.others = 0.999 }, true, runs.Unclear},
		{"a busy core, not met", func(o *outcome) { o.shortage.others = 0.999 }, false, runs.Unclear},
		{"starved", func(o *outcome) { o.shortage.starved = 0.3 }, true, runs.Unclear},
		{"a little starved", func(o *outcome) { o.shortage.starved = 0.2 }, true, runs.Pass},
		{"a little starved, not met", func(o *outcome) { o.shortage.starved = 0.2 }, false, runs.Unclear},
		{"hardly starved, not met", func(o *outcome) { o.shortage.starved = 0.05 }, false, runs.Fail},
	} {
		o := full()
		c.but(o)
		got := o.judge(runs.Check{Got: "1ms", Value: 1}, c.met, "advice")
		if got.Verdict != c.want || (got.Why == "") != (got.Verdict == runs.Pass) {
			t.Errorf("%s: %s because %q, want %s", c.name, got.Verdict, got.Why, c.want)
		}
	}
}

func TestMemory(t *testing.T) {
	for peak, want := range map[uint64]runs.Verdict{0: runs.Unclear, 1: runs.Pass, memoryLimit: runs.Pass, memoryLimit + 1: runs.Fail} {
		c, err := (&bench{peak: peak}).memory(t.Context())
		if err != nil || c[0].Verdict != want || (c[0].Why == "") != (want == runs.Pass) {
			t.Errorf("%d bytes: %+v, %v; want %s", peak, c, err, want)
		}
	}
}

const procStat = `cpu  100 10 100 1000 10 5 5 10 0 0
cpu0 60 5 50 400 5 3 3 4 0 0
cpu1 30 5 50 400 5 1 1 6 7 8
cpu2 10 0 0 200 0 1 1 0 0 0
intr 1 2 3 4 5 6 7 8 9
`

func TestClocks(t *testing.T) {
	c := parseClocks([]byte(procStat), allowed([]byte("Name:\tx\nCpus_allowed_list:\t1-2\nMems:\t0\n")))
	if want := (clocks{total: 30 + 5 + 50 + 400 + 5 + 1 + 1 + 6 + 212, busy: 30 + 5 + 50 + 6 + 10}); c != want {
		t.Errorf("%+v, want %+v", c, want)
	}
	if got := (clocks{total: 300, busy: 200, ours: 60}).since(clocks{total: 100, busy: 100, ours: 10}); got != 0.25 {
		t.Errorf("others took %g, want 0.25", got)
	}
	if got := (clocks{}).since(clocks{}); got != 0 {
		t.Errorf("where the host says nothing others took %g", got)
	}
	if got := parseUsed([]byte("7 (a) b) 1) S 1 7 7 0 -1 4 1 0 0 0 31 42 0 0 20 0")); got != 73 {
		t.Errorf("used %d ticks, want 73", got)
	}
	for list, want := range map[string]string{"0-1": "11000000", "1,3-4,7": "01011001", "": "00000000", "x-2": "00000000"} {
		may := allowed([]byte("Cpus_allowed_list:\t" + list + "\n"))
		got := ""
		for cpu := range 8 {
			got += map[bool]string{true: "1", false: "0"}[may(cpu)]
		}
		if got != want {
			t.Errorf("%q allows %s, want %s", list, got, want)
		}
	}
	if !allowed(nil)(3) {
		t.Error("where nothing is said, nothing is allowed")
	}
}

// Work of this process is its own, and no other's.
func TestReadClocks(t *testing.T) {
	if _, err := os.Stat("/proc/stat"); err != nil {
		return // there is nothing to read
	}
	before := readClocks(0)
	for end := time.Now().Add(300 * time.Millisecond); time.Now().Before(end); {
	}
	after := readClocks(0)
	if after.ours == before.ours || after.total <= before.total {
		t.Errorf("%+v, then %+v", before, after)
	}
}

func FuzzClocks(f *testing.F) {
	f.Add(procStat)
	f.Add("7 (a) b) 1) S 1 7 7 0 -1 4 1 0 0 0 31 42 0 0 20 0")
	f.Add("Cpus_allowed_list:\t0-3,7")
	f.Fuzz(func(t *testing.T, text string) {
		data := []byte(text)
		c := parseClocks(data, allowed(data))
		if share := c.since(clocks{}); !(share >= 0) {
			t.Errorf("others took %g", share)
		}
		parseUsed(data)
		if n := strings.Count(text, "\n"); n == 0 && c.total > 0 && !strings.HasPrefix(strings.TrimSpace(text), "cpu") {
			t.Errorf("%q has a clock", text)
		}
	})
}
