package faults

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// broken is one row of the table: a fault, what it breaks, and whether somebody
// who knows nothing of faults is hurt by it.
type broken struct {
	fault string // as JSON
	site  func(t *testing.T) (site Site, hurts func(k *Keeper) bool)
	brief bool // it happens at once, so that nobody is hurt for longer
}

// TestKinds takes every kind, and every toxic both ways, through all it is for: it
// decodes, fits, injects, hurts, is seen to hurt, mends, and is seen to heal.
func TestKinds(t *testing.T) {
	rows := table(t)
	covered := map[string]bool{}
	for name, row := range rows {
		var f Fault
		if err := json.Unmarshal([]byte(row.fault), &f); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		covered[f.Kind], covered[f.Kind+" "+f.Toxic+f.Do] = true, true
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			site, hurts := row.site(t)
			if found := append(f.Validate(), f.Fits(site)...); len(found) > 0 {
				t.Fatal(found)
			}
			var journal bytes.Buffer
			k, err := Open(site, &journal)
			if err != nil {
				t.Fatal(err)
			}
			defer k.Close()
			until(t, "whole before", func() bool { return !hurts(k) })
			for range 2 { // a fault can come again
				keep(t, k, f)
				if !row.brief && !hurts(k) {
					t.Error("injected, and does not hurt")
				}
				if err := k.Await(timely(t), f.Name, true); err != nil {
					t.Errorf("injected: %v", err)
				}
				mend(t, k, f.Name)
				until(t, "whole after it was mended", func() bool { return !hurts(k) })
				if err := k.Await(timely(t), f.Name, false); err != nil {
					t.Errorf("mended: %v", err)
				}
				if names := k.InForce(); len(names) > 0 {
					t.Errorf("still in force: %v", names)
				}
			}
			if err := k.Close(); err != nil {
				t.Error(err)
			}
			settled(t, &journal)
		})
	}
	for _, k := range kinds {
		if !covered[k.name] {
			t.Errorf("the table has no row of the kind %s", k.name)
		}
		for _, toxic := range toxicTable {
			if what := k.name + " " + toxic.name; strings.HasPrefix("link toxiproxy", k.name) && !covered[what] {
				t.Errorf("the table has no row of the %s", what)
			}
		}
	}
}

// timely ends when there is no hope any more.
func timely(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), ages)
	t.Cleanup(cancel)
	return ctx
}

// settled wants as many mendings as breakings in a journal.
func settled(t *testing.T, journal *bytes.Buffer) {
	t.Helper()
	open := map[int]string{}
	for line := range strings.Lines(journal.String()) {
		var r record
		if strings.TrimSpace(line) == "" {
			continue
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		if delete(open, r.N); r.Do == "break" {
			open[r.N] = line
		}
	}
	if len(open) > 0 {
		t.Errorf("left over in the journal: %v", open)
	}
}

// table is every kind, and every toxic both ways.
func table(t *testing.T) map[string]broken {
	rows := map[string]broken{
		"link down":      {fault: `{"name":"x","kind":"link","on":"store","toxic":"down"}`, site: overLink},
		"toxiproxy down": {fault: `{"name":"x","kind":"toxiproxy","on":"store","toxic":"down"}`, site: overToxiproxy},

		"pause by pid file":   {fault: `{"name":"x","kind":"process","on":"p","do":"pause"}`, site: onCat},
		"kill by pid file":    {fault: `{"name":"x","kind":"process","on":"p","do":"kill"}`, site: onDaemon},
		"restart by pid file": {fault: `{"name":"x","kind":"process","on":"p","do":"restart"}`, site: onDaemon, brief: true},
		"pause a command":     {fault: `{"name":"x","kind":"process","on":"p","do":"pause"}`, site: onCommand},
		"kill a command":      {fault: `{"name":"x","kind":"process","on":"p","do":"kill"}`, site: onCommand},
		"restart a command":   {fault: `{"name":"x","kind":"process","on":"p","do":"restart"}`, site: onCommand, brief: true},
		"pause one handed in": {fault: `{"name":"x","kind":"process","on":"p","do":"pause"}`, site: onChild},
		"kill one handed in":  {fault: `{"name":"x","kind":"process","on":"p","do":"kill"}`, site: onChild},

		"service knobs": {fault: `{"name":"x","kind":"service","knobs":{"store_delay":"500ms","fanout_workers":1}}`, site: onControl},
		"service wipe":  {fault: `{"name":"x","kind":"service","do":"wipe","as":"zeros"}`, site: onControl},
		"service flush": {fault: `{"name":"x","kind":"service","do":"flush","shards":[0,3]}`, site: onControl, brief: true},
		"service cut":   {fault: `{"name":"x","kind":"service","do":"cut"}`, site: onControl, brief: true},
	}
	for _, kind := range []string{"link", "toxiproxy"} {
		for _, stream := range streams {
			for toxic, keys := range map[string]string{
				"latency": `"latency":"200ms","jitter":"20ms"`, "bandwidth": `"rate":100`, "timeout": `"timeout":"0s"`,
				"reset_peer": `"timeout":"0s"`, "slow_close": `"delay":"300ms"`, "limit_data": `"bytes":1000`,
				"slicer": `"average_size":1000,"size_variation":10,"delay":"20ms"`,
			} {
				row := broken{fault: fmt.Sprintf(`{"name":"x","kind":%q,"on":"store","toxic":%q,"stream":%q,%s}`, kind, toxic, stream, keys), site: overLink}
				if kind == "toxiproxy" {
					row.site = overToxiproxy
				}
				rows[kind+" "+toxic+" "+stream] = row
			}
		}
	}
	flip := filepath.Join(t.TempDir(), "flip")
	rows["command"] = broken{
		fault: fmt.Sprintf(`{"name":"x","kind":"command","inject":{"run":["touch",%[1]q]},"confirm":{"run":["test","-e",%[1]q]},"mend":{"run":["rm","-f",%[1]q],"within":"5s"}}`, flip),
		site: func(t *testing.T) (Site, func(*Keeper) bool) {
			return Site{}, func(*Keeper) bool { _, err := os.Stat(flip); return err == nil }
		},
	}
	on := newFlag(t)
	rows["http"] = broken{
		fault: fmt.Sprintf(`{"name":"x","kind":"http","inject":{"method":"PUT","url":"%[1]s/flag?to=on"},"confirm":{"url":"%[1]s/flag","contains":"\"on\":true"},"mend":{"method":"PUT","url":"%[1]s/flag?to=off","status":200}}`, on.url),
		site: func(t *testing.T) (Site, func(*Keeper) bool) {
			return Site{}, func(*Keeper) bool { return on.on.Load() }
		},
	}
	return rows
}

// hurt reports whether 20,000 bytes to an echo and back are wrong, or slow.
func hurt(address string) bool {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return true
	}
	defer c.Close()
	began := time.Now()
	c.SetDeadline(began.Add(time.Second))
	go func() {
		c.Write(make([]byte, 20_000))
		c.(*net.TCPConn).CloseWrite()
	}()
	n, err := io.Copy(io.Discard, c)
	return err != nil || n != 20_000 || time.Since(began) > 150*time.Millisecond
}

