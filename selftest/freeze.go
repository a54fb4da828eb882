package selftest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gameday/runs"
	"gameday/scenarios"
)

// A freeze is a server that takes some time for every request, and answers none
// between two instants: whatever would be answered then is answered at the end.
type freeze struct {
	begin, end time.Duration // after the first request
	takes      time.Duration
}

const (
	freezeRate   scenarios.Rate = 1000
	freezePlaces int            = 50
	// With fifty in flight the server gets through 5,000 requests a second, so how
	// long it takes to catch up is known as well.
	freezeTakes time.Duration = 10 * time.Millisecond
	// freezeFloor is what a hundred rounds of catching up may take longer.
	freezeFloor time.Duration = 50 * time.Millisecond
)

// answered is when a request that arrived then is answered.
func (f freeze) answered(arrived time.Duration) time.Duration {
	ready := arrived + f.takes
	if ready >= f.begin && ready < f.end {
		return f.end
	}
	return ready
}

// path is how the server is told.
func (f freeze) path() string {
	return fmt.Sprintf("%s/%s/%s/%s", pathFreeze, f.begin, f.end, f.takes)
}

func parseFreeze(path string) (f freeze, err error) {
	parts := strings.Split(strings.TrimPrefix(path, pathFreeze+"/"), "/")
	into := []*time.Duration{&f.begin, &f.end, &f.takes}
	if len(parts) != len(into) {
		return f, fmt.Errorf("%s: want %s/BEGIN/END/TAKES", path, pathFreeze)
	}
	for i, d := range into {
		if *d, err = time.ParseDuration(parts[i]); err != nil {
			return f, err
		}
	}
	return f, nil
}

// responses are how long each request takes from when it is due until it is
// answered, if so many may be in flight at most and those that wait keep their
// order. Answers come in the order of the requests, so the place that request n
// waits for is that of request n-places.
func (f freeze) responses(table *scenarios.Timetable, places int) []time.Duration {
	ends := make([]time.Duration, table.Count())
	out := make([]time.Duration, len(ends))
	for n := range ends {
		due := table.At(uint64(n)).Due
		sent := due
		if n >= places {
			sent = max(sent, ends[n-places])
		}
		ends[n] = f.answered(sent)
		out[n] = ends[n] - due
	}
	return out
}

// freeze checks that a server which stands still is seen by everybody who waited
// (Gil Tene's coordinated omission): a tool that counts from sending sees only the
// few that were under way.
func (b *bench) freeze(ctx context.Context) ([]runs.Check, error) {
	f := freeze{begin: b.Plan.Freeze / 3, end: b.Plan.Freeze / 2, takes: freezeTakes}
	o, err := b.play(ctx, load{path: f.path(), rate: freezeRate, arrivals: scenarios.Even, lasts: b.Plan.Freeze, grace: grace, places: freezePlaces})
	if err != nil {
		return nil, err
	}
	if len(o.visits) > 0 {
		f.takes = quantile(o.imposed(), 0.5) // what it really was
	}
	want := f.responses(o.table, freezePlaces)
	slices.Sort(want)
	worst := worstOf(percentiles[:4], &o.all.Response, want, freezeFloor)
	got := worst.String()
	if p99 := worstOf([]float64{0.99}, &o.all.Response, want, freezeFloor); p99 != worst {
		got = fmt.Sprintf("%s; worst %s", p99, worst)
	}
	return []runs.Check{o.judge(runs.Check{
		Name:  "freeze",
		Asks:  fmt.Sprintf("Response times at 1,000/s, 50 in flight, of a server that freezes %s of %s: the worst of p50 to p99.9.", f.end-f.begin, b.Plan.Freeze),
		Limit: limit(freezeFloor), Value: worst.share(), Unit: "1",
		Got: fmt.Sprintf("%s; counted from sending, p99 would be %s", got, runs.Short(o.all.Service.Quantile(0.99))),
	}, worst.met(), "this host does not catch up after a stall as fast as it should; use one with an idle CPU")}, nil
}
