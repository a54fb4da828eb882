package harness

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
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

// outcome is what a client sees of two requests, one after the other.
type outcome struct {
	first, second string
	connections   int64
}

// twice makes two requests and tells what came of them.
func twice(t *testing.T, rt http.RoundTripper, method, url string, connections *atomic.Int64) outcome {
	t.Helper()
	ask := func() string {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, method, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := rt.RoundTrip(req)
		if err != nil {
			return "error"
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			return res.Status + " " + string(body) + " cut off"
		}
		return res.Status + " " + string(body) + " " + res.Header.Get("X-Is") + res.Trailer.Get("X-After")
	}
	before := connections.Load()
	o := outcome{first: ask()}
	o.second = ask()
	o.connections = connections.Load() - before
	return o
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
			ours := &lean{}
			defer ours.CloseIdleConnections()
			want, got := twice(t, theirs, tt.method, url, connections), twice(t, ours, tt.method, url, connections)
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

// TestLeanGivesUp at its deadline, when it is cancelled, and at a header without
// end; the connection is never used again.
func TestLeanGivesUp(t *testing.T) {
	hang, _ := script(t, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome")
	silent, _ := script(t, "")
	l := &lean{}
	ask := func(ctx context.Context, url string) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := l.RoundTrip(req)
		if err == nil {
			defer res.Body.Close()
			_, err = io.ReadAll(res.Body)
		}
		return err
	}
	if err := ask(t.Context(), hang); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("half an answer: %v", err)
	}
	if err := ask(t.Context(), silent); causeOf(err) != causeReset {
		t.Errorf("no answer: %v", err)
	}
	address := listen(t, func(c net.Conn) { io.Copy(io.Discard, c) })
	if err := ask(t.Context(), address); err != nil {
		t.Errorf("the first request, which is answered: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := ask(ctx, address); causeOf(err) != causeTimeout {
		t.Errorf("at the deadline: %v", err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if err := ask(ctx, address); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	large, _ := script(t, "HTTP/1.1 200 OK\r\nX: "+strings.Repeat("x", leanHeader)+"\r\n\r\n")
	if err := ask(t.Context(), large); !errors.Is(err, errHeaderTooLarge) {
		t.Errorf("a header of a megabyte: %v", err)
	}
	hints, _ := script(t, strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 10))
	if err := ask(t.Context(), hints); !errors.Is(err, errTooManyHints) {
		t.Errorf("ten hints: %v", err)
	}
	if n := len(l.idle); n != 0 {
		t.Errorf("%d connections rest, want none", n)
	}
}

// TestLeanDropsWhatRestedLong and never one that rested shortly.
func TestLeanDropsWhatRestedLong(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
	url, connections := script(t, ok, ok, ok, ok)
	l := &lean{}
	twice(t, l, http.MethodPost, url, connections)
	if connections.Load() != 1 || len(l.idle) != 1 {
		t.Fatalf("%d connections, %d at rest; want one, at rest", connections.Load(), len(l.idle))
	}
	l.idle[0].since = time.Now().Add(-leanIdle - time.Second)
	twice(t, l, http.MethodPost, url, connections)
	if connections.Load() != 2 || len(l.idle) != 1 {
		t.Errorf("%d connections, %d at rest; want a second instead of the first", connections.Load(), len(l.idle))
	}
}

// TestLeanLeavesNothingBehind that belongs to the answer before.
func TestLeanLeavesNothingBehind(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
	url, connections := script(t, ok+"HTTP/1.1 500 Not Asked For\r\nContent-Length: 0\r\n\r\n", ok)
	l := &lean{}
	got := twice(t, l, http.MethodGet, url, connections)
	if got.first != "200 OK ok " || got.second != "200 OK ok " {
		t.Errorf("%+v, want two good answers: what came unasked is nobody's answer", got)
	}
}
