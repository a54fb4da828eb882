package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"gameday/scenarios"
)

// startPatience is how long a child may take to listen.
const startPatience = 30 * time.Second

// listening is what a service prints between its name and its address.
const listening = " listening on "

// A child is a service that we start: a process of its own, so that its garbage is
// not ours and that it can be broken without us.
type child struct {
	url   string
	stdin io.Closer // the child ends when this closes, also if we are killed
	cmd   *exec.Cmd
}

// startEmbedded starts this very binary as a timeline service with the
// scenario's population, and waits until it listens.
func startEmbedded(ctx context.Context, s *scenarios.Scenario, stderr io.Writer) (*child, error) {
	c, err := startChild(ctx, stderr, "the embedded service", "timeline", "--listen", "127.0.0.1:0", "--until-eof",
		"--accounts", strconv.Itoa(s.Population.Accounts),
		"--followers", strconv.FormatFloat(s.Population.Followers, 'f', -1, 64),
		"--seed", strconv.FormatUint(s.Seed, 10))
	if err == nil {
		yield(c.cmd)
	}
	return c, err
}

// startChild starts this very binary with args, as a service that is called name
// in errors, and waits until it listens.
func startChild(ctx context.Context, stderr io.Writer, name string, args ...string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	cmd := exec.Command(self, args...)
	cmd.Args[0] = os.Args[0]
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
	c := &child{stdin: stdin, cmd: cmd}
	line := make(chan string, 1)
	go func() {
		first, _ := bufio.NewReader(stdout).ReadString('\n')
		line <- first
		io.Copy(io.Discard, stdout)
	}()
	select {
	case first := <-line:
		_, address, ok := strings.Cut(strings.TrimSpace(first), listening)
		if !ok {
			c.stop()
			return nil, fmt.Errorf("%s did not start", name)
		}
		c.url = address
		return c, nil
	case <-time.After(startPatience):
		c.stop()
		return nil, fmt.Errorf("%s did not listen within %s", name, startPatience)
	case <-ctx.Done():
		c.stop()
		return nil, errBeforeStart
	}
}

// stop ends the service and waits until it is gone.
func (c *child) stop() {
	c.stdin.Close()
	gone := time.AfterFunc(5*time.Second, func() { c.cmd.Process.Kill() })
	defer gone.Stop()
	c.cmd.Wait()
}
