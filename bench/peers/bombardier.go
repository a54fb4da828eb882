package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// bombardier shares one rate limit among its connections.
var bombardier = tool{
	name:    "bombardier",
	program: program{name: "bombardier", module: "github.com/codesenberg/bombardier", version: "v1.2.6"},
	loop:    paced,
	args: func(l load) []string {
		return []string{"-r", strconv.Itoa(l.rate), "-d", l.lasts.String(), "-c", strconv.Itoa(l.atMost(usualInFlight)),
			"-t", "30s", "-l", "-p", "r", "-o", "json", l.url}
	},
	read: readBombardier,
}

func readBombardier(_ load, out, _ []byte) (report, error) {
	var said struct {
		Result struct {
			TimeTakenSeconds                               float64
			Req1xx, Req2xx, Req3xx, Req4xx, Req5xx, Others uint32
			Latency                                        struct {
				Percentiles map[string]float64 // µs
			}
		}
	}
	if err := json.Unmarshal(out, &said); err != nil {
		return report{}, fmt.Errorf("reading bombardier's result: %w", err)
	}
	r := said.Result
	sent := uint64(0)
	for _, n := range []uint32{r.Req1xx, r.Req2xx, r.Req3xx, r.Req4xx, r.Req5xx, r.Others} {
		sent += uint64(n)
	}
	return report{
		sent: sent,
		good: uint64(r.Req2xx),
		took: inUnits(r.TimeTakenSeconds, time.Second),
		p99:  inUnits(r.Latency.Percentiles["99"], time.Microsecond),
	}, nil
}
