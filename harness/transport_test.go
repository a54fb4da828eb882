package harness

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"gameday/targets"
)

// overWire is an http.RoundTripper over our own wire, as far as these tests need.
type overWire struct{ wire }

func (o overWire) RoundTrip(req *http.Request) (*http.Response, error) {
	deadline, _ := req.Context().Deadline()
	c := targets.Call{Method: req.Method, Path: req.URL.RequestURI(), Learn: func([]byte) error { return nil }}
	a, err := o.carry(c, deadline, false)
	if err != nil {
		return nil, err
	}
	return &http.Response{Proto: "HTTP/1.1", StatusCode: a.status, Body: io.NopCloser(bytes.NewReader(a.body))}, nil
}

// roundTripper makes the transport of that name for address.
func roundTripper(t testing.TB, transport, address string, conf *tls.Config) http.RoundTripper {
	t.Helper()
	if transport == targets.TransportHTTP1 {
		base := parse(t, address)
		l := newLean(base, "gameday/test", dialer(base, conf))
		t.Cleanup(l.cut)
		return overWire{l}
	}
	rt, err := newRoundTripper(transport, conf, 10)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(rt.(interface{ CloseIdleConnections() }).CloseIdleConnections)
	return rt
}

func parse(t testing.TB, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// patience is for what answers at once, on a busy machine.
const patience = 30 * time.Second

// get asks once, reads the answer whole, and returns the body.
func get(t testing.TB, rt http.RoundTripper, address string, wait time.Duration) (body string, res *http.Response, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), wait)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if res, err = rt.RoundTrip(req); err != nil {
		return "", nil, err
	}
	defer res.Body.Close()
	all, err := io.ReadAll(res.Body)
	return string(all), res, err
}

// failure asks over a connection of its own, and returns the error.
func failure(t testing.TB, transport, address string, conf *tls.Config) (err error) {
	t.Helper()
	for range 20 {
		_, _, err = get(t, roundTripper(t, transport, address, conf), address, patience)
		// net/http forgets why, if the server was quicker than the first request.
		if err == nil || err.Error() != "http2: client conn could not be established" {
			return err
		}
	}
	return err
}

// TestVersions holds that each transport speaks the version that it says, asks
// for no compression, and uses its connection again.
func TestVersions(t *testing.T) {
	a := newAuthority(t)
	conf := &tls.Config{RootCAs: a.pool()}
	server := &tls.Config{Certificates: []tls.Certificate{a.issue(t, nil)}, NextProtos: []string{"h2", "http/1.1"}}
	both := secureServer(t, server, tells)
	plain := httptest.NewServer(tells)
	t.Cleanup(plain.Close)
	for _, tt := range []struct{ transport, address, want string }{
		{targets.TransportHTTP1, both, "HTTP/1.1"},
		{targets.TransportHTTP1, plain.URL, "HTTP/1.1"},
		{targets.TransportNet, both, "HTTP/1.1"},
		{targets.TransportNet, plain.URL, "HTTP/1.1"},
		{targets.TransportH2, both, "HTTP/2.0"},
		{targets.TransportH2C, h2cServer(t, tells), "HTTP/2.0"},
		{targets.TransportH3, h3Server(t, server, tells), "HTTP/3.0"},
	} {
		rt := roundTripper(t, tt.transport, tt.address, conf)
		for range 3 {
			got, res, err := get(t, rt, tt.address, patience)
			if err != nil || got != tt.want || res.Proto != tt.want {
				t.Errorf("%s at %s: %q, %v, want %s", tt.transport, tt.address, got, err, tt.want)
			}
		}
	}
	if conf.NextProtos != nil || conf.VerifyConnection != nil || conf.ServerName != "" {
		t.Errorf("the configuration was changed: %+v", conf)
	}
	if _, err := newRoundTripper("spdy", nil, 1); err == nil {
		t.Error("there is a transport spdy")
	}
}

