package cli

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	// heapSize is about how large the heap grows until it is collected. What lives
	// is a few megabytes, so collecting it more often, as Go does, is a waste, and
	// takes CPU that requests wait for: an eighth of a core at 80,000 a second.
	heapSize = 56 << 20
	// softMemory is from where on the heap is collected more often all the same: ten
	// thousand requests in flight take over a hundred megabytes.
	softMemory = 256 << 20
)

// The bounds of what tuneGarbage sets.
const (
	leastPercent = 100
	mostPercent  = 1600
)

// A garbage collector's tuning; the zero one has not begun.
type garbage struct{ percent int }

// tune lets the heap grow to about heapSize. It is called every second, as what
// lives grows. Who set GOGC wanted something else, and gets it.
func (g *garbage) tune() {
	if os.Getenv("GOGC") != "" {
		return
	}
	if g.percent == 0 {
		debug.SetMemoryLimit(softMemory)
	}
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	want := garbagePercent(live[0].Value.Uint64())
	// To set it stops the world for a moment, so not for nothing.
	if want*10 < g.percent*9 || want*3 > g.percent*4 {
		g.percent = want
		debug.SetGCPercent(want)
	}
}

// keep tunes every second until ctx ends.
func (g *garbage) keep(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		g.tune()
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// garbagePercent is by how much of itself a heap of which so much lives may grow.
func garbagePercent(live uint64) int {
	if live == 0 {
		return mostPercent
	}
	return int(min(max(heapSize*100/live, leastPercent+100)-100, mostPercent))
}
