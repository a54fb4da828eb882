//go:build unix

package faults

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

const (
	signalStop     = syscall.SIGSTOP
	signalContinue = syscall.SIGCONT
)

// signal sends s. On Linux the handle stands for the process itself, so that
// between the look and the signal nobody can take its pid.
func (id identity) signal(s syscall.Signal) error {
	handle, err := os.FindProcess(id.PID)
	if err != nil {
		return err
	}
	defer handle.Release()
	if !id.alive() {
		return errEnded
	}
	return handle.Signal(s)
}

// grace is how long a process that gameday started may take to end by itself.
const grace = 5 * time.Second

// end ends the process and its group, with force where it does not.
func (id identity) end(ctx context.Context) error {
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		if !id.alive() {
			return nil
		}
		if err := syscall.Kill(-id.PID, s); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("ending process %d: %w", id.PID, err)
		}
		syscall.Kill(-id.PID, syscall.SIGCONT)
		for patience := time.Now().Add(grace); id.alive() && time.Now().Before(patience) && ctx.Err() == nil; {
			time.Sleep(look)
		}
	}
	if id.alive() {
		return fmt.Errorf("process %d does not end", id.PID)
	}
	return nil
}
