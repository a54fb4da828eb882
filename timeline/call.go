package timeline

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// call is one request being answered. A handler puts its answer into out.
type call struct {
	w        http.ResponseWriter
	r        *http.Request
	knobs    *Knobs // as they were when the request came
	id       string // what the request has in the place of :id
	viewer   int32  // who asks, 0 for nobody
	code     int
	out      []byte
	page     []*status
	told     []told   // of each in the page
	spans    []span   // what a page is gathered from,
	ids      []uint64 // as it was read,
	found    []*status
	circle   []int32      // and whom the caller follows
	sent     bool         // the handler wrote its answer itself
	draining *atomic.Bool // set: the answer is the last on its connection
	source   string       // where a home timeline came from: cache, merge, rebuild, degraded; empty for all else
}

// calls keeps answered calls for their buffers.
var calls = sync.Pool{New: func() any { return &call{page: make([]*status, 0, maxLimit)} }}

func newCall(w http.ResponseWriter, r *http.Request, knobs *Knobs, draining *atomic.Bool) *call {
	c := calls.Get().(*call)
	*c = call{w: w, r: r, knobs: knobs, draining: draining, code: http.StatusOK, out: c.out[:0], page: c.page[:0],
		told: c.told[:0], spans: c.spans[:0], ids: c.ids[:0], found: c.found[:0], circle: c.circle[:0]}
	return c
}

// free gives a call back; nobody may use it afterwards.
func (c *call) free() {
	clear(c.page[:cap(c.page)])
	clear(c.found[:cap(c.found)])
	c.w, c.r = nil, nil
	calls.Put(c)
}

// query is the request's query, nil when it has none.
func (c *call) query() (url.Values, *problem) {
	if c.r.URL.RawQuery == "" {
		return nil, nil
	}
	query, err := url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		return nil, unparsable()
	}
	return query, nil
}

// access says whether a route needs a token.
type access int

const (
	inside   access = iota // for those who run the service: never refused
	open                   // a token is not looked at
	optional               // anybody may ask, but not with a wrong token
	required
)

// authorize finds out who asks.
func (s *Service) authorize(c *call, need access) *problem {
	if need == open {
		return nil
	}
	header := c.r.Header.Get("Authorization")
	if header == "" && need == optional {
		return nil
	}
	if !pause(c.r.Context(), c.knobs.AuthDelay) {
		return unavailable("Nobody waited for the token to be looked at")
	}
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return unauthorized()
	}
	token = strings.TrimSpace(token)
	if c.viewer = s.tokenOwner(token); c.viewer != 0 {
		return nil
	}
	if !s.isAppToken(token) {
		return unauthorized()
	}
	if need == required {
		return &problem{http.StatusUnprocessableEntity, "This method requires an authenticated user"}
	}
	return nil
}

// pause waits, and says whether ctx lasted that long.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// sources are the values of X-Timeline-Source, as a header holds them.
var sources = map[string][]string{"cache": {"cache"}, "merge": {"merge"}, "rebuild": {"rebuild"}, "degraded": {"degraded"}}

// regenerate makes the answer a 206: the home timeline of that name is being
// rebuilt and worth asking for again in so many seconds.
func (c *call) regenerate(name string, retry int) {
	c.code = http.StatusPartialContent
	c.w.Header().Set("Mastodon-Async-Refresh", `id="`+name+`", retry=`+strconv.Itoa(retry))
}

var jsonType = []string{"application/json; charset=utf-8"}

// refuse makes a problem the answer.
func (c *call) refuse(bad *problem) {
	body, err := json.Marshal(struct {
		Error string `json:"error"`
	}{bad.text})
	if err != nil {
		panic(err) // a struct of one string cannot fail
	}
	c.code = bad.code
	c.out = append(c.out[:0], body...)
	switch bad.code {
	case http.StatusUnauthorized:
		c.w.Header().Set("Www-Authenticate", `Bearer realm="timeline", error="invalid_token"`)
	case http.StatusServiceUnavailable:
		c.w.Header().Set("Retry-After", strconv.Itoa(wholeSeconds(c.knobs.WaitTimeout)))
	}
}

// wholeSeconds is a time to wait as Retry-After says it: rounded up, at least 1.
func wholeSeconds(d time.Duration) int {
	return max(1, int((d+time.Second-1)/time.Second))
}

// send writes the answer. A client that hung up is no concern of the service,
// so the error of the write is dropped.
func (c *call) send() {
	if c.sent {
		return
	}
	h := c.w.Header()
	if c.draining.Load() {
		h["Connection"] = closing
	}
	if source := sources[c.source]; source != nil {
		h["X-Timeline-Source"] = source
	}
	h["Content-Type"] = jsonType
	h["Content-Length"] = []string{strconv.Itoa(len(c.out))}
	c.w.WriteHeader(c.code)
	_, _ = c.w.Write(c.out)
}
