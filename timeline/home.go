package timeline

import (
	"sync/atomic"
	"time"
)

// activeFor is how long somebody who read stays active. Twitter kept the home
// timelines of those seen in 30 days; a rehearsal is shorter.
const activeFor = 30 * time.Minute

// homeState says whether somebody's home timeline is kept by the store: absent,
// being rebuilt, or ready. Deliveries go to all but the absent. Each time it is
// dropped, the next one is another issue, so that nothing meant for the one gets
// into the other. The zero value is the first issue, absent.
type homeState struct {
	word  atomic.Uint64 // issue * homeStates + one of them
	whole atomic.Uint64 // the id up to which it has everything, also what was not pushed
	read  atomic.Int64  // when it was read last, Unix seconds
}

const (
	homeAbsent = iota
	homeBuilding
	homeReady
	homeStates
)

func (h *homeState) kept() bool    { return h.word.Load()%homeStates != homeAbsent }
func (h *homeState) issue() uint32 { return uint32(h.word.Load() / homeStates) }

// ready is the issue that can be read, if there is one.
func (h *homeState) ready() (issue uint32, ok bool) {
	w := h.word.Load()
	return uint32(w / homeStates), w%homeStates == homeReady
}

// begin begins to rebuild, or joins those who do, and says which issue it is.
func (h *homeState) begin() uint32 {
	for {
		w := h.word.Load()
		if w%homeStates != homeAbsent || h.word.CompareAndSwap(w, w+homeBuilding) {
			return uint32(w / homeStates)
		}
	}
}

// finish makes an issue ready that is whole up to an id. It says no when it was
// dropped meanwhile.
func (h *homeState) finish(issue uint32, whole uint64) bool {
	for {
		w := h.word.Load()
		if uint32(w/homeStates) != issue {
			return false
		}
		h.whole.Store(whole)
		if h.word.CompareAndSwap(w, uint64(issue)*homeStates+homeReady) {
			return true
		}
	}
}

// drop makes it absent, and says whether it was there.
func (h *homeState) drop() bool {
	w := h.word.Load()
	return w%homeStates != homeAbsent && h.lose(uint32(w/homeStates))
}

// lose makes it absent if it is still of that issue.
func (h *homeState) lose(issue uint32) bool {
	for {
		w := h.word.Load()
		if uint32(w/homeStates) != issue {
			return false
		}
		if h.word.CompareAndSwap(w, (uint64(issue)+1)*homeStates+homeAbsent) {
			return true
		}
	}
}
