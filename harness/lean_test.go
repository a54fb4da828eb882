package harness

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gameday/targets"
)

// script serves connections that each answer every request on them with the next
// of the answers given, and close after the last. It counts connections.
func script(t *testing.T, answers ...string) (url string, connections *atomic.Int64) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	connections = &atomic.Int64{}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			connections.Add(1)
			go func() {
				defer c.Close()
				in := bufio.NewReader(c)
				for _, a := range answers {
					req, err := http.ReadRequest(in)
					if err != nil {
						return
					}
					io.Copy(io.Discard, req.Body)
					io.WriteString(c, a)
				}
			}()
		}
	}()
	return "http://" + l.Addr().String(), connections
}

// seen is what a client sees of two calls, one after the other.
type seen struct {
	first, second string
	connections   int64
}

// wireTo is a wire of ours to a url.
func wireTo(t testing.TB, address string) *lean {
	t.Helper()
	base, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	l := newLean(base, "gameday/test", dialer(base, nil))
	t.Cleanup(l.cut)
	return l
}

// ask makes a call that wants whatever body there is.
func ask(w wire, method string, patience time.Duration) (string, error) {
	c := targets.Call{Method: method, Path: "/", Learn: func([]byte) error { return nil }}
	a, err := w.carry(c, time.Now().Add(patience), false)
	return fmt.Sprintf("%d %s%s", a.status, a.location, a.body), err
}

// twice makes two calls and tells what came of them.
func twice(w wire, method string, connections *atomic.Int64) seen {
	one := func() string {
		got, err := ask(w, method, 5*time.Second)
		if err != nil {
			return "error"
		}
		return got
	}
	before := connections.Load()
	s := seen{first: one()}
	s.second = one()
	s.connections = connections.Load() - before
	return s
}

