package targets

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"gameday/scenarios"
)

// answering starts a server and returns its url.
func answering(t testing.TB, handler http.HandlerFunc) string {
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

// listening starts a server of whatever speaks through a connection.
func listening(t testing.TB, speak func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				speak(c)
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

// asked reads a request.
func asked(c net.Conn) {
	r, err := http.ReadRequest(bufio.NewReader(c))
	if err == nil {
		io.Copy(io.Discard, r.Body)
	}
}

// status answers every path alike.
func status(code int, kind, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(code)
		io.WriteString(w, body)
	}
}

// instance answers the first question well, and the others as next does.
func instance(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/v2/instance" {
			status(200, "application/json", `{"version":"4.3"}`)(w, r)
			return
		}
		next(w, r)
	}
}

func mustParse(t testing.TB, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// Each bad server is one clear sentence: these, after "target t at <url>: ".
// Nothing means that it is no error: trouble is what a rehearsal is there to find.
func TestOpenBadServers(t *testing.T) {
	const (
		closed  = "cannot be reached: it closed the connection without an answer"
		noHTTP  = "cannot be reached: what answers there does not speak HTTP"
		refused = "cannot be reached: the connection was refused; is it running?"
	)
	elsewhere := func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://example.org/here", http.StatusPermanentRedirect)
	}
	for name, tt := range map[string]struct{ url, mastodon, http string }{
		"refused":      {"http://127.0.0.1:1", refused, refused},
		"HTML":         {answering(t, status(200, "text/html", "<html>")), `GET /api/v2/instance was answered with "text/html" where JSON was wanted; is it dialect: mastodon?`, ""},
		"no type":      {answering(t, status(200, "", "{}")), `GET /api/v2/instance was answered with "" where JSON was wanted; is it dialect: mastodon?`, ""},
		"500":          {answering(t, status(500, "text/plain", "oh no")), "", ""},
		"503":          {answering(t, status(503, "application/json", "{}")), "", ""},
		"429":          {answering(t, status(429, "application/json", "{}")), "", ""},
		"401":          {answering(t, status(401, "application/json", "{}")), "GET /api/v2/instance was answered 401 Unauthorized", ""},
		"404":          {answering(t, status(404, "application/json", "{}")), "GET /api/v2/instance was answered 404 Not Found", ""},
		"599":          {answering(t, status(599, "application/json", "{}")), "", ""},
		"redirect":     {answering(t, elsewhere), `GET /api/v2/instance is redirected to "https://example.org/here"; want the url that answers itself`, ""},
		"list":         {answering(t, status(200, "application/json", "[]")), "GET /api/v2/instance was answered with JSON that holds no version; is it Mastodon's API?", ""},
		"other":        {answering(t, status(200, "application/json", `{"name":"left-pad"}`)), "GET /api/v2/instance was answered with JSON that holds no version; is it Mastodon's API?", ""},
		"no JSON":      {answering(t, status(200, "application/json", "oh no")), "GET /api/v2/instance was answered with JSON that holds no version; is it Mastodon's API?", ""},
		"empty":        {answering(t, status(200, "application/json", "")), "GET /api/v2/instance was answered with JSON that holds no version; is it Mastodon's API?", ""},
		"30 MB":        {answering(t, status(200, "application/json", `{"version":"`+strings.Repeat("x", 30<<20)+`"}`)), "GET /api/v2/instance was answered with more than 16 MB", ""},
		"speaks first": {listening(t, func(c net.Conn) { io.WriteString(c, "SSH-2.0-OpenSSH_9.9\r\n"); io.Copy(io.Discard, c) }), noHTTP, noHTTP},
		"noise":        {listening(t, func(c net.Conn) { asked(c); io.WriteString(c, "\x00\x01\x02 what?\r\n\r\n"); asked(c) }), noHTTP, noHTTP},
		"closes":       {listening(t, func(c net.Conn) {}), closed, closed},
		"hangs up":     {listening(t, func(c net.Conn) { c.Read(make([]byte, 1)); c.(*net.TCPConn).SetLinger(0) }), closed, closed},
		"cut": {listening(t, func(c net.Conn) {
			asked(c)
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{\"ver")
		}), closed, ""},
		"expelled":  {answering(t, instance(status(403, "application/json", "{}"))), "the first account is not let in (403); are its tokens still good?", ""},
		"no tokens": {answering(t, instance(status(401, "application/json", "{}"))), "the first account is not let in (401); are its tokens still good?", ""},
		"half":      {answering(t, instance(status(404, "application/json", "{}"))), "GET /api/v1/accounts/verify_credentials was answered 404 Not Found", ""},
		"no posts":  {answering(t, instance(status(200, "application/json", "{}"))), "GET /api/v1/timelines/public?limit=40 was answered with JSON that is not a list of posts", ""},
		"sick":      {answering(t, instance(status(502, "text/html", "Bad Gateway"))), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			checkOpen(t, tt.url, map[string]string{DialectMastodon: tt.mastodon, DialectHTTP: tt.http})
		})
	}
}

