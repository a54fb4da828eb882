package timeline

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// edgeMetrics are those of what stands between the network and the timelines.
type edgeMetrics struct {
	sheds         *prometheus.CounterVec
	denials       *prometheus.CounterVec
	waits         prometheus.Histogram
	joined        prometheus.Counter
	storeRetries  prometheus.Counter
	streamsOpened prometheus.Counter
	streamsLost   prometheus.Counter
	streamEvents  prometheus.Counter
	turns         prometheus.Counter
}

func plainCounter(name, help string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
}

// registerEdge makes and registers the edge's metrics.
func (m *metrics) registerEdge(s *Service) error {
	m.edgeMetrics = edgeMetrics{
		sheds: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "timeline_sheds_total", Help: "Requests, streams and connections refused because there were too many, or because nobody may write.",
		}, []string{"reason"}),
		denials: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "timeline_limiter_denials_total", Help: "Requests refused by the limiter, by the quota they were over, or because it lost its data.",
		}, []string{"by"}),
		waits:         prometheus.NewHistogram(histogram("timeline_wait_seconds", "How long requests waited for their turn; those that did not wait are not counted.")),
		joined:        plainCounter("timeline_shared_answers_total", "Requests that got another's answer."),
		storeRetries:  plainCounter("timeline_store_retries_total", "Calls to the store made again."),
		streamsOpened: plainCounter("timeline_streams_opened_total", "Streams opened."),
		streamsLost:   plainCounter("timeline_streams_dropped_total", "Streams ended because their reader did not keep up."),
		streamEvents:  plainCounter("timeline_stream_events_total", "Events sent on streams."),
		turns:         plainCounter("timeline_knob_changes_total", "Times that knobs were changed."),
	}
	inside := func(pick func(busy, waiting, limit int) int) func() float64 {
		return func() float64 { return float64(pick(s.gate.crowd())) }
	}
	return m.register(m.sheds, m.denials, m.waits, m.joined, m.storeRetries, m.streamsOpened, m.streamsLost, m.streamEvents, m.turns, &identity{s},
		gauge("timeline_streams", "Open streams.", func() float64 { return float64(s.hub.open.Load()) }),
		gauge("timeline_connections", "Open connections.", func() float64 { return float64(s.connections.Load()) }),
		gauge("timeline_in_flight", "Requests inside the concurrency limit; none are counted while it is off.", inside(func(busy, _, _ int) int { return busy })),
		gauge("timeline_waiting", "Requests waiting for their turn.", inside(func(_, waiting, _ int) int { return waiting })),
		gauge("timeline_concurrency_limit", "The concurrency limit; 0 while it is off.", inside(func(_, _, limit int) int { return limit })),
		gauge("timeline_store_breaker_open", "1 while the store is not called because it failed, 0.5 while it is tried again.", s.guard.breaker.openness),
	)
}

func (m *metrics) shed(reason string) { m.sheds.WithLabelValues(reason).Inc() }

func (m *metrics) denied(by string) { m.denials.WithLabelValues(by).Inc() }

func (m *metrics) waited(d time.Duration) { m.waits.Observe(d.Seconds()) }

// identity collects what is running, which knobs change.
type identity struct{ s *Service }

var (
	buildDesc = prometheus.NewDesc("timeline_build_info", "1, labelled with the build.", []string{"version"}, nil)
	flagDesc  = prometheus.NewDesc("timeline_flag_info", "1, labelled with a flag that is on.", []string{"flag"}, nil)
)

// Describe implements [prometheus.Collector].
func (i *identity) Describe(to chan<- *prometheus.Desc) {
	to <- buildDesc
	to <- flagDesc
}

// Collect implements [prometheus.Collector].
func (i *identity) Collect(to chan<- prometheus.Metric) {
	k := i.s.knobs.Load()
	to <- prometheus.MustNewConstMetric(buildDesc, prometheus.GaugeValue, 1, i.s.build(k))
	for _, flag := range k.Flags {
		to <- prometheus.MustNewConstMetric(flagDesc, prometheus.GaugeValue, 1, flag)
	}
}
