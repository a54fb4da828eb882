package freeze

import (
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// An Exporter tells Prometheus whether changes are frozen and whether that is
// honoured. Register it as a collector, and give it every verification. It is safe
// for concurrent use.
type Exporter struct {
	calendar Calendar // without mistakes

	mu    sync.Mutex
	last  Verification
	known time.Time // when nothing was unknown
}

// NewExporter returns an exporter of the windows of a calendar without mistakes.
func NewExporter(c Calendar) *Exporter { return &Exporter{calendar: c} }

var (
	activeDesc   = prometheus.NewDesc("gameday_freeze_active", "1 while the window is in force, 0 otherwise.", []string{"window"}, nil)
	driftDesc    = prometheus.NewDesc("gameday_freeze_drift", "1 if the target runs something else than what was captured and no override allows that, 0 if not, no series if it is not known.", []string{"target", "kind"}, nil)
	nextDesc     = prometheus.NewDesc("gameday_freeze_next_transition_timestamp_seconds", "When changes are frozen next, or free again; no series if never.", nil, nil)
	verifiedDesc = prometheus.NewDesc("gameday_freeze_last_verified_timestamp_seconds", "When it was last known of every target whether the freeze is honoured.", nil, nil)
)

// Handler answers a scrape, in the text format or OpenMetrics.
func (e *Exporter) Handler() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(e)
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true})
}

// Observe takes a verification.
func (e *Exporter) Observe(v Verification) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.last = v
	if v.Complete() {
		e.known = v.At
	}
}

// Describe sends every description there is.
func (e *Exporter) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{activeDesc, driftDesc, nextDesc, verifiedDesc} {
		to <- d
	}
}

// Collect sends what is known now.
func (e *Exporter) Collect(to chan<- prometheus.Metric) {
	e.mu.Lock()
	defer e.mu.Unlock()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	now := time.Now()
	for _, w := range e.calendar {
		a, err := Calendar{w}.Check(now, 0)
		if err != nil {
			to <- prometheus.NewInvalidMetric(activeDesc, err)
			continue
		}
		active := 0.0
		if a.Frozen {
			active = 1
		}
		gauge(activeDesc, active, w.Name)
	}
	if t, _, ok := e.calendar.Next(now); ok {
		gauge(nextDesc, seconds(t))
	}
	for _, f := range e.last.Findings {
		switch f.State {
		case Violated:
			gauge(driftDesc, 1, f.Target, f.Kind)
		case Honoured, Exempted:
			gauge(driftDesc, 0, f.Target, f.Kind)
		}
	}
	if !e.known.IsZero() {
		gauge(verifiedDesc, seconds(e.known))
	}
}

// seconds is an instant as Prometheus writes it.
func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
