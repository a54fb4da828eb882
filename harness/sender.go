package harness

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"gameday/scenarios"
	"gameday/targets"
)

// maxRedirects is how often a request is sent on within its host.
const maxRedirects = 5

// transport is the lean one for plain HTTP, and net/http's for TLS, with room for
// every request in flight. Neither has a proxy or compression, which would make
// two requests differ.
func (h *Harness) transport(base *url.URL) http.RoundTripper {
	switch {
	case h.Transport != nil:
		return h.Transport
	case base.Scheme == "http":
		return &lean{}
	}
	return &http.Transport{
		MaxIdleConnsPerHost:    h.Safety.maxInFlight(),
		DisableCompression:     true,
		MaxResponseHeaderBytes: 1 << 20,
		IdleConnTimeout:        90 * time.Second,
	}
}

// attack presses with one crowd until its schedule is over or the play ended.
func (p *play) attack(ctx context.Context, c *crowd) {
	s := &sender{
		ctx: ctx, play: p, table: c.table, share: c.share, do: p.schedule.Scenario.Crowds[c.book.crowd].Do,
	}
	attacker := vegeta.NewAttacker(
		vegeta.Client(&http.Client{Transport: s}),
		vegeta.Workers(1), vegeta.MaxWorkers(uint64(c.pacer.places)),
		vegeta.MaxBody(0),
	)
	// What request n is, the sender knows: Vegeta's targeter does not see n.
	anything := func(t *vegeta.Target) error {
		t.Method, t.URL = http.MethodGet, "http://gameday/"
		return nil
	}
	for res := range attacker.Attack(anything, c.pacer, 0, "") {
		c.pacer.release()
		if res.Error == causeCancelled {
			continue
		}
		n := c.share.Nth(res.Seq)
		r := c.table.At(n)
		lag := max(res.Timestamp.Sub(p.start)-r.Due, 0)
		c.book.record(r, lag, res.Latency, res.Error, c.pacer.late.get(n))
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
}

var _ http.RoundTripper = (*sender)(nil)

// RoundTrip sends the request of the schedule that X-Vegeta-Seq says.
func (s *sender) RoundTrip(from *http.Request) (*http.Response, error) {
	k, err := strconv.ParseUint(from.Header.Get("X-Vegeta-Seq"), 10, 64)
	if err != nil {
		return nil, err // Vegeta numbers every request
	}
	now := s.play.inFlight.Add(1)
	if now > s.play.peak.Load() {
		s.play.peak.Store(now) // near enough: another may have been larger just now
	}
	r := s.table.At(s.share.Nth(k))
	cause := s.send(s.play.api.Call(s.do[r.Action], r.Draw))
	s.play.inFlight.Add(-1)
	status := http.StatusOK
	if cause != "" {
		status = 0
	}
	return &http.Response{StatusCode: status, Status: cause, Body: http.NoBody, Request: from}, nil
}

// send makes a call and returns the cause of its failure, or nothing.
func (s *sender) send(c targets.Call) string {
	ctx, cancel := context.WithTimeout(s.ctx, s.play.timeout())
	defer cancel()
	for range maxRedirects + 1 {
		req, err := targets.NewRequest(ctx, s.play.base, c, s.play.agent)
		if err != nil {
			return causeProtocol
		}
		res, err := s.play.transport.RoundTrip(req)
		if err != nil {
			return s.causeOf(err)
		}
		cause := s.read(res, c)
		if cause != causeRedirect {
			return cause
		}
		next, ok := s.redirected(req, res)
		if !ok {
			return causeRedirect
		}
		c.Path = next
	}
	return causeRedirect
}

// read reads an answer to its end and returns the cause of failure, or nothing.
func (s *sender) read(res *http.Response, c targets.Call) string {
	defer res.Body.Close()
	cause := causeOfStatus(res.StatusCode)
	if cause == "" && c.JSON && !targets.IsJSON(res.Header.Get("Content-Type")) {
		cause = causeProtocol
	}
	body := io.LimitedReader{R: res.Body, N: targets.MaxAnswer + 1}
	if cause == "" && c.Learn != nil {
		answer, err := io.ReadAll(&body)
		if err != nil {
			return s.causeOf(err)
		}
		if c.Learn(answer) != nil {
			cause = causeProtocol
		}
	} else if _, err := io.Copy(io.Discard, &body); err != nil {
		return s.causeOf(err)
	}
	if body.N == 0 {
		return causeTooLarge
	}
	return cause
}

// redirected is the path to which a reading request is sent on, if it is on the
// same host. Another host may not be pressed just because this one says so.
func (s *sender) redirected(req *http.Request, res *http.Response) (path string, ok bool) {
	to, err := res.Location()
	if err != nil || req.Method != http.MethodGet || to.Host != s.play.base.Host || to.Scheme != s.play.base.Scheme {
		return "", false
	}
	within, ok := cutBase(to.RequestURI(), s.play.base.Path)
	return within, ok
}

// causeOf tells the end of the play from the end of a client's patience.
func (s *sender) causeOf(err error) string {
	if s.ctx.Err() != nil {
		return causeCancelled
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
