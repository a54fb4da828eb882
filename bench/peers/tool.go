package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A tool is a way to press a service: a program, and how it is told and read.
type tool struct {
	name    string // its program first, then what sets it apart
	program program
	loop    loop
	// unbounded says that it cannot be told how many requests to have in flight.
	unbounded bool
	// noP99 says that it reports no percentiles.
	noP99 bool
	// files are what it reads, by name, in the folder it runs in.
	files func(l load) map[string]string
	// args make it press.
	args func(l load) []string
	// tell makes it print afterwards what it found; nil if it does so at once.
	tell []string
	// read is its report, from what it wrote to its two outputs.
	read func(l load, out, err []byte) (report, error)
}

// A loop is when a tool sends the next request.
type loop string

// The loops.
const (
	open   loop = "open"   // when it is due, whatever became of the others
	paced  loop = "paced"  // when it is due and one of so many workers is free
	closed loop = "closed" // as soon as one is answered
)

// A report is what a tool says about a run of its own.
type report struct {
	sent   uint64        // requests made, answered or not
	good   uint64        // of these, answered with success
	took   time.Duration // zero if that does not matter
	p99    time.Duration // of its latencies; zero if it reports none
	admits string        // what it says against itself; empty: nothing
	doubt  string        // why it does not stand by the run; empty: it does
}

// tools are gameday and its peers.
var tools = []tool{
	gameday, vegeta, vegetaCapped, k6, fortio, hey, bombardier, wrk2, h2loadPaced, h2load, wrk,
}

// programNames are the names of the programs of all tools.
func programNames() []string {
	var names []string
	for _, t := range tools {
		names = append(names, t.program.name)
	}
	return slices.Compact(names)
}

// pick returns the tools of the named programs; all if names is empty.
func pick(names string) ([]tool, error) {
	if names == "" {
		return tools, nil
	}
	var picked []tool
	wanted := strings.Split(names, ",")
	for i, name := range wanted {
		wanted[i] = strings.TrimSpace(name)
		if !slices.Contains(programNames(), wanted[i]) {
			return nil, fmt.Errorf("there is no program %q, only %s", wanted[i], strings.Join(programNames(), ", "))
		}
	}
	for _, t := range tools {
		if slices.Contains(wanted, t.program.name) {
			picked = append(picked, t)
		}
	}
	return picked, nil
}

// check is what is wrong with a report that t gave.
func (t *tool) check(r report) error {
	switch {
	case r.sent == 0:
		return errors.New("it made no request")
	case r.good > r.sent:
		return fmt.Errorf("it counts %d good requests among %d", r.good, r.sent)
	case r.took < 0 || r.p99 < 0:
		return errors.New("it reports a negative time")
	case r.p99 == 0 && !t.noP99 && r.doubt == "":
		return errors.New("it reports no p99")
	}
	return nil
}
