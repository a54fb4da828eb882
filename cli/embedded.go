package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"gameday/scenarios"
)

// startPatience is how long the embedded service may take to listen.
const startPatience = 30 * time.Second

// listening is what the timeline service prints before its address.
const listening = "timeline listening on "

// A child is the embedded timeline service: a process of its own, so that its
// garbage is not ours and that it can be broken without us.
type child struct {
	url   string
	stdin io.Closer // the child ends when this closes, also if we are killed
	cmd   *exec.Cmd
}

// startEmbedded starts this very binary as a timeline service with the
// scenario's population, and waits until it listens.
func startEmbedded(ctx context.Context, s *scenarios.Scenario, stderr io.Writer) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("starting the embedded service: %w", err)
	}
	cmd := exec.Command(self, "timeline", "--listen", "127.0.0.1:0", "--until-eof",
		"--accounts", strconv.Itoa(s.Population.Accounts),
		"--followers", strconv.FormatFloat(s.Population.Followers, 'f', -1, 64),
		"--seed", strconv.FormatUint(s.Seed, 10))
	cmd.Args[0] = os.Args[0]
	cmd.Stderr = stderr
	apart(cmd)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("starting the embedded service: %w", err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("starting the embedded service: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the embedded service: %w", err)
	}
	yield(cmd)
	c := &child{stdin: stdin, cmd: cmd}
	line := make(chan string, 1)
	go func() {
		first, _ := bufio.NewReader(stdout).ReadString('\n')
		line <- first
		io.Copy(io.Discard, stdout)
	}()
	select {
	case first := <-line:
		address, ok := strings.CutPrefix(strings.TrimSpace(first), listening)
		if !ok {
			c.stop()
			return nil, errors.New("the embedded service did not start")
		}
		c.url = address
		return c, nil
	case <-time.After(startPatience):
		c.stop()
		return nil, fmt.Errorf("the embedded service did not listen within %s", startPatience)
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
