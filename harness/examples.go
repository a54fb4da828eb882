package harness

import (
	"sync"

	"gameday/runs"
)

// examples collects one failure of each cause. The zero value has none. It is
// safe for concurrent use.
type examples struct {
	mu   sync.Mutex
	seen map[string]bool
	news []runs.Example // since the last flush
}

// wants reports whether there is none of this cause yet.
func (x *examples) wants(cause string) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return !x.seen[cause] && cause != causeCancelled
}

func (x *examples) add(e runs.Example) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.seen == nil {
		x.seen = map[string]bool{}
	}
	x.seen[e.Cause] = true
	x.news = append(x.news, e)
}

func (x *examples) flush() []runs.Example {
	x.mu.Lock()
	defer x.mu.Unlock()
	news := x.news
	x.news = nil
	return news
}
