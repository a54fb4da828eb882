package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
)

// What a group of processes can be told.
const (
	kill = syscall.SIGKILL
	quit = syscall.SIGTERM
	halt = syscall.SIGSTOP
	goOn = syscall.SIGCONT
)

// apart gives the command a group of its own, which a terminal's Ctrl-C does not
// reach: it is ours to end.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// signalGroup tells a command that was started apart, and all it started.
func signalGroup(cmd *exec.Cmd, s syscall.Signal) error {
	if err := syscall.Kill(-cmd.Process.Pid, s); err != nil {
		return fmt.Errorf("telling %s %v: %w", cmd.Path, s, err)
	}
	return nil
}

// peak is the most memory that a process that ended had resident, in bytes. Linux
// counts what its parent had had when it started it, so a figure that is not above
// the parent's ownPeak then only says that the process had no more than that.
func peak(ended *os.ProcessState) uint64 {
	usage, ok := ended.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	return uint64(usage.Maxrss) * 1024
}

// ownPeak is the most memory that this process has had resident since forgetPeak,
// in bytes.
func ownPeak() uint64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	kB, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	n, err := strconv.ParseUint(kB, 10, 32)
	if err != nil {
		return 0
	}
	return n * 1024
}

// forgetPeak gives memory back, and makes ownPeak begin anew. Where the kernel
// does not let it, ownPeak is greater than it need be.
func forgetPeak() {
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // proc(5)
}

// openMany lets this process, and those it starts, open as many files as they may.
func openMany() error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("reading the limit of open files: %w", err)
	}
	limit.Cur = limit.Max
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("raising the limit of open files: %w", err)
	}
	return nil
}
