package timeline

import (
	"net/http"
	"strings"
	"time"
)

// route is one endpoint. In its pattern, ":id" stands for one path segment.
type route struct {
	method  string
	pattern string
	need    access
	answer  func(*Service, *call) *problem
}

// routes are all endpoints; of those that fit a path, the first is meant.
var routes = [...]route{
	{"GET", "/api/v1/timelines/home", required, (*Service).readHome},
	{"GET", "/api/v1/timelines/public", optional, (*Service).readPublic},
	{"GET", "/api/v1/statuses/:id", optional, (*Service).readStatus},
	{"POST", "/api/v1/statuses", required, (*Service).writePost},
	{"POST", "/api/v1/statuses/:id/favourite", required, (*Service).writeLike},
	{"POST", "/api/v1/statuses/:id/unfavourite", required, (*Service).writeUnlike},
	{"POST", "/api/v1/statuses/:id/reblog", required, (*Service).writeBoost},
	{"POST", "/api/v1/statuses/:id/unreblog", required, (*Service).writeUnboost},
	{"GET", "/api/v1/accounts/verify_credentials", required, (*Service).readSelf},
	{"GET", "/api/v1/accounts/:id", optional, (*Service).readAccount},
	{"GET", "/api/v1/accounts/:id/statuses", optional, (*Service).readWall},
	{"POST", "/api/v1/accounts/:id/follow", required, (*Service).writeFollow},
	{"POST", "/api/v1/accounts/:id/unfollow", required, (*Service).writeUnfollow},
	{"GET", "/api/v2/instance", open, (*Service).readInstance},
	{"GET", "/health", open, (*Service).readHealth},
	{"GET", "/metrics", open, (*Service).readMetrics},
}

// unmatched is the endpoint of a path that fits no route.
const unmatched = "unmatched"

// fits says whether a path has the form of the route, and what stands for :id.
func (rt *route) fits(path string) (id string, ok bool) {
	before, after, wild := strings.Cut(rt.pattern, ":id")
	if !wild {
		return "", path == rt.pattern
	}
	if len(path) <= len(before)+len(after) || !strings.HasPrefix(path, before) || !strings.HasSuffix(path, after) {
		return "", false
	}
	id = path[len(before) : len(path)-len(after)]
	return id, !strings.Contains(id, "/")
}

// find is the index of the route a request means, -1 when its path has none,
// and the problem with its method when the path has routes for others only.
func (c *call) find() (int, *problem) {
	method := c.r.Method
	if method == "HEAD" {
		method = "GET"
	}
	other, allowed := -1, ""
	for i := range routes {
		id, ok := routes[i].fits(c.r.URL.Path)
		if !ok {
			continue
		}
		if routes[i].method == method {
			c.id = id
			return i, nil
		}
		if other < 0 {
			other, allowed = i, routes[i].method
		}
	}
	if other < 0 {
		return -1, noRecord()
	}
	c.w.Header().Set("Allow", allowed)
	return other, wrongMethod()
}

// ServeHTTP answers one request. Every answer but that of /metrics is JSON, and
// every refusal is {"error":"..."}.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	c := newCall(w, r)
	at, bad := c.find()
	if bad == nil {
		bad = s.answer(c, &routes[at])
	}
	if bad != nil {
		c.refuse(bad)
	}
	s.metrics.count(at, c.code) // before sending, so that the client finds itself counted
	c.send()
	s.metrics.took(at, time.Since(began))
	c.free()
}

// answer lets a route answer, once the request is small enough and allowed.
func (s *Service) answer(c *call, rt *route) *problem {
	if c.r.ContentLength > maxBody {
		return bodyTooLarge()
	}
	if bad := s.authorize(c, rt.need); bad != nil {
		return bad
	}
	return rt.answer(s, c)
}
