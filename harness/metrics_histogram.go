package harness

import (
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"

	"gameday/runs"
)

// A histogram is a run's histogram as Prometheus wants it: native, with every
// bucket, and classic, at powers of two, whose counts are exact because they are
// bounds of native buckets too.
type histogram struct {
	desc *prometheus.Desc
	made *dto.Metric
}

var _ prometheus.Metric = histogram{}

func (h histogram) Desc() *prometheus.Desc { return h.desc }

func (h histogram) Write(m *dto.Metric) error {
	m.Histogram, m.Label = h.made.Histogram, h.made.Label
	return nil
}

// classicFrom and classicTo are the exponents of the classic bounds: from 2^-13 s,
// 122 µs, to 2^6 s, 64 s.
const classicFrom, classicTo = -13, 6

// perOctave is how many native buckets there are between powers of two.
const perOctave = 32

func (m *Metrics) histogram(desc *prometheus.Desc, h *runs.Histogram, labels ...string) prometheus.Metric {
	native := map[int]int64{}
	classic := make([]uint64, classicTo-classicFrom+1)
	for i, n := range h.Buckets() {
		native[i] = int64(n)
		// Native bucket i ends at 2^(i/32), so it lies below 2^e if i <= 32·e.
		for e := classicTo; e >= classicFrom && i <= perOctave*e; e-- {
			classic[e-classicFrom] += n
		}
	}
	made := &dto.Metric{}
	err := prometheus.MustNewConstNativeHistogram(desc, h.Count(), h.Sum().Seconds(), native, nil, h.Zeros(), 5, 0, m.run.Began, labels...).Write(made)
	if err != nil {
		panic("writing a histogram into memory: " + err.Error())
	}
	for i, n := range classic {
		made.Histogram.Bucket = append(made.Histogram.Bucket, &dto.Bucket{
			UpperBound: proto.Float64(math.Ldexp(1, classicFrom+i)), CumulativeCount: proto.Uint64(n + h.Zeros()),
		})
	}
	return histogram{desc, made}
}

// classicBucket is the number of the first classic bucket that counts d; the last
// one, beyond every bound, for what none of those counts.
func classicBucket(d time.Duration) int {
	fraction, exponent := math.Frexp(d.Seconds())
	if fraction == 0.5 { // a power of two, which is a bound itself
		exponent--
	}
	if d <= 0 {
		return 0
	}
	return min(max(exponent, classicFrom), classicTo+1) - classicFrom
}

// exemplars are the newest of a histogram, by classic bucket.
type exemplars [classicTo - classicFrom + 2]Exemplar

// on puts exemplars on a histogram; nil puts none.
func (e *exemplars) on(m prometheus.Metric) prometheus.Metric {
	if e == nil {
		return m
	}
	var all []prometheus.Exemplar
	for _, x := range e {
		if x.Trace != "" {
			all = append(all, prometheus.Exemplar{
				Value: x.Response.Seconds(), Labels: prometheus.Labels{"trace_id": x.Trace}, Timestamp: x.At,
			})
		}
	}
	return prometheus.MustNewMetricWithExemplars(m, all...)
}
