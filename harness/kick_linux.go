package harness

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// A kick wakes Go's scheduler at a time, to the microsecond. A process with
// nothing to do sleeps in the kernel until something comes over a connection or
// the next timer is due, and Go rounds that up to a whole millisecond. A kick is
// a timer of the kernel's that looks like a connection: it makes the scheduler
// look at its own timers in time. Nobody reads from it. It does nothing else, so
// without one timers only fire later.
type kick struct {
	fd   int
	file *os.File // keeps fd known to the scheduler
}

// newKick returns nil where there are none.
func newKick() *kick {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil
	}
	return &kick{fd: fd, file: os.NewFile(uintptr(fd), "kick")}
}

// in kicks once after d.
func (k *kick) in(d time.Duration) {
	if k == nil {
		return
	}
	_ = unix.TimerfdSettime(k.fd, 0, &unix.ItimerSpec{Value: unix.NsecToTimespec(int64(max(d, 1)))}, nil)
}

func (k *kick) close() {
	if k != nil {
		k.file.Close()
	}
}
