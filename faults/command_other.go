//go:build !unix

package faults

import "os/exec"

func apart(*exec.Cmd) {}

func killGroup(cmd *exec.Cmd) error { return cmd.Process.Kill() }
