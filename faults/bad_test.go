package faults

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestMistakes spoils a sound fault in one place at a time.
func TestMistakes(t *testing.T) {
	link := Fault{Name: "slow", Kind: "link", On: "store", Toxic: "latency", Latency: time.Second}
	far := Fault{Name: "far", Kind: "toxiproxy", On: "store", Toxic: "slicer", AverageSize: 10}
	process := Fault{Name: "frozen", Kind: "process", On: "p", Do: "pause"}
	service := Fault{Name: "knob", Kind: "service", Knobs: map[string]any{"store_delay": "1s"}}
	command := Fault{Name: "cmd", Kind: "command", Inject: Step{Run: []string{"a"}}, Confirm: Step{Run: []string{"b"}}, Mend: Step{Run: []string{"c"}}}
	http := Fault{Name: "call", Kind: "http", Inject: Step{URL: "http://127.0.0.1/a"}, Confirm: Step{URL: "http://127.0.0.1/b"}, Mend: Step{URL: "http://127.0.0.1/c"}}
	for _, f := range []Fault{link, far, process, service, command, http} {
		if found := f.Validate(); len(found) > 0 {
			t.Fatalf("%s: %v", f.Name, found)
		}
	}
	for i, tt := range []struct {
		sound Fault
		spoil func(*Fault)
		want  string
	}{
		{link, func(f *Fault) { f.Name = "" }, `name: "": want a letter, then letters, digits, - or _`},
		{link, func(f *Fault) { f.Name = "a b" }, `name: "a b": want a letter, then letters, digits, - or _`},
		{link, func(f *Fault) { f.Kind = "links" }, `kind: "links": want one of link, toxiproxy, process, service, command, http`},
		{link, func(f *Fault) { f.On = "" }, `on: missing; want the name of a link or a proxy of the target`},
		{link, func(f *Fault) { f.Toxic, f.Latency = "lag", 0 }, `toxic: "lag": want one of latency, bandwidth, timeout, reset_peer, slow_close, slicer, limit_data, down`},
		{link, func(f *Fault) { f.Toxic = "down" }, `latency: does not go with this fault, of which the keys are name, kind, on, toxic`},
		{link, func(f *Fault) { f.Rate = 5 }, `rate: does not go with this fault, of which the keys are name, kind, on, toxic, stream, toxicity, latency, jitter`},
		{link, func(f *Fault) { f.Stream = "up" }, `stream: "up": want upstream or downstream`},
		{link, func(f *Fault) { f.Toxicity = 2 }, `toxicity: 2: want a share above 0 and at most 1`},
		{link, func(f *Fault) { f.Latency = 0 }, `latency: 0s: want at least 1ms`},
		{link, func(f *Fault) { f.Latency = 25 * time.Hour }, `latency: 25h0m0s: want 0s to 24h`},
		{link, func(f *Fault) { f.Jitter = 2 * time.Second }, `jitter: 2s: want at most the latency, 1s`},
		{link, func(f *Fault) { f.Toxic, f.Latency = "bandwidth", 0 }, `rate: 0: want at least 1 KB/s`},
		{link, func(f *Fault) { f.Toxic, f.Latency = "slow_close", 0 }, `delay: 0s: want at least 1ms`},
		{link, func(f *Fault) { f.Toxic, f.Latency = "limit_data", 0 }, `bytes: 0: want at least 1`},
		{link, func(f *Fault) { f.Toxic, f.Latency, f.Bytes = "limit_data", 0, 1<<40 }, `bytes: 1099511627776: want at most 2147483647`},
		{far, func(f *Fault) { f.SizeVariation = 10 }, `size_variation: 10: want less than average_size, 10`},
		{far, func(f *Fault) { f.Delay = 1500 }, `delay: 1.5µs: Toxiproxy counts in steps of 1µs`},
		{process, func(f *Fault) { f.On = "" }, `on: missing; want the name of a process of the target`},
		{process, func(f *Fault) { f.Do = "stop" }, `do: "stop": want one of pause, kill, restart`},
		{service, func(f *Fault) { f.Knobs = nil }, `knobs: want either knobs, such as {store_delay: 500ms}, or do: flush, wipe or cut`},
		{service, func(f *Fault) { f.Do = "cut" }, `knobs: want either knobs, such as {store_delay: 500ms}, or do: flush, wipe or cut`},
		{service, func(f *Fault) { f.Knobs, f.Do = nil, "melt" }, `do: "melt": want one of flush, wipe, cut`},
		{service, func(f *Fault) { f.Knobs["store_delay"] = nil }, `knobs.store_delay: want a value: text, a number, true or false, or a list of texts`},
		{service, func(f *Fault) { f.Knobs, f.Do, f.As = nil, "wipe", "gone" }, `as: "gone": want lost or zeros`},
		{service, func(f *Fault) { f.Shards = []int{1} }, `shards: goes with do: flush`},
		{service, func(f *Fault) { f.Knobs, f.Do, f.Shards = nil, "flush", []int{-1} }, `shards[0]: -1: want no less than 0`},
		{command, func(f *Fault) { f.Confirm.Run = nil }, `confirm.run: missing; want the program and the arguments that exit with 0 while it is broken and with 1 when it is whole`},
		{command, func(f *Fault) { f.Mend.Within = -1 }, `mend.within: -1ns: want a time limit up to 24h, such as 10s`},
		{command, func(f *Fault) { f.Mend.URL = "http://x" }, `mend: a command has only run and within; for calls there is kind: http`},
		{command, func(f *Fault) { f.Inject.Run = []string{"a\x00"} }, `inject.run: want text without NUL bytes`},
		{http, func(f *Fault) { f.Mend.URL = "" }, `mend.url: missing; want the URL of a call that mends it`},
		{http, func(f *Fault) { f.Mend.URL = "ftp://x" }, `mend.url: "ftp://x": want one such as http://127.0.0.1:8081/flags, without user and fragment`},
		{http, func(f *Fault) { f.Inject.Method = "P T" }, `inject.method: "P T": want a method, such as POST`},
		{http, func(f *Fault) { f.Inject.Type = "a\nb" }, `inject.type: "a\nb": want one such as application/json`},
		{http, func(f *Fault) { f.Confirm.Status = 99 }, `confirm.status: 99: want 200 to 599`},
		{http, func(f *Fault) { f.Inject.Run = []string{"a"} }, `inject.run: does not go with kind: http; for commands there is kind: command`},
	} {
		f := tt.sound
		if f.Knobs != nil {
			f.Knobs = map[string]any{"store_delay": "1s"}
		}
		tt.spoil(&f)
		var got []string
		for _, m := range f.Validate() {
			got = append(got, m.Key+": "+m.Says)
		}
		if diff := cmp.Diff([]string{tt.want}, got); diff != "" {
			t.Errorf("row %d: %s", i, diff)
		}
	}
}

