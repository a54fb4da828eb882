package main

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"
)

var vegetaProgram = program{name: "vegeta", module: "github.com/tsenart/vegeta/v12", version: "v12.13.0"}

// vegeta starts another worker whenever all are busy.
var vegeta = tool{
	name:      "vegeta",
	program:   vegetaProgram,
	loop:      open,
	unbounded: true,
	files:     vegetaTargets,
	args:      attack,
	tell:      []string{"report", "-type=json", "results"},
	read:      readVegeta,
}

// vegetaCapped is held to so many workers.
var vegetaCapped = tool{
	name:    "vegeta -max-workers",
	program: vegetaProgram,
	loop:    paced,
	files:   vegetaTargets,
	args: func(l load) []string {
		return append(attack(l), "-max-workers="+strconv.Itoa(l.atMost(usualInFlight)))
	},
	tell: []string{"report", "-type=json", "results"},
	read: readVegeta,
}

func vegetaTargets(l load) map[string]string {
	return map[string]string{"targets": "GET " + l.url + "\n"}
}

// attack leaves the results in a file, so that nothing else runs on its core.
func attack(l load) []string {
	return []string{"attack", "-targets=targets", "-output=results", "-max-body=0", "-timeout=30s",
		fmt.Sprintf("-rate=%d/1s", l.rate), "-duration=" + l.lasts.String()}
}

func readVegeta(_ load, out, _ []byte) (report, error) {
	var said struct {
		Requests       uint64
		Success        float64
		Duration, Wait time.Duration
		Latencies      struct {
			P99 time.Duration `json:"99th"`
		}
	}
	if err := json.Unmarshal(out, &said); err != nil {
		return report{}, fmt.Errorf("reading vegeta's report: %w", err)
	}
	return report{
		sent: said.Requests,
		good: uint64(math.Round(max(said.Success, 0) * float64(said.Requests))),
		took: said.Duration + said.Wait,
		p99:  said.Latencies.P99,
	}, nil
}
