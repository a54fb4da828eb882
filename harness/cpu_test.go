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

func TestParseIdle(t *testing.T) {
	all := func(int) bool { return true }
	for _, tt := range []struct {
		stat string
		mine func(int) bool
		want time.Duration
	}{
		{statOfTwoCPUs, all, (588757 + 634455) * userTick},
		{statOfTwoCPUs, func(cpu int) bool { return cpu == 1 }, 634455 * userTick},
		{statOfTwoCPUs, func(int) bool { return false }, -1},
		{statOfTwoCPUs[:150], all, 588757 * userTick}, // the room was too small for cpu1
		{"cpu  1 2 3 4\n", all, -1},
		{"cpu0 1 2 3 4\ncpu0\ncpu1 1 2 3\ncpux 1 2 3 4\n\n", all, 4 * userTick},
		{"cpu99999999 1 2 3 4\n", all, -1},
		{"", all, -1},
	} {
		if got := parseIdle([]byte(tt.stat), tt.mine); got != tt.want {
			t.Errorf("%q: %s idle, want %s", tt.stat, got, tt.want)
		}
	}
}

// TestShort: a generator is short of CPU if it uses nearly all, or waits for CPUs that
// others have; not if its threads only wait for each other.
func TestShort(t *testing.T) {
	const ms = time.Millisecond
	for name, tt := range map[string]struct {
		spell
		want bool
	}{
		"idle":                               {spell{wall: 100 * ms, used: 5 * ms, cpus: 1, idle: 90 * ms}, false},
		"half of one CPU":                    {spell{wall: 100 * ms, used: 50 * ms, waited: 20 * ms, cpus: 1, idle: 50 * ms}, false},
		"threads that wait for each other":   {spell{wall: 100 * ms, used: 72 * ms, waited: 40 * ms, cpus: 1, idle: 20 * ms}, false},
		"and there is just enough":           {spell{wall: 100 * ms, used: 85 * ms, waited: 40 * ms, cpus: 1, idle: 10 * ms}, false},
		"a busy loop beside it":              {spell{wall: 100 * ms, used: 50 * ms, waited: 50 * ms, cpus: 1}, true},
		"all of one CPU":                     {spell{wall: 100 * ms, used: 95 * ms, cpus: 1, idle: 5 * ms}, true},
		"all that it may use of many":        {spell{wall: 100 * ms, used: 95 * ms, cpus: 1, idle: 700 * ms}, true},
		"most of two CPUs":                   {spell{wall: 100 * ms, used: 170 * ms, waited: 50 * ms, cpus: 2, idle: 20 * ms}, false},
		"a service has the rest of them":     {spell{wall: 100 * ms, used: 100 * ms, waited: 90 * ms, cpus: 2, idle: 10 * ms}, true},
		"it slept too long":                  {spell{wall: 140 * ms, used: 5 * ms, cpus: 1, idle: 130 * ms}, true},
		"the host has none left":             {spell{wall: 100 * ms, used: 5 * ms, cpus: 1, host: ticks{busy: 20, total: 20}}, true},
		"the host has some left":             {spell{wall: 100 * ms, used: 5 * ms, cpus: 1, host: ticks{busy: 19, total: 20}}, false},
		"nobody knows of the host's CPUs":    {spell{wall: 100 * ms, used: 50 * ms, waited: 45 * ms, cpus: 1}, true},
		"nobody knows anything but the wall": {spell{wall: 100 * ms, cpus: 1}, false},
	} {
		if got := tt.short(); got != tt.want {
			t.Errorf("%s: short %t, want %t", name, got, tt.want)
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
	if host, idle := w.ticks(); host != (ticks{}) || idle >= 0 || w.delay() != 0 {
		t.Errorf("a watch that is closed reads %+v, %s and %s", host, idle, w.delay())
	}
	if runtime.GOOS != "linux" {
		return // it reads nothing else anywhere else
	}
	w.open()
	defer w.close()
	before, rested := w.ticks()
	waited := w.delay()
	if before.total == 0 || before.busy > before.total || rested <= 0 {
		t.Errorf("it reads %+v and %s", before, rested)
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
	if now, idle := w.ticks(); now.total < before.total || now.busy < before.busy || idle < rested {
		t.Errorf("the ticks went from %+v and %s to %+v and %s", before, rested, now, idle)
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
