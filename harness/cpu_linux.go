package harness

import (
	"io"
	"os"
	"slices"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A cpuWatch reads what the kernel says of the CPUs, many times a second: it keeps
// its files open and makes no garbage. The zero cpuWatch is closed, and reads
// zeros. It is not safe for concurrent use.
type cpuWatch struct {
	stat    *os.File // of the host
	tasks   *os.File // the folder of this process's threads
	links   uint64   // of tasks, which tell how many threads there are
	threads []thread
	waited  time.Duration
	mine    unix.CPUSet // where this process may run
	room    []byte      // for the lines of all CPUs and of each up to the last of mine
}

const cpuLine = 256 // is longer than any line of a CPU

// A thread is one of this process's.
type thread struct {
	id     string
	file   *os.File
	waited time.Duration
}

// open opens the files. What there is none of reads as zero.
func (w *cpuWatch) open() {
	w.stat, _ = os.Open("/proc/stat")
	w.tasks, _ = os.Open("/proc/self/task")
	last := 0
	if unix.SchedGetaffinity(0, &w.mine) == nil {
		for i, left := 0, w.mine.Count(); left > 0; i++ {
			if w.mine.IsSet(i) {
				last, left = i, left-1
			}
		}
	}
	w.room = make([]byte, (last+2)*cpuLine)
	w.list()
}

func (w *cpuWatch) close() {
	w.stat.Close()
	w.tasks.Close()
	for _, t := range w.threads {
		t.file.Close()
	}
	*w = cpuWatch{}
}

// ticks is what all CPUs of the host did, and for how long those that this process
// may use had nothing to do; less than zero: nobody knows.
func (w *cpuWatch) ticks() (host ticks, idle time.Duration) {
	stat := w.read(w.stat)
	return parseTicks(stat), parseIdle(stat, w.mine.IsSet)
}

// delay is how long this process's threads have been ready to run and had to wait
// for a CPU. Of a thread that has ended, what came after the last call is lost.
func (w *cpuWatch) delay() time.Duration {
	var about syscall.Stat_t
	if w.tasks == nil || syscall.Fstat(int(w.tasks.Fd()), &about) != nil {
		return 0
	}
	if uint64(about.Nlink) != w.links {
		w.links = uint64(about.Nlink)
		w.list()
	}
	ended := false
	for i := range w.threads {
		t := &w.threads[i]
		waited, ok := parseWait(w.read(t.file))
		if !ok {
			ended = true
			continue
		}
		w.waited += waited - t.waited
		t.waited = waited
	}
	if ended {
		w.list()
	}
	return w.waited
}

// list finds the threads anew.
func (w *cpuWatch) list() {
	if w.tasks == nil {
		return
	}
	if _, err := w.tasks.Seek(0, io.SeekStart); err != nil {
		return
	}
	ids, err := w.tasks.Readdirnames(-1)
	if err != nil {
		return
	}
	w.threads = slices.DeleteFunc(w.threads, func(t thread) bool {
		gone := !slices.Contains(ids, t.id)
		if gone {
			t.file.Close()
		}
		return gone
	})
	for _, id := range ids {
		if slices.ContainsFunc(w.threads, func(t thread) bool { return t.id == id }) {
			continue
		}
		if file, err := os.Open("/proc/self/task/" + id + "/schedstat"); err == nil {
			w.threads = append(w.threads, thread{id: id, file: file})
		}
	}
}

// read returns the beginning of a file of /proc, until it is called again.
func (w *cpuWatch) read(f *os.File) []byte {
	n, _ := f.ReadAt(w.room, 0)
	return w.room[:n]
}
