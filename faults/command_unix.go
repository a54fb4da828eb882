//go:build unix

package faults

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// apart gives a command a process group of its own: a terminal's Ctrl-C is not
// for it, and its children can be ended with it.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// killGroup ends a command and its children.
func killGroup(cmd *exec.Cmd) error {
	err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}
