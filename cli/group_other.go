//go:build !unix

package cli

import "os/exec"

// endGroup ends a command; what it started may go on.
func endGroup(cmd *exec.Cmd) error { return cmd.Process.Kill() }