// TestLeanIsNetHTTP gives both the same bytes: they see the same answers, and
// keep or drop the connection alike.
func TestLeanIsNetHTTP(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
	for name, tt := range map[string]struct {
		method  string
		answers []string
	}{
		"a body of known length":        {"GET", []string{ok, ok}},
		"no body":                       {"GET", []string{"HTTP/1.1 204 No Content\r\n\r\n", ok}},
		"not modified":                  {"GET", []string{"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", ok}},
		"an empty body":                 {"GET", []string{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ok}},
		"head":                          {"HEAD", []string{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"}},
		"chunks":                        {"GET", []string{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n", ok}},
		"chunks with a trailer":         {"GET", []string{"HTTP/1.1 200 OK\r\nTrailer: X-After\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-After: all\r\n\r\n", ok}},
		"chunks cut off":                {"GET", []string{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"}},
		"bad chunks":                    {"GET", []string{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n", ok}},
		"close":                         {"GET", []string{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok", ok}},
		"until the end":                 {"GET", []string{"HTTP/1.1 200 OK\r\n\r\nall there is"}},
		"HTTP/1.0":                      {"GET", []string{"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", ok}},
		"HTTP/1.0 that keeps alive":     {"GET", []string{"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", ok}},
		"early hints":                   {"GET", []string{"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + ok, ok}},
		"100 and 102":                   {"POST", []string{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" + ok, ok}},
		"folded headers":                {"GET", []string{"HTTP/1.1 200 OK\r\nX-Is: a\r\n  b\r\nContent-Length: 2\r\n\r\nok", ok}},
		"a body shorter than it says":   {"GET", []string{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"}},
		"two lengths":                   {"GET", []string{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok", ok}},
		"a negative length":             {"GET", []string{"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok", ok}},
		"no status":                     {"GET", []string{"HTTP/1.1\r\n\r\n", ok}},
		"another language":              {"GET", []string{"SSH-2.0-OpenSSH_9.2\r\n", ok}},
		"closed while it rested":        {"GET", []string{ok}},
		"closed while it rested, write": {"POST", []string{ok}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, connections := script(t, tt.answers...)
			theirs := &http.Transport{DisableCompression: true}
			defer theirs.CloseIdleConnections()
			ours := wireTo(t, url)
			want, got := twice(newOverHTTP(theirs, theirs, ours.base, "gameday/test"), tt.method, connections), twice(ours, tt.method, connections)
			if name == "closed while it rested, write" {
				// net/http reads while a connection rests, and may or may not have seen
				// the end; we do not, and a write is never sent twice.
				want.second, want.connections = got.second, got.connections
			}
			if got != want {
				t.Errorf("lean saw %+v, net/http %+v", got, want)
			}
		})
	}
}

// TestLeanGivesUp at its deadline, when it is cut, and at a header without end;
// the connection is never used again.
func TestLeanGivesUp(t *testing.T) {
	hang, _ := script(t, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome")
	silent, _ := script(t, "")
	large, _ := script(t, "HTTP/1.1 200 OK\r\nX: "+strings.Repeat("x", leanHeader)+"\r\n\r\n")
	hints, _ := script(t, strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 10))
	huge, _ := script(t, "HTTP/1.1 200 OK\r\nContent-Length: 20000000\r\n\r\n")
	for url, want := range map[string]error{
		hang: io.ErrUnexpectedEOF, silent: io.ErrUnexpectedEOF, large: errHeaderTooLarge, hints: errTooManyHints, huge: errTooLarge,
	} {
		l := wireTo(t, url)
		if _, err := ask(l, http.MethodPost, time.Second); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
		if len(l.idle) != 0 || len(l.all) != 0 {
			t.Errorf("%v: %d connections rest of %d, want none", want, len(l.idle), len(l.all))
		}
	}
	address := listen(t, func(c net.Conn) { io.Copy(io.Discard, c) })
	l := wireTo(t, address)
	if _, err := ask(l, http.MethodPost, time.Second); err != nil {
		t.Errorf("the first call, which is answered: %v", err)
	}
	began := time.Now()
	if _, err := ask(l, http.MethodPost, 50*time.Millisecond); causeOf(err) != causeTimeout || time.Since(began) < 50*time.Millisecond {
		t.Errorf("at the deadline, after %s: %v", time.Since(began), err)
	}
	time.AfterFunc(50*time.Millisecond, l.cut)
	if _, err := ask(l, http.MethodPost, time.Minute); err == nil || isTimeout(err) {
		t.Errorf("cut: %v", err)
	}
	if _, err := ask(l, http.MethodGet, time.Minute); err != errCut {
		t.Errorf("after it was cut: %v", err)
	}
}

// TestLeanWaitsAsLongAsItMay although the deadline of the call before, which is
// still on the connection, passes earlier.
func TestLeanWaitsAsLongAsItMay(t *testing.T) {
	var calls atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if calls.Add(1) > 1 {
			<-time.After(150 * time.Millisecond)
		}
	}))
	defer server.Close()
	l := wireTo(t, server.URL)
	if _, err := ask(l, http.MethodGet, 100*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if _, err := ask(l, http.MethodGet, 10*time.Second); err != nil {
		t.Errorf("the second call may take ten seconds and took 0.15: %v", err)
	}
	if calls.Load() != 2 {
		t.Errorf("%d calls arrived, want 2", calls.Load())
	}
}

// TestLeanDropsWhatRestedLong and never one that rested shortly.
func TestLeanDropsWhatRestedLong(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
	url, connections := script(t, ok, ok, ok, ok)
	l := wireTo(t, url)
	twice(l, http.MethodPost, connections)
	if connections.Load() != 1 || len(l.idle) != 1 {
		t.Fatalf("%d connections, %d at rest; want one, at rest", connections.Load(), len(l.idle))
	}
	l.idle[0].since -= leanIdle + time.Second
	l.idle[0].deadline = l.idle[0].deadline.Add(-leanIdle - time.Second)
	twice(l, http.MethodPost, connections)
	if connections.Load() != 2 || len(l.idle) != 1 {
		t.Errorf("%d connections, %d at rest; want a second instead of the first", connections.Load(), len(l.idle))
	}
}

// TestLeanLeavesNothingBehind that belongs to the answer before.
func TestLeanLeavesNothingBehind(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
	url, connections := script(t, ok+"HTTP/1.1 500 Not Asked For\r\nContent-Length: 0\r\n\r\n", ok)
	got := twice(wireTo(t, url), http.MethodGet, connections)
	if got.first != "200 ok" || got.second != "200 ok" {
		t.Errorf("%+v, want two good answers: what came unasked is nobody's answer", got)
	}
}
