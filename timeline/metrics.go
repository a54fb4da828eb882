package timeline

import (
	"fmt"
	"hash/fnv"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are the service's own, in a registry of their own.
type metrics struct {
	registry   *prometheus.Registry
	page       http.Handler
	requests   *prometheus.CounterVec
	homes      *prometheus.CounterVec
	seconds    []prometheus.Observer // the last for unmatched
	deliveries prometheus.Counter
	freshness  prometheus.Histogram
	dataMetrics
	edgeMetrics
}

// histogram has the native buckets, each a tenth wider than the last, and the
// classic ones from 100 µs to 100 s.
func histogram(name, help string) prometheus.HistogramOpts {
	return prometheus.HistogramOpts{
		Name: name, Help: help,
		NativeHistogramBucketFactor: 1.1,
		Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05,
			.1, .25, .5, 1, 2.5, 5, 10, 25, 50, 100},
	}
}

func newMetrics(s *Service) (*metrics, error) {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		homes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "timeline_home_reads_total", Help: "Home timelines read, by where they came from.",
		}, []string{"source"}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "timeline_requests_total", Help: "Requests answered.",
		}, []string{"endpoint", "code"}),
		deliveries: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "timeline_deliveries_total", Help: "Entries written into followers' home timelines.",
		}),
		freshness: prometheus.NewHistogram(histogram("timeline_freshness_seconds",
			"From a post's acknowledgement until it is in its last follower's home timeline.")),
	}
	seconds := prometheus.NewHistogramVec(histogram("timeline_request_seconds",
		"From a request's arrival until its answer is written."), []string{"endpoint"})
	m.seconds = make([]prometheus.Observer, len(routes)+1)
	for i := range m.seconds {
		m.seconds[i] = seconds.WithLabelValues(endpoint(i))
	}
	if err := m.register(m.requests, m.homes, seconds, m.deliveries, m.freshness,
		gauge("timeline_fanout_queue", "Posts not yet delivered to all followers.",
			func() float64 { n, _ := s.fanout.waiting(); return float64(n) }),
		gauge("timeline_statuses", "Statuses kept.",
			func() float64 { return float64(s.statuses()) }),
		gauge("timeline_accounts", "Accounts.",
			func() float64 { return float64(len(s.people.accounts)) }),
		gauge("timeline_config_hash", "A hash of the options and the knobs.", s.configHash),
	); err != nil {
		return nil, err
	}
	if err := m.registerData(s); err != nil {
		return nil, err
	}
	if err := m.registerEdge(s); err != nil {
		return nil, err
	}
	m.page = promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
	return m, nil
}

// register adds collectors to those that are read at /metrics.
func (m *metrics) register(all ...prometheus.Collector) error {
	for _, c := range all {
		if err := m.registry.Register(c); err != nil {
			return err
		}
	}
	return nil
}

func gauge(name, help string, value func() float64) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value)
}

// endpoint is the label of a route, never the path that was asked for.
func endpoint(route int) string {
	if route < 0 || route >= len(routes) {
		return unmatched
	}
	return routes[route].pattern
}

// count counts one answer of a route, -1 for none.
func (m *metrics) count(route int, c *call) {
	m.requests.WithLabelValues(endpoint(route), strconv.Itoa(c.code)).Inc()
	if c.source != "" {
		m.homes.WithLabelValues(c.source).Inc()
	}
}

// took records how long an answer of a route took, -1 for none.
func (m *metrics) took(route int, took time.Duration) {
	if route < 0 {
		route = len(routes)
	}
	m.seconds[route].Observe(took.Seconds())
}

// configHash tells one service from another by its options and its knobs as they
// are now. It has 53 bits, so that a float64 holds it exactly.
func (s *Service) configHash() float64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%d %x %d %q %d", s.opts.Accounts, math.Float64bits(s.opts.Followers), s.opts.Seed, s.opts.Version, s.knobs.Load().Hash())
	return float64(h.Sum64() & (1<<53 - 1))
}
