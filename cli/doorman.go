package cli

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"

	"gameday/harness"
)

// pagePolicy is what our own pages may do: be styled.
const pagePolicy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// reportPolicy is what a report may do, which brings all it needs and may have come
// from elsewhere: nothing but show itself. It is nobody's neighbour, so it can read
// no other page.
const reportPolicy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; font-src data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox allow-scripts allow-downloads"

// doorman lets nobody through to pages but who reads, and asks for them by a name of
// this listener: a name that somebody else owns could lead here, and make their page
// and ours one in the eyes of a browser.
func doorman(pages http.Handler, said string, l net.Listener) http.Handler {
	own := []string{said}
	if name, err := os.Hostname(); err == nil && !local(l) {
		own = append(own, name)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", pagePolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-cache")
		switch {
		case !answersTo(r.Host, own, local(l)):
			text := fmt.Sprintf("This is not %q. Open http://%s/ instead, or say --listen with that name.", r.Host, l.Addr())
			http.Error(w, text, http.StatusMisdirectedRequest)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			h.Set("Allow", "GET, HEAD")
			http.Error(w, "Pages can be read, and nothing else.", http.StatusMethodNotAllowed)
		default:
			pages.ServeHTTP(w, r)
		}
	})
}

// answersTo reports whether a host that was asked for is one of ours. A tunnel may
// have changed the port. Nobody can make an address lead elsewhere, so where others
// may come, any will do.
func answersTo(asked string, own []string, localOnly bool) bool {
	host := asked
	if name, _, err := net.SplitHostPort(asked); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	for _, name := range own {
		if strings.EqualFold(host, name) {
			return true
		}
	}
	return harness.Loopback(host) || !localOnly && net.ParseIP(host) != nil
}
