package main

import (
	"context"
	"time"
)

// standStill halts a service after some time, for some time; never, if that is
// zero. It returns early when ctx ends. The service always goes on when it returns.
func standStill(ctx context.Context, after, stands time.Duration, halt, goOn func() error) error {
	if stands <= 0 || !sleep(ctx, after) {
		return nil
	}
	if err := halt(); err != nil {
		return err
	}
	sleep(ctx, stands)
	return goOn()
}

// truth is the q-quantile of how long people waited who came evenly while l
// lasted, at a service that answers at once but for the time it stands still.
//
// Who comes t into the standstill waits haltFor − t; nobody else waits. So the
// share of people who wait longer than w is (haltFor − w)/lasts, and that is 1−q
// where w = haltFor − (1−q)·lasts, whatever the rate. 5 s in 30 s: of 30,000
// people at 1,000/s 5,000 come in the standstill, the 300th longest wait is the
// p99, and it is 5 s − 0.3 s = 4.7 s.
func truth(q float64, l load) time.Duration {
	return max(0, l.haltFor-time.Duration((1-q)*float64(l.lasts)))
}