// checkOpen opens a target in each dialect.
func checkOpen(t *testing.T, url string, wants map[string]string) {
	t.Helper()
	for dialect, want := range wants {
		o := Opening{Transport: transport(t), Agent: "gameday/test", Accounts: people(2), Actions: []scenarios.Action{act("home")}}
		if dialect == DialectHTTP {
			o.Actions = []scenarios.Action{{Name: "buy", Weight: 1, Path: "/cart"}}
		}
		api, _, err := Target{Name: "t", URL: url, Dialect: dialect}.Open(t.Context(), o)
		switch {
		case want == "" && (err != nil || api == nil):
			t.Errorf("%s: %v", dialect, err)
		case want != "" && (err == nil || api != nil || err.Error() != "target t at "+url+": "+want):
			t.Errorf("%s: %v\nwant %s", dialect, err, want)
		}
	}
}

// A server that speaks TLS where it is not expected, or does not, is told from one that is down.
func TestOpenTLS(t *testing.T) {
	secure := httptest.NewUnstartedServer(status(200, "application/json", "{}"))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	plain := answering(t, status(200, "application/json", "{}"))
	for address, want := range map[string]string{
		strings.Replace(secure.URL, "https", "http", 1): "GET /api/v2/instance was answered 400 Bad Request",
		strings.Replace(plain, "http", "https", 1):      "cannot be reached: what answers there does not speak TLS; is its url one with http?",
	} {
		_, _, err := Target{Name: "t", URL: address, Dialect: DialectMastodon}.Open(t.Context(), Opening{Transport: transport(t), Actions: []scenarios.Action{act("public")}})
		if err == nil || err.Error() != "target t at "+address+": "+want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// A fake is a service without a network.
type fake func(*http.Request) (*http.Response, error)

func (f fake) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A target that never answers is given up after ten seconds, whether it is silent
// from the start or in the middle of its answer, or when ctx ends.
func TestOpenNeverAnswers(t *testing.T) {
	silent := fake(func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	})
	stuck := fake(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(waiting{r.Context()})}, nil
	})
	for name, tr := range map[string]fake{"silent": silent, "stuck": stuck} {
		synctest.Test(t, func(t *testing.T) {
			o := Opening{Transport: tr, Actions: []scenarios.Action{act("public")}}
			began := time.Now()
			_, _, err := Target{Name: "t", URL: "http://127.0.0.1:9", Dialect: DialectMastodon}.Open(t.Context(), o)
			if took := time.Since(began); err == nil || err.Error() != "target t at http://127.0.0.1:9: cannot be reached: no answer within 10s" || took != 10*time.Second {
				t.Errorf("%s: after %s: %v", name, took, err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			began = time.Now()
			_, _, err = Target{Name: "t", URL: "http://127.0.0.1:9", Dialect: DialectMastodon}.Open(ctx, o)
			if took := time.Since(began); !errors.Is(err, context.Canceled) || took != time.Second {
				t.Errorf("%s: cancelled after %s: %v", name, took, err)
			}
		})
	}
}

// waiting is the body of an answer that never comes.
type waiting struct{ ctx context.Context }

func (w waiting) Read([]byte) (int, error) {
	<-w.ctx.Done()
	return 0, w.ctx.Err()
}

func TestUnreachable(t *testing.T) {
	for want, err := range map[string]error{
		"cannot be reached: no address is known for timeline.example": &net.OpError{Op: "dial", Err: &net.DNSError{Name: "timeline.example", IsNotFound: true}},
		"cannot be reached: no answer within 10s":                     &net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded},
		"cannot be reached: dial: network is unreachable":             &net.OpError{Op: "dial", Err: syscall.ENETUNREACH},
	} {
		if got := unreachable(err); got.Error() != want {
			t.Errorf("%v: %v, want %s", err, got, want)
		}
	}
}
