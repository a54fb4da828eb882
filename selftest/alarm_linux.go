package selftest

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// An alarm is a timer of the kernel's that is read like a connection: exact to some
// microseconds where Go's own timers are to a millisecond, and no thread waits.
type alarm struct {
	fd   int
	file *os.File
}

// newAlarm returns nil where there is none.
func newAlarm() *alarm {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil
	}
	return &alarm{fd, os.NewFile(uintptr(fd), "alarm")}
}

// sleep returns after d, which must be above zero.
func (a *alarm) sleep(d time.Duration) {
	var count [8]byte
	if a != nil && unix.TimerfdSettime(a.fd, 0, &unix.ItimerSpec{Value: unix.NsecToTimespec(int64(d))}, nil) == nil {
		if _, err := a.file.Read(count[:]); err == nil {
			return
		}
	}
	time.Sleep(d)
}

func (a *alarm) close() {
	if a != nil {
		a.file.Close()
	}
}
