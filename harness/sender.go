package harness

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"gameday/runs"
	"gameday/scenarios"
	"gameday/targets"
)

// maxRedirects is how often a request is sent on within its host.
const maxRedirects = 5

// attack presses with one crowd until its schedule is over or the play ended.
func (p *play) attack(ctx context.Context, c *crowd) {
	s := &sender{
		ctx: ctx, play: p, table: c.table, share: c.share, do: p.schedule.Scenario.Crowds[c.book.crowd].Do, crowd: c.name,
		people: newPressers(p.clients(c.book.crowd)), traces: c.traces,
	}
	attacker := vegeta.NewAttacker(
		vegeta.Client(&http.Client{Transport: s}),
		vegeta.Workers(1), vegeta.MaxWorkers(uint64(c.pacer.places)),
		vegeta.MaxBody(0),
	)
	// What request n is, the sender knows: Vegeta's targeter does not see n.
	anything := func(t *vegeta.Target) error {
		t.Method = http.MethodGet
		return nil
	}
	for res := range attacker.Attack(anything, c.pacer, 0, "") {
		c.pacer.release()
		n := c.share.Nth(res.Seq)
		r := c.table.At(n)
		cause, tries := heard(res.Error)
		switch cause {
		case causeCancelled:
		case causeHeld:
			c.book.hold(r)
		default:
			lag := max(res.Timestamp.Sub(p.start)-r.Due, 0)
			c.book.record(r, outcome{lag, res.Latency, cause, tries, c.pacer.late.get(n)})
			if c.traces != nil && cause == "" {
				c.traces.record(n, r.Action, lag+res.Latency, res.Timestamp.Add(res.Latency))
			}
		}
	}
}

// A sender is the http.RoundTripper under Vegeta. It looks up which request of
// the schedule Vegeta means, sends that, reads the answer, and returns what came
// of it in the form that Vegeta passes on: as the status text of an empty
// response, with the cause of a failure or nothing. It returns no error: to
// Vegeta, whatever the service does is an answer.
type sender struct {
	ctx   context.Context // of the play
	play  *play
	table *scenarios.Timetable
	share scenarios.Share
	do    []scenarios.Action
	crowd string

	people *pressers
	traces *traces // nil: requests carry none
}

var _ http.RoundTripper = (*sender)(nil)

// RoundTrip sends the request of the schedule that X-Vegeta-Seq says.
func (s *sender) RoundTrip(from *http.Request) (*http.Response, error) {
	k, err := strconv.ParseUint(strings.Join(from.Header["X-Vegeta-Seq"], ""), 10, 64)
	if err != nil {
		return nil, err // Vegeta numbers every request
	}
	n := s.share.Nth(k)
	r := s.table.At(n)
	if s.play.gate.holds(r.Draw) {
		return held, nil
	}
	now := s.play.inFlight.Add(1)
	if now > s.play.peak.Load() {
		s.play.peak.Store(now) // near enough: another may have been larger just now
	}
	c := s.play.api.Call(s.do[r.Action], r.Draw)
	if s.traces != nil {
		c.Trace = s.traces.of(n)
	}
	a, tries, cause, err := s.ask(c, r.Draw)
	s.play.inFlight.Add(-1)
	if cause == "" && tries == 1 {
		return success, nil
	}
	if cause != "" && s.play.examples.wants(cause) {
		s.play.examples.add(s.example(r, c, a, cause, err))
	}
	return &http.Response{Status: said(cause, tries), Body: http.NoBody}, nil
}

// What Vegeta gets for every call that succeeded at once, and for every one that was
// held back. Nobody changes them.
var (
	success = &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}
	held    = &http.Response{Status: causeHeld, Body: http.NoBody}
)

// send makes a call, over a fresh connection if need be. It returns the answer if
// there was one, and the cause of failure, or nothing.
func (s *sender) send(c targets.Call, deadline time.Time, fresh bool) (a reply, cause string, err error) {
	for range maxRedirects + 1 {
		if a, err = s.play.wire.carry(c, deadline, fresh); err != nil {
			return a, s.causeOf(err), err
		}
		cause = causeOfStatus(a.status)
		switch {
		case cause == "" && c.JSON && !a.json:
			return a, causeProtocol, errNotJSON
		case cause == "" && c.Learn != nil:
			if err = c.Learn(a.body); err != nil {
				cause = causeProtocol
			}
			return a, cause, err
		case cause != causeRedirect:
			return a, cause, nil
		}
		next, ok := s.redirected(&c, a.location)
		if !ok {
			return a, causeRedirect, nil
		}
		c.Path = next
	}
	return a, causeRedirect, errLoop
}

var (
	errNotJSON = errors.New("the answer is not JSON")
	errLoop    = fmt.Errorf("redirected more than %d times", maxRedirects)
)

// example tells of a call that failed. What the service said may quote the token.
func (s *sender) example(r scenarios.Request, c targets.Call, a reply, cause string, err error) runs.Example {
	says := a.said
	switch {
	case err != nil:
		says = err.Error()
	case cause == causeRedirect:
		says = "sent on to " + a.location
	}
	if c.Token != "" {
		says = strings.ReplaceAll(says, c.Token, "…")
	}
	x := runs.Example{Cause: cause, At: runs.Span(r.Due), Crowd: s.crowd, Action: s.do[r.Action].Name, Status: a.status, Says: says}
	if !c.Trace.IsZero() {
		x.Trace = c.Trace.ID()
	}
	return x
}

// redirected is the path to which a reading call is sent on, if it is on the
// same host. Another host may not be pressed just because this one says so.
func (s *sender) redirected(c *targets.Call, location string) (path string, ok bool) {
	base := s.play.base
	from, err := base.Parse(strings.TrimSuffix(base.EscapedPath(), "/") + c.Path)
	if err != nil || location == "" || c.Method != http.MethodGet {
		return "", false
	}
	to, err := from.Parse(location)
	if err != nil || to.Host != base.Host || to.Scheme != base.Scheme {
		return "", false
	}
	return cutBase(to.RequestURI(), base.Path)
}

// causeOf tells the end of the play from the end of a client's patience.
func (s *sender) causeOf(err error) string {
	switch {
	case s.ctx.Err() != nil:
		return causeCancelled
	case errors.Is(err, errTooLarge):
		return causeTooLarge
	}
	return causeOf(err)
}

// cutBase is a path as calls have it: without that of the target's URL.
func cutBase(path, base string) (string, bool) {
	for len(base) > 0 && base[len(base)-1] == '/' {
		base = base[:len(base)-1]
	}
	if len(path) <= len(base) || path[:len(base)] != base || path[len(base)] != '/' {
		return "", false
	}
	return path[len(base):], true
}
