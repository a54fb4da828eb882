package harness

import (
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"gameday/runs"
)

// Metrics are a play's figures for Prometheus. Register it as a collector, give
// it the run when it begins and every moment of it, and its verdict at the end.
//
// Histograms are the run's own, native and classic: the buckets that Prometheus
// stores are the ones that the verdict is judged on. Labels are names from the
// scenario and causes from a closed set. Metrics is safe for concurrent use.
type Metrics struct {
	mu       sync.Mutex
	run      *runs.Run // as it began
	requests map[[3]string]uint64
	good     map[[2]string]uint64
	attempts map[string]uint64
	response map[[2]string]*runs.Histogram
	service  map[[2]string]*runs.Histogram
	lag      map[string]*runs.Histogram
	traced   map[[2]string]*exemplars // of response
	faults   map[string]bool          // in force or not, by name
	fresh    runs.Histogram
	moment   Moment
	ended    time.Time // zero: it has not
	verdict  runs.Verdict
	findings []runs.Finding
	recovery map[string]float64 // seconds, by trigger
}

// NewMetrics returns metrics without a play, which collect nothing.
func NewMetrics() *Metrics { return &Metrics{} }

var (
	requestsDesc = prometheus.NewDesc("gameday_requests_total", "Requests that were answered or given up, each counted once however often it was tried. Outcome is success or the cause of the failure.", []string{"scenario", "crowd", "action", "outcome"}, nil)
	goodDesc     = prometheus.NewDesc("gameday_good_total", "Requests that were answered with success within the promised time.", []string{"scenario", "crowd", "action"}, nil)
	responseDesc = prometheus.NewDesc("gameday_response_seconds", "Time from when a request was due until its answer was read, of those that succeeded.", []string{"scenario", "crowd", "action"}, nil)
	serviceDesc  = prometheus.NewDesc("gameday_service_seconds", "Time from when a request was sent until its answer was read, of those that succeeded.", []string{"scenario", "crowd", "action"}, nil)
	lagDesc      = prometheus.NewDesc("gameday_lag_seconds", "How late requests were sent.", []string{"crowd"}, nil)
	offeredDesc  = prometheus.NewDesc("gameday_offered_rate", "Requests per second that the schedule wants of a crowd now.", []string{"crowd"}, nil)
	inFlightDesc = prometheus.NewDesc("gameday_in_flight", "Requests on their way.", nil, nil)
	attemptsDesc = prometheus.NewDesc("gameday_attempts_total", "Tries, at least one for each request that was sent.", []string{"crowd"}, nil)
	freshDesc    = prometheus.NewDesc("gameday_freshness_seconds", "Time from a post's acknowledgement until a follower could read it, as the witness saw it.", nil, nil)
	phaseDesc    = prometheus.NewDesc("gameday_phase_active", "1 for the phase that is being played.", []string{"scenario", "phase"}, nil)
	faultDesc    = prometheus.NewDesc("gameday_fault_active", "1 from when a fault was put in force until it was seen to be gone, 0 otherwise.", []string{"fault"}, nil)
	metDesc      = prometheus.NewDesc("gameday_expectation_met", "Once the play has ended: 1 for a promise that was kept in a phase, 0 for one that was not, no series for one that cannot be decided.", []string{"expect", "phase"}, nil)
	verdictDesc  = prometheus.NewDesc("gameday_verdict", "Once the play has ended: 1 for its verdict, 0 for the others.", []string{"scenario", "verdict"}, nil)
	endedDesc    = prometheus.NewDesc("gameday_ended_timestamp_seconds", "Once the play has ended: when.", []string{"scenario"}, nil)
	recoveryDesc = prometheus.NewDesc("gameday_recovery_seconds", "Once the play has ended: seconds from when a spike or a fault was over until goodput was back, the longest of those of the same name; no series if it was not back.", []string{"trigger"}, nil)
	infoDesc     = prometheus.NewDesc("gameday_run_info", "1, with what is played where.", []string{"id", "scenario", "target", "build"}, nil)
)

// Handler answers a scrape, in the text format or OpenMetrics.
func (m *Metrics) Handler() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(m)
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true})
}

// Describe sends every description there can be.
func (m *Metrics) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		requestsDesc, goodDesc, responseDesc, serviceDesc, lagDesc, offeredDesc, inFlightDesc, attemptsDesc,
		freshDesc, phaseDesc, faultDesc, metDesc, verdictDesc, endedDesc, recoveryDesc, infoDesc,
	} {
		to <- d
	}
}

// Begin starts a play. What was known of another is forgotten.
func (m *Metrics) Begin(r *runs.Run) {
	m.mu.Lock()
	defer m.mu.Unlock()
	began := *r // the play goes on writing into r
	m.run = &began
	m.requests, m.good, m.attempts = map[[3]string]uint64{}, map[[2]string]uint64{}, map[string]uint64{}
	m.response, m.service, m.lag = map[[2]string]*runs.Histogram{}, map[[2]string]*runs.Histogram{}, map[string]*runs.Histogram{}
	m.traced, m.faults = map[[2]string]*exemplars{}, map[string]bool{}
	m.fresh, m.moment, m.ended, m.findings = runs.Histogram{}, Moment{Rates: make([]float64, len(r.Scenario.Crowds))}, time.Time{}, nil
	// Every series is there from the start, so that the first failure is an
	// increase from nothing and not a series that appears.
	for _, f := range r.Scenario.FaultPlan() {
		m.faults[f.Fault.Name] = false
	}
	for _, c := range r.Scenario.Crowds {
		m.attempts[c.Name], m.lag[c.Name] = 0, &runs.Histogram{}
		for _, a := range c.Do {
			m.requests[[3]string{c.Name, a.Name, "success"}] = 0
			m.good[[2]string{c.Name, a.Name}] = 0
			m.response[[2]string{c.Name, a.Name}], m.service[[2]string{c.Name, a.Name}] = &runs.Histogram{}, &runs.Histogram{}
		}
	}
}

