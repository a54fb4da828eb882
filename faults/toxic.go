package faults

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// The toxics that shape what passes a link, in the order in which they stand in a
// set. To be down is not one of them: then nothing passes.
const (
	latency = iota
	bandwidth
	timeout
	resetPeer
	slowClose
	slicer
	limitData
	toxicForms

	down = "down"
)

// toxicTable says what each toxic is in Toxiproxy's words: its name, its keys, and
// what is wrong with their values.
var toxicTable = [toxicForms]struct {
	name  string
	keys  []string
	wrong func(Fault) (key, says string)
}{
	latency: {"latency", []string{"latency", "jitter"}, func(f Fault) (string, string) {
		if f.Latency < time.Millisecond {
			return "latency", fmt.Sprintf("%s: want at least 1ms", f.Latency)
		}
		if f.Jitter > f.Latency {
			return "jitter", fmt.Sprintf("%s: want at most the latency, %s", f.Jitter, f.Latency)
		}
		return "", ""
	}},
	bandwidth: {"bandwidth", []string{"rate"}, func(f Fault) (string, string) {
		if f.Rate < 1 {
			return "rate", fmt.Sprintf("%d: want at least 1 KB/s", f.Rate)
		}
		return "", ""
	}},
	timeout:   {"timeout", []string{"timeout"}, nil},
	resetPeer: {"reset_peer", []string{"timeout"}, nil},
	slowClose: {"slow_close", []string{"delay"}, func(f Fault) (string, string) {
		if f.Delay < time.Millisecond {
			return "delay", fmt.Sprintf("%s: want at least 1ms", f.Delay)
		}
		return "", ""
	}},
	slicer: {"slicer", []string{"average_size", "size_variation", "delay"}, func(f Fault) (string, string) {
		if f.AverageSize < 1 {
			return "average_size", fmt.Sprintf("%d: want at least 1 byte", f.AverageSize)
		}
		if f.SizeVariation >= f.AverageSize {
			return "size_variation", fmt.Sprintf("%d: want less than average_size, %d", f.SizeVariation, f.AverageSize)
		}
		return "", ""
	}},
	limitData: {"limit_data", []string{"bytes"}, func(f Fault) (string, string) {
		if f.Bytes < 1 {
			return "bytes", fmt.Sprintf("%d: want at least 1", f.Bytes)
		}
		return "", ""
	}},
}

// toxicForm is the place of the named toxic in the table, or -1.
func toxicForm(name string) int {
	for i, t := range toxicTable {
		if t.name == name {
			return i
		}
	}
	return -1
}

// toxicKeys are the keys of a fault that is a toxic.
func toxicKeys(f Fault) []string {
	keys := []string{"on", "toxic"}
	if form := toxicForm(f.Toxic); form >= 0 {
		keys = append(append(keys, "stream", "toxicity"), toxicTable[form].keys...)
	}
	return keys
}

func toxicMistakes(f Fault) []Mistake {
	var found []Mistake
	if f.On == "" {
		found = append(found, Mistake{"on", "missing; want the name of a link or a proxy of the target"})
	}
	form := toxicForm(f.Toxic)
	if form < 0 {
		if f.Toxic != down {
			var names []string
			for _, t := range toxicTable {
				names = append(names, t.name)
			}
			found = append(found, Mistake{"toxic", fmt.Sprintf("%q: want one of %s, %s", f.Toxic, strings.Join(names, ", "), down)})
		}
		return found
	}
	if f.Stream != "" && !slices.Contains(streams[:], f.Stream) {
		found = append(found, Mistake{"stream", fmt.Sprintf("%q: want upstream or downstream", f.Stream)})
	}
	if wrong := toxicTable[form].wrong; wrong != nil {
		if key, says := wrong(f); key != "" {
			found = append(found, Mistake{key, says})
		}
	}
	return found
}

// toxicPlaces is the one place that a toxic breaks: others may go with it.
func toxicPlaces(f Fault) []string {
	if f.Toxic == down {
		return []string{fmt.Sprintf("%s by %s", f.On, down)}
	}
	return []string{fmt.Sprintf("%s %s by %s", streams[f.direction()], f.On, f.Toxic)}
}

// streams are the directions of a link, by their number.
var streams = [2]string{"upstream", "downstream"}

// direction is the number of the stream that the fault is on.
func (f Fault) direction() int {
	if f.Stream == streams[0] {
		return 0
	}
	return 1
}

// A toxic is one that is on a link.
type toxic struct {
	Fault
	form             int
	salt             uint64
	seen, hit, bytes atomic.Int64
}

func newToxic(f Fault) *toxic {
	return &toxic{Fault: f, form: toxicForm(f.Toxic), salt: rand.Uint64()}
}

// hits draws, once for a connection and every time the same, whether the toxic is
// for it.
func (t *toxic) hits(connection uint64) bool {
	return rand.New(rand.NewPCG(t.salt, connection)).Float64() < t.Toxicity.of()
}

// floor is what all that passes is late by at least.
func (t *toxic) floor() time.Duration { return t.Latency - t.Jitter }

// size draws how large the next slice is.
func (t *toxic) size() int {
	size := t.AverageSize
	if t.SizeVariation > 0 {
		size += rand.Int64N(2*t.SizeVariation+1) - t.SizeVariation
	}
	return int(max(size, 1))
}

// line is how long a line of the bandwidth's rate takes for n bytes.
func (t *toxic) line(n int) time.Duration {
	return time.Duration(float64(n) / float64(t.Rate) * float64(time.Millisecond))
}

// A set is what is on one direction of a link. It never changes: another takes its
// place, and changed is closed.
type set struct {
	on      [toxicForms]*toxic
	changed chan struct{}
}

// A view is of a set what is for one connection.
type view struct {
	on      [toxicForms]*toxic
	any     bool
	changed <-chan struct{}
}

// stale reports whether there is another view by now.
func (v view) stale() bool {
	select {
	case <-v.changed:
		return true
	default:
		return false
	}
}

// swallows reports whether nothing passes.
func (v view) swallows() bool { return v.on[timeout] != nil || v.on[resetPeer] != nil }
