package selftest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"gameday/harness"
	"gameday/runs"
	"gameday/scenarios"
	"gameday/targets"
)

// A bench is a test as it goes on.
type bench struct {
	*Test
	plays int // so far
	host  runs.Host
	peak  uint64 // bytes of memory, over all plays
}

// A load is what one play presses with.
type load struct {
	path     string
	rate     scenarios.Rate
	arrivals scenarios.Arrivals
	lasts    time.Duration
	grace    time.Duration // for what is still on its way then
	places   int           // in flight at most
}

// scenario is the load as a scenario. The server keeps it apart from others by the
// name of the play.
func (l load) scenario(play string) *scenarios.Scenario {
	path := l.path
	if path != pathAtOnce {
		path += "?" + play
	}
	return &scenarios.Scenario{
		Name: "selftest", Asks: "Can this host measure?", Seed: 1,
		Crowds: []scenarios.Crowd{{
			Name: "all", Rate: l.rate, Arrivals: l.arrivals,
			Do: []scenarios.Action{{Name: "ask", Weight: 1, Method: http.MethodGet, Path: path}},
		}},
		Phases: []scenarios.Phase{{Name: "all", For: l.lasts}},
	}
}

// An outcome is what a play came to.
type outcome struct {
	load     load
	table    *scenarios.Timetable
	all      runs.Tally
	lag      runs.Histogram
	aborted  string
	visits   []visit // as the server kept them
	shortage shortage
}

// Plays may press loopback as fast as they can, and wait out a freeze.
const (
	anyRate  scenarios.Rate = 10e6
	patience                = 20 * time.Second
)

// errFellBehind is why a play ended early that took too long.
var errFellBehind = errors.New("it fell behind")

// play presses the server, and asks it afterwards what it did.
func (b *bench) play(ctx context.Context, l load) (*outcome, error) {
	b.plays++
	play := strconv.Itoa(b.plays)
	s := l.scenario(play)
	h := harness.Harness{
		Scale: 1, Clients: scenarios.Clients{Timeout: patience}, Version: b.Version,
		Safety: harness.Safety{MaxRate: anyRate, MaxInFlight: l.places},
	}
	o := &outcome{load: l, table: scenarios.NewSchedule(s, 1).Crowds[0]}
	limited, cancel := context.WithTimeoutCause(ctx, l.lasts+l.grace, errFellBehind)
	defer cancel()
	before, began := readClocks(b.PID), time.Now()
	run, err := h.Play(limited, s, targets.Target{Name: "selftest", URL: b.URL, Dialect: targets.DialectHTTP})
	o.shortage.others = readClocks(b.PID).since(before)
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		o.aborted = errFellBehind.Error() // before it began
		return o, nil
	}
	if err != nil {
		return nil, err
	}
	b.host = run.Host
	b.peak = max(b.peak, run.Generator.MemoryPeak)
	o.all, o.aborted = run.Sum(nil), run.Aborted
	o.shortage.starved = float64(run.Generator.Starved) * starvedTenth.Seconds() / time.Since(began).Seconds()
	for _, lag := range run.Generator.Lags {
		o.lag.Merge(&lag.Lag)
	}
	if l.path != pathAtOnce {
		o.visits, err = b.visits(ctx, play)
	}
	return o, err
}

// visits asks the server what it kept of a play.
func (b *bench) visits(ctx context.Context, play string) ([]visit, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.URL+pathRecord+"?"+play, nil)
	if err != nil {
		return nil, err
	}
	t := http.Transport{DisableKeepAlives: true}
	res, err := t.RoundTrip(req)
	if err != nil {
		return nil, fmt.Errorf("asking the server what it did: %w", err)
	}
	defer res.Body.Close()
	var visits []visit
	if err := json.NewDecoder(res.Body).Decode(&visits); err != nil {
		return nil, fmt.Errorf("reading what the server did: %w", err)
	}
	return visits, nil
}

// imposed is how long the server took, sorted.
func (o *outcome) imposed() []time.Duration {
	took := make([]time.Duration, len(o.visits))
	for i, v := range o.visits {
		took[i] = v.Took
	}
	slices.Sort(took)
	return took
}

// missing says what of the outcome is not there; empty if all is.
func (o *outcome) missing() string {
	due := o.table.Count()
	switch {
	case o.aborted != "":
		return "the play was ended early: " + o.aborted
	case due == 0:
		return "no request was due"
	case o.all.Offered != due:
		return fmt.Sprintf("the record holds %d of the %d requests that were due", o.all.Offered, due)
	case o.all.Failures() > 0:
		return fmt.Sprintf("%d of %d requests failed", o.all.Failures(), due)
	case o.lag.Count() != due:
		return fmt.Sprintf("the record holds the lag of %d of %d requests", o.lag.Count(), due)
	case o.load.path != pathAtOnce && uint64(len(o.visits)) != due:
		return fmt.Sprintf("the server saw %d of %d requests", len(o.visits), due)
	}
	return ""
}

// judge sets the verdict of a check on the outcome. Advice is for a host that
// does not meet it.
func (o *outcome) judge(c runs.Check, met bool, advice string) runs.Check {
	missing := o.missing()
	doubt := o.shortage.doubt(met && missing == "")
	switch {
	case missing != "":
		c.Verdict, c.Why, c.Got, c.Value = runs.Unclear, cmp.Or(doubt, missing), "", 0
	case doubt != "":
		c.Verdict, c.Why = runs.Unclear, doubt
	case met:
		c.Verdict = runs.Pass
	default:
		c.Verdict, c.Why = runs.Fail, advice
	}
	return c
}
