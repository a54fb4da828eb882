package freeze

import (
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"
)

// rusageThread asks for the usage of the calling thread alone.
const rusageThread = 1

// worked is how long this thread has been on a core.
func worked(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(rusageThread, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// TestAdmissionIsQuick decides five hundred times, with the whole document on its
// way: 99 of 100 decisions take at most 10 ms of a core, however many others want
// it. The benchmark measures what a client waits.
func TestAdmissionIsQuick(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	a := ruling(now(nil, Window{Name: "w"}, Window{Name: "v", Scope: []string{"env:prod"}}))
	body := document(t, "image")
	took := make([]time.Duration, 500)
	for i := range took {
		began := worked(t)
		review(t, a, body)
		took[i] = worked(t) - began
	}
	slices.Sort(took)
	p99 := took[len(took)*99/100]
	t.Logf("p50 %s, p99 %s", took[len(took)/2], p99)
	if p99 > 10*time.Millisecond {
		t.Errorf("99 of 100 decisions take up to %s of a core", p99)
	}
}
