package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// testBench is a bench whose service answers here, and whose nginx that can be
// halted is a program that sleeps.
func testBench(t *testing.T) *bench {
	t.Helper()
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	cmd := exec.Command("sleep", "60")
	apart(cmd)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	b := &bench{
		nginx: &nginx{url: server.URL, cmd: cmd}, work: t.TempDir(), grace: 5 * time.Second,
		progress: func(format string, args ...any) { t.Logf(format, args...) },
	}
	t.Cleanup(b.nginx.stop)
	return b
}

// script is a tool that is a shell script. Its report is of as many good requests
// as it printed last.
func script(text string) (tool, string) {
	return tool{
		name:    "script",
		program: program{name: "script"},
		args:    func(l load) []string { return []string{"-c", text, "script", strconv.Itoa(l.rate), l.url} },
		read: func(_ load, out, _ []byte) (report, error) {
			n, err := strconv.ParseUint(lastLine(out), 10, 32)
			return report{sent: n, good: n, p99: ms}, err
		},
	}, "/bin/sh"
}

// gone reports that a process is no more, or only waits to be reaped.
func gone(pid string) bool {
	stat, err := os.ReadFile("/proc/" + pid + "/stat")
	return err != nil || strings.Contains(string(stat), ") Z ")
}

func TestTry(t *testing.T) {
	b := testBench(t)
	l := load{rate: 7, lasts: time.Second}
	for _, c := range []struct {
		name, script, trouble string
		sent                  uint64
	}{
		{"told its rate and the address", `test -n "$2" && echo $1`, "", 7},
		{"an exit code says how it went", "echo 7; exit 3", "", 7},
		{"reads its file", "cat seven", "", 7},
		{"on one core", `taskset -pc $$ | grep -q ': 0$' && echo 7`, "", 7},
		{"broken", "echo too many open files >&2; exit 1", "exit status 1: too many open files", 0},
		{"says nothing", "true", "invalid syntax", 0},
		{"makes nothing", "echo 0", "made no request", 0},
	} {
		tl, path := script(c.script)
		tl.files = func(load) map[string]string { return map[string]string{"seven": "7\n"} }
		o, err := b.try(t.Context(), &tl, path, l)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if o.sent != c.sent || !strings.Contains(o.trouble, c.trouble) || c.trouble == "" && o.trouble != "" || o.load.rate != 7 {
			t.Errorf("%s: %+v", c.name, o)
		}
		if o.memory == 0 || o.memory > 1<<30 {
			t.Errorf("%s had %d bytes", c.name, o.memory)
		}
	}
	if left, _ := os.ReadDir(b.work); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}

// TestTryMemory: the memory is that of the tool, whatever we had ourselves.
func TestTryMemory(t *testing.T) {
	b := testBench(t)
	for _, c := range []struct {
		script string
		least  uint64 // MB
		most   uint64
	}{{"echo 7", 0, 200}, {"head -c 200000000 /dev/zero | tail -c 199999999 | wc -c", 190, 250}} {
		ours, err := syscall.Mmap(-1, 0, 300<<20, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE|syscall.MAP_POPULATE)
		if err != nil {
			t.Fatal(err)
		}
		if had := ownPeak(); had < uint64(len(ours)) {
			t.Errorf("we had %d bytes at the most, with %d of our own", had, len(ours))
		}
		if err := syscall.Munmap(ours); err != nil {
			t.Fatal(err)
		}
		tl, path := script(c.script)
		o, err := b.try(t.Context(), &tl, path, load{rate: 7, lasts: time.Second})
		if mb := o.memory >> 20; err != nil || mb < c.least || mb > c.most || o.atMost != (c.least == 0) {
			t.Errorf("%q: %d MB, at most %v, %v", c.script, mb, o.atMost, err)
		}
	}
}

// TestTryTells: what is read is what the second command prints.
func TestTryTells(t *testing.T) {
	b := testBench(t)
	tl, path := script("echo 5; echo 12 >found")
	tl.tell = []string{"-c", "cat found; exit 1"}
	o, err := b.try(t.Context(), &tl, path, load{rate: 7, lasts: time.Second})
	if err != nil || o.sent != 12 || o.trouble != "" {
		t.Errorf("%+v, %v", o, err)
	}
}

// TestTryKills: a tool that does not end in time is killed with all it started,
// and that is an outcome; so is it when we are told to end, and that is an error.
func TestTryKills(t *testing.T) {
	b := testBench(t)
	pids := b.work + "/pids"
	tl, path := script("sleep 50 & echo $! $$ >" + pids + "; wait")
	for _, stopped := range []bool{false, true} {
		ctx, cancel := context.WithCancel(t.Context())
		b.grace = 100 * ms
		if stopped {
			b.grace = time.Minute
			time.AfterFunc(100*ms, cancel)
		}
		o, err := b.try(ctx, &tl, path, load{rate: 7, lasts: 100 * ms})
		cancel()
		if errors.Is(err, context.Canceled) != stopped || !stopped && !strings.Contains(o.trouble, "still at it 100ms after its 100ms") {
			t.Errorf("stopped %v: %+v, %v", stopped, o, err)
		}
		text, err := os.ReadFile(pids)
		if err != nil {
			t.Fatal(err)
		}
		for _, pid := range strings.Fields(string(text)) {
			for deadline := time.Now().Add(2 * time.Second); !gone(pid); {
				if time.Now().After(deadline) {
					t.Fatalf("stopped %v: process %s goes on", stopped, pid)
				}
			}
		}
	}
}

