package timeline

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// sharedKept is how many answers to anybody are kept at most.
const sharedKept = 1024

// shared gives one answer to all who ask the same without a token: to those who
// ask while it is being made, and, for as long as public_cache says, to those
// who come later.
type shared struct {
	joined func() // told of each request that got another's answer

	flight singleflight.Group
	mu     sync.Mutex
	kept   map[string]*sharedAnswer
}

// sharedAnswer is an answer that never changes.
type sharedAnswer struct {
	bad   *problem
	code  int
	body  []byte
	link  []string
	until time.Time
}

// answer makes make's answer the call's, or another's who asked the same.
func (s *shared) answer(c *call, make func() *problem) *problem {
	key := c.r.Host + " " + c.r.URL.Path + "?" + c.r.URL.RawQuery
	if c.knobs.PublicCache > 0 {
		if kept := s.find(key); kept != nil {
			s.joined()
			return kept.give(c)
		}
	}
	if !c.knobs.Coalesce {
		a := newShared(c, make())
		s.keep(key, a, c.knobs.PublicCache)
		return a.bad
	}
	mine := false
	v, _, _ := s.flight.Do(key, func() (any, error) {
		mine = true
		c.r = c.r.WithContext(context.WithoutCancel(c.r.Context())) // others wait for it too
		a := newShared(c, make())
		s.keep(key, a, c.knobs.PublicCache)
		return a, nil
	})
	a := v.(*sharedAnswer)
	if mine {
		return a.bad
	}
	s.joined()
	return a.give(c)
}

func newShared(c *call, bad *problem) *sharedAnswer {
	return &sharedAnswer{bad: bad, code: c.code, body: slices.Clone(c.out), link: c.w.Header()["Link"]}
}

// give makes it the answer of a call.
func (a *sharedAnswer) give(c *call) *problem {
	c.code = a.code
	c.out = append(c.out, a.body...)
	if a.link != nil {
		c.w.Header()["Link"] = a.link
	}
	return a.bad
}

// find is the answer kept for a question, nil when there is none still good.
func (s *shared) find(key string) *sharedAnswer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.kept[key]; a != nil && time.Now().Before(a.until) {
		return a
	}
	return nil
}

// keep keeps an answer that is no refusal.
func (s *shared) keep(key string, a *sharedAnswer, life time.Duration) {
	if life <= 0 || a.bad != nil || a.code != http.StatusOK {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept == nil || len(s.kept) >= sharedKept {
		s.kept = make(map[string]*sharedAnswer)
	}
	a.until = time.Now().Add(life)
	s.kept[key] = a
}
