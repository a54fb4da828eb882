package main

import "time"

// A plan is what every tool goes through.
type plan struct {
	rates       []int         // requests a second, rising
	lasts       time.Duration // each rate
	repetitions int           // of each rate; the one in the middle counts
	freeze      load
}

// full takes under half an hour: a search asks for seven rates at the most where
// nothing is noisy, a rate that is held takes three runs and one that is not two.
var full = plan{
	rates:       []int{2_000, 5_000, 10_000, 15_000, 20_000, 30_000, 40_000, 50_000, 60_000, 70_000, 80_000, 90_000, 100_000, 120_000},
	lasts:       4 * time.Second,
	repetitions: 3,
	freeze: load{rate: 1000, lasts: 30 * time.Second, inFlight: 50,
		haltAfter: 10 * time.Second, haltFor: 5 * time.Second},
}

// short is for trying it out. Its figures mean little.
var short = plan{
	rates:       []int{2_000, 5_000, 10_000, 20_000, 40_000},
	lasts:       2 * time.Second,
	repetitions: 1,
	freeze: load{rate: 1000, lasts: 10 * time.Second, inFlight: 50,
		haltAfter: 3 * time.Second, haltFor: time.Second},
}

// usualInFlight is how many requests may be on their way where a tool must be
// told and the plan does not.
const usualInFlight = 64

// A load is what one run of a tool is to press.
type load struct {
	url       string
	rate      int // requests a second
	lasts     time.Duration
	inFlight  int           // at the most, where the tool can be told; zero: as suits it
	haltAfter time.Duration // from the start until the service stands still
	haltFor   time.Duration // zero: it never does
}

// atMost is how many requests may be in flight, usual if the load does not say.
func (l load) atMost(usual int) int {
	if l.inFlight > 0 {
		return l.inFlight
	}
	return usual
}

// seconds is how long the load lasts.
func (l load) seconds() float64 { return l.lasts.Seconds() }

// wanted is how many requests the load is.
func (l load) wanted() uint64 { return uint64(float64(l.rate) * l.seconds()) }
