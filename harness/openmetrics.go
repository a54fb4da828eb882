package harness

import (
	"fmt"
	"io"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
	"google.golang.org/protobuf/proto"

	"gameday/runs"
)

// WriteMetrics writes what the metrics of a run came to in OpenMetrics' text, with
// the names that [Metrics] has while it plays, each sample at the time at which the
// run ended. Text has classic histograms only. Errors are those of to, and of a run
// that names two things alike.
func WriteMetrics(to io.Writer, r *runs.Run) error {
	m, ended := NewMetrics(), *r
	ended.Ended = endOf(r)
	if r.Scenario != nil {
		m.Begin(r)
		m.Observe(Moment{
			Rates: make([]float64, len(r.Scenario.Crowds)),
			Entry: &runs.Entry{Tallies: r.Tallies, Lags: r.Generator.Lags, Marks: r.Marks, Witness: &r.Witness},
		})
		m.End(&ended)
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(m)
	families, err := registry.Gather()
	if err != nil {
		return fmt.Errorf("collecting the metrics of the run: %w", err)
	}
	out := expfmt.NewEncoder(to, expfmt.NewFormat(expfmt.TypeOpenMetrics))
	for _, f := range families {
		for _, metric := range f.Metric {
			metric.TimestampMs = proto.Int64(ended.Ended.UnixMilli())
		}
		if err := out.Encode(f); err != nil {
			return fmt.Errorf("writing the metrics: %w", err)
		}
	}
	if err := out.(expfmt.Closer).Close(); err != nil {
		return fmt.Errorf("writing the metrics: %w", err)
	}
	return nil
}

// endOf is when a run ended, or the end of the last second in the record of one
// that was killed.
func endOf(r *runs.Run) time.Time {
	last := 0
	for i := range r.Tallies {
		last = max(last, r.Tallies[i].Second+1)
	}
	if r.Ended.IsZero() {
		return r.Began.Add(time.Duration(last) * time.Second)
	}
	return r.Ended
}