// TestNothingLess holds that HTTP/2 and 3 never fall back to something else, and
// what is said of servers that speak only that.
func TestNothingLess(t *testing.T) {
	a := newAuthority(t)
	conf := &tls.Config{RootCAs: a.pool()}
	cert := []tls.Certificate{a.issue(t, nil)}
	plain := httptest.NewUnstartedServer(tells)
	plain.Config.ErrorLog = log.New(io.Discard, "", 0)
	plain.Start()
	t.Cleanup(plain.Close)
	old := secureServer(t, &tls.Config{Certificates: cert}, tells)
	deaf := listenTLS(t, &tls.Config{Certificates: cert}, func(c net.Conn) { // it knows no ALPN
		http.ReadRequest(bufio.NewReader(c))
		io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
	})
	for _, tt := range []struct{ transport, address, want string }{
		{targets.TransportH2, old, "it does not speak the HTTP version that was asked for; want transport: auto"},
		{targets.TransportH2, deaf, "it does not speak HTTP/2 over TLS; want transport: auto"},
		{targets.TransportH2C, plain.URL, "it speaks HTTP/1.1 where HTTP/2 was wanted; want transport: auto"},
	} {
		err := failure(t, tt.transport, tt.address, conf)
		if err == nil || causeOf(err) != causeProtocol {
			t.Errorf("%s: %v, want cause %s", tt.transport, err, causeProtocol)
			continue
		}
		target := targets.Target{Name: "t", URL: tt.address}
		if says, want := target.Unreachable(err).Error(), "target t at "+tt.address+": cannot be reached: "+tt.want; says != want {
			t.Errorf("%s\nwant %s", says, want)
		}
	}
}

// TestChoose holds what auto means for each kind of server, and that a transport
// that is named is taken without asking.
func TestChoose(t *testing.T) {
	a := newAuthority(t)
	conf := &tls.Config{RootCAs: a.pool()}
	cert := []tls.Certificate{a.issue(t, nil)}
	plain := httptest.NewServer(tells)
	t.Cleanup(plain.Close)
	closed := httptest.NewServer(nil)
	closed.Close()
	deaf := listenTLS(t, &tls.Config{Certificates: cert}, func(c net.Conn) { io.Copy(io.Discard, c) })
	gone := strings.Replace(closed.URL, "http", "https", 1)
	for name, tt := range map[string]struct{ transport, address, want, wrong string }{
		"plain":         {"", plain.URL, "http1", ""},
		"plain HTTP/2":  {"", h2cServer(t, tells), "http1", ""},
		"both":          {"", secureServer(t, &tls.Config{Certificates: cert, NextProtos: []string{"h2", "http/1.1"}}, tells), "h2", ""},
		"only HTTP/1.1": {"auto", secureServer(t, &tls.Config{Certificates: cert}, tells), "http1", ""},
		"no ALPN":       {"", deaf, "http1", ""},
		"plain, down":   {"", closed.URL, "http1", ""}, // the first question will find out
		"down":          {"", gone, "", "the connection was refused; is it running?"},
		"no TLS":        {"auto", strings.Replace(plain.URL, "http", "https", 1), "", "what answers there does not speak TLS; is its url one with http?"},
		"down, named":   {"h3", gone, "h3", ""},
	} {
		target := targets.Target{Name: "t", URL: tt.address, Transport: tt.transport}
		got, err := choose(t.Context(), target, parse(t, tt.address), conf)
		if got != tt.want || (err != nil) != (tt.wrong != "") {
			t.Errorf("%s: %q, %v, want %q", name, got, err, tt.want)
		}
		if want := "target t at " + tt.address + ": cannot be reached: " + tt.wrong; err != nil && err.Error() != want {
			t.Errorf("%s: %v\nwant %s", name, err, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := choose(ctx, targets.Target{URL: gone}, parse(t, gone), conf); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestDialer uses a TLS session again, so that reconnecting costs less.
func TestDialer(t *testing.T) {
	a := newAuthority(t)
	address := secureServer(t, &tls.Config{Certificates: []tls.Certificate{a.issue(t, nil)}}, tells)
	conf, err := targets.Target{URL: address, TLS: targets.TLS{CA: a.file}}.TLSConfig()
	if err != nil {
		t.Fatal(err)
	}
	dial := dialer(parse(t, address), conf)
	for n := range 3 {
		conn, err := dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		s := conn.(*tls.Conn).ConnectionState()
		if s.NegotiatedProtocol != "http/1.1" || s.DidResume != (n > 0) {
			t.Errorf("connection %d speaks %q, resumed is %v", n, s.NegotiatedProtocol, s.DidResume)
		}
		io.WriteString(conn, "GET / HTTP/1.1\r\nHost: h\r\n\r\n") // what resumes comes with the answer
		if _, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil {
			t.Fatal(err)
		}
		conn.Close()
	}
	for address, want := range map[string]string{"http://h": "h:80", "https://h/base": "h:443", "https://h:8443": "h:8443", "http://[::1]": "[::1]:80"} {
		if got := hostPort(parse(t, address)); got != want {
			t.Errorf("%s is dialled as %s, want %s", address, got, want)
		}
	}
}
