package timeline

import (
	"sync"
	"sync/atomic"
	"time"
)

// edge is what stands between the network and the timelines.
type edge struct {
	limiter limiter
	gate    gate
	shared  shared
	guard   guard // before the store
	shards  shards
	hub     *hub
	news    news

	turning     sync.Mutex // one change of knobs at a time
	connections atomic.Int64
	draining    atomic.Bool // every answer is the last on its connection
}

// startEdge makes the edge ready, before metrics are registered.
func (s *Service) startEdge() {
	s.limiter.denied = func(by string) { s.metrics.denied(by) }
	s.gate.knobs = s.knobs.Load
	s.gate.shed = func(reason string) { s.metrics.shed(reason) }
	s.gate.wait = func(d time.Duration) { s.metrics.waited(d) }
	s.shared.joined = func() { s.metrics.joined.Inc() }
	s.guard.retried = func() { s.metrics.storeRetries.Inc() }
	s.shards.shed = s.gate.shed
	s.shards.waited = func(d time.Duration) { s.metrics.shardWaits.Observe(d.Seconds()) }
	s.hub = newHub(s.opts.Accounts, func() { s.metrics.streamsLost.Inc() })
	s.startNews()
}