// TestTryStandsStill: while the service stands still it is stopped, and afterwards
// it is not, even if the tool ended first.
func TestTryStandsStill(t *testing.T) {
	b := testBench(t)
	stat := fmt.Sprintf("/proc/%d/stat", b.nginx.cmd.Process.Pid)
	halted := "until grep -q ') T ' " + stat + "; do sleep 0.01; done; "
	wentOn := "while grep -q ') T ' " + stat + "; do sleep 0.01; done; "
	for _, c := range []struct {
		script  string
		haltFor time.Duration
	}{{halted + wentOn + "echo 7", 100 * ms}, {halted + "echo 7", time.Hour}} {
		tl, path := script(c.script)
		l := load{rate: 7, lasts: time.Second, haltAfter: 50 * ms, haltFor: c.haltFor}
		if o, err := b.try(t.Context(), &tl, path, l); err != nil || o.trouble != "" || o.sent != 7 {
			t.Errorf("%+v, %v", o, err)
		}
		if now, err := os.ReadFile(stat); err != nil || strings.Contains(string(now), ") T ") {
			t.Errorf("afterwards: %s, %v", now, err)
		}
	}
}

// TestSeek finds the highest rate that a tool holds, whatever its output is made of.
func TestSeek(t *testing.T) {
	b := testBench(t)
	rates := []int{10, 20, 30, 40, 50, 60}
	for _, c := range []struct{ holds, rate, next int }{{35, 30, 40}, {5, 0, 10}, {60, 60, 0}, {100, 60, 0}} {
		tl, path := script(fmt.Sprintf("echo $(($1 < %d ? $1 : %d))", c.holds, c.holds))
		tl.loop = open
		r := row{tool: tl}
		if err := b.seek(t.Context(), &r, path, plan{rates: rates, lasts: time.Second, repetitions: 1}); err != nil {
			t.Fatal(err)
		}
		if r.rate != c.rate || r.nextRate != c.next || r.rate > 0 && !r.at.held() || r.nextRate > 0 && r.next.held() {
			t.Errorf("holds %d: %+v", c.holds, r)
		}
	}
	tl, path := script("echo 77")
	tl.loop = closed
	r := row{tool: tl}
	if err := b.seek(t.Context(), &r, path, plan{rates: rates, lasts: time.Second, repetitions: 1}); err != nil || r.at.sent != 77 || r.rate != 0 {
		t.Errorf("closed: %+v, %v", r, err)
	}
}

// TestRepeat stops as soon as more than half did not hold.
func TestRepeat(t *testing.T) {
	b := testBench(t)
	for _, c := range []struct {
		says string // each run prints the next of these
		runs int
		held bool
	}{{"7 7 7", 3, true}, {"0 7 7", 3, true}, {"7 1 7", 3, true}, {"7 1 0", 3, false}, {"1 0 7", 2, false}} {
		says, read := strings.Fields(c.says), 0
		tl, path := script("true")
		tl.read = func(load, []byte, []byte) (report, error) {
			n, err := strconv.ParseUint(says[read], 10, 32)
			read++
			return report{sent: n, good: n, p99: ms}, err
		}
		o, err := b.repeat(t.Context(), &tl, path, load{rate: 7, lasts: time.Second}, 3)
		if err != nil || read != c.runs || o.held() != c.held {
			t.Errorf("%s: %d runs, %+v, %v", c.says, read, o, err)
		}
	}
}

// TestNginxGone: without a service nothing is measured.
func TestNginxGone(t *testing.T) {
	b := testBench(t)
	b.nginx.url = "http://127.0.0.1:1/"
	b.nginx.errors = b.work + "/errors"
	if err := os.WriteFile(b.nginx.errors, []byte("[emerg] bind() failed\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*ms)
	defer cancel()
	tl, path := script("echo 7")
	if _, err := b.try(ctx, &tl, path, load{lasts: time.Second}); err == nil || !strings.Contains(err.Error(), "bind() failed") {
		t.Errorf("%v", err)
	}
}

// TestNginxStops even while it stands still.
func TestNginxStops(t *testing.T) {
	b := testBench(t)
	if err := b.nginx.halt(); err != nil {
		t.Fatal(err)
	}
	cmd := b.nginx.cmd
	began := time.Now()
	b.nginx.stop()
	if cmd.ProcessState == nil || time.Since(began) > 2*time.Second {
		t.Errorf("%v after %v", cmd.ProcessState, time.Since(began))
	}
	b.nginx.cmd = exec.Command("sleep", "60") // for the cleanup
	apart(b.nginx.cmd)
	if err := b.nginx.cmd.Start(); err != nil {
		t.Fatal(err)
	}
}

func TestPinned(t *testing.T) {
	cmd := pinned(t.Context(), 1, "wrk", "-t1")
	if !slices.Equal(cmd.Args, []string{"taskset", "-c", "1", "wrk", "-t1"}) {
		t.Errorf("%v", cmd.Args)
	}
}
