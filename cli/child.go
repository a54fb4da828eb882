package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// startPatience is how long a child may take to listen.
const startPatience = 30 * time.Second

// listening is what a service prints between its name and its address.
const listening = " listening on "

// A child is a service that we start: a process of its own, so that its garbage is
// not ours and that it can be broken without us.
type child struct {
	url   string    // of the first address that it named,
	urls  []string  // and of all that were waited for
	stdin io.Closer // the child ends when this closes, also if we are killed
	cmd   *exec.Cmd
	gone  chan struct{} // closed when it has ended
}

// startChild starts this very binary with args and variables for its environment, as
// a service that is called name in errors, and waits until it listens at so many
// addresses.
func startChild(ctx context.Context, stderr io.Writer, name string, addresses int, environment []string, args ...string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	cmd := exec.Command(self, args...)
	cmd.Args[0] = os.Args[0]
	cmd.Env = append(os.Environ(), environment...)
	cmd.Stderr = stderr
	apart(cmd)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	c := &child{stdin: stdin, cmd: cmd, gone: make(chan struct{})}
	heard := make(chan []string, 1)
	go func() {
		defer close(c.gone)
		defer cmd.Wait()
		out := bufio.NewReader(stdout)
		heard <- addressesIn(out, addresses)
		io.Copy(io.Discard, out)
	}()
	select {
	case c.urls = <-heard:
		if len(c.urls) < addresses {
			c.stop()
			return nil, fmt.Errorf("%s did not start", name)
		}
		c.url = c.urls[0]
		return c, nil
	case <-time.After(startPatience):
		c.stop()
		return nil, fmt.Errorf("%s did not listen within %s", name, startPatience)
	case <-ctx.Done():
		c.stop()
		return nil, errBeforeStart
	}
}

// addressesIn reads lines until so many of them say where something listens, or
// until there are no more.
func addressesIn(out *bufio.Reader, wanted int) (found []string) {
	for len(found) < wanted {
		line, err := out.ReadString('\n')
		if _, address, ok := strings.Cut(strings.TrimSpace(line), listening); ok {
			found = append(found, address)
		}
		if err != nil {
			break
		}
	}
	return found
}

// stop ends the service and waits until it is gone.
func (c *child) stop() {
	c.stdin.Close()
	killer := time.AfterFunc(5*time.Second, func() { c.cmd.Process.Kill() })
	defer killer.Stop()
	<-c.gone
}
