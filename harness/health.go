package harness

import (
	"context"
	"math"
	"runtime"
	"runtime/metrics"
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
	recovery  = 10 // samples without want of CPU until the generator counts as well
)

// A spell is what was seen of the CPUs between two samples.
type spell struct {
	wall   time.Duration
	used   time.Duration // of CPUs, by this process
	waited time.Duration // by its threads, for a CPU; zero where nobody knows
	cpus   int           // that it may use at once
	idle   time.Duration // of the CPUs it may use, by all; zero where nobody knows
	host   ticks         // of all CPUs
}

// short reports whether the generator was short of CPU: it slept too long, or used
// nearly all of what it may use, or had to wait for it, or the host had none left. Its
// threads also wait for each other, as on a single CPU they must, and that is no
// want as long as the CPUs are idle for a tenth of the time.
func (s spell) short() bool {
	there := float64(s.wall) * float64(s.cpus)
	return s.wall > healthEvery+overslept ||
		float64(s.used) > busyShare*there ||
		float64(s.used+s.waited) > busyShare*there && float64(s.idle) < (1-busyShare)*there ||
		s.host.total >= 5 && float64(s.host.busy) > fullShare*float64(s.host.total)
}

// busy is the share of the CPUs it may use that the generator used.
func (s spell) busy() float64 { return float64(s.used) / (float64(s.wall) * float64(s.cpus)) }

// How many places in flight all crowds together have is found by trying, from what
// fewPlaces gives each up to what safety allows.
const (
	leastPlaces = 64 // of all crowds
	leastOfOne  = 8  // of each
	allPlaces   = 1 << 20
)

// fewPlaces is how many places a crowd of that peak rate gets even from a generator
// that is short of CPU, and begins with; and which part it has of what there is for
// all crowds, which peak at that rate together. Whatever each further request in
// flight costs all others is paid at every request, so the faster they press, the
// fewer: 64 for all at 31,000 a second or more; and 1,024 up to 2,000 a second, so
// that a slow service on a busy host is still pressed as it should be.
func fewPlaces(rate, all float64) (few int64, part float64) {
	rate, all = max(rate, 1), max(all, rate, 1)
	part = rate / all
	few = int64(math.Ceil(part * min(max(2_000_000/all, leastPlaces), 1024)))
	return max(few, leastOfOne), part
}

// health watches whether the generator gets the CPU it needs to be on time. The
// zero health is well.
type health struct {
	unwell atomic.Int64 // samples until it counts as well again
	room   atomic.Int64 // places that all crowds may have now
	wanted atomic.Bool  // more, since the last sample
	coarse atomic.Int32 // how often the grain of the pacers is doubled

	apart bool // from the time of this host, in a bubble: its CPU says nothing

	mu     sync.Mutex
	began  time.Time
	cpu    time.Duration // when it began
	before ticks         // the host's, when it began
	now    ticks         // at the last sample
	gc     gcWatch
	tenths int
	memory uint64
}

// starved reports whether the generator was short of CPU within the last second
// or so: whoever catches up is not well yet.
func (h *health) starved() bool { return h.unwell.Load() > 0 }

// places is how many places in flight a crowd may have now that gets at least few,
// and that part of what there is for all.
func (h *health) places(few int64, part float64) int64 {
	return max(few, int64(part*float64(h.room.Load())))
}

// sample takes note of whether the generator was short of CPU since the last
// sample, and sets the places until the next one. A generator that is well and
// wants more gets twice as many: a service that stopped answering soon has as
// many people waiting as would wait. One that is short of CPU gets fewer, as each
// further request in flight slows down all others: it would collapse instead of
// running late.
func (h *health) sample(short bool) {
	wanted := h.wanted.Swap(false)
	room := max(leastPlaces, h.room.Load())
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

// How often the pacers wake up depends on how much of the CPU is left.
const (
	calmShare    = 0.50 // used at the most: more often
	pressedShare = 0.75 // used at least: less often
	coarsest     = 3    // doublings of the grain
)

// settle sets how coarse the grain is until the next sample. To wake up costs as much
// as to send a request, or several, here and in the service: who has little CPU left
// is nearer to being on time if it wakes less often and sends more at once.
func (h *health) settle(busy float64) {
	switch coarse := h.coarse.Load(); {
	case busy > pressedShare && coarse < coarsest:
		h.coarse.Store(coarse + 1)
	case busy < calmShare && coarse > 0:
		h.coarse.Store(coarse - 1)
	}
}

// watch samples until ctx ends.
func (h *health) watch(ctx context.Context) {
	var host cpuWatch
	host.open()
	defer host.close()
	was, rested := host.ticks()
	h.mu.Lock()
	h.began, h.cpu, h.before, h.now = time.Now(), cpuTime(), was, was
	h.gc.begin()
	h.mu.Unlock()
	last, cpu, delay := h.began, h.cpu, host.delay()
	tick := time.NewTimer(healthEvery)
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now, used, d := time.Now(), cpuTime(), host.delay()
		t, idle := host.ticks()
		o := spell{
			wall: now.Sub(last), used: used - cpu, waited: d - delay, cpus: runtime.GOMAXPROCS(0),
			idle: idle - rested, host: ticks{busy: t.busy - was.busy, total: t.total - was.total},
		}
		if idle < 0 || rested < 0 {
			o.idle = 0 // nobody knows
		}
		short := !h.apart && o.short()
		h.sample(short)
		h.settle(o.busy())
		h.mu.Lock()
		if h.now = t; short {
			h.tenths++
		}
		h.mu.Unlock()
		last, cpu, delay, was, rested = now, used, d, t, idle
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
	g := &runs.Generator{InFlightPeak: peak, Starved: h.tenths, MemoryPeak: h.memory, GC: h.gc.record()}
	if !h.began.IsZero() {
		used := cpuTime() - h.cpu
		g.CPU = runs.Span(used)
		if wall := time.Since(h.began); wall > 0 {
			g.CPUShare = float64(used) / float64(wall) / float64(runtime.GOMAXPROCS(0))
		}
	}
	g.Steal, g.StealShare = stolen(h.before, h.now)
	return g
}
