package harness

import (
	"context"
	"os"
	"runtime"
	"runtime/metrics"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gameday/runs"
)

// Health is sampled this often.
const healthEvery = 100 * time.Millisecond

const (
	busyShare = 0.90 // of the CPUs the process may use, used or waited for: more leaves nothing to be on time with
	fullShare = 0.97 // of all CPUs of the host
	overslept = 20 * time.Millisecond
	recovery  = 10 // samples without want of CPU until the generator counts as well
)

// How many places in flight a crowd has is found by trying, from fewPlaces up to
// what safety allows.
const (
	leastPlaces = 64
	allPlaces   = 1 << 20
)

// fewPlaces is how many a crowd of that peak rate gets even from a generator that
// is short of CPU, and begins with. Whatever each further request in flight costs
// all others is paid at every request, so the faster the crowd, the fewer: 64 at
// 25,000 a second, as fast as one core sends; and 1,024 up to 2,000 a second, so
// that a slow service on a busy host is still pressed as it should be.
func fewPlaces(rate float64) int64 {
	return int64(min(max(2_000_000/max(rate, 1), leastPlaces), 1024))
}

// health watches whether the generator gets the CPU it needs to be on time. The
// zero health is well.
type health struct {
	unwell atomic.Int64 // samples until it counts as well again
	room   atomic.Int64 // places that each crowd may have now
	wanted atomic.Bool  // more, since the last sample

	mu     sync.Mutex
	began  time.Time
	cpu    time.Duration // when it began
	tenths int
	memory uint64
}

// starved reports whether the generator was short of CPU within the last second
// or so: whoever catches up is not well yet.
func (h *health) starved() bool { return h.unwell.Load() > 0 }

// places is how many places in flight a crowd may have now that gets at least few.
func (h *health) places(few int64) int64 { return max(few, h.room.Load()) }

// sample takes note of whether the generator was short of CPU since the last
// sample, and sets the places until the next one. A generator that is well and
// wants more gets twice as many: a service that stopped answering soon has as
// many people waiting as would wait. One that is short of CPU gets fewer, as each
// further request in flight slows down all others: it would collapse instead of
// running late.
func (h *health) sample(short bool) {
	wanted := h.wanted.Swap(false)
	room := h.places(leastPlaces)
	switch {
	case short:
		h.unwell.Store(recovery)
		h.room.Store(room * 7 / 10)
	case h.starved():
		h.unwell.Add(-1)
	case wanted:
		h.room.Store(min(allPlaces, room*2))
	}
}

// watch samples until ctx ends.
func (h *health) watch(ctx context.Context) {
	h.mu.Lock()
	h.began, h.cpu = time.Now(), cpuTime()
	h.mu.Unlock()
	last, demand := h.began, h.cpu+cpuDelay()
	busy, total := hostTicks()
	tick := time.NewTimer(healthEvery)
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now, d := time.Now(), cpuTime()+cpuDelay()
		b, t := hostTicks()
		wall := now.Sub(last)
		short := wall > healthEvery+overslept ||
			float64(d-demand) > busyShare*float64(wall)*float64(runtime.GOMAXPROCS(0)) ||
			t-total >= 5 && float64(b-busy) > fullShare*float64(t-total)
		h.sample(short)
		h.mu.Lock()
		if short {
			h.tenths++
		}
		h.mu.Unlock()
		last, demand, busy, total = now, d, b, t
		tick.Reset(healthEvery)
	}
}

// record is what the generator's health came to.
func (h *health) record(peak int) *runs.Generator {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.memory = max(h.memory, samples[0].Value.Uint64()-samples[1].Value.Uint64())
	g := &runs.Generator{InFlightPeak: peak, Starved: h.tenths, MemoryPeak: h.memory}
	if !h.began.IsZero() {
		used := cpuTime() - h.cpu
		g.CPU = runs.Span(used)
		if wall := time.Since(h.began); wall > 0 {
			g.CPUShare = float64(used) / float64(wall) / float64(runtime.GOMAXPROCS(0))
		}
	}
	return g
}

// hostTicks is how long all CPUs of the host have been busy and have been there,
// in the kernel's ticks; zeros where the host does not say.
func hostTicks() (busy, total uint64) {
	data, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, 0
	}
	line, _, _ := strings.Cut(string(data), "\n")
	for i, field := range strings.Fields(line) {
		n, err := strconv.ParseUint(field, 10, 64)
		if err != nil || i > 8 { // the ninth on are counted in the first two
			continue
		}
		total += n
		if i != 4 && i != 5 { // idle and waiting for disks
			busy += n
		}
	}
	return busy, total
}

// cpuDelay is how long this process's threads have been ready to run and had to
// wait for a CPU; zero where the host does not say. That of threads that have
// ended is lost, which makes it smaller than it was.
func cpuDelay() time.Duration {
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return 0
	}
	var sum time.Duration
	for _, t := range tasks {
		data, err := os.ReadFile("/proc/self/task/" + t.Name() + "/schedstat")
		if err != nil {
			continue // it has ended
		}
		if f := strings.Fields(string(data)); len(f) == 3 {
			ns, _ := strconv.ParseInt(f[1], 10, 64)
			sum += time.Duration(ns)
		}
	}
	return sum
}
