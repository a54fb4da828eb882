package harness

import (
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"gameday/runs"
	"gameday/scenarios"
	"gameday/targets"
)

const brief = `
name: night
asks: Which request was it?
seed: 9
crowds:
  - {name: buyers, rate: 100/s, do: [{name: cart, path: /cart}]}
  - {name: bots, rate: 50/s, arrivals: poisson, do: [{name: search, path: /search}]}
phases: [{name: all, for: 1s}]
expect: [success >= 1%]
`

// TestTracesArrive plays over both transports for HTTP/1.1: each request of the
// schedule arrives with its own trace, and with none if nobody asked for one. The
// record tells the trace of the failure that it shows.
func TestTracesArrive(t *testing.T) {
	for _, transport := range []string{targets.TransportHTTP1, targets.TransportNet} {
		for _, traced := range []bool{true, false} {
			t.Run(transport, func(t *testing.T) {
				t.Parallel()
				var mu sync.Mutex
				seen, refused := map[string]int{}, map[string]bool{}
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path == "/" {
						return
					}
					mu.Lock()
					defer mu.Unlock()
					header := strings.Join(r.Header["Traceparent"], ",")
					seen[header]++
					if r.URL.Path == "/search" {
						w.WriteHeader(http.StatusTeapot)
						refused[header] = true
					}
				}))
				defer server.Close()
				s := night(t, brief)
				var kept []Exemplar
				h := &Harness{Scale: 1, Watch: func(m Moment) { kept = append(kept, m.Exemplars...) }}
				run, err := h.Play(t.Context(), s, targets.Target{Name: "t", URL: server.URL, Dialect: targets.DialectHTTP, Transport: transport, Trace: traced})
				if err != nil {
					t.Fatal(err)
				}
				mu.Lock()
				defer mu.Unlock()
				if len(run.Examples) != 1 {
					t.Fatalf("examples: %+v", run.Examples)
				}
				example := run.Examples[0].Trace
				if !traced {
					if len(seen) != 1 || seen[""] == 0 || example != "" || len(kept) > 0 {
						t.Errorf("without traces %v arrived, the example has %q, and %v were kept", seen, example, kept)
					}
					return
				}
				ids := map[string]bool{}
				for i, table := range scenarios.NewSchedule(s, 1).Crowds {
					made := newTracer(run.ID, s.Crowds[i].Name)
					for n := range table.Count() {
						trace := made.of(n)
						ids[trace.ID()] = true
						if header := string(trace.Append(nil)); seen[header] != 1 {
							t.Errorf("request %d of %s: %s arrived %d times", n, s.Crowds[i].Name, header, seen[header])
						}
						delete(seen, string(trace.Append(nil)))
					}
				}
				if len(seen) > 0 {
					t.Errorf("nobody made %v", seen)
				}
				found := false
				for header := range refused {
					found = found || header[3:35] == example
				}
				if !found {
					t.Errorf("the example's trace %q is of no request that was refused", example)
				}
				for _, x := range kept {
					if x.Crowd != "buyers" || x.Action != "cart" || !ids[x.Trace] || x.Response <= 0 || x.At.IsZero() {
						t.Errorf("exemplar %+v", x)
					}
				}
				if len(kept) == 0 {
					t.Error("there is no exemplar")
				}
			})
		}
	}
}

// TestTracesAreDifferent looks at many requests of several runs and crowds.
func TestTracesAreDifferent(t *testing.T) {
	seen := map[targets.Trace]bool{}
	for _, run := range []string{"20270214T233000Z-superbowl", "20270214T233001Z-superbowl"} {
		for _, crowd := range []string{"", "a", "b"} {
			made := newTracer(run, crowd)
			for n := range uint64(20_000) {
				trace := made.of(n)
				if seen[trace] || trace.High == 0 || trace.Parent == 0 || made.of(n) != trace {
					t.Fatalf("%s %s %d: %+v", run, crowd, n, trace)
				}
				seen[trace] = true
			}
		}
	}
}

// TestTraceCostsNothing holds that a call with a trace allocates as little as one
// without.
func TestTraceCostsNothing(t *testing.T) {
	const says = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
	p := &played{piece: 1 << 20}
	c := newLeanConn(wireTo(t, "http://127.0.0.1:1"), p)
	deadline := time.Now().Add(time.Hour)
	made := newTracer("run", "crowd")
	answer := []byte(says)
	for n, trace := range []targets.Trace{{}, made.of(1)} {
		call := &targets.Call{Method: http.MethodGet, Path: "/", Trace: trace}
		allocated := testing.AllocsPerRun(1000, func() {
			if n > 0 {
				call.Trace = made.of(uint64(n))
			}
			p.says = answer
			if _, keep, err := c.exchange(call, deadline); err != nil || !keep {
				t.Fatal(keep, err)
			}
		})
		if allocated != 0 {
			t.Errorf("with the trace %+v: %v allocations", trace, allocated)
		}
	}
}