// Observe adds a moment of the play that was begun.
func (m *Metrics) Observe(at Moment) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range at.Entry.Tallies {
		t := &at.Entry.Tallies[i]
		m.requests[[3]string{t.Crowd, t.Action, "success"}] += t.Offered - t.Failures()
		for cause, n := range t.Failed {
			m.requests[[3]string{t.Crowd, t.Action, cause}] += n
		}
		m.good[[2]string{t.Crowd, t.Action}] += t.Good
		m.attempts[t.Crowd] += t.Attempts
		m.response[[2]string{t.Crowd, t.Action}].Merge(&t.Response)
		m.service[[2]string{t.Crowd, t.Action}].Merge(&t.Service)
	}
	for i := range at.Entry.Lags {
		m.lag[at.Entry.Lags[i].Crowd].Merge(&at.Entry.Lags[i].Lag)
	}
	if w := at.Entry.Witness; w != nil {
		for i := range w.Fresh {
			m.fresh.Merge(&w.Fresh[i])
		}
	}
	m.mark(at.Entry.Marks)
	for _, x := range at.Exemplars {
		key := [2]string{x.Crowd, x.Action}
		if m.traced[key] == nil {
			m.traced[key] = &exemplars{}
		}
		m.traced[key][classicBucket(x.Response)] = x
	}
	at.Entry, at.Exemplars = nil, nil
	m.moment = at
}

// mark takes what became of faults. One that was mended is in force until it was
// seen to be gone.
func (m *Metrics) mark(marks []runs.Mark) {
	for _, mark := range marks {
		switch mark.Kind {
		case runs.MarkInjected:
			m.faults[mark.Fault] = true
		case runs.MarkClear:
			m.faults[mark.Fault] = false
		}
	}
}

// End takes the verdict.
func (m *Metrics) End(r *runs.Run) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ended, m.verdict, m.findings = r.Ended, r.Verdict, slices.Clone(r.Findings)
	m.recovery = recoverySeconds(r.Recovery)
}

// recoverySeconds are the times to recover, of each trigger that the service did
// recover from whenever it came.
func recoverySeconds(all []runs.Recovery) map[string]float64 {
	seconds := map[string]float64{}
	for i := range all {
		rec := &all[i]
		name := rec.Trigger.Kind + " " + rec.Trigger.Name
		switch before, known := seconds[name]; {
		case rec.Verdict != runs.Recovered && rec.Verdict != runs.Slow:
			seconds[name] = math.Inf(1)
		case !known || rec.Recover.Value > before:
			seconds[name] = rec.Recover.Value
		}
	}
	maps.DeleteFunc(seconds, func(_ string, s float64) bool { return math.IsInf(s, 1) })
	return seconds
}

// Collect sends what is known now.
func (m *Metrics) Collect(to chan<- prometheus.Metric) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.run == nil {
		return
	}
	name := m.run.Scenario.Name
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	count := func(d *prometheus.Desc, n uint64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), labels...)
	}
	gauge(infoDesc, 1, m.run.ID, name, m.run.Target.Name, strings.Join(m.run.Identity["build"], "+"))
	for k, n := range m.requests {
		count(requestsDesc, n, name, k[0], k[1], k[2])
	}
	for k, n := range m.good {
		count(goodDesc, n, name, k[0], k[1])
	}
	for c, n := range m.attempts {
		count(attemptsDesc, n, c)
	}
	for k, h := range m.response {
		to <- m.traced[k].on(m.histogram(responseDesc, h, name, k[0], k[1]))
	}
	for k, h := range m.service {
		to <- m.histogram(serviceDesc, h, name, k[0], k[1])
	}
	for c, h := range m.lag {
		to <- m.histogram(lagDesc, h, c)
	}
	to <- m.histogram(freshDesc, &m.fresh)
	gauge(inFlightDesc, float64(m.moment.InFlight))
	for i, c := range m.run.Scenario.Crowds {
		gauge(offeredDesc, m.moment.Rates[i], c.Name)
	}
	for i, p := range m.run.Phases {
		gauge(phaseDesc, truth(m.ended.IsZero() && i == m.moment.Phase), name, p.Name)
	}
	for f, active := range m.faults {
		gauge(faultDesc, truth(active), f)
	}
	if !m.ended.IsZero() {
		m.collectVerdict(gauge)
	}
}

func (m *Metrics) collectVerdict(gauge func(*prometheus.Desc, float64, ...string)) {
	for _, v := range []runs.Verdict{runs.Pass, runs.Fail, runs.Unclear} {
		gauge(verdictDesc, truth(v == m.verdict), m.run.Scenario.Name, v.String())
	}
	gauge(endedDesc, float64(m.ended.UnixMilli())/1000, m.run.Scenario.Name)
	for _, f := range m.findings {
		if f.Verdict != runs.Unclear {
			gauge(metDesc, truth(f.Verdict == runs.Pass), f.Expect, f.Phase)
		}
	}
	for trigger, seconds := range m.recovery {
		gauge(recoveryDesc, seconds, trigger)
	}
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
