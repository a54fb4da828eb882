//go:build unix

package cli

import (
	"os/exec"
	"syscall"
)

// meek is how much the embedded service gives way, in the units of nice(1).
const meek = 5

// apart keeps a terminal's Ctrl-C from the child: it is ours to end.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// yield lets the child give way where CPU is short: the instrument goes before
// what it measures. That it cannot is no reason not to play.
func yield(cmd *exec.Cmd) { _ = syscall.Setpriority(syscall.PRIO_PGRP, cmd.Process.Pid, meek) }