func TestFits(t *testing.T) {
	site := Site{Links: []Link{{Name: "edge"}, {Name: "cache"}}, Processes: []Process{{Name: "child", PID: 4711}}}
	for i, tt := range []struct {
		f    Fault
		want string
	}{
		{Fault{Kind: "link", On: "store"}, `on: "store": the target has no link of this name; it has edge, cache`},
		{Fault{Kind: "process", On: "store"}, `on: "store": the target has no process of this name; it has child`},
		{Fault{Kind: "process", On: "child", Do: "kill"}, `do: kill: nobody could start child again`},
		{Fault{Kind: "toxiproxy", On: "store"}, `kind: toxiproxy: the target has none; want its URL, toxiproxy: http://127.0.0.1:8474`},
		{Fault{Kind: "service"}, `kind: service: the target has no control; only the reference service has`},
	} {
		found := tt.f.Fits(site)
		if len(found) != 1 || found[0].Key+": "+found[0].Says != tt.want {
			t.Errorf("row %d: %v, want %s", i, found, tt.want)
		}
	}
	if found := (Fault{Kind: "link", On: "edge"}).Fits(site); len(found) > 0 {
		t.Error(found)
	}
	f := Fault{Name: "x", Kind: "link", On: "store", Toxic: "down"}
	if err := open(t, Site{}).Keep(t.Context(), f); err == nil || err.Error() != `injecting x: the target has no link "store"` {
		t.Error(err)
	}
}

