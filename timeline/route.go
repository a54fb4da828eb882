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

const (
	homePattern = "/api/v1/timelines/home"
	postPattern = "/api/v1/statuses"
)

// routes are all endpoints; of those that fit a path, the first is meant.
var routes = [...]route{
	{"GET", homePattern, required, (*Service).readHome},
	{"GET", "/api/v1/timelines/public", optional, (*Service).readPublic},
	{"GET", "/api/v1/statuses/:id", optional, (*Service).readStatus},
	{"GET", "/api/v1/statuses/:id/context", optional, (*Service).readThread},
	{"POST", postPattern, required, (*Service).writePost},
	{"POST", "/api/v1/statuses/:id/favourite", required, (*Service).writeLike},
	{"POST", "/api/v1/statuses/:id/unfavourite", required, (*Service).writeUnlike},
	{"POST", "/api/v1/statuses/:id/reblog", required, (*Service).writeBoost},
	{"POST", "/api/v1/statuses/:id/unreblog", required, (*Service).writeUnboost},
	{"GET", "/api/v1/accounts/verify_credentials", required, (*Service).readSelf},
	{"GET", "/api/v1/accounts/lookup", optional, (*Service).readLookup},
	{"GET", "/api/v1/accounts/relationships", required, (*Service).readRelationships},
	{"GET", "/api/v1/accounts/:id", optional, (*Service).readAccount},
	{"GET", "/api/v1/accounts/:id/statuses", optional, (*Service).readWall},
	{"POST", "/api/v1/accounts/:id/follow", required, (*Service).writeFollow},
	{"POST", "/api/v1/accounts/:id/unfollow", required, (*Service).writeUnfollow},
	{"GET", "/api/v1/streaming/user", required, (*Service).readUserStream},
	{"GET", "/api/v1/streaming/public", optional, (*Service).readPublicStream},
	{"GET", "/api/v1/streaming/public/local", optional, (*Service).readPublicStream},
	{"GET", "/api/v1/streaming/health", inside, (*Service).readStreamHealth},
	{"POST", "/api/v1/apps", open, (*Service).writeApp},
	{"POST", "/oauth/token", open, (*Service).writeToken},
	{"POST", "/oauth/revoke", open, (*Service).writeRevoke},
	{"GET", "/oauth/authorize", open, (*Service).readAuthorize},
	{"GET", "/api/v1/instance", open, (*Service).readInstance1},
	{"GET", "/api/v2/instance", open, (*Service).readInstance},
	{"GET", "/health", inside, (*Service).readHealth},
	{"GET", "/metrics", inside, (*Service).readMetrics},
}

// unmatched is the endpoint of a path that fits no route.
const unmatched = "unmatched"

// forms are the patterns of the routes, cut at :id.
var forms = func() (all [len(routes)]struct {
	before, after string
	wild          bool
}) {
	for i, rt := range routes {
		all[i].before, all[i].after, all[i].wild = strings.Cut(rt.pattern, ":id")
	}
	return all
}()

// fits says whether a path has the form of a route, and what stands for :id.
func fits(route int, path string) (id string, ok bool) {
	form := &forms[route]
	if !form.wild {
		return "", path == form.before
	}
	if len(path) <= len(form.before)+len(form.after) || !strings.HasPrefix(path, form.before) || !strings.HasSuffix(path, form.after) {
		return "", false
	}
	id = path[len(form.before) : len(path)-len(form.after)]
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
		id, ok := fits(i, c.r.URL.Path)
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

// ServeHTTP answers one request. Every answer but streams and those of /metrics
// is JSON, and every refusal is {"error":"..."}.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	c := newCall(w, r, s.knobs.Load(), &s.draining)
	if s.draining.Load() {
		w.Header()["Connection"] = closing
	}
	at, bad := c.find()
	if bad == nil {
		bad = s.answer(c, &routes[at])
	}
	if bad != nil {
		c.refuse(bad)
	}
	s.metrics.count(at, c) // before sending, so that the client finds itself counted
	c.send()
	if at < 0 || !routes[at].streams() {
		s.metrics.took(at, time.Since(began))
	}
	c.free()
}

var closing = []string{"close"}
