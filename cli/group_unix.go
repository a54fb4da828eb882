//go:build unix

package cli

import (
	"os/exec"
	"syscall"
)

// endGroup ends a command that was started apart, and all that it started.
func endGroup(cmd *exec.Cmd) error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