func TestSiteMistakes(t *testing.T) {
	site := Site{
		Links:     []Link{{Name: "a", Listen: "127.0.0.1:0", Upstream: "127.0.0.1:0"}, {Name: "a", Listen: "here", Upstream: ":80"}},
		Processes: []Process{{Name: "p"}, {Name: "q r", PIDFile: "x", Run: []string{"y"}}, {Name: "s", Run: []string{"y"}, Start: []string{"z"}}},
		Toxiproxy: "localhost:8474", Control: Control{Token: "t"},
	}
	var got []string
	for _, m := range site.Validate() {
		got = append(got, m.Key+": "+m.Says)
	}
	if diff := cmp.Diff([]string{
		`links[0].upstream: "127.0.0.1:0": want a host and a port, such as 127.0.0.1:6379`,
		`links[1].name: "a": there is a link of this name already`,
		`links[1].listen: "here": want a host and a port, such as 127.0.0.1:16379`,
		`links[1].upstream: ":80": want a host and a port, such as 127.0.0.1:6379`,
		`processes[0]: want either pid_file, a file with its pid, or run, the command that is the process`,
		`processes[1].name: "q r": want a letter, then letters, digits, - or _`,
		`processes[1]: want either pid_file, a file with its pid, or run, the command that is the process`,
		`processes[2].start: goes with pid_file only`,
		`toxiproxy: "localhost:8474": want the URL of its API, such as http://127.0.0.1:8474`,
		`control.url: "": want one such as http://127.0.0.1:8081`,
	}, got); diff != "" {
		t.Error(diff)
	}
}

// TestCommandsThatMeanHarm fail, hang, and leave children behind. Each ends in
// time, with the first line of what was said.
func TestCommandsThatMeanHarm(t *testing.T) {
	file := filepath.Join(t.TempDir(), "child")
	sh := func(script string) Step { return Step{Run: []string{"sh", "-c", script, file}} }
	brief := func(s Step) Step { s.Within = 2 * time.Second; return s }
	t.Run("each", func(t *testing.T) {
		for name, tt := range map[string]struct {
			inject, mend Step
			want         string
		}{
			"fails":          {sh("echo; echo no such pod; echo more; exit 3"), sh("true"), "injecting x: inject: sh: exit status 3: no such pod"},
			"says no":        {sh("echo not today >&2; exit 1"), sh("true"), "injecting x: inject: sh: exit status 1: not today"},
			"is not there":   {Step{Run: []string{"no-such-program"}}, sh("true"), `injecting x: inject: no-such-program: exec: "no-such-program": executable file not found in $PATH`},
			"hangs":          {brief(sh("echo waiting; sleep 600")), sh("true"), "injecting x: inject: sh: did not end within 2s: waiting"},
			"hangs, a child": {brief(sh(`sleep 600 & echo $! >"$0"; wait`)), sh("true"), "injecting x: inject: sh: did not end within 2s"},
			"mend fails":     {sh("exit 2"), sh("echo locked; exit 7"), "injecting x: inject: sh: exit status 2; and mending it: mending x: mend: sh: exit status 7: locked"},
			"mend hangs":     {sh("exit 2"), brief(sh("sleep 600")), "injecting x: inject: sh: exit status 2; and mending it: mending x: mend: sh: did not end within 2s"},
			"endless words":  {brief(sh("yes")), sh("true"), "injecting x: inject: sh: did not end within 2s: y"},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				k, err := Open(Site{}, nil)
				if err != nil {
					t.Fatal(err)
				}
				within(t, ages, name, func() {
					err = k.Keep(t.Context(), Fault{Name: "x", Kind: "command", Inject: tt.inject, Confirm: sh("false"), Mend: tt.mend})
				})
				if err == nil || err.Error() != tt.want {
					t.Errorf("%v, want %s", err, tt.want)
				}
			})
		}
	})
	child := &process{Process: Process{PIDFile: file}}
	id, err := child.now()
	if err == nil && id.alive() {
		t.Errorf("a child of a killed command lives on: %v", id)
	}
}

