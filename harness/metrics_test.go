package harness

import (
	"math"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"

	"gameday/runs"
)

// gathered is what a scrape gives, by name and labels in their order.
func gathered(t *testing.T, m *Metrics) map[string]*dto.Metric {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(m)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	problems, err := testutil.GatherAndLint(registry)
	if err != nil || len(problems) > 0 {
		t.Errorf("lint: %v %v", problems, err)
	}
	all := map[string]*dto.Metric{}
	for _, f := range families {
		for _, metric := range f.Metric {
			key := f.GetName()
			for _, l := range metric.Label {
				key += " " + l.GetValue()
			}
			all[key] = metric
		}
	}
	return all
}

// TestMetrics compares every value that a scrape gives with the run.
func TestMetrics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMetrics()
		if got := gathered(t, m); len(got) != 0 {
			t.Errorf("before any play: %v", got)
		}
		start := time.Now()
		h := &Harness{Ready: m.Begin, Watch: m.Observe, Version: "1"}
		go func() {
			time.Sleep(5500 * time.Millisecond)
			all := gathered(t, m)
			for key, want := range map[string]float64{
				"gameday_phase_active calm night": 1, "gameday_phase_active rush night": 0,
				"gameday_offered_rate buyers": 100, "gameday_offered_rate bots": 20,
			} {
				if got := all[key].GetGauge().GetValue(); got != want {
					t.Errorf("in calm, %s is %v, want %v", key, got, want)
				}
			}
			if _, early := all["gameday_verdict night pass"]; early {
				t.Error("there is a verdict before the end")
			}
		}()
		run := playing(t, h, func(r *http.Request) *http.Response {
			pause(r, time.Duration(20+len(r.URL.Path))*time.Millisecond)
			if r.URL.Path == "/pay" && time.Since(start) > 20*time.Second {
				return answer(503, "text/plain", "")
			}
			return answer(200, "text/plain", "")
		}, night(t, steady))
		m.End(run)
		all := gathered(t, m)
		counters := 0.0
		for _, crowd := range run.Scenario.Crowds {
			for _, a := range crowd.Do {
				sum := run.Sum(func(t *runs.Tally) bool { return t.Crowd == crowd.Name && t.Action == a.Name })
				labels := a.Name + " " + crowd.Name
				if got := all["gameday_requests_total "+labels+" success night"].GetCounter().GetValue(); got != float64(sum.Offered-sum.Failures()) {
					t.Errorf("%s: %v successes, want %d", labels, got, sum.Offered-sum.Failures())
				}
				if got := all["gameday_good_total "+labels+" night"].GetCounter().GetValue(); got != float64(sum.Good) {
					t.Errorf("%s: %v good, want %d", labels, got, sum.Good)
				}
				counters += float64(sum.Offered - sum.Failures())
				for cause, n := range sum.Failed {
					if got := all["gameday_requests_total "+labels+" "+cause+" night"].GetCounter().GetValue(); got != float64(n) {
						t.Errorf("%s: %v failures of %s, want %d", labels, got, cause, n)
					}
				}
				sameHistogram(t, all["gameday_response_seconds "+labels+" night"], &sum.Response)
				sameHistogram(t, all["gameday_service_seconds "+labels+" night"], &sum.Service)
			}
		}
		if all := run.Sum(nil); counters == 0 || all.Failed[cause503] == 0 {
			t.Error("the play had no successes or no failures to count")
		}
		for key, want := range map[string]float64{
			"gameday_verdict night fail": 1, "gameday_verdict night pass": 0, "gameday_verdict night unclear": 0,
			"gameday_expectation_met success >= 99% calm": 1, "gameday_expectation_met success >= 99% rush": 0,
			"gameday_phase_active rush night": 0, "gameday_in_flight": 0, "gameday_offered_rate buyers": 0,
			"gameday_ended_timestamp_seconds night":       float64(run.Ended.UnixMilli()) / 1000,
			"gameday_run_info  " + run.ID + " night shop": 1,
		} {
			if all[key] == nil || all[key].GetGauge().GetValue() != want {
				t.Errorf("%s is %v, want %v", key, all[key], want)
			}
		}
	})
}

// sameHistogram compares a scraped histogram, native and classic, with the run's.
func sameHistogram(t *testing.T, scraped *dto.Metric, want *runs.Histogram) {
	t.Helper()
	h := scraped.GetHistogram()
	if h == nil {
		t.Error("there is no histogram")
		return
	}
	if h.GetSampleCount() != want.Count() || math.Abs(h.GetSampleSum()-want.Sum().Seconds()) > 1e-6 || h.GetSchema() != 5 {
		t.Errorf("count %d, sum %v, schema %d; want %d, %s, 5", h.GetSampleCount(), h.GetSampleSum(), h.GetSchema(), want.Count(), want.Sum())
	}
	native := map[int]uint64{}
	index, count, at := 0, int64(0), 0
	for _, span := range h.PositiveSpan {
		index += int(span.GetOffset())
		for range span.GetLength() {
			count += h.PositiveDelta[at]
			if count > 0 {
				native[index] = uint64(count)
			}
			index, at = index+1, at+1
		}
	}
	for i, n := range want.Buckets() {
		if native[i] != n {
			t.Errorf("native bucket %d holds %d, want %d", i, native[i], n)
		}
		delete(native, i)
	}
	if len(native) > 0 {
		t.Errorf("native buckets that the run does not have: %v", native)
	}
	if len(h.Bucket) < 10 {
		t.Errorf("%d classic buckets", len(h.Bucket))
	}
	for _, b := range h.Bucket {
		upTo := want.Zeros()
		for i, n := range want.Buckets() {
			if runs.UpperBound(i).Seconds() <= b.GetUpperBound()*(1+1e-9) {
				upTo += n
			}
		}
		if b.GetCumulativeCount() != upTo {
			t.Errorf("classic bucket up to %v holds %d, want %d", b.GetUpperBound(), b.GetCumulativeCount(), upTo)
		}
	}
}
