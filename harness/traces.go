package harness

import (
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"time"

	"gameday/targets"
)

// A tracer makes the traces of one crowd's requests. Which one a request carries
// follows from the run, the crowd and the request's number alone.
type tracer struct{ high, key uint64 }

func newTracer(run, crowd string) tracer {
	sum := sha256.Sum256([]byte(run + "\x00" + crowd))
	return tracer{max(1, binary.BigEndian.Uint64(sum[:8])), binary.BigEndian.Uint64(sum[8:16])} // an id of zeros is none
}

// of is the trace of request n.
func (t tracer) of(n uint64) targets.Trace {
	low := scramble(t.key + n)
	return targets.Trace{High: t.high, Low: low, Parent: max(1, scramble(low))}
}

// scramble gives each number another that looks like chance: the last steps of
// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators,
// OOPSLA 2014), which no two numbers share.
func scramble(n uint64) uint64 {
	n += 0x9e3779b97f4a7c15
	n = (n ^ n>>30) * 0xbf58476d1ce4e5b9
	n = (n ^ n>>27) * 0x94d049bb133111eb
	return n ^ n>>31
}

// traces are those of one crowd, and some of the requests that carried them. It is
// safe for concurrent use.
type traces struct {
	tracer
	crowd *book

	mu   sync.Mutex
	seen []uint32   // since the last flush: by action, a bit for each classic bucket
	news []Exemplar // since the last flush
}

// An Exemplar is a request that was answered, and its trace.
type Exemplar struct {
	Crowd, Action string
	Response      time.Duration
	Trace         string    // its id
	At            time.Time // when the answer was read
}

func newTraces(run string, crowd *book) *traces {
	return &traces{tracer: newTracer(run, crowd.name), crowd: crowd, seen: make([]uint32, len(crowd.do))}
}

// record keeps the first request of each action and classic bucket.
func (t *traces) record(n uint64, action int, response time.Duration, at time.Time) {
	bit := uint32(1) << classicBucket(response)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.seen[action]&bit != 0 {
		return
	}
	t.seen[action] |= bit
	t.news = append(t.news, Exemplar{Crowd: t.crowd.name, Action: t.crowd.do[action].Name, Response: response, Trace: t.of(n).ID(), At: at})
}

func (t *traces) flush() []Exemplar {
	t.mu.Lock()
	defer t.mu.Unlock()
	news := t.news
	t.news = nil
	clear(t.seen)
	return news
}

// exemplars are those since the last time.
func (p *play) exemplars() (all []Exemplar) {
	for _, c := range p.crowds {
		if c.traces != nil {
			all = append(all, c.traces.flush()...)
		}
	}
	return all
}
