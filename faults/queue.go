package faults

import (
	"math/rand/v2"
	"sync"
	"time"
)

// chunk is what was read at once from a connection.
type chunk struct {
	data []byte
	at   time.Time
	luck float64 // drawn from -1 to 1, for jitter
}

// newChunk is what was read now.
func newChunk(data []byte) chunk { return chunk{data, time.Now(), 2*rand.Float64() - 1} }

// queue holds what was read and is not due yet. One goroutine puts, another takes.
type queue struct {
	mu     sync.Mutex
	chunks []chunk
	bytes  int
	end    error // why no more will come; nil: more may
	ended  time.Time
	gone   bool          // nobody takes any more
	news   chan struct{} // holds one when something was put, or put an end to
	room   chan struct{} // holds one when something was taken
}

// maxHeld is how many bytes a direction of a connection holds back at most. What
// is more waits in the sender, as on a long line.
const maxHeld = 4 << 20

func newQueue() *queue {
	return &queue{news: make(chan struct{}, 1), room: make(chan struct{}, 1)}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// put appends, when there is room. It reports whether somebody will take it.
func (q *queue) put(c chunk) bool {
	for {
		q.mu.Lock()
		if q.gone {
			q.mu.Unlock()
			return false
		}
		if q.bytes < maxHeld {
			q.chunks = append(q.chunks, c)
			q.bytes += len(c.data)
			q.mu.Unlock()
			signal(q.news)
			return true
		}
		q.mu.Unlock()
		<-q.room
	}
}

// close says that no more will come, and why.
func (q *queue) close(end error) {
	q.mu.Lock()
	q.end, q.ended = end, time.Now()
	q.mu.Unlock()
	signal(q.news)
}

// head is the first chunk, if there is one; if not, end is why none will come.
func (q *queue) head() (c chunk, there bool, end error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.chunks) == 0 {
		return chunk{}, false, q.end
	}
	return q.chunks[0], true, nil
}

// pop takes the first chunk away.
func (q *queue) pop() {
	q.mu.Lock()
	q.bytes -= len(q.chunks[0].data)
	q.chunks[0] = chunk{}
	q.chunks = q.chunks[1:]
	q.mu.Unlock()
	signal(q.room)
}

// abandon says that nobody takes any more.
func (q *queue) abandon() {
	q.mu.Lock()
	q.gone = true
	q.mu.Unlock()
	signal(q.room)
}
