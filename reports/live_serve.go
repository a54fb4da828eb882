package reports

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
)

// ServeHTTP serves the page, the events and the View to GET and HEAD.
func (l *Live) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	page, err := livePage()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", page.policy+"; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	if !l.known(req) {
		http.Error(w, fmt.Sprintf("there is no %q here; ask for localhost", clean(req.Host)), http.StatusForbidden)
		return
	}
	if req.Method != http.MethodGet && req.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "this page only shows; it takes GET and HEAD", http.StatusMethodNotAllowed)
		return
	}
	serve, there := map[string]http.HandlerFunc{"/": page.serve, "/events": l.events, "/view.json": l.view}[req.URL.Path]
	switch {
	case !there:
		http.NotFound(w, req)
	case req.Method == http.MethodHead:
		w.WriteHeader(http.StatusOK)
	default:
		serve(w, req)
	}
}

// A served page is the same for everybody.
type servedPage struct {
	policy string
	body   []byte
}

// livePage is the page without data, which it gets from the events.
var livePage = sync.OnceValues(func() (*servedPage, error) {
	p, err := loadPage()
	if err != nil {
		return nil, err
	}
	s := &servedPage{policy: p.policy + "; connect-src 'self'"}
	var body bytes.Buffer
	if err := p.write(&body, s.policy, nil); err != nil {
		return nil, err
	}
	s.body = body.Bytes()
	return s, nil
})

func (s *servedPage) serve(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	sendOnce(w, s.body)
}

// known reports whether a request asks for this host by a name that nobody else
// can give it: a page from elsewhere may have its own name point here (DNS
// rebinding), and would read what it must not.
func (l *Live) known(req *http.Request) bool {
	name := hostIn(req.Host)
	if strings.EqualFold(name, "localhost") || name != "" && strings.EqualFold(name, hostIn(l.listen)) {
		return true
	}
	ip := net.ParseIP(name)
	if ip == nil {
		return false
	}
	local, _ := req.Context().Value(http.LocalAddrContextKey).(net.Addr)
	return ip.IsLoopback() || local != nil && ip.Equal(net.ParseIP(hostIn(local.String())))
}

// hostIn is the host in an address with or without a port.
func hostIn(address string) string {
	if host, _, err := net.SplitHostPort(address); err == nil {
		return host
	}
	return strings.TrimSuffix(strings.TrimPrefix(address, "["), "]")
}
