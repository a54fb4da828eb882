//go:build unix

package faults

import (
	"os"
	"syscall"
)

// lock takes the file for this process, unless another one has it, until unlock or
// its end.
func lock(file *os.File) (mine bool, err error) {
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == syscall.EWOULDBLOCK || err == syscall.EINTR {
		return false, nil
	}
	return err == nil, err
}

func unlock(file *os.File) { syscall.Flock(int(file.Fd()), syscall.LOCK_UN) }
