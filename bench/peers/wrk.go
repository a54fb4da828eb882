package main

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// wrk knows no rate: it goes as fast as it is answered.
var wrk = tool{
	name:    "wrk",
	program: program{name: "wrk", deb: "wrk"},
	loop:    closed,
	args: func(l load) []string {
		return []string{"-t1", "-c" + strconv.Itoa(l.atMost(usualInFlight)), fmt.Sprintf("-d%vs", l.seconds()),
			"--latency", "--timeout", "30s", l.url}
	},
	read: readWrk("wrk", regexp.MustCompile(`(?m)^     99%\s+([0-9.]+[a-z]+) *$`)),
}

var (
	wrkDone   = regexp.MustCompile(`(?m)^  ([0-9]+) requests in [0-9.]+[a-z]+,`)
	wrkTook   = regexp.MustCompile(`(?m)^  [0-9]+ requests in ([0-9.]+[a-z]+),`)
	wrkBad    = regexp.MustCompile(`(?m)^  Non-2xx or 3xx responses: ([0-9]+)$`)
	wrkErrors = regexp.MustCompile(`(?m)^  Socket errors: connect ([0-9]+), read ([0-9]+), write ([0-9]+), timeout ([0-9]+)$`)
)

// readWrk reads what wrk prints, or a tool that was made of it.
func readWrk(name string, p99Line *regexp.Regexp) func(load, []byte, []byte) (report, error) {
	return func(_ load, out, _ []byte) (report, error) {
		var r report
		done, err := find(wrkDone, out)
		if err == nil {
			r.sent, err = strconv.ParseUint(done, 10, 32)
		}
		if err != nil {
			return r, fmt.Errorf("reading %s's requests: %w", name, err)
		}
		took, err := find(wrkTook, out)
		if err == nil {
			r.took, err = time.ParseDuration(took)
		}
		if err != nil {
			return r, fmt.Errorf("reading %s's time: %w", name, err)
		}
		p99, err := find(p99Line, out)
		if err == nil {
			r.p99, err = time.ParseDuration(p99)
		}
		if err != nil {
			return r, fmt.Errorf("reading %s's p99: %w", name, err)
		}
		r.good = r.sent
		if bad := wrkBad.FindSubmatch(out); bad != nil {
			n, err := strconv.ParseUint(string(bad[1]), 10, 32)
			if err != nil || n > r.good {
				return r, fmt.Errorf("%s counts %s bad answers among %d", name, bad[1], r.sent)
			}
			r.good -= n
		}
		if lost := wrkErrors.FindSubmatch(out); lost != nil {
			for _, text := range lost[1:] {
				n, err := strconv.ParseUint(string(text), 10, 32)
				if err != nil {
					return r, fmt.Errorf("reading %s's socket errors: %w", name, err)
				}
				r.sent += n
			}
		}
		return r, nil
	}
}
