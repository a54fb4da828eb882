//go:build linux

package cli

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// A terminal is a real one of the kernel's, with a program in it.
type terminal struct {
	t        *testing.T
	keyboard *os.File // the master
	screen   *os.File // the slave
	before   unix.Termios
	cmd      *exec.Cmd
	said     *bytes.Buffer // on standard output, which is no terminal

	mu   sync.Mutex
	seen bytes.Buffer
}

// open starts a program in a terminal of 80 columns and 24 lines.
func open(t *testing.T, args ...string) *terminal {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := pty.Setsize(master, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	c := &terminal{t: t, keyboard: master, screen: slave, said: new(bytes.Buffer)}
	before, err := unix.IoctlGetTermios(int(slave.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	c.before = *before
	c.cmd = exec.Command(args[0], args[1:]...)
	c.cmd.Stdin, c.cmd.Stderr, c.cmd.Stdout = slave, slave, c.said
	c.cmd.Env = append(os.Environ(), "TERM=xterm-256color", "CI=", "NO_COLOR=", "GORACE=atexit_sleep_ms=0", "DISPLAY=", "WAYLAND_DISPLAY=")
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	t.Cleanup(func() {
		c.cmd.Process.Kill()
		slave.Close()
		master.Close()
	})
	go c.listen()
	return c
}

func (c *terminal) start() {
	c.t.Helper()
	if err := c.cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
}

// listen takes what is drawn, as a terminal does.
func (c *terminal) listen() {
	data := make([]byte, 4096)
	for {
		n, err := c.keyboard.Read(data)
		c.mu.Lock()
		c.seen.Write(data[:n])
		c.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (c *terminal) text() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen.String()
}

// await waits until something is so.
func (c *terminal) await(what string, so func() bool) {
	c.t.Helper()
	for end := time.Now().Add(patience); !so(); <-time.After(5 * time.Millisecond) {
		if time.Now().After(end) {
			c.t.Fatalf("waited %s for %s; the terminal got %q", patience, what, c.text())
		}
	}
}

func (c *terminal) awaitText(text string) {
	c.t.Helper()
	c.await(text, func() bool { return strings.Contains(c.text(), text) })
}

func (c *terminal) press(keys string) {
	c.t.Helper()
	if _, err := c.keyboard.WriteString(keys); err != nil {
		c.t.Fatal(err)
	}
}

// ended waits for the program's end, and for the terminal to be as it was.
func (c *terminal) ended() *os.ProcessState {
	c.t.Helper()
	c.cmd.Wait()
	c.await("the terminal to be as it was", func() bool {
		after, err := unix.IoctlGetTermios(int(c.screen.Fd()), unix.TCGETS)
		if err != nil {
			c.t.Fatal(err)
		}
		all := c.text()
		after.Lflag &^= unix.PENDIN // the kernel's own note
		return cmp.Equal(c.before, *after) && strings.LastIndex(all, "\x1b[?1049l") > strings.LastIndex(all, "\x1b[?1049h") &&
			strings.LastIndex(all, "\x1b[?25h") > strings.LastIndex(all, "\x1b[?25l")
	})
	return c.cmd.ProcessState
}