// TestClassicBucket holds the number of a bucket against the bounds.
func TestClassicBucket(t *testing.T) {
	for i := classicFrom; i <= classicTo; i++ {
		bound := time.Duration(math.Ldexp(1e9, i))
		for d, want := range map[time.Duration]int{bound: i, bound + 1: i + 1, bound - 1: i} {
			if exact := math.Ldexp(1e9, i); d == bound && exact != math.Trunc(exact) {
				continue // no duration is as long
			}
			if got := classicBucket(d) + classicFrom; got != want {
				t.Errorf("%s is in bucket %d, want %d", d, got, want)
			}
		}
	}
	if classicBucket(0) != 0 || classicBucket(-1) != 0 || classicBucket(1) != 0 || classicBucket(math.MaxInt64) != classicTo-classicFrom+1 {
		t.Error("what lies beyond the bounds is elsewhere")
	}
}

// TestFaultMetric turns faults on and off as the marks of a play do.
func TestFaultMetric(t *testing.T) {
	m := NewMetrics()
	s := night(t, steady)
	s.Phases[1].Faults = []string{"slow-store"} // which is there before it is in force
	m.Begin(&runs.Run{ID: "x", Scenario: s})
	for _, step := range []struct {
		kind, fault string
		want        map[string]float64
	}{
		{runs.MarkPhase, "", map[string]float64{"slow-store": 0}},
		{runs.MarkInjected, "slow-store", map[string]float64{"slow-store": 1}},
		{runs.MarkConfirmed, "slow-store", map[string]float64{"slow-store": 1}},
		{runs.MarkInjected, "dead-link", map[string]float64{"slow-store": 1, "dead-link": 1}},
		{runs.MarkMended, "slow-store", map[string]float64{"slow-store": 1, "dead-link": 1}},
		{runs.MarkClear, "slow-store", map[string]float64{"slow-store": 0, "dead-link": 1}},
		{runs.MarkInjected, "slow-store", map[string]float64{"slow-store": 1, "dead-link": 1}},
		{runs.MarkClear, "dead-link", map[string]float64{"slow-store": 1, "dead-link": 0}},
	} {
		m.Observe(Moment{Rates: []float64{1, 1}, Entry: &runs.Entry{Marks: []runs.Mark{{Kind: step.kind, Fault: step.fault}}}})
		all := gathered(t, m)
		for _, name := range []string{"slow-store", "dead-link"} {
			got := all["gameday_fault_active "+name]
			want, known := step.want[name]
			if (got != nil) != known || got.GetGauge().GetValue() != want {
				t.Errorf("after %s %s: %s is %v, want %v", step.kind, step.fault, name, got, want)
			}
		}
	}
}

// TestExemplars puts requests on the response histogram, in the classic and the
// native way.
func TestExemplars(t *testing.T) {
	m := NewMetrics()
	m.Begin(&runs.Run{ID: "x", Scenario: night(t, steady)})
	tally := runs.Tally{Crowd: "bots", Action: "search", Offered: 2}
	at := time.Date(2027, 2, 14, 23, 30, 0, 0, time.UTC)
	var some []Exemplar
	for i, d := range []time.Duration{3 * time.Millisecond, 70 * time.Second, 3500 * time.Microsecond} {
		tally.Response.Record(d)
		some = append(some, Exemplar{Crowd: "bots", Action: "search", Response: d, Trace: strings.Repeat(string("abc"[i]), 32), At: at})
	}
	m.Observe(Moment{Rates: []float64{1, 1}, Entry: &runs.Entry{Tallies: []runs.Tally{tally}}, Exemplars: some})
	h := gathered(t, m)["gameday_response_seconds search bots night"].GetHistogram()
	classic := map[float64]string{}
	for _, b := range h.Bucket {
		if b.Exemplar != nil {
			classic[b.GetUpperBound()] = b.Exemplar.Label[0].GetName() + "=" + b.Exemplar.Label[0].GetValue()
		}
	}
	want := map[float64]string{math.Ldexp(1, -8): "trace_id=" + some[2].Trace, math.Inf(1): "trace_id=" + some[1].Trace}
	if len(classic) != 2 || classic[math.Ldexp(1, -8)] != want[math.Ldexp(1, -8)] || classic[math.Inf(1)] != want[math.Inf(1)] {
		t.Errorf("classic buckets have %v, want %v", classic, want)
	}
	if len(h.Exemplars) != 2 || h.Exemplars[0].GetValue() != 0.0035 || !h.Exemplars[0].GetTimestamp().AsTime().Equal(at) {
		t.Errorf("the native histogram has %v", h.Exemplars)
	}
}
