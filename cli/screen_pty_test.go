//go:build linux

package cli

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// play starts gameday in a terminal, and waits until it shows the play.
func play(t *testing.T) (c *terminal, out string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(good))
	t.Cleanup(server.Close)
	dir := t.TempDir()
	scenario := filepath.Join(dir, "long.yaml")
	err := os.WriteFile(scenario, []byte(`
name: long
asks: Does it hold for a minute?
seed: 1
crowds: [{name: buyers, rate: 2000/s, arrivals: even, do: [{name: cart, path: /}]}]
phases: [{name: one, for: 60s}]
`), 0o644)
	if err != nil {
		t.Fatal(err)
	}
	out = filepath.Join(dir, "out")
	c = open(t, "gameday", "run", scenario, "--target", server.URL, "--out", out, "--metrics", "off")
	c.start()
	c.awaitText("q stop")
	return c, out
}

// TestEndByKeys ends a play by q and by Ctrl-C: there is a report and the code is 4.
func TestEndByKeys(t *testing.T) {
	for keys, cause := range map[string]string{
		"q": "the key q was pressed", "\x03": `the signal "interrupt" was received`, "\x1b[99;5u": `the signal "interrupt" was received`,
	} {
		c, out := play(t)
		c.press(keys)
		if code := c.ended().ExitCode(); code != exitAborted {
			t.Errorf("%q exits %d", keys, code)
		}
		if !strings.Contains(strings.Join(strings.Fields(c.said.String()), " "), cause) {
			t.Errorf("%q: the report does not say %q:\n%s", keys, cause, c.said)
		}
		if _, err := os.Stat(filepath.Join(out, "latest", "run.json")); err != nil {
			t.Error(err)
		}
		_, after, _ := strings.Cut(c.text(), "\x1b[?1049l")
		if !strings.Contains(after, "long at 1%") || !strings.Contains(after, "buyers") {
			t.Errorf("%q: no block stays: %q", keys, after)
		}
	}
}

// TestEndAtOnce ends a play by signals that nothing in gameday can answer.
func TestEndAtOnce(t *testing.T) {
	for name, end := range map[string]func(c *terminal){
		"a signal twice": func(c *terminal) {
			c.cmd.Process.Signal(syscall.SIGSTOP)
			c.cmd.Process.Signal(syscall.SIGTERM)
			c.cmd.Process.Signal(syscall.SIGINT)
			c.cmd.Process.Signal(syscall.SIGCONT)
		},
		"SIGKILL": func(c *terminal) { c.cmd.Process.Kill() },
	} {
		c, _ := play(t)
		end(c)
		if state := c.ended(); state.Exited() && state.ExitCode() != exitAborted {
			t.Errorf("%s: %s", name, state)
		}
	}
	c, _ := play(t)
	c.cmd.Process.Signal(syscall.SIGTERM)
	if code := c.ended().ExitCode(); code != exitAborted {
		t.Errorf("SIGTERM exits %d", code)
	}
}

// TestCtrlCTwice ends at once what does not end with the first.
func TestCtrlCTwice(t *testing.T) {
	c, tell := broken(t, "twice")
	tell.Close()
	c.press("\x03")
	c.awaitText("ends at once")
	c.press("\x03")
	state := c.ended()
	if status := state.Sys().(syscall.WaitStatus); !status.Signaled() || status.Signal() != syscall.SIGINT {
		t.Errorf("it ended with %s", state)
	}
}

// TestNoScreen prints plain lines where a terminal is not wanted to be drawn on, or
// is too small.
func TestNoScreen(t *testing.T) {
	for _, c := range []struct {
		env  string
		cols uint16
	}{{"NO_COLOR=1", 80}, {"CI=true", 80}, {"TERM=dumb", 80}, {"", 10}, {"", 0}} {
		terminal := open(t, "breaks", "keys")
		terminal.cmd.Env = append(terminal.cmd.Env, c.env)
		if err := pty.Setsize(terminal.keyboard, &pty.Winsize{Rows: 24, Cols: c.cols}); err != nil {
			t.Fatal(err)
		}
		terminal.start()
		terminal.cmd.Wait()
		terminal.awaitText("Does it hold?")
		if got := terminal.said.String(); got != "no screen\n" || strings.Contains(terminal.text(), "\x1b") {
			t.Errorf("%s, %d columns: said %q and drew %q", c.env, c.cols, got, terminal.text())
		}
	}
}

