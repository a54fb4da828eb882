package main

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// wrk2 has a rate, and counts from when a request was due. It has no releases and
// no package.
var wrk2 = tool{
	name: "wrk2",
	program: program{name: "wrk2", made: "wrk", needs: "git make gcc libssl-dev zlib1g-dev",
		repository: "https://github.com/giltene/wrk2", version: "44a94c17d8e6a0bac8559b53da76848e430cb7a7"},
	loop: paced,
	args: func(l load) []string {
		return []string{"-t1", "-c" + strconv.Itoa(l.atMost(usualInFlight)), fmt.Sprintf("-d%vs", l.seconds()+wrk2Idle.Seconds()),
			"-R" + strconv.Itoa(l.rate), "--latency", "--timeout", "30s", l.url}
	},
	read: readWrk2,
}

// wrk2Idle is how long it does nothing at first: with more than a few connections
// the first of its timers is overdue before its loop begins, which then sleeps for
// 999 ms.
const wrk2Idle = time.Second

var readAsWrk = readWrk("wrk2", regexp.MustCompile(`(?m)^ 99\.000%\s+([0-9.]+[a-z]+) *$`))

func readWrk2(l load, out, errs []byte) (report, error) {
	r, err := readAsWrk(l, out, errs)
	r.took = max(r.took-wrk2Idle, 0)
	return r, err
}
