package main

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

var h2loadProgram = program{name: "h2load", deb: "nghttp2-client"}

// h2loadPaced has a rate for each connection.
var h2loadPaced = tool{
	name:    "h2load --rps",
	program: h2loadProgram,
	loop:    paced,
	noP99:   true,
	args: func(l load) []string {
		each := float64(l.rate) / float64(l.atMost(usualInFlight))
		return append([]string{"--rps=" + strconv.FormatFloat(each, 'f', -1, 64)}, h2loadArgs(l)...)
	},
	read: readH2load,
}

// h2load knows no rate: it goes as fast as it is answered.
var h2load = tool{
	name:    "h2load",
	program: h2loadProgram,
	loop:    closed,
	noP99:   true,
	args:    h2loadArgs,
	read:    readH2load,
}

func h2loadArgs(l load) []string {
	return []string{"--h1", "-t1", "-c" + strconv.Itoa(l.atMost(usualInFlight)), fmt.Sprintf("-D%v", l.seconds()), l.url}
}

var (
	h2loadTook = regexp.MustCompile(`(?m)^finished in ([0-9.]+[a-z]+),`)
	h2loadSent = regexp.MustCompile(`(?m)^requests: ([0-9]+) total,`)
	h2loadGood = regexp.MustCompile(`(?m)^status codes: ([0-9]+) 2xx,`)
	h2loadMax  = regexp.MustCompile(`(?m)^time for request:\s+\S+\s+([0-9.]+[a-z]+)\s`)
)

func readH2load(_ load, out, _ []byte) (report, error) {
	var r report
	took, err := find(h2loadTook, out)
	if err == nil {
		r.took, err = time.ParseDuration(took)
	}
	if err != nil {
		return r, fmt.Errorf("reading h2load's time: %w", err)
	}
	for where, n := range map[*regexp.Regexp]*uint64{h2loadSent: &r.sent, h2loadGood: &r.good} {
		text, err := find(where, out)
		if err == nil {
			*n, err = strconv.ParseUint(text, 10, 32)
		}
		if err != nil {
			return r, fmt.Errorf("reading h2load's requests: %w", err)
		}
	}
	longest, err := find(h2loadMax, out)
	if err != nil {
		return r, fmt.Errorf("reading h2load's longest: %w", err)
	}
	r.admits = "no percentiles; the longest took " + longest
	return r, nil
}
