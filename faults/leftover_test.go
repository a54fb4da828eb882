package faults

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	flags "flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// victim is the environment of a copy of this test that breaks all it is told to,
// says so, and waits to be killed.
const victim = "GAMEDAY_FAULTS_VICTIM"

type orders struct {
	Site    Site
	Faults  []Fault
	Journal string
}

func TestMain(m *testing.M) {
	if told := os.Getenv(victim); told != "" {
		var o orders
		if err := o.follow(told); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("broken")
		select {}
	}
	flags.Parse()
	if err := flags.Set("test.parallel", "16"); err != nil { // they mostly wait
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func (o orders) follow(told string) error {
	if err := json.Unmarshal([]byte(told), &o); err != nil {
		return err
	}
	journal, err := os.OpenFile(o.Journal, os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	k, err := Open(o.Site, journal)
	if err != nil {
		return err
	}
	for _, f := range o.Faults {
		if err := k.Keep(context.Background(), f); err != nil {
			return err
		}
	}
	return k.Mend("mended")
}

// TestKilled kills, with no time for anything, a process that holds a fault of
// every kind that outlives it. The journal has them, and mends them.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	flip := filepath.Join(dir, "flip")
	cat, catHurts := onCat(t)
	daemon, daemonHurts := onDaemon(t)
	daemon.Processes[0].Name = "d"
	service, serviceHurts := onControl(t)
	proxy, proxyHurts := overToxiproxy(t)
	on, mended := newFlag(t), newFlag(t)
	o := orders{
		Site: Site{
			Links:     []Link{{Name: "store", Listen: "127.0.0.1:0", Upstream: listen(t, echo)}},
			Processes: []Process{cat.Processes[0], daemon.Processes[0], {Name: "own", Run: []string{"sleep", "600"}}},
			Control:   service.Control, Toxiproxy: proxy.Toxiproxy,
		},
		Faults: []Fault{
			{Name: "slow", Kind: "link", On: "store", Toxic: "latency", Latency: time.Second},
			{Name: "far", Kind: "toxiproxy", On: "store", Toxic: "latency", Latency: time.Second},
			{Name: "frozen", Kind: "process", On: "p", Do: "pause"},
			{Name: "killed", Kind: "process", On: "d", Do: "kill"},
			{Name: "knob", Kind: "service", Knobs: map[string]any{"store_delay": "9s"}},
			{Name: "file", Kind: "command", Inject: Step{Run: []string{"touch", flip}}, Confirm: Step{Run: []string{"test", "-e", flip}}, Mend: Step{Run: []string{"rm", flip}}},
			on.fault("flag"), mended.fault("mended"),
		},
		Journal: filepath.Join(dir, "faults.jsonl"),
	}
	// A play before this one was killed while it wrote.
	if err := os.WriteFile(o.Journal, []byte(`{"at":"2027-02-14T20:00:00Z","do":"brea`), 0o600); err != nil {
		t.Fatal(err)
	}
	killed(t, o)
	hurts := func() string {
		_, err := os.Stat(flip)
		return fmt.Sprint(catHurts(nil), daemonHurts(nil), serviceHurts(nil), proxyHurts(nil), on.on.Load(), err == nil)
	}
	if got := hurts(); got != "true true true true true true" {
		t.Fatalf("after the kill, hurt are %s", got)
	}
	left := leftovers(t, o.Journal)
	var names []string
	for _, l := range left {
		names = append(names, l.Fault)
	}
	if got := strings.Join(names, " "); got != "flag file knob killed frozen far run-own" {
		t.Errorf("left over are %s", got)
	}
	journal, err := os.OpenFile(o.Journal, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer journal.Close()
	for _, l := range left {
		if err := l.Mend(t.Context(), journal); err != nil {
			t.Error(err)
		}
		if l.Fault == "run-own" {
			var u processUndo
			if json.Unmarshal(l.record.Undo, &u); u.Run.PID == 0 || u.Run.alive() {
				t.Errorf("a process that was started lives on: %+v", u.Run)
			}
		}
	}
	until(t, "nobody is hurt after mending", func() bool { return hurts() == "false false false false false false" })
	if left := leftovers(t, o.Journal); len(left) > 0 {
		t.Errorf("left over are %v", left)
	}
}

// killed has a copy of this test follow orders, and kills it.
func killed(t *testing.T, o orders) {
	told, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), victim+"="+string(told))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if line != "broken\n" {
		t.Errorf("%q, %v", line, err)
	}
	if left := leftovers(t, o.Journal); len(left) > 0 {
		t.Errorf("left over, while who broke them still runs: %v", left)
	}
	cmd.Process.Kill()
	cmd.Wait()
}

func leftovers(t *testing.T, name string) []Leftover {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	left, err := Leftovers(file)
	if err != nil {
		t.Fatal(err)
	}
	return left
}

func TestLeftoversThatCannotBeMended(t *testing.T) {
	for journal, want := range map[string]string{
		`{"do":"break","n":1,"fault":"a","kind":"link","undo":{}}`:                        `a: a fault of kind "link" cannot be mended from the journal`,
		`{"do":"break","n":1,"fault":"a","kind":"spell","undo":{}}`:                       `a: a fault of kind "spell" cannot be mended from the journal`,
		`{"do":"break","n":1,"fault":"a","kind":"process","undo":7}`:                      "mending a: reading how to mend it: json: cannot unmarshal number",
		`{"do":"break","n":1,"fault":"a","kind":"command","undo":{}}`:                     "mending a: mend: : there is no command",
		`{"do":"break","n":1,"fault":"a","kind":"command","undo":{"run":["false"]}}`:      "mending a: mend: false: exit status 1",
		`{"do":"break","n":1,"fault":"a","kind":"service","undo":{"url":"x","post":"/"}}`: `mending a: Post "x/": unsupported protocol scheme ""`,
	} {
		left, err := Leftovers(strings.NewReader(journal))
		if err != nil || len(left) != 1 {
			t.Fatalf("%s: %v, %v", journal, left, err)
		}
		if err := left[0].Mend(t.Context(), io.Discard); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", journal, err, want)
		}
	}
}

// FuzzLeftovers reads any journal without a fuss, and finds the same again in what
// it wrote of it.
func FuzzLeftovers(f *testing.F) {
	f.Add([]byte(`{"do":"break","by":{"pid":1,"start":""},"n":1,"fault":"a","kind":"http","undo":{"url":"http://127.0.0.1:1"}}` + "\n\n" + `{"do":"mend","n":1}`))
	f.Add([]byte("{\n[]\nnull\n{\"do\":\"break\"}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		left, err := Leftovers(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		var again bytes.Buffer
		again.Write(data)
		for _, l := range left {
			if err := (&note{newJournal(&again), l.record}).over(); err != nil {
				t.Fatal(err)
			}
		}
		if rest, err := Leftovers(&again); err != nil || len(rest) > 0 {
			t.Fatalf("mended, and still left: %v, %v", rest, err)
		}
	})
}
