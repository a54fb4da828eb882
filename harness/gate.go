package harness

import (
	"math"
	"sync/atomic"
)

// A gate holds requests back while load is lowered. The zero gate is open. It is
// safe for concurrent use.
type gate struct{ share atomic.Uint64 } // the bits of what is let through; 0: all

// lower lets only a share of the requests through, above zero; 1 opens the gate.
func (g *gate) lower(share float64) {
	if share >= 1 {
		g.share.Store(0)
		return
	}
	g.share.Store(math.Float64bits(share))
}

func (g *gate) lowered() bool { return g.share.Load() != 0 }

// holds reports whether the request of that draw is held back.
func (g *gate) holds(draw uint64) bool {
	share := g.share.Load()
	return share != 0 && fraction(draw) >= math.Float64frombits(share)
}
