package main

import (
	"cmp"
	"slices"
	"time"
)

// An outcome is what came of one run of a tool.
type outcome struct {
	report
	load    load
	memory  uint64 // the most it had resident, in bytes
	atMost  bool   // memory is only an upper bound
	trouble string // why there is no report; empty: there is one
}

// What it takes to hold a rate.
const (
	heldShare  = 0.99                   // of the wanted rate, answered with success
	heldErrors = 0.001                  // less than this share of what was sent
	heldP99    = 100 * time.Millisecond // at the most, if the tool reports one
)

// perSecond is how many requests were answered with success in a second.
func (o *outcome) perSecond() float64 {
	return float64(o.good) / max(o.load.lasts, o.took).Seconds()
}

// held reports whether the tool held its rate, by its own account.
func (o *outcome) held() bool {
	return o.trouble == "" && o.doubt == "" && o.p99 <= heldP99 &&
		float64(o.sent-o.good) < heldErrors*float64(o.sent) &&
		o.perSecond() >= heldShare*float64(o.load.rate)
}

// says is what the tool says of the run, in a few words.
func (o *outcome) says() string {
	if o.trouble != "" {
		return o.trouble
	}
	words := roughly(o.perSecond()) + "/s made"
	if o.p99 > 0 {
		words += ", p99 " + duration(o.p99)
	}
	if lost := o.sent - o.good; lost > 0 {
		words += ", " + thousands(lost) + " failed"
	}
	for _, more := range []string{o.admits, o.doubt} {
		if more != "" {
			words += ", " + more
		}
	}
	return words
}

// middle is the outcome in the middle, when those that held come first, those in
// trouble last, and among the others the smaller p99 first. Of two it is the first.
func middle(all []outcome) outcome {
	rank := func(o *outcome) int {
		switch {
		case o.trouble != "":
			return 2
		case !o.held():
			return 1
		}
		return 0
	}
	sorted := slices.SortedStableFunc(slices.Values(all), func(a, b outcome) int {
		return cmp.Or(cmp.Compare(rank(&a), rank(&b)), cmp.Compare(a.p99, b.p99))
	})
	return sorted[(len(sorted)-1)/2]
}
