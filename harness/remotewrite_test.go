package harness

import (
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/exp/api/remote"
	writev2 "github.com/prometheus/client_golang/exp/api/remote/genproto/v2"
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"

	"gameday/runs"
)

// kept is what a receiver of remote write 2.0 has, as its authors read it.
type kept struct {
	t       *testing.T
	version []remote.WriteMessageType
	got     []*writev2.Request
	status  int    // of the answers; 0: success
	token   string // that came
}

// Store takes a request.
func (k *kept) Store(r *http.Request, kind remote.WriteMessageType) (*remote.WriteResponse, error) {
	k.version, k.token = append(k.version, kind), r.Header.Get("Authorization")
	a := remote.NewWriteResponse()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		k.t.Error(err)
	}
	if kind == remote.WriteV1MessageType {
		return a, nil
	}
	var w writev2.Request
	if err := proto.Unmarshal(body, &w); err != nil {
		k.t.Error(err)
	}
	for _, s := range w.Timeseries {
		a.Samples += len(s.Samples)
		a.Histograms += len(s.Histograms)
		a.Exemplars += len(s.Exemplars)
	}
	k.got = append(k.got, &w)
	if k.status != 0 {
		a.SetStatusCode(k.status)
		return a, errors.New("no room")
	}
	return a, nil
}

// figures are metrics of a play with answers, failures and a trace.
func figures(t *testing.T) *Metrics {
	t.Helper()
	m := NewMetrics()
	run := &runs.Run{ID: "x", Scenario: night(t, steady), Began: time.Unix(1_800_000_000, 0), Phases: []runs.Phase{{Name: "calm"}, {Name: "rush"}}}
	m.Begin(run)
	tally := runs.Tally{Crowd: "bots", Action: "search", Offered: 9, Failed: map[string]uint64{"5xx": 2}, Attempts: 9}
	for i := range 7 {
		tally.Response.Record(time.Duration(i*i) * 13 * time.Millisecond)
	}
	m.Observe(Moment{Rates: []float64{1, 2}, Entry: &runs.Entry{Tallies: []runs.Tally{tally}}, Exemplars: []Exemplar{
		{Crowd: "bots", Action: "search", Response: 13 * time.Millisecond, Trace: "4bf92f3577b34da6a3ce929d0e0e4736", At: time.Unix(1_800_000_001, 0)},
	}})
	return m
}

// TestRemoteWrite2 lets the protocol's own library read what is sent: every series
// with its labels, value or histogram, start, help and exemplars.
func TestRemoteWrite2(t *testing.T) {
	k := &kept{t: t}
	server := httptest.NewServer(remote.NewWriteHandler(k, remote.MessageTypes{remote.WriteV2MessageType}))
	defer server.Close()
	m := figures(t)
	p := &Pusher{Metrics: m, To: server.URL, Token: "secret", Version: "1", Host: "here"}
	p.Begin()
	if note := p.End(); note != "" {
		t.Fatal(note)
	}
	if len(k.got) < 3 || k.token != "Bearer secret" || p.work.to.(*remoteWrite).version != 2 {
		t.Fatalf("%d requests with %q", len(k.got), k.token)
	}
	want := map[string]*dto.Metric{}
	for name, metric := range gathered(t, m) {
		family, _, _ := strings.Cut(name, " ")
		want[family+told(metric.Label)] = metric
	}
	first, last := k.got[0], k.got[len(k.got)-1]
	compared := 0
	for _, s := range first.Timeseries {
		text := writev2.DesymbolizeLabels(s.LabelsRefs, first.Symbols, nil)
		if !slices.IsSortedFunc(slices.Collect(slices.Chunk(text, 2)), func(a, b []string) int { return strings.Compare(a[0], b[0]) }) {
			t.Errorf("labels are not in order: %v", text)
		}
		var name string
		var own []*dto.LabelPair
		for pair := range slices.Chunk(text, 2) {
			switch pair[0] {
			case "__name__":
				name = pair[1]
			case "instance", "job":
			default:
				own = append(own, &dto.LabelPair{Name: &pair[0], Value: &pair[1]})
			}
		}
		metric := want[name+told(own)]
		if metric == nil {
			continue // of a classic histogram
		}
		compared++
		sameSeries(t, name, first, s, metric)
	}
	if compared != len(want) {
		t.Errorf("%d of %d metrics were sent", compared, len(want))
	}
	for _, s := range last.Timeseries {
		for _, v := range s.Samples {
			if math.Float64bits(v.Value) != 0x7ff0000000000002 {
				t.Errorf("the last is %v", s)
			}
		}
		for _, h := range s.Histograms {
			if math.Float64bits(h.Sum) != 0x7ff0000000000002 {
				t.Errorf("the last is %v", s)
			}
		}
	}
	if !slices.Contains(symbolsOf(k.got), "Tries, at least one for each request that was sent.") {
		t.Error("there is no help")
	}
}