// TestConfirmThatCannotTell does not take trouble for an answer.
func TestConfirmThatCannotTell(t *testing.T) {
	k := open(t, Site{})
	yes := Step{Run: []string{"true"}}
	keep(t, k, Fault{Name: "x", Kind: "command", Inject: yes, Mend: yes, Confirm: Step{Run: []string{"sh", "-c", "echo forbidden; exit 2"}}})
	want := "whether x is in force: confirm: sh: exit status 2: forbidden"
	if _, err := k.Bites(t.Context(), "x"); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := k.Await(ctx, "x", false); err == nil {
		t.Error("mended, as far as is known")
	}
	if _, err := k.Bites(t.Context(), "y"); err == nil || err.Error() != "y was never injected" {
		t.Error(err)
	}
}

// TestProcessesThatAreNotOurs are refused, whatever the pid file says.
func TestProcessesThatAreNotOurs(t *testing.T) {
	ended := exec.Command("true")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	old := pidFile(t, sleeper(t))
	before := time.Now().Add(-time.Hour)
	if err := os.Chtimes(old, before, before); err != nil {
		t.Fatal(err)
	}
	garbage := filepath.Join(t.TempDir(), "pid")
	if err := os.WriteFile(garbage, []byte("12; rm\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ file, want string }{
		"init":         {pidFile(t, 1), "process 1 is not one to break"},
		"ourselves":    {pidFile(t, os.Getpid()), fmt.Sprintf("process %d is not one to break", os.Getpid())},
		"a group":      {pidFile(t, -7), "process -7 is not one to break"},
		"nobody":       {pidFile(t, ended.Process.Pid), fmt.Sprintf("there is no process %d", ended.Process.Pid)},
		"no file":      {filepath.Join(t.TempDir(), "none"), "its pid file: stat "},
		"not a pid":    {garbage, `holds "12; rm"; want a pid`},
		"somebody new": {old, "it is another one"},
	} {
		k := open(t, Site{Processes: []Process{{Name: "p", PIDFile: tt.file}}})
		err := k.Keep(t.Context(), Fault{Name: "x", Kind: "process", On: "p", Do: "kill"})
		if err == nil || !strings.Contains(err.Error(), "process p: ") || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
	later, err := identify(sleeper(t))
	if err != nil {
		t.Fatal(err)
	}
	later.Start = "1" // another process had its pid
	if err := later.kill(t.Context()); err == nil || !strings.Contains(err.Error(), "has ended") {
		t.Errorf("killing one that has the pid of another: %v", err)
	}
	if state(later.PID) == 0 {
		t.Error("killed another process")
	}
	k := open(t, Site{})
	if err := k.Keep(t.Context(), Fault{Name: "x", Kind: "process", On: "sshd", Do: "kill"}); err == nil || !strings.Contains(err.Error(), `the target has no process "sshd"`) {
		t.Error(err)
	}
}

// TestStaysAway kills what nobody starts again.
func TestStaysAway(t *testing.T) {
	t.Parallel()
	k, err := Open(Site{Processes: []Process{{Name: "redis", PIDFile: pidFile(t, sleeper(t))}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	keep(t, k, Fault{Name: "x", Kind: "process", On: "redis", Do: "kill"})
	within(t, ages, "mending", func() { err = k.Close() })
	if err == nil || !strings.Contains(err.Error(), "mending x: process redis: it stays away: ") || !strings.Contains(err.Error(), "names no new process: no answer within 10s") {
		t.Error(err)
	}
	if !seen(t, k, "x") {
		t.Error("said to be back")
	}
}
