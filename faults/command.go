package faults

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// prepareCommand breaks by commands of those who own what is broken: kubectl, tc,
// a feature flag. They run in the working directory, without a shell, each in a
// process group of its own that is killed at its time limit.
func prepareCommand(_ context.Context, f Fault, _ *Keeper) (breakage, error) {
	return stepped(f, runStep), nil
}

func undoCommand(ctx context.Context, undo json.RawMessage) error {
	return undoStep(ctx, undo, runStep)
}

// runStep runs a command to its end. As with grep, 0 is yes and 1 is no; whatever
// else comes of it is an error, because then nobody knows.
func runStep(ctx context.Context, s Step) (outcome, error) {
	if len(s.Run) == 0 {
		return outcome{}, errors.New("there is no command")
	}
	ctx, cancel := context.WithTimeoutCause(ctx, s.within(), fmt.Errorf("did not end within %s", s.within()))
	defer cancel()
	cmd := exec.CommandContext(ctx, s.Run[0], s.Run[1:]...)
	var out head
	cmd.Stdout, cmd.Stderr = &out, &out
	apart(cmd)
	cmd.Cancel = func() error { return killGroup(cmd) }
	cmd.WaitDelay = time.Second // for output that grandchildren keep open
	err := cmd.Run()
	if cause := context.Cause(ctx); cause != nil && err != nil {
		return outcome{}, fmt.Errorf("%w%s", cause, out.line())
	}
	var exit *exec.ExitError
	switch {
	case err == nil:
		return outcome{ok: true}, nil
	case errors.Is(err, exec.ErrWaitDelay):
		return outcome{ok: cmd.ProcessState.Success(), said: "left something running" + out.line()}, nil
	case errors.As(err, &exit) && exit.ExitCode() == 1:
		return outcome{said: exit.String() + out.line()}, nil
	case errors.As(err, &exit):
		return outcome{}, fmt.Errorf("%s%s", exit, out.line())
	}
	return outcome{}, err
}

// head keeps the beginning of what is written to it.
type head struct {
	mu   sync.Mutex
	kept bytes.Buffer
}

func (h *head) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if room := 4096 - h.kept.Len(); room > 0 {
		h.kept.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

// line is the first line that says something, after a colon; empty if none does.
func (h *head) line() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return firstLine(h.kept.String())
}

// firstLine is the first line of text that says something, printable and short,
// after a colon; empty if none does.
func firstLine(text string) string {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(strings.Map(func(r rune) rune {
			if r < ' ' || r == 0x7f {
				return ' '
			}
			return r
		}, strings.ToValidUTF8(line, "?")))
		if r := []rune(line); len(r) > 200 {
			line = string(r[:200]) + "…"
		}
		if line != "" {
			return ": " + line
		}
	}
	return ""
}
