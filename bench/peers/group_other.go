//go:build !linux

package main

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// Signals that not every system has; here nothing is started that could get one.
const (
	kill = syscall.SIGKILL
	quit = syscall.SIGTERM
	halt = syscall.Signal(0)
	goOn = syscall.Signal(0)
)

func apart(*exec.Cmd) {}

func signalGroup(cmd *exec.Cmd, _ syscall.Signal) error { return cmd.Process.Kill() }

func peak(*os.ProcessState) uint64 { return 0 }

func ownPeak() uint64 { return 0 }

func forgetPeak() {}

// openMany fails: elsewhere than on Linux there is no taskset to pin with.
func openMany() error { return errors.New("only on Linux can programs be pinned to cores") }
