package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"gameday/harness"
	"gameday/runs"
	"gameday/scenarios"
)

// twoCrowds is the scenario that moments are of.
func twoCrowds() *scenarios.Scenario {
	s, err := scenarios.Read("night.yaml", []byte(`
name: night
asks: Does it hold?
seed: 5
crowds: [{name: readers, rate: 20000/s, arrivals: even, do: [home 1]}, {name: the-most-eager-posters, rate: 1000/s, arrivals: even, do: [post 1]}]
phases: [{name: before, for: 6s}, {name: after, for: 6s}]
`))
	if err != nil {
		panic(err)
	}
	return s
}

// breaks is the program "breaks HOW": a play whose view is on standard error, and
// that ends in some bad way. It says on standard output what it does.
func breaks() {
	s := twoCrowds()
	v := newView(os.Stderr, s, 1, false)
	v.keys, v.whole, v.dashboard = os.Stdin, new(atomic.Bool), "http://127.0.0.1:1/"
	how := os.Args[1]
	os.Args = []string{"gameday"} // what the guard is started as
	stopped := make(chan error, 1)
	v.stop = func(why error) { stopped <- why }
	v.begin(&runs.Run{Target: runs.Target{Name: "staging"}})
	defer v.end()
	if v.screen == nil {
		fmt.Println("no screen")
		return
	}
	ctx := context.Background()
	if how == "twice" {
		var end func()
		ctx, end = untilSignal()
		defer end()
	}
	all := moments(5)
	v.show(all[0])
	fmt.Println("shown")
	told := make([]byte, 1)
	os.NewFile(3, "go").Read(told)
	switch how {
	case "play":
		panic("of the play")
	case "goroutine":
		go panic("of a goroutine")
		select {}
	case "killed":
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case "view":
		all[1].Phase = 99
		v.show(all[1])
		<-v.screen.done
		v.show(all[2])
		fmt.Println("went on")
	case "stalled":
		stalled(v, all)
	case "twice":
		<-ctx.Done()
		<-time.After(time.Minute)
	case "keys":
		fmt.Println(<-stopped, v.whole.Load())
		fmt.Fprintln(v.others, "the service said this")
	}
}

// stalled shows moments on a terminal that takes nothing, and says how long it was
// held at the most by any.
func stalled(v *view, all []harness.Moment) {
	var most time.Duration
	for i := range 3000 {
		m := all[1]
		m.At = time.Duration(i) * time.Second
		began := time.Now()
		v.show(m)
		most = max(most, time.Since(began))
		<-time.After(500 * time.Microsecond)
	}
	began := time.Now()
	v.end()
	fmt.Println("held", most < 500*time.Millisecond, "end", time.Since(began) < drainPatience+3*time.Second)
}

// TestAside holds what others write while a screen is up, and lets it go.
func TestAside(t *testing.T) {
	var out strings.Builder
	a := &aside{to: &out}
	io.WriteString(a, "before\n")
	var last string
	a.hold(func(line string) { last = line })
	io.WriteString(a, "one\ntwo\n")
	if out.String() != "before\n" || last != "two" {
		t.Errorf("%q is written and %q shown", &out, last)
	}
	a.release()
	io.WriteString(a, "after\n")
	if want := "before\none\ntwo\nafter\n"; out.String() != want {
		t.Errorf("got %q, want %q", &out, want)
	}
	out.Reset()
	a.hold(nil)
	for range 100 {
		a.Write(make([]byte, 1<<10))
	}
	a.release()
	if got := out.Len(); got > mostAside+10 || !strings.HasSuffix(out.String(), "…\n") {
		t.Errorf("of 100 KiB %d bytes were kept", got)
	}
}

// TestInput finds Ctrl-C in what a terminal sends, and puts a key that means nothing
// in its place.
func TestInput(t *testing.T) {
	for sent, want := range map[string]string{"q": "q", "a\x03b": "a\x00b", "\x1b[99;5u": "\x00", "x\x1b[27;5;99~\x03y": "x\x00\x00y", "\x1b[A": "\x1b[A"} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		io.WriteString(w, sent)
		w.Close()
		pressed := make(chan bool, 9)
		i := &input{File: r, interrupt: func() { pressed <- true }}
		got := make([]byte, 64)
		n, err := i.Read(got)
		if err != nil || string(got[:n]) != want {
			t.Errorf("of %q: %q, %v", sent, got[:n], err)
		}
		for range strings.Count(want, "\x00") {
			<-pressed
		}
	}
}
