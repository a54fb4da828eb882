package timeline

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
)

// call is one request being answered. A handler puts its answer into out.
type call struct {
	w      http.ResponseWriter
	r      *http.Request
	id     string // what the request has in the place of :id
	viewer int32  // who asks, 0 for nobody
	code   int
	out    []byte
	page   []*status
	sent   bool // the handler wrote its answer itself
}

// calls keeps answered calls for their buffers.
var calls = sync.Pool{New: func() any { return &call{page: make([]*status, 0, maxLimit)} }}

func newCall(w http.ResponseWriter, r *http.Request) *call {
	c := calls.Get().(*call)
	*c = call{w: w, r: r, code: http.StatusOK, out: c.out[:0], page: c.page[:0]}
	return c
}

// free gives a call back; nobody may use it afterwards.
func (c *call) free() {
	clear(c.page[:cap(c.page)])
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
	open     access = iota // a token is not looked at
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
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return unauthorized()
	}
	if c.viewer = s.tokenOwner(strings.TrimSpace(token)); c.viewer == 0 {
		return unauthorized()
	}
	return nil
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
		c.w.Header().Set("Retry-After", "1")
	}
}

// send writes the answer. A client that hung up is no concern of the service,
// so the error of the write is dropped.
func (c *call) send() {
	if c.sent {
		return
	}
	h := c.w.Header()
	h["Content-Type"] = jsonType
	h["Content-Length"] = []string{strconv.Itoa(len(c.out))}
	c.w.WriteHeader(c.code)
	_, _ = c.w.Write(c.out)
}
