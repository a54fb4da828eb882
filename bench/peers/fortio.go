package main

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"time"
)

// fortio paces each of so many threads, and lets them catch up. Later versions
// than this need a module that is not to be had everywhere.
var fortio = tool{
	name:    "fortio",
	program: program{name: "fortio", module: "fortio.org/fortio", version: "v1.68.2"},
	loop:    paced,
	args: func(l load) []string {
		return []string{"load", "-qps", strconv.Itoa(l.rate), "-t", l.lasts.String(), "-c", strconv.Itoa(l.atMost(usualInFlight)),
			"-timeout", "30s", "-p", "99", "-r", "0.0001", "-json", "-", l.url}
	},
	read: readFortio,
}

var behind = regexp.MustCompile(`WARNING ([0-9.]+)% of sleep were falling behind`)

func readFortio(_ load, out, err []byte) (report, error) {
	var said struct {
		ActualDuration    time.Duration
		RetCodes          map[string]uint64
		DurationHistogram struct {
			Count       uint64
			Percentiles []struct{ Percentile, Value float64 } // Value in seconds
		}
	}
	if err := json.Unmarshal(out, &said); err != nil {
		return report{}, fmt.Errorf("reading fortio's result: %w", err)
	}
	r := report{sent: said.DurationHistogram.Count, good: said.RetCodes["200"], took: said.ActualDuration}
	for _, p := range said.DurationHistogram.Percentiles {
		if p.Percentile == 99 {
			r.p99 = inUnits(p.Value, time.Second)
		}
	}
	if m := behind.FindSubmatch(err); m != nil {
		r.admits = string(m[1]) + "% of sleeps fell behind"
	}
	return r, nil
}

// inUnits is a time of so many units.
func inUnits(n float64, unit time.Duration) time.Duration {
	return time.Duration(math.Round(n * float64(unit)))
}