// TestResize makes the terminal smaller and larger: it is drawn anew, to its size.
func TestResize(t *testing.T) {
	c, _ := play(t)
	for _, size := range []pty.Winsize{{Rows: 10, Cols: 40}, {Rows: 40, Cols: 130}, {Rows: 3, Cols: 9}, {Rows: 24, Cols: 80}} {
		before := len(c.text())
		if err := pty.Setsize(c.keyboard, &size); err != nil {
			t.Fatal(err)
		}
		c.await(fmt.Sprintf("%dx%d", size.Cols, size.Rows), func() bool {
			return strings.Contains(c.text()[before:], "\x1b[2J") || strings.Contains(c.text()[before:], "\x1b[H")
		})
	}
	c.press("q")
	c.ended()
}

// broken starts a program that breaks in some way, once it is told to.
func broken(t *testing.T, how string) (c *terminal, tell *os.File) {
	t.Helper()
	hear, tell, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	c = open(t, "breaks", how)
	c.cmd.ExtraFiles = []*os.File{hear}
	c.start()
	hear.Close()
	c.awaitText("q stop")
	return c, tell
}

// TestPanics leaves the terminal as it was after panics and a kill, and what a panic
// says is there to be read.
func TestPanics(t *testing.T) {
	for how, says := range map[string]string{
		"play": "of the play", "goroutine": "of a goroutine", "killed": "", "view": "the play goes on",
	} {
		c, tell := broken(t, how)
		tell.Close()
		c.ended()
		all := c.text()
		c.await(says, func() bool {
			all = c.text()
			return strings.Contains(all[strings.LastIndex(all, "\x1b[?1049l"):], says)
		})
		if how == "view" && !strings.Contains(c.said.String(), "went on") {
			t.Errorf("the play ended with the view: %s", c.said)
		}
	}
}

// TestStalled stops the terminal as Ctrl-S does: the play is not held, and what gave
// the terminal back comes out when it takes something again.
func TestStalled(t *testing.T) {
	c, tell := broken(t, "stalled")
	if err := unix.IoctlSetInt(int(c.screen.Fd()), unix.TCXONC, unix.TCOOFF); err != nil {
		t.Fatal(err)
	}
	tell.Close()
	over := make(chan struct{})
	go func() {
		c.cmd.Wait()
		close(over)
	}()
	select {
	case <-over:
	case <-time.After(patience):
		t.Error("a terminal that takes nothing holds the end")
	}
	if err := unix.IoctlSetInt(int(c.screen.Fd()), unix.TCXONC, unix.TCOON); err != nil {
		t.Fatal(err)
	}
	c.ended()
	<-over
	if !strings.Contains(c.said.String(), "held true end true") {
		t.Errorf("it said %s", c.said)
	}
}

// TestKeys presses them all.
func TestKeys(t *testing.T) {
	c, tell := broken(t, "keys")
	c.press("d")
	c.awaitText("http://127.0.0.1:1/")
	c.press("p")
	c.awaitText("paused")
	tell.Close()
	c.press("q")
	c.ended()
	if want := "shown\nthe key q was pressed true\n"; c.said.String() != want {
		t.Errorf("said %q, want %q", c.said, want)
	}
	all := c.text()
	if after := all[strings.LastIndex(all, "\x1b[?1049l"):]; !strings.Contains(after, "the service said this") {
		t.Errorf("what others wrote is lost: %q", after)
	}
}

// TestNoKeyboard shows the play where standard input is no terminal; Ctrl-C still
// ends it, as a signal.
func TestNoKeyboard(t *testing.T) {
	hear, tell, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	c := open(t, "breaks", "keys")
	c.cmd.Stdin = nil
	c.cmd.SysProcAttr.Ctty = 2
	c.cmd.ExtraFiles = []*os.File{hear}
	c.start()
	hear.Close()
	c.awaitText("Ctrl-C stop")
	c.press("\x03")
	c.ended()
	tell.Close()
	if status := c.cmd.ProcessState.Sys().(syscall.WaitStatus); !status.Signaled() || status.Signal() != syscall.SIGINT {
		t.Errorf("Ctrl-C: %s", c.cmd.ProcessState)
	}
}
