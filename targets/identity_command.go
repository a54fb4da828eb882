package targets

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// readCommand takes the lines that a program prints, such as
// git ls-remote origin refs/heads/main.
func (q *inquiry) readCommand(ctx context.Context, s Source) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, AskTimeout)
	defer cancel()
	c := exec.CommandContext(ctx, s.Command[0], s.Command[1:]...)
	c.WaitDelay = time.Second // children of its own may hold the pipe
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	err := c.Run()
	if ctx.Err() != nil {
		return nil, fmt.Errorf("%s did not end within %s", s.Command[0], AskTimeout)
	}
	if ended, ok := errors.AsType[*exec.ExitError](err); ok {
		said, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n")
		return nil, fmt.Errorf("%s exited %d: %.200q", s.Command[0], ended.ExitCode(), said)
	}
	if err != nil {
		return nil, fmt.Errorf("running %s: %w", s.Command[0], err)
	}
	if stdout.Len() > MaxAnswer {
		return nil, fmt.Errorf("%s printed more than %d MB", s.Command[0], MaxAnswer>>20)
	}
	var values []string
	for line := range strings.Lines(stdout.String()) {
		if words := strings.Fields(line); len(words) > 0 {
			values = append(values, strings.Join(words, " "))
		}
	}
	if len(values) == 0 {
		return nil, fmt.Errorf("%s printed nothing", s.Command[0])
	}
	return values, nil
}
