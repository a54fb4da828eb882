package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// captured is what a tool wrote, in a file named after the program and the
// version that is installed, so that a new version wants new files.
func captured(t *testing.T, tl *tool, suffix string) []byte {
	t.Helper()
	version := tl.program.version
	if tl.program.deb != "" {
		version = map[string]string{"wrk": "4.1.0", "h2load": "1.52.0"}[tl.program.name]
	}
	if tl.program.repository != "" {
		version = version[:7]
	}
	text, err := os.ReadFile(filepath.Join("testdata", tl.program.name+"-"+version+suffix))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

const (
	µs = time.Microsecond
	ms = time.Millisecond
)

// TestRead reads what the tools wrote: at a thousand requests a second for a
// second; at a service that answered 503; and where they had something to admit.
func TestRead(t *testing.T) {
	for _, c := range []struct {
		tool   tool
		suffix string
		want   report
	}{
		{vegeta, "", report{sent: 1000, good: 1000, took: 998881871 + 112470, p99: 4500770}},
		{vegetaCapped, "-503", report{sent: 1000, took: 999318785 + 131287, p99: 1578001}},
		{k6, "", report{sent: 1001, good: 1001, took: 1001371796, p99: 5509525, admits: "0 dropped"}},
		{k6, "-503", report{sent: 1001, took: 1000933289, p99: 2586505, admits: "0 dropped"}},
		{k6, "-dropped", report{sent: 14336, good: 14336, took: 1010328220, p99: 16318313, admits: "5,667 dropped"}},
		{fortio, "", report{sent: 1000, good: 1000, took: 1001367280, p99: 1512500}},
		{fortio, "-503", report{sent: 1000, took: 1005602291, p99: 3266667}},
		{fortio, "-behind", report{sent: 65414, good: 65414, took: 1000136788, p99: 556340, admits: "99.88% of sleeps fell behind"}},
		{hey, "", report{sent: 1000, good: 1000, took: 10062 * 100 * µs, p99: 6500 * µs}},
		{hey, "-503", report{sent: 1000, took: 10048 * 100 * µs, p99: 3200 * µs}},
		{bombardier, "", report{sent: 1010, good: 1010, took: 1000797771, p99: 2652 * µs}},
		{bombardier, "-503", report{sent: 1010, took: 1001208645, p99: 937 * µs}},
		{bombardier, "-refused", report{sent: 1010, took: 1000423425, p99: 328 * µs}},
		{wrk, "", report{sent: 72739, good: 72739, took: time.Second, p99: 8260 * µs}},
		{wrk, "-503", report{sent: 133022, took: 1010 * ms, p99: 3210 * µs}},
		{wrk2, "", report{sent: 1025, good: 1025, took: 1030 * ms, p99: 2960 * µs}},
		{wrk2, "-503", report{sent: 1027, took: 1030 * ms, p99: 3080 * µs}},
		{h2loadPaced, "", report{sent: 1000, good: 1000, took: time.Second, admits: "no percentiles; the longest took 5.00ms"}},
		{h2load, "-503", report{sent: 1000, took: time.Second, admits: "no percentiles; the longest took 2.94ms"}},
	} {
		var complaints []byte
		if c.suffix == "-behind" {
			complaints = captured(t, &c.tool, c.suffix+".stderr")
		}
		got, err := c.tool.read(load{}, captured(t, &c.tool, c.suffix+".txt"), complaints)
		if err != nil {
			t.Errorf("%s%s: %v", c.tool.name, c.suffix, err)
		}
		if got != c.want {
			t.Errorf("%s%s:\n got %+v\nwant %+v", c.tool.name, c.suffix, got, c.want)
		}
		if err := c.tool.check(got); err != nil {
			t.Errorf("%s%s: %v", c.tool.name, c.suffix, err)
		}
		// Whoever got nothing but errors held no rate at all.
		if o := (outcome{report: got, load: load{rate: 1, lasts: time.Second}}); o.held() != (got.good > 0) {
			t.Errorf("%s%s: held is %v", c.tool.name, c.suffix, o.held())
		}
	}
}

// TestReadMissing reads outputs that lack what is wanted. None is a report.
func TestReadMissing(t *testing.T) {
	for _, tl := range tools {
		texts := []string{"", "{}", "{", "[]", "null", "killed"}
		if tl.name != gameday.name {
			whole := string(captured(t, &tl, ".txt"))
			texts = append(texts, whole[:len(whole)/3])
		}
		if tl.name == hey.name {
			texts = append(texts, string(captured(t, &tl, "-refused.txt")))
		}
		for _, text := range texts {
			r, err := tl.read(load{}, []byte(text), nil)
			if err == nil {
				err = tl.check(r)
			}
			if err == nil {
				t.Errorf("%s read %.20q as %+v", tl.name, text, r)
			}
		}
	}
}

// TestReadErrors counts what wrk and hey say of connections that broke.
func TestReadErrors(t *testing.T) {
	out := strings.Replace(string(captured(t, &wrk, ".txt")), "Requests/sec",
		"  Socket errors: connect 1, read 20, write 300, timeout 4000\n  Non-2xx or 3xx responses: 39\nRequests/sec", 1)
	r, err := wrk.read(load{}, []byte(out), nil)
	if err != nil || r.sent != 72739+4321 || r.good != 72700 {
		t.Errorf("wrk: %+v, %v", r, err)
	}
	out = string(captured(t, &hey, ".txt")) + "Error distribution:\n  [7]\tGet \"http://x/\": EOF\n  [30]\ttimeout\n"
	r, err = hey.read(load{}, []byte(out), nil)
	if err != nil || r.sent != 1037 || r.good != 1000 {
		t.Errorf("hey: %+v, %v", r, err)
	}
}

// FuzzRead: whatever a tool writes is an error or a report that can be judged.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		f.Fatal("no testdata", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for i, tl := range tools {
			if strings.HasPrefix(filepath.Base(file), tl.program.name+"-") {
				f.Add(uint(i), text, []byte("WARNING 9.5% of sleep were falling behind"))
			}
		}
	}
	f.Fuzz(func(t *testing.T, which uint, out, complaints []byte) {
		tl := tools[which%uint(len(tools))]
		l := load{rate: 1000, lasts: time.Second}
		r, err := tl.read(l, out, complaints)
		if err != nil || tl.check(r) != nil {
			return
		}
		o := outcome{report: r, load: l}
		if rate := o.perSecond(); rate < 0 || rate > float64(r.sent) {
			t.Errorf("%s: %v a second of %+v", tl.name, rate, r)
		}
		if o.says() == "" {
			t.Errorf("%s says nothing", tl.name)
		}
	})
}
