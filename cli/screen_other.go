//go:build !unix

package cli

import (
	"errors"
	"os"
)

// ours reports whether the terminal's keys come to us.
func ours(*os.File) bool { return true }

func deaf() {}

// interruptSelf cannot be done here.
func interruptSelf() error { return errors.ErrUnsupported }

// interruptAll ends us at once.
func interruptAll() { os.Exit(exitAborted) }