func overLink(t *testing.T) (Site, func(*Keeper) bool) {
	return Site{Links: []Link{{Name: "store", Listen: "127.0.0.1:0", Upstream: listen(t, echo)}}},
		func(k *Keeper) bool { return hurt(k.Address("store")) }
}

// onCat is a process that answers, or does not.
func onCat(t *testing.T) (Site, func(*Keeper) bool) {
	cat := exec.Command("cat")
	in, err := cat.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cat.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cat.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cat.Process.Kill()
		cat.Wait()
	})
	var said atomic.Int64
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); said.Add(1) {
		}
	}()
	asked := int64(0)
	return Site{Processes: []Process{{Name: "p", PIDFile: pidFile(t, cat.Process.Pid)}}}, func(*Keeper) bool {
		asked++
		fmt.Fprintln(in, "are you there?")
		for patience := time.Now().Add(100 * time.Millisecond); said.Load() < asked && time.Now().Before(patience); {
			<-time.After(time.Millisecond)
		}
		return said.Load() < asked
	}
}

// onDaemon is a process that a command starts, and that writes a pid file.
func onDaemon(t *testing.T) (Site, func(*Keeper) bool) {
	file := filepath.Join(t.TempDir(), "pid")
	start := []string{"sh", "-c", `sleep 600 >/dev/null 2>&1 & echo $! >"$0"`, file}
	if err := exec.Command(start[0], start[1:]...).Run(); err != nil {
		t.Fatal(err)
	}
	p := &process{Process: Process{PIDFile: file}}
	t.Cleanup(func() {
		if id, err := p.now(); err == nil {
			id.kill(context.Background())
		}
	})
	return Site{Processes: []Process{{Name: "p", PIDFile: file, Start: start}}},
		func(*Keeper) bool { id, err := p.now(); return err != nil || !id.alive() }
}

func onCommand(t *testing.T) (Site, func(*Keeper) bool) {
	return Site{Processes: []Process{{Name: "p", Run: []string{"sleep", "600"}}}}, func(k *Keeper) bool {
		p, _ := k.process("p")
		id, err := p.now()
		return err != nil || !id.alive() || state(id.PID) == stopped
	}
}

func onChild(t *testing.T) (Site, func(*Keeper) bool) {
	var pid atomic.Int64
	pid.Store(int64(sleeper(t)))
	again := func(context.Context) (int, error) {
		pid.Store(int64(sleeper(t)))
		return int(pid.Load()), nil
	}
	return Site{Processes: []Process{{Name: "p", PID: int(pid.Load()), Restart: again}}}, func(*Keeper) bool {
		s := state(int(pid.Load()))
		return s == 0 || s == dead || s == stopped
	}
}
