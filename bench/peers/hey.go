package main

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// hey paces each of so many workers, and forgets what one missed.
var hey = tool{
	name:    "hey",
	program: program{name: "hey", module: "github.com/rakyll/hey", version: "v0.1.5"},
	loop:    paced,
	args: func(l load) []string {
		workers := l.atMost(usualInFlight)
		each := strconv.FormatFloat(float64(l.rate)/float64(workers), 'f', -1, 64)
		return []string{"-z", l.lasts.String(), "-c", strconv.Itoa(workers), "-q", each, "-t", "30", l.url}
	},
	read: readHey,
}

var (
	heyTotal  = regexp.MustCompile(`(?m)^  Total:\s+([0-9.]+) secs$`)
	heyP99    = regexp.MustCompile(`(?m)^  99%+ in ([0-9.]+) secs$`)
	heyStatus = regexp.MustCompile(`(?m)^  \[([0-9]+)\]\s+([0-9]+) responses$`)
	heyErrors = regexp.MustCompile(`(?m)^  \[([0-9]+)\]\s+(.*)$`)
)

func readHey(_ load, out, _ []byte) (report, error) {
	var r report
	var err error
	if r.took, err = heyTime(heyTotal, out); err != nil {
		return r, fmt.Errorf("reading hey's total: %w", err)
	}
	if r.p99, err = heyTime(heyP99, out); err != nil {
		return r, fmt.Errorf("reading hey's p99: %w", err)
	}
	for _, m := range heyStatus.FindAllSubmatch(out, -1) {
		n, err := strconv.ParseUint(string(m[2]), 10, 32)
		if err != nil {
			return r, fmt.Errorf("reading hey's responses: %w", err)
		}
		r.sent += n
		if string(m[1]) == "200" {
			r.good += n
		}
	}
	for _, m := range heyErrors.FindAllSubmatch(out, -1) {
		if heyStatus.Match(m[0]) {
			continue
		}
		n, err := strconv.ParseUint(string(m[1]), 10, 32)
		if err != nil {
			return r, fmt.Errorf("reading hey's errors: %w", err)
		}
		r.sent += n
	}
	return r, nil
}

func heyTime(where *regexp.Regexp, out []byte) (time.Duration, error) {
	text, err := find(where, out)
	if err != nil {
		return 0, err
	}
	return time.ParseDuration(text + "s")
}

// find is the first group of the first match.
func find(where *regexp.Regexp, in []byte) (string, error) {
	m := where.FindSubmatch(in)
	if m == nil {
		return "", errors.New("it is not there")
	}
	return string(m[1]), nil
}
