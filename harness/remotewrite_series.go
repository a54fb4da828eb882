package harness

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
)

// A series is one that remote write knows: a native histogram, or a value.
type series struct {
	labels    []label // by name; the metric's among them
	value     float64
	native    *dto.Histogram // nil: it is a value
	exemplars []*dto.Exemplar
	family    *dto.MetricFamily
}

// A label of a series.
type label struct{ name, value string }

// staleMarker is the value that ends a series: a NaN of Prometheus's own.
var staleMarker = math.Float64frombits(0x7ff0000000000002)

// key tells a series from all others.
func (s *series) key() string {
	var b strings.Builder
	for _, l := range s.labels {
		b.WriteString(l.name + "\x00" + l.value + "\x00")
	}
	return b.String()
}

// flatten turns metrics into series, histograms both into native ones and into
// classic ones. Exemplars are those that are newer than what was traced before.
func flatten(s *snapshot, instance string, traced map[string]time.Time) []series {
	var all []series
	for _, f := range s.families {
		for _, m := range f.Metric {
			own := []label{{"instance", instance}, {"job", pushJob}}
			for _, l := range m.Label {
				own = append(own, label{l.GetName(), l.GetValue()})
			}
			switch f.GetType() {
			case dto.MetricType_HISTOGRAM:
				all = append(all, histogramSeries(f, m.Histogram, own)...)
			case dto.MetricType_COUNTER:
				all = append(all, newSeries(f, "", m.Counter.GetValue(), own))
			default:
				all = append(all, newSeries(f, "", m.Gauge.GetValue(), own))
			}
		}
	}
	for i := range all {
		one := &all[i]
		if s.stale {
			one.value, one.exemplars = staleMarker, nil
			if one.native != nil {
				one.native = &dto.Histogram{SampleSum: &staleMarker}
			}
		}
		last := traced[one.key()]
		one.exemplars = slices.DeleteFunc(slices.Clone(one.exemplars), func(x *dto.Exemplar) bool { return !x.GetTimestamp().AsTime().After(last) })
		slices.SortFunc(one.exemplars, func(a, b *dto.Exemplar) int {
			return a.GetTimestamp().AsTime().Compare(b.GetTimestamp().AsTime())
		})
	}
	return all
}

// newSeries is the series of a family with a suffix to its name.
func newSeries(f *dto.MetricFamily, suffix string, value float64, own []label) series {
	labels := append([]label{{"__name__", f.GetName() + suffix}}, own...)
	slices.SortFunc(labels, func(a, b label) int { return cmp.Compare(a.name, b.name) })
	return series{labels: labels, value: value, family: f}
}

// histogramSeries are the series of a histogram.
func histogramSeries(f *dto.MetricFamily, h *dto.Histogram, own []label) []series {
	native := newSeries(f, "", 0, own)
	native.native, native.exemplars = h, h.Exemplars
	count := float64(h.GetSampleCount())
	all := []series{native, newSeries(f, "_count", count, own), newSeries(f, "_sum", h.GetSampleSum(), own)}
	bucket := func(bound string, n float64, x *dto.Exemplar) {
		one := newSeries(f, "_bucket", n, append(slices.Clip(own), label{"le", bound}))
		if x != nil {
			one.exemplars = []*dto.Exemplar{x}
		}
		all = append(all, one)
	}
	var beyond *dto.Exemplar
	for _, b := range h.Bucket {
		if math.IsInf(b.GetUpperBound(), 1) {
			beyond = b.Exemplar
			continue
		}
		bucket(strconv.FormatFloat(b.GetUpperBound(), 'g', -1, 64), float64(b.GetCumulativeCount()), b.Exemplar)
	}
	bucket("+Inf", count, beyond)
	return all
}

// withoutNative are the series without native histograms.
func withoutNative(all []series) []series {
	return slices.DeleteFunc(slices.Clone(all), func(s series) bool { return s.native != nil })
}

// newestTraces adds to when the newest exemplar of each series was sent.
func newestTraces(all []series, before map[string]time.Time) map[string]time.Time {
	newest := maps.Clone(before)
	if newest == nil {
		newest = map[string]time.Time{}
	}
	for i := range all {
		if n := len(all[i].exemplars); n > 0 {
			newest[all[i].key()] = all[i].exemplars[n-1].GetTimestamp().AsTime()
		}
	}
	return newest
}
