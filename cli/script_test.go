package cli

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"gameday/timeline"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"gameday":  func() { os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
		"exits":    exits,
		"hasty":    hasty,
		"stubborn": stubborn,
		"breaks":   breaks,
	})
}

// TestScript plays the scripts: gameday as people and pipelines use it.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                "testdata/script",
		Deadline:           time.Now().Add(8 * time.Minute),
		RequireUniqueNames: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("GORACE", "atexit_sleep_ms=0") // or every command takes a second longer
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"plays":     plays,
			"proves":    proves,
			"server":    server,
			"expand":    expand,
			"playing":   playing,
			"fetch":     fetch,
			"freeport":  freeport,
			"hold":      hold,
			"nearby":    nearby,
			"gone":      gone,
			"await":     await,
			"field":     field,
			"terminate": terminate,
			"mortal":    mortal,
			"cmp_head":  cmpHead,
			"latest":    latestRun,
			"empty":     empty,
			"replace":   replace,
			"truncate":  truncate,
			"tokens":    tokens,
			"up":        up,
			"capture":   capture,
			"recorded":  recorded,
		},
	})
}

// exits is the program "exits CODE gameday ARG ...": it is gameday itself, and
// ends well if that exits with the code.
func exits() {
	want, err := strconv.Atoi(os.Args[1])
	if err != nil || os.Args[2] != "gameday" {
		fmt.Fprintln(os.Stderr, "usage: exits CODE gameday ARG ...")
		os.Exit(1)
	}
	os.Args = os.Args[2:] // what the embedded service is started as
	if got := Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr); got != want {
		fmt.Fprintf(os.Stderr, "exited %d, want %d\n", got, want)
		os.Exit(1)
	}
}

// stubborn is a program that would not end with the first signal.
func stubborn() {
	ctx, stop := untilSignal()
	defer stop()
	if err := os.WriteFile(os.Args[1], []byte("ready"), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	<-ctx.Done()
	if err := os.WriteFile(os.Args[2], []byte("first"), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	<-time.After(time.Minute)
}

// plays is "plays CODE gameday run ARG ...", which must exit with the code. Where
// the machine was too busy for gameday to keep up, which makes any play unclear,
// it plays again.
func plays(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: plays CODE gameday run ARG ...")
	}
	code := 0
	for range 40 {
		code = 0
		if err := ts.Exec(args[1], args[2:]...); err != nil {
			ended, ok := errors.AsType[*exec.ExitError](err)
			if !ok {
				ts.Fatalf("running %s: %v", args[1], err)
			}
			code = ended.ExitCode()
		}
		said := strings.Join(strings.Fields(ts.ReadFile("stdout")), " ")
		if code != exitUnclear || !strings.Contains(said, "the generator did not keep up:") {
			break
		}
		ts.Logf("exited %d, as the machine was busy", code)
	}
	if strconv.Itoa(code) == args[0] {
		return
	}
	ts.Fatalf("exited %d, want %s\n%s%s", code, args[0], ts.ReadFile("stdout"), ts.ReadFile("stderr"))
}

// patience is how long a script waits for what must come.
const patience = 20 * time.Second

// until asks again and again until done.
func until(ts *testscript.TestScript, what string, done func() bool) {
	for end := time.Now().Add(patience); !done(); <-time.After(5 * time.Millisecond) {
		if time.Now().After(end) {
			ts.Fatalf("waited %s for %s", patience, what)
		}
	}
}

// expand is "expand FILE ...": it replaces ${NAME} in files by the script's variables.
func expand(ts *testscript.TestScript, _ bool, args []string) {
	for _, file := range args {
		ts.Check(os.WriteFile(ts.MkAbs(file), []byte(os.Expand(ts.ReadFile(file), ts.Getenv)), 0o644))
	}
}

// playing is "playing OUT [LINES]": it waits until a play under that folder has so
// many lines in its journal, two if not said, which is a second of load, and sets
// RUN to its folder.
func playing(ts *testscript.TestScript, _ bool, args []string) {
	lines := 2
	if len(args) > 1 {
		var err error
		lines, err = strconv.Atoi(args[1])
		ts.Check(err)
	}
	until(ts, "a play", func() bool {
		found, err := filepath.Glob(filepath.Join(ts.MkAbs(args[0]), "*", "journal.jsonl"))
		if err != nil || len(found) == 0 {
			return false
		}
		data, err := os.ReadFile(found[0])
		ts.Setenv("RUN", filepath.Dir(found[0]))
		return err == nil && strings.Count(string(data), "\n") >= lines
	})
}

// await is "await FILE": it waits until the file is there.
func await(ts *testscript.TestScript, _ bool, args []string) {
	until(ts, args[0], func() bool {
		_, err := os.Stat(ts.MkAbs(args[0]))
		return err == nil
	})
}

// fetch is "fetch URL": it prints what a GET is answered with. "! fetch" wants
// anything but 200.
func fetch(ts *testscript.TestScript, neg bool, args []string) {
	client := http.Client{Timeout: 5 * time.Second}
	res, err := client.Get(args[0])
	if err == nil {
		defer res.Body.Close()
		if _, err = io.Copy(ts.Stdout(), res.Body); err == nil && res.StatusCode != http.StatusOK {
			err = errors.New(res.Status)
		}
	}
	if neg != (err != nil) {
		ts.Fatalf("GET %s: %v", args[0], err)
	}
}

// up is "up ADDRESS": it waits until somebody listens there.
func up(ts *testscript.TestScript, _ bool, args []string) {
	until(ts, args[0], func() bool {
		c, err := net.DialTimeout("tcp", args[0], time.Second)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
}

// gone is "gone FILE": it waits until nobody listens at the URL in the file.
func gone(ts *testscript.TestScript, _ bool, args []string) {
	host := strings.TrimPrefix(strings.TrimSpace(ts.ReadFile(args[0])), "http://")
	until(ts, "the end of "+host, func() bool {
		c, err := net.DialTimeout("tcp", host, time.Second)
		if err == nil {
			c.Close()
		}
		return errors.Is(err, syscall.ECONNREFUSED)
	})
}

// freeport is "freeport NAME": it sets a variable to an address that is free.
func freeport(ts *testscript.TestScript, _ bool, args []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Setenv(args[0], l.Addr().String())
	ts.Check(l.Close())
}

// hold is "hold ADDRESS": it takes the address until the script ends.
func hold(ts *testscript.TestScript, _ bool, args []string) {
	until(ts, args[0], func() bool {
		l, err := net.Listen("tcp", args[0])
		if err == nil {
			ts.Defer(func() { l.Close() })
		}
		return err == nil
	})
}

// tokens is "tokens SEED N FILE": it writes the accounts of a timeline service.
func tokens(ts *testscript.TestScript, _ bool, args []string) {
	seed, err := strconv.ParseUint(args[0], 10, 64)
	ts.Check(err)
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	csv := "id,token\n"
	for id := 1; id <= n; id++ {
		csv += fmt.Sprintf("%d,%s\n", id, timeline.Token(seed, id))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(csv), 0o600))
}

// terminate sends SIGTERM to the newest command in the background.
func terminate(ts *testscript.TestScript, _ bool, _ []string) {
	all := ts.BackgroundCmds()
	ts.Check(all[len(all)-1].Process.Signal(syscall.SIGTERM))
}
