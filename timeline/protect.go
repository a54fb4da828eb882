package timeline

import (
	"context"
	"math/rand/v2"
	"net/http"
	"time"
)

// class says who goes first when not everybody can be answered.
type class int

const (
	own       class = iota // writes, and what only the caller can read
	known                  // anybody's timelines, for somebody with a token
	anonymous              // the same for anybody
	classes
)

// shedReadOnly is why a write is refused that there would be room for.
const shedReadOnly = "read_only"

// class is the class of a request whose caller is known.
func (c *call) class(rt *route) class {
	switch {
	case rt.method != http.MethodGet || rt.need == required:
		return own
	case c.viewer != 0:
		return known
	}
	return anonymous
}

// answer lets a route answer, once the request is small enough, allowed and not
// one too many.
func (s *Service) answer(c *call, rt *route) *problem {
	if c.r.ContentLength > maxBody {
		return bodyTooLarge()
	}
	if rt.need == inside {
		return rt.answer(s, c)
	}
	bad := s.authorize(c, rt.need)
	if c.knobs.Limiter {
		if full := s.limiter.count(c, rt); full != nil { // also for a wrong token, or guessing it would be free
			return full
		}
	}
	if bad != nil {
		return bad
	}
	if c.knobs.ErrorShare > 0 && rand.Float64() < c.knobs.ErrorShare {
		return &problem{c.knobs.ErrorCode, "This was refused for nothing, as the knob error_share says"}
	}
	if c.knobs.ReadOnly && rt.need == required && rt.method != http.MethodGet {
		s.metrics.shed(shedReadOnly)
		return unavailable("The service is read-only for now; try again later")
	}
	if rt.need == optional && c.viewer == 0 && c.r.Method == http.MethodGet && !rt.streams() && (c.knobs.Coalesce || c.knobs.PublicCache > 0) {
		return s.shared.answer(c, func() *problem { return s.admit(c, rt) })
	}
	return s.admit(c, rt)
}

// admit lets a route answer when it is the request's turn. Streams have a bound
// of their own.
func (s *Service) admit(c *call, rt *route) *problem {
	if c.knobs.ConcurrencyLimit == "off" || rt.streams() {
		return rt.answer(s, c)
	}
	if bad := s.gate.enter(c.r.Context(), c.knobs, c.class(rt)); bad != nil {
		return bad
	}
	defer s.gate.leave(c.knobs, time.Now())
	if c.knobs.Shed == "off" { // nor does it notice that a client has hung up: all the work is done
		c.r = c.r.WithContext(context.WithoutCancel(c.r.Context()))
	}
	return rt.answer(s, c)
}
