package harness

import (
	"fmt"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"gameday/runs"
	"gameday/targets"
)

// playedFor plays the brief night over a real network, pushes it to a server, and
// returns the record.
func playedFor(t *testing.T, m *Metrics, p *Pusher) *runs.Run {
	t.Helper()
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/search" {
			<-time.After(time.Duration(len(r.Header.Get("Traceparent"))) * 100 * time.Microsecond)
			return
		}
		if time.Now().UnixNano()%3 == 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer service.Close()
	s := night(t, strings.Replace(brief, "for: 1s", "for: 2s", 1))
	h := &Harness{Scale: 1, Watch: m.Observe, Ready: func(r *runs.Run) {
		m.Begin(r)
		p.Begin()
	}}
	run, err := h.Play(t.Context(), s, targets.Target{Name: "service", URL: service.URL, Dialect: targets.DialectHTTP, Trace: true})
	if err != nil {
		t.Fatal(err)
	}
	m.End(run)
	return run
}

// TestPushToPrometheus plays, pushes to a real server that also scrapes, and finds
// there the very histograms and counts of the record, by both ways.
func TestPushToPrometheus(t *testing.T) {
	t.Parallel()
	m := NewMetrics()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	scraped := &http.Server{Handler: m.Handler()}
	defer scraped.Close()
	go scraped.Serve(l)
	server := startPrometheus(t, "native-histograms,exemplar-storage", l.Addr().String())
	p := &Pusher{Metrics: m, To: string(server) + "/api/v1/write", Version: "1", Host: "here", Every: 500 * time.Millisecond}
	run := playedFor(t, m, p)
	if note := p.End(); note != "" {
		t.Fatal(note)
	}
	if v := p.work.to.(*remoteWrite); v.version != 1 || v.classic {
		t.Errorf("remote write %d is spoken, only classic: %t; want 1.0 with native histograms", v.version, v.classic)
	}
	// Whatever was scraped last is of after the end, once it holds the verdict.
	for end := time.Now().Add(patience); len(server.query(t, `gameday_verdict{job="scraped"}`)) == 0 && time.Now().Before(end); {
		<-time.After(50 * time.Millisecond)
	}
	for _, job := range []string{"gameday", "scraped"} {
		for _, c := range run.Scenario.Crowds {
			a := c.Do[0].Name
			sum := run.Sum(func(t *runs.Tally) bool { return t.Crowd == c.Name })
			labels := fmt.Sprintf("{job=%q,scenario=%q,crowd=%q,action=%q", job, "night", c.Name, a)
			server.same(t, "gameday_response_seconds"+labels+"}", &sum.Response)
			server.same(t, "gameday_service_seconds"+labels+"}", &sum.Service)
			if got := server.last(t, "gameday_requests_total"+labels+`,outcome="success"}`); got != float64(sum.Offered-sum.Failures()) {
				t.Errorf("%s %s: %v successes, want %d", job, c.Name, got, sum.Offered-sum.Failures())
			}
			for cause, n := range sum.Failed {
				if got := server.last(t, "gameday_requests_total"+labels+fmt.Sprintf(",outcome=%q}", cause)); got != float64(n) {
					t.Errorf("%s %s: %v of %s, want %d", job, c.Name, got, cause, n)
				}
			}
		}
		if got := server.last(t, fmt.Sprintf(`gameday_verdict{job=%q,verdict=%q}`, job, run.Verdict)); got != 1 {
			t.Errorf("%s: the verdict %s is %v", job, run.Verdict, got)
		}
	}
	all := run.Sum(nil)
	if all.Response.Count() == 0 || all.Failures() == 0 {
		t.Errorf("%d answers and %d failures: there is nothing to compare", all.Response.Count(), all.Failures())
	}
	exactWhatWasPushed(t, server, run)
	scraped.Close()
	for end := time.Now().Add(patience); len(server.query(t, "gameday_run_info")) > 0; <-time.After(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("what is not scraped any more is still there")
		}
	}
}

// exactWhatWasPushed looks at what only the push has: classic histograms beside the
// native ones, counts from nothing on, and an end. Exemplars are of the play.
func exactWhatWasPushed(t *testing.T, server promServer, run *runs.Run) {
	t.Helper()
	sum := run.Sum(func(t *runs.Tally) bool { return t.Crowd == "bots" })
	for bound, want := range map[string]float64{"+Inf": float64(sum.Response.Count()), "0.001953125": float64(upTo(&sum.Response, 1953125))} {
		if got := server.last(t, fmt.Sprintf(`gameday_response_seconds_bucket{crowd="bots",le=%q}`, bound)); got != want {
			t.Errorf("up to %s: %v, want %v", bound, got, want)
		}
	}
	if got := server.last(t, `gameday_response_seconds_sum{crowd="bots"}`); got != sum.Response.Sum().Seconds() {
		t.Errorf("sum %v, want %v", got, sum.Response.Sum().Seconds())
	}
	values := server.query(t, `gameday_requests_total{job="gameday",crowd="bots",outcome="success"}[1h]`)
	if len(values) != 1 || len(values[0].Values) < 3 || number(t, values[0].Values[0]) != 0 || values[0].Metric["instance"] != "here" {
		t.Errorf("counts begin otherwise than with nothing, from here: %v", values)
	}
	if left := server.query(t, `{job="gameday"}`); len(left) > 0 {
		t.Errorf("after the end there is still %v", left)
	}
	var traced struct {
		Data []struct {
			Exemplars []struct {
				Labels map[string]string
				Value  string
			}
		}
	}
	server.get(t, "/api/v1/query_exemplars?query=gameday_response_seconds&start="+fmt.Sprint(run.Began.Unix()-1)+"&end="+fmt.Sprint(run.Ended.Unix()+9), &traced)
	known := map[string]bool{}
	for _, c := range run.Scenario.Crowds {
		made := newTracer(run.ID, c.Name)
		for n := range uint64(1000) {
			known[made.of(n).ID()] = true
		}
	}
	n := 0
	for _, s := range traced.Data {
		for _, x := range s.Exemplars {
			if !known[x.Labels["trace_id"]] {
				t.Errorf("nobody sent the trace %v", x)
			}
			n++
		}
	}
	if n == 0 {
		t.Error("there are no exemplars")
	}
}

// upTo is how many durations of a histogram are at most so long; a bucket ends there.
func upTo(h *runs.Histogram, d time.Duration) uint64 {
	n := h.Zeros()
	for i, count := range h.Buckets() {
		if float64(i) <= math.Log2(d.Seconds())*perOctave+1e-6 {
			n += count
		}
	}
	return n
}

// TestPushWithoutNative pushes to a real server that takes no native histograms: the
// classic ones arrive.
func TestPushWithoutNative(t *testing.T) {
	t.Parallel()
	server := startPrometheus(t, "", "")
	m := NewMetrics()
	p := &Pusher{Metrics: m, To: string(server) + "/api/v1/write", Version: "1", Host: "here", Every: 500 * time.Millisecond}
	run := playedFor(t, m, p)
	if note := p.End(); note != "" {
		t.Fatal(note)
	}
	if !p.work.to.(*remoteWrite).classic {
		t.Error("native histograms are still sent")
	}
	sum := run.Sum(func(t *runs.Tally) bool { return t.Crowd == "bots" })
	if got := server.last(t, `gameday_response_seconds_bucket{crowd="bots",le="+Inf"}`); got != float64(sum.Response.Count()) {
		t.Errorf("%v answers, want %d", got, sum.Response.Count())
	}
	if left := server.query(t, `{job="gameday"}`); len(left) > 0 {
		t.Errorf("after the end there is still %v", left)
	}
}
