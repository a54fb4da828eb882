//go:build unix

package cli

import (
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// ours reports whether the terminal's keys come to us: a job in the background that
// asked for them would be stopped, and the load with it.
func ours(terminal *os.File) bool {
	group, err := unix.IoctlGetInt(int(terminal.Fd()), unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}

// deaf lets nothing that is sent to a job of the terminal end or stop this process.
func deaf() {
	signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGQUIT, syscall.SIGTTOU, syscall.SIGTTIN, syscall.SIGTSTP)
}

// interruptSelf is what a terminal's Ctrl-C does to us.
func interruptSelf() error { return syscall.Kill(os.Getpid(), syscall.SIGINT) }

// interruptAll ends us and the rest of the job at once, as Ctrl-C does.
func interruptAll() {
	signal.Reset(syscall.SIGINT)
	syscall.Kill(0, syscall.SIGINT)
}