func symbolsOf(all []*writev2.Request) (symbols []string) {
	for _, w := range all {
		symbols = append(symbols, w.Symbols...)
	}
	return symbols
}

// told are labels in a line.
func told(labels []*dto.LabelPair) string {
	var s strings.Builder
	for _, l := range labels {
		s.WriteString(" " + l.GetName() + "=" + l.GetValue())
	}
	return s.String()
}

// sameSeries compares a series that was sent with its metric.
func sameSeries(t *testing.T, name string, w *writev2.Request, s *writev2.TimeSeries, metric *dto.Metric) {
	t.Helper()
	want := metric.GetHistogram()
	if want == nil {
		if v := metric.GetCounter().GetValue() + metric.GetGauge().GetValue(); len(s.Samples) != 1 || s.Samples[0].Value != v {
			t.Errorf("%s: %v, want %v", name, s, v)
		}
		return
	}
	if len(s.Histograms) != 1 {
		t.Fatalf("%s: %v, want a histogram", name, s)
	}
	h := s.Histograms[0]
	spans := func(n int, at func(int) (int32, uint32)) (all [][2]int) {
		for i := range n {
			offset, length := at(i)
			all = append(all, [2]int{int(offset), int(length)})
		}
		return all
	}
	got := []any{h.GetCountInt(), h.Sum, h.Schema, h.ZeroThreshold, h.GetZeroCountInt(), append([]int64{}, h.PositiveDeltas...),
		spans(len(h.PositiveSpans), func(i int) (int32, uint32) { return h.PositiveSpans[i].Offset, h.PositiveSpans[i].Length }), s.CreatedTimestamp}
	wanted := []any{want.GetSampleCount(), want.GetSampleSum(), want.GetSchema(), want.GetZeroThreshold(), want.GetZeroCount(), append([]int64{}, want.PositiveDelta...),
		spans(len(want.PositiveSpan), func(i int) (int32, uint32) {
			return want.PositiveSpan[i].GetOffset(), want.PositiveSpan[i].GetLength()
		}), int64(1_800_000_000_000)}
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
	if len(s.Exemplars) != len(want.Exemplars) {
		t.Errorf("%s: exemplars %v, want %v", name, s.Exemplars, want.Exemplars)
	}
	for i, x := range s.Exemplars {
		labels := writev2.DesymbolizeLabels(x.LabelsRefs, w.Symbols, nil)
		if x.Value != want.Exemplars[i].GetValue() || !slices.Equal(labels, []string{"trace_id", want.Exemplars[i].Label[0].GetValue()}) || x.Timestamp != 1_800_000_001_000 {
			t.Errorf("%s: exemplar %v %v", name, x, labels)
		}
	}
}

// TestRemoteWriteFallsBack to 1.0 where 2.0 is refused, once; and tries nothing else
// where something else is the matter.
func TestRemoteWriteFallsBack(t *testing.T) {
	for _, c := range []struct {
		accepts remote.WriteMessageType
		status  int
		version int
		note    string
	}{
		{remote.WriteV1MessageType, 0, 1, ""},
		{remote.WriteV2MessageType, 0, 2, ""},
		{remote.WriteV2MessageType, 400, 2, "metrics were not all pushed: 3 intervals were lost: pushing by remote write was answered 400: no room"},
	} {
		k := &kept{t: t, status: c.status}
		server := httptest.NewServer(remote.NewWriteHandler(k, remote.MessageTypes{c.accepts}))
		p := &Pusher{Metrics: figures(t), To: server.URL}
		p.Begin()
		note := p.End()
		server.Close()
		if note != c.note || p.work.to.(*remoteWrite).version != c.version {
			t.Errorf("%s, %d: version %d, %q; want %d, %q", c.accepts, c.status, p.work.to.(*remoteWrite).version, note, c.version, c.note)
		}
		for _, v := range k.version {
			if v != c.accepts {
				t.Errorf("%s, %d: %s was sent", c.accepts, c.status, v)
			}
		}
	}
}
