package timeline

import "github.com/prometheus/client_golang/prometheus"

// dataMetrics are those of how posts travel.
type dataMetrics struct {
	rebuilt        prometheus.Histogram
	rebuildsFailed prometheus.Counter
	ranked         *prometheus.CounterVec
	storeCalls     prometheus.Histogram
	storeErrors    prometheus.Counter
	shardWaits     prometheus.Histogram
}

// registerData makes and registers them.
func (m *metrics) registerData(s *Service) error {
	m.dataMetrics = dataMetrics{
		rebuilt:        prometheus.NewHistogram(histogram("timeline_rebuild_seconds", "How long rebuilding home timelines took.")),
		rebuildsFailed: plainCounter("timeline_rebuilds_failed_total", "Home timelines that could not be rebuilt."),
		ranked: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "timeline_rankings_total", Help: "Rankings asked for: made, kept from before, or late.",
		}, []string{"outcome"}),
		storeCalls:  prometheus.NewHistogram(histogram("timeline_store_seconds", "How long calls to a store that can fail took, each try by itself.")),
		storeErrors: plainCounter("timeline_store_errors_total", "Calls to the store that failed, each try by itself."),
		shardWaits:  prometheus.NewHistogram(histogram("timeline_shard_seconds", "How long reads waited for their shards of the cache; none do while shard_cost is 0.")),
	}
	return m.register(m.storeCalls, m.storeErrors, m.rebuilt, m.rebuildsFailed, m.ranked, m.shardWaits,
		gauge("timeline_shard_backlog_seconds", "How long the longest line before a shard of the cache is.", func() float64 { return s.shards.longest().Seconds() }),
		gauge("timeline_fanout_age_seconds", "Since when the oldest post waits that is not yet delivered to all followers.",
			func() float64 { _, oldest := s.fanout.waiting(); return oldest.Seconds() }),
		gauge("timeline_home_timelines", "Home timelines that are kept.", func() float64 {
			n := 0
			for i := range s.people.accounts {
				if s.people.accounts[i].home.kept() {
					n++
				}
			}
			return float64(n)
		}))
}
