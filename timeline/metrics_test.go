package timeline

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// scrape reads /metrics, by family.
func (s *Service) scrape(t testing.TB) map[string]*dto.MetricFamily {
	t.Helper()
	w := s.do(s.request(0, "GET", "/metrics", nil))
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(w.Body)
	if err != nil || w.Code != 200 {
		t.Fatalf("/metrics answered %d: %v", w.Code, err)
	}
	return families
}

// value is a metric's value, or a histogram's count; -1 when it is not there.
// Labels alternate names and values.
func value(families map[string]*dto.MetricFamily, name string, labels ...string) float64 {
	wanted := make(map[string]string)
	for i := 0; i < len(labels); i += 2 {
		wanted[labels[i]] = labels[i+1]
	}
	for _, m := range families[name].GetMetric() {
		has := make(map[string]string)
		for _, l := range m.GetLabel() {
			has[l.GetName()] = l.GetValue()
		}
		switch {
		case !maps.Equal(has, wanted):
		case m.Histogram != nil:
			return float64(m.Histogram.GetSampleCount())
		case m.Counter != nil:
			return m.Counter.GetValue()
		default:
			return m.Gauge.GetValue()
		}
	}
	return -1
}

// TestMetricsAfterKnownTraffic makes known requests and reads every metric.
func TestMetricsAfterKnownTraffic(t *testing.T) {
	s := start(t, Options{Accounts: 100, Version: "2.0"})
	held := value(s.scrape(t), "timeline_statuses")
	for range 3 {
		s.read(t, 1, "/api/v1/timelines/home")
	}
	for _, path := range []string{"/api/v1/timelines/home", "/nonsense/a", "/nonsense/b", "/api/v1/accounts/1000"} {
		s.do(s.request(0, "GET", path, nil))
	}
	s.do(s.request(0, "DELETE", "/api/v1/accounts/5", nil))
	id := s.say(t, 1, "goal").ID
	s.act(t, 2, "/api/v1/statuses/"+id+"/reblog")
	s.settle()
	got := s.scrape(t)
	reached := float64(s.people.get(1).followers.Load() + s.people.get(2).followers.Load())
	for _, c := range []struct {
		name   string
		labels []string
		want   float64
	}{
		{"timeline_requests_total", []string{"endpoint", "/api/v1/timelines/home", "code", "200"}, 3},
		{"timeline_requests_total", []string{"endpoint", "/api/v1/timelines/home", "code", "401"}, 1},
		{"timeline_requests_total", []string{"endpoint", "unmatched", "code", "404"}, 2},
		{"timeline_requests_total", []string{"endpoint", "/api/v1/accounts/:id", "code", "404"}, 1},
		{"timeline_requests_total", []string{"endpoint", "/api/v1/accounts/:id", "code", "405"}, 1},
		{"timeline_requests_total", []string{"endpoint", "/api/v1/statuses", "code", "200"}, 1},
		{"timeline_requests_total", []string{"endpoint", "/api/v1/statuses/:id/reblog", "code", "200"}, 1},
		{"timeline_request_seconds", []string{"endpoint", "/api/v1/timelines/home"}, 4},
		{"timeline_request_seconds", []string{"endpoint", "unmatched"}, 2},
		{"timeline_deliveries_total", nil, reached},
		{"timeline_freshness_seconds", nil, 2},
		{"timeline_fanout_queue", nil, 0},
		{"timeline_statuses", nil, held + 2},
		{"timeline_accounts", nil, 100},
		{"timeline_build_info", []string{"version", "2.0"}, 1},
		{"timeline_config_hash", nil, s.configHash()},
	} {
		if v := value(got, c.name, c.labels...); v != c.want {
			t.Errorf("%s%v is %v, want %v", c.name, c.labels, v, c.want)
		}
	}
}

// TestQueueIsSeen reads the length of the queue while delivery is stopped.
func TestQueueIsSeen(t *testing.T) {
	s := start(t, Options{Accounts: 2})
	open := s.hold()
	defer open()
	for i := range 5 {
		s.say(t, 1, fmt.Sprint(i))
	}
	queued := value(s.scrape(t), "timeline_fanout_queue")
	open()
	if queued != 5 {
		t.Errorf("the queue is %v long, want 5", queued)
	}
}

// TestNativeHistograms checks that a scraper that asks for protobuf gets native
// buckets beside the classic ones.
func TestNativeHistograms(t *testing.T) {
	s := start(t, Options{Accounts: 2})
	s.read(t, 1, "/api/v1/timelines/home")
	r := s.request(0, "GET", "/metrics", nil)
	r.Header.Set("Accept", "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited")
	w := s.do(r)
	decode := expfmt.NewDecoder(w.Body, expfmt.ResponseFormat(w.Header()))
	for {
		var family dto.MetricFamily
		if err := decode.Decode(&family); err != nil {
			t.Fatalf("no timeline_request_seconds with both kinds of buckets: %v", err)
		}
		if family.GetName() != "timeline_request_seconds" {
			continue
		}
		for _, m := range family.GetMetric() {
			if m.GetLabel()[0].GetValue() != "/api/v1/timelines/home" {
				continue
			}
			if h := m.GetHistogram(); h.GetSchema() != 3 || len(h.GetPositiveSpan()) == 0 || len(h.GetBucket()) == 0 {
				t.Errorf("the histogram is %v", h)
			}
			return
		}
	}
}

// TestConfigHash checks that the hash is the same for the same options, differs
// when any of them does, and is a whole number a float64 holds.
func TestConfigHash(t *testing.T) {
	hash := func(change func(*Options)) float64 {
		o := Options{Accounts: 10, Version: "1"}
		change(&o)
		return value(start(t, o).scrape(t), "timeline_config_hash")
	}
	knobs := DefaultKnobs()
	written := hash(func(o *Options) { o.Followers, o.Cap, o.Knobs = 0.784, 800, &knobs })
	seen := map[float64]string{}
	for name, change := range map[string]func(*Options){
		"nothing": func(*Options) {}, "accounts": func(o *Options) { o.Accounts++ }, "followers": func(o *Options) { o.Followers = 0.785 },
		"seed": func(o *Options) { o.Seed++ }, "cap": func(o *Options) { o.Cap = 801 }, "version": func(o *Options) { o.Version += "x" },
	} {
		h := hash(change)
		if h != float64(uint64(h)) || h >= 1<<53 {
			t.Errorf("changing %s: the hash %v does not fit", name, h)
		}
		if other, twice := seen[h]; twice {
			t.Errorf("changing %s hashes as changing %s", name, other)
		}
		seen[h] = name
	}
	if seen[written] != "nothing" {
		t.Error("options and their defaults written out hash differently")
	}
}

// TestLabelsAreBounded asks for many paths and finds no more series.
func TestLabelsAreBounded(t *testing.T) {
	s := start(t, Options{Accounts: 2})
	for i := range 500 {
		s.do(s.request(0, "GET", fmt.Sprintf("/api/v1/accounts/%d", i), nil))
		s.do(s.request(0, "GET", fmt.Sprintf("/%d", i), nil))
	}
	for _, m := range s.scrape(t)["timeline_requests_total"].GetMetric() {
		for _, l := range m.GetLabel() {
			if l.GetName() == "endpoint" && strings.ContainsAny(l.GetValue(), "0345678") {
				t.Errorf("a path became the endpoint %q", l.GetValue())
			}
		}
	}
	if n := len(s.scrape(t)["timeline_request_seconds"].GetMetric()); n != len(routes)+1 {
		t.Errorf("there are %d endpoints, want %d", n, len(routes)+1)
	}
}
