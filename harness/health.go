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
	busyShare = 0.90 // of the CPUs the process may use: more leaves nothing to be on time with
	fullShare = 0.97 // of all CPUs of the host
	overslept = 20 * time.Millisecond
	fewPlaces = 64 // in flight, which a generator short of CPU always gets
)

// health watches whether the generator gets the CPU it needs to be on time. The
// zero health is well.
type health struct {
	short atomic.Bool
	most  atomic.Int64 // places taken while it was well

	mu     sync.Mutex
	began  time.Time
	cpu    time.Duration // when it began
	tenths int
	memory uint64
}

// starved reports whether the generator was short of CPU a moment ago.
func (h *health) starved() bool { return h.short.Load() }

// well notes how many places one crowd had taken while the generator was well.
func (h *health) well(taken int64) {
	if taken > h.most.Load() {
		h.most.Store(taken)
	}
}

// placesWhenWell is how many places a crowd gets while the generator is not well.
func (h *health) placesWhenWell() int64 { return max(fewPlaces, h.most.Load()) }

// watch samples until ctx ends.
func (h *health) watch(ctx context.Context) {
	h.mu.Lock()
	h.began, h.cpu = time.Now(), cpuTime()
	h.mu.Unlock()
	last, lastCPU := h.began, h.cpu
	busy, total := hostTicks()
	tick := time.NewTimer(healthEvery)
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now, cpu := time.Now(), cpuTime()
		b, t := hostTicks()
		wall := now.Sub(last)
		short := wall > healthEvery+overslept ||
			float64(cpu-lastCPU) > busyShare*float64(wall)*float64(runtime.GOMAXPROCS(0)) ||
			t-total >= 5 && float64(b-busy) > fullShare*float64(t-total)
		h.short.Store(short)
		h.mu.Lock()
		if short {
			h.tenths++
		}
		h.mu.Unlock()
		last, lastCPU, busy, total = now, cpu, b, t
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
