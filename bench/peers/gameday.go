package main

import (
	"bytes"
	"fmt"

	"gameday/runs"
)

// gameday presses a scenario of one crowd whose requests come evenly, as those
// of its peers do. That it finds itself unclear counts against it.
var gameday = tool{
	name:    "gameday",
	program: program{name: "gameday"},
	loop:    open,
	files: func(l load) map[string]string {
		return map[string]string{
			"even.yaml": fmt.Sprintf(`name: even
asks: Is this rate held?
story: Every request is the same small page.
seed: 1
crowds:
  - {name: all, rate: %d/s, arrivals: even, do: [{name: page, path: /}]}
phases:
  - {name: hold, for: %v, expect: [success >= 99.9%%, p99 <= %v]}
`, l.rate, l.lasts, heldP99),
			"config.yaml": fmt.Sprintf(`target: nginx
targets: [{name: nginx, url: "%s", dialect: http}]
safety: {max_rate: 1000000/s, max_in_flight: %d}
clients: {timeout: 30s}
`, l.url, l.atMost(10000)),
		}
	},
	args: func(load) []string {
		return []string{"run", "even.yaml", "--config", "config.yaml", "--out", "out", "--metrics", "off", "--scale", "100%", "--quiet"}
	},
	tell: []string{"report", "--out", "out", "--format", "json"},
	read: func(_ load, out, _ []byte) (report, error) {
		run, err := runs.ReadRun(bytes.NewReader(out))
		if err != nil {
			return report{}, err
		}
		return readRun(run), nil
	},
}

// readRun is what a run of gameday says. How long it took does not matter: its
// latencies count from when each request was due.
func readRun(run *runs.Run) report {
	sum := run.Sum(nil)
	r := report{sent: sum.Offered, good: sum.Offered - sum.Failures()}
	if sum.Offered == 0 {
		return r
	}
	share := func(n uint64) string { return runs.Percent(float64(n) / float64(sum.Offered)) }
	r.admits = fmt.Sprintf("%s late, %s waited for a place", share(sum.Late), share(sum.Waited))
	p99, answered := sum.Quantile(0.99)
	switch {
	case !answered:
		r.doubt = "1 of 100 was not answered"
	case run.Verdict == runs.Unclear:
		r.doubt = "unclear"
	}
	if answered {
		r.p99 = p99
	}
	return r
}
