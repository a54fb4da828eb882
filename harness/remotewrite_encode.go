package harness

import (
	"math"
	"time"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/encoding/protowire"
)

// The messages of remote write are encoded here by hand: their samples and native
// histograms are the same in both versions, and the published encoders bring half a
// server with them, or promise nothing yet.

// encodeV1 is a prometheus.WriteRequest.
func encodeV1(all []series, at time.Time) (b []byte) {
	described := map[string]bool{}
	for i := range all {
		s := &all[i]
		var one []byte
		for _, l := range s.labels {
			one = appendMessage(one, 1, appendLabelV1(nil, l))
		}
		for _, x := range s.exemplars {
			var e []byte
			for _, l := range x.Label {
				e = appendMessage(e, 1, appendLabelV1(nil, label{l.GetName(), l.GetValue()}))
			}
			one = appendMessage(one, 3, appendTimed(appendDouble(e, 2, x.GetValue()), 3, x.GetTimestamp().AsTime()))
		}
		if s.native == nil {
			one = appendMessage(one, 2, appendSample(s.value, at))
		} else {
			one = appendMessage(one, 4, appendNative(s.native, at))
		}
		b = appendMessage(b, 1, one)
		if name := s.family.GetName(); !described[name] {
			described[name] = true
			meta := appendNumber(nil, 1, metricType(s.family))
			meta = appendText(appendText(meta, 2, name), 4, s.family.GetHelp())
			b = appendMessage(b, 3, meta)
		}
	}
	return b
}

func appendLabelV1(b []byte, l label) []byte { return appendText(appendText(b, 1, l.name), 2, l.value) }

// encodeV2 is an io.prometheus.write.v2.Request.
func encodeV2(all []series, at time.Time) []byte {
	var b []byte
	symbols := symbolTable{places: map[string]uint64{"": 0}, all: []string{""}}
	for i := range all {
		s := &all[i]
		one := appendMessage(nil, 1, symbols.refs(s.labels))
		if s.native == nil {
			one = appendMessage(one, 2, appendSample(s.value, at))
		} else {
			one = appendMessage(one, 3, appendNative(s.native, at))
		}
		for _, x := range s.exemplars {
			var labels []label
			for _, l := range x.Label {
				labels = append(labels, label{l.GetName(), l.GetValue()})
			}
			e := appendDouble(appendMessage(nil, 1, symbols.refs(labels)), 2, x.GetValue())
			one = appendMessage(one, 4, appendTimed(e, 3, x.GetTimestamp().AsTime()))
		}
		meta := appendNumber(nil, 1, metricType(s.family))
		one = appendMessage(one, 5, appendNumber(meta, 3, symbols.place(s.family.GetHelp())))
		if s.native != nil && s.native.CreatedTimestamp != nil {
			one = appendTimed(one, 6, s.native.GetCreatedTimestamp().AsTime())
		}
		b = appendMessage(b, 5, one)
	}
	var head []byte
	for _, text := range symbols.all {
		head = protowire.AppendString(protowire.AppendTag(head, 4, protowire.BytesType), text)
	}
	return append(head, b...)
}

// A symbolTable holds each text of a request once.
type symbolTable struct {
	places map[string]uint64
	all    []string
}

func (t *symbolTable) place(text string) uint64 {
	n, known := t.places[text]
	if !known {
		n = uint64(len(t.all))
		t.places[text] = n
		t.all = append(t.all, text)
	}
	return n
}

func (t *symbolTable) refs(labels []label) (b []byte) {
	for _, l := range labels {
		b = protowire.AppendVarint(b, t.place(l.name))
		b = protowire.AppendVarint(b, t.place(l.value))
	}
	return b
}

// metricType is the type's number, the same in both versions.
func metricType(f *dto.MetricFamily) uint64 {
	switch f.GetType() {
	case dto.MetricType_COUNTER:
		return 1
	case dto.MetricType_HISTOGRAM:
		return 3
	}
	return 2 // a gauge
}

func appendSample(value float64, at time.Time) []byte {
	return appendTimed(appendDouble(nil, 1, value), 2, at)
}

// appendNative is a Histogram of whole counts.
func appendNative(h *dto.Histogram, at time.Time) []byte {
	b := protowire.AppendTag(nil, 1, protowire.VarintType) // also a count of zero, or it is none
	b = protowire.AppendVarint(b, h.GetSampleCount())
	b = appendDouble(b, 3, h.GetSampleSum())
	b = appendNumber(b, 4, protowire.EncodeZigZag(int64(h.GetSchema())))
	b = appendDouble(b, 5, h.GetZeroThreshold())
	b = protowire.AppendTag(b, 6, protowire.VarintType)
	b = protowire.AppendVarint(b, h.GetZeroCount())
	for _, s := range h.PositiveSpan {
		span := appendNumber(nil, 1, protowire.EncodeZigZag(int64(s.GetOffset())))
		b = appendMessage(b, 11, appendNumber(span, 2, uint64(s.GetLength())))
	}
	var deltas []byte
	for _, d := range h.PositiveDelta {
		deltas = protowire.AppendVarint(deltas, protowire.EncodeZigZag(d))
	}
	if len(deltas) > 0 {
		b = appendMessage(b, 12, deltas)
	}
	return appendTimed(b, 15, at)
}

func appendMessage(b []byte, field protowire.Number, m []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), m)
}

func appendText(b []byte, field protowire.Number, text string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, field, protowire.BytesType), text)
}

func appendNumber(b []byte, field protowire.Number, n uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), n)
}

func appendDouble(b []byte, field protowire.Number, v float64) []byte {
	return protowire.AppendFixed64(protowire.AppendTag(b, field, protowire.Fixed64Type), math.Float64bits(v))
}

// appendTimed appends a time as Prometheus has it, in milliseconds.
func appendTimed(b []byte, field protowire.Number, at time.Time) []byte {
	return appendNumber(b, field, uint64(at.UnixMilli()))
}
