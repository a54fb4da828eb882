package main

import (
	"encoding/json"
	"fmt"
	"time"
)

// k6 drops an iteration that finds no virtual user free, so where a rate is
// sought it gets more of them than others get connections.
var k6 = tool{
	name:    "k6",
	program: program{name: "k6", module: "go.k6.io/k6", version: "v1.8.1"},
	loop:    paced,
	files: func(l load) map[string]string {
		return map[string]string{"script.js": fmt.Sprintf(`import http from 'k6/http';
export const options = {
  discardResponseBodies: true,
  summaryTrendStats: ['p(99)', 'max'],
  scenarios: { all: {
    executor: 'constant-arrival-rate', rate: %d, timeUnit: '1s', duration: '%v',
    preAllocatedVUs: %[3]d, maxVUs: %[3]d,
  } },
};
export default function () { http.get('%[4]s', { timeout: '30s' }); }
export function handleSummary(data) { return { stdout: JSON.stringify(data) }; }
`, l.rate, l.lasts, l.atMost(4*usualInFlight), l.url)}
	},
	args: func(load) []string { return []string{"run", "--quiet", "--no-usage-report", "script.js"} },
	read: readK6,
}

func readK6(_ load, out, _ []byte) (report, error) {
	type metric struct {
		Values struct {
			Count uint64
			Fails uint64  // of http_req_failed: requests of which it is not true
			P99   float64 `json:"p(99)"` // ms
		}
	}
	var said struct {
		State struct {
			TestRunDurationMs float64
		}
		Metrics struct {
			Requests metric `json:"http_reqs"`
			Failed   metric `json:"http_req_failed"`
			Duration metric `json:"http_req_duration"`
			Dropped  metric `json:"dropped_iterations"` // only there if there were any
		}
	}
	if err := json.Unmarshal(out, &said); err != nil {
		return report{}, fmt.Errorf("reading k6's summary: %w", err)
	}
	return report{
		sent:   said.Metrics.Requests.Values.Count,
		good:   said.Metrics.Failed.Values.Fails,
		took:   inUnits(said.State.TestRunDurationMs, time.Millisecond),
		p99:    inUnits(said.Metrics.Duration.Values.P99, time.Millisecond),
		admits: thousands(said.Metrics.Dropped.Values.Count) + " dropped",
	}, nil
}
