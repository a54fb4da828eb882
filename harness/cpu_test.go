package harness

import (
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"gameday/runs"
)

const statOfTwoCPUs = `cpu  802866 32857 122015 1223213 1863 7 24760 8904 5 3
cpu0 425298 16326 59406 588757 1075 0 14040 4619 0 0
cpu1 377568 16530 62609 634455 788 0 10720 4285 0 0
intr 20463061 0 9 0 0 0 0
`

func TestParseTicks(t *testing.T) {
	const total = 802866 + 32857 + 122015 + 1223213 + 1863 + 7 + 24760 + 8904
	for _, tt := range []struct {
		stat string
		want ticks
	}{
		{statOfTwoCPUs, ticks{total - 1223213 - 1863, total, 8904}},
		{"cpu  1 2 3 4 5 6 7 8", ticks{27, 36, 8}},
		{"cpu  1 2 3 4\n", ticks{6, 10, 0}}, // of Linux 2.4
		{"cpu  ", ticks{}},
		{"", ticks{}},
		{"cpu0 1 2 3 4 5 6 7 8\n", ticks{}},
		{"intr 5\n", ticks{}},
	} {
		if got := parseTicks([]byte(tt.stat)); got != tt.want {
			t.Errorf("%q is %+v, want %+v", tt.stat, got, tt.want)
		}
	}
}

func TestParseWait(t *testing.T) {
	for text, want := range map[string]time.Duration{"112005 1500 1\n": 1500, "0 0 0": 0, "7 18446744073709551615 1": -1} {
		if got, ok := parseWait([]byte(text)); !ok || got != want {
			t.Errorf("%q is %d, %v; want %d", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "7", "7 ", "x 7 1", "-1 5 1"} {
		if got, ok := parseWait([]byte(text)); ok {
			t.Errorf("%q is %d", text, got)
		}
	}
}

// Whatever the kernel writes is read as strconv would read its fields.
func FuzzParseTicks(f *testing.F) {
	f.Add([]byte(statOfTwoCPUs))
	f.Add([]byte("cpu  1 2 3 18446744073709551615 5 6 7 8"))
	f.Fuzz(func(t *testing.T, stat []byte) {
		got := parseTicks(stat)
		line, _, _ := strings.Cut(string(stat), "\n")
		name, rest, _ := strings.Cut(line, " ")
		if name != "cpu" || strings.Trim(rest, " 0123456789") != "" {
			return // any answer will do, but there must be one
		}
		var want ticks
		for i, field := range strings.Fields(rest) {
			n, err := strconv.ParseUint(field, 10, 64)
			if err != nil {
				return
			}
			if i < 8 {
				want.total += n
			}
			if i < 8 && i != 3 && i != 4 {
				want.busy += n
			}
			if i == 7 {
				want.steal = n
			}
		}
		if got != want {
			t.Errorf("%q is %+v, want %+v", line, got, want)
		}
	})
}

func TestStolen(t *testing.T) {
	for _, tt := range []struct {
		before, now ticks
		steal       time.Duration
		share       float64
	}{
		{ticks{total: 1000, steal: 50}, ticks{total: 3000, steal: 150}, time.Second, 0.05},
		{ticks{total: 1000, steal: 50}, ticks{total: 3000, steal: 50}, 0, 0},
		{ticks{total: 1000, steal: 50}, ticks{total: 3000, steal: 40}, 0, 0}, // it has been seen to go back
		{ticks{}, ticks{}, 0, 0},
		{ticks{total: 9, steal: 1}, ticks{}, 0, 0},
	} {
		if steal, share := stolen(tt.before, tt.now); steal != runs.Span(tt.steal) || share != tt.share {
			t.Errorf("from %+v to %+v: %s, %v; want %s, %v", tt.before, tt.now, steal, share, tt.steal, tt.share)
		}
	}
}

// What is read of this host grows, and reading it makes no garbage, however many
// threads come and go.
func TestCPUWatch(t *testing.T) {
	var w cpuWatch
	if w.ticks() != (ticks{}) || w.delay() != 0 {
		t.Errorf("a watch that is closed reads %+v and %s", w.ticks(), w.delay())
	}
	if runtime.GOOS != "linux" {
		return // it reads nothing else anywhere else
	}
	w.open()
	defer w.close()
	before, waited := w.ticks(), w.delay()
	if before.total == 0 || before.busy > before.total {
		t.Errorf("it reads %+v", before)
	}
	if n := testing.AllocsPerRun(100, func() { w.ticks() }); n != 0 {
		t.Errorf("reading the ticks allocates %v times", n)
	}
	for range 3 {
		threads(8)
		if again := w.delay(); again < waited {
			t.Errorf("the delay went from %s to %s", waited, again)
		} else {
			waited = again
		}
	}
	if now := w.ticks(); now.total < before.total || now.busy < before.busy {
		t.Errorf("the ticks went from %+v to %+v", before, now)
	}
}

// threads keeps n threads busy at once, and lets them end.
func threads(n int) {
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			runtime.LockOSThread() // so that the thread ends with the goroutine
			for until := time.Now().Add(2 * time.Millisecond); time.Now().Before(until); {
			}
		})
	}
	all.Wait()
}

func TestGCIsRecorded(t *testing.T) {
	var w gcWatch
	if got := w.record(); got != (runs.GC{}) {
		t.Errorf("before it began: %+v", got)
	}
	w.begin()
	for range 3 {
		runtime.GC()
	}
	first := w.record()
	if first.Count < 3 || first.Total <= 0 || first.Max <= 0 || first.CPUShare <= 0 || first.CPUShare > 1 {
		t.Errorf("after three collections: %+v", first)
	}
	if first.Max > first.Total {
		t.Errorf("the longest of them is longer than all: %+v", first)
	}
	for range 2 {
		runtime.GC()
	}
	if again := w.record(); again.Count < first.Count+2 || again.Total <= first.Total || again.Max < first.Max {
		t.Errorf("from %+v to %+v after two more", first, again)
	}
	var later gcWatch
	later.begin()
	if got := later.record(); got.Count > 1 { // one may just have happened
		t.Errorf("what was before counts: %+v", got)
	}
}

// BenchmarkSample is what health costs ten times a second.
func BenchmarkSample(b *testing.B) {
	var w cpuWatch
	w.open()
	defer w.close()
	b.ReportAllocs()
	for b.Loop() {
		w.delay()
		w.ticks()
		cpuTime()
	}
}
