package timeline

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// serve serves on a port of its own until the function it gives is called, which
// gives what Serve did.
func serve(t testing.TB, s *Service) (address string, end func() error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, l) }()
	end = sync.OnceValue(func() error {
		cancel()
		return <-served
	})
	t.Cleanup(func() { _ = end() })
	return l.Addr().String(), end
}

// TestDrain ends a service under load of several kinds of clients: every request
// whose first byte was taken is answered, and every post acknowledged is there.
func TestDrain(t *testing.T) {
	s := start(t, Options{Accounts: 200, Knobs: withKnobs(func(k *Knobs) { k.StoreDelay = 2 * time.Millisecond })})
	address, end := serve(t, s)
	var answered, refused atomic.Int64
	var lost sync.Map
	var posts sync.Map
	var clients sync.WaitGroup
	for n := range 16 {
		clients.Go(func() {
			transport := &http.Transport{DisableKeepAlives: n%4 == 3, DisableCompression: true}
			defer transport.CloseIdleConnections()
			for i := 0; ; i++ {
				// A body that cannot be sent again, so that the transport does not try twice behind our back.
				body := io.NopCloser(strings.NewReader(fmt.Sprintf("status=post+%d+of+%d", i, n)))
				r, err := http.NewRequestWithContext(t.Context(), "POST", "http://"+address+"/api/v1/statuses", body)
				if err != nil {
					t.Error(err)
					return
				}
				r.Header.Set("Authorization", "Bearer "+Token(0, 1+n))
				r.Header.Set("Content-Type", formType)
				res, err := transport.RoundTrip(r)
				switch {
				case dials(err): // nobody listens any more
					refused.Add(1)
					return
				case err != nil:
					lost.Store(fmt.Sprintf("client %d, request %d", n, i), err)
					return
				}
				told, err := io.ReadAll(res.Body)
				res.Body.Close()
				if err != nil {
					lost.Store(fmt.Sprintf("client %d, request %d", n, i), err)
				}
				answered.Add(1)
				if res.StatusCode == 200 {
					id, _, _ := strings.Cut(strings.TrimPrefix(string(told), `{"id":"`), `"`)
					posts.Store(id, true)
				}
				if n%4 == 2 {
					<-time.After(time.Duration(i%10) * time.Millisecond)
				}
			}
		})
	}
	until(t, "500 answers", func() bool { return answered.Load() > 500 })
	before := answered.Load()
	if err := end(); err != nil {
		t.Error(err)
	}
	clients.Wait()
	lost.Range(func(who, err any) bool {
		t.Errorf("%v was lost: %v", who, err)
		return true
	})
	s.turn(t, `{"store_delay":"0s"}`)
	acknowledged := 0
	posts.Range(func(id, _ any) bool {
		if got := want[statusJSON](t, s, s.request(0, "GET", "/api/v1/statuses/"+id.(string), nil)); got.ID != id {
			t.Errorf("post %s is gone", id)
		}
		acknowledged++
		return true
	})
	t.Logf("%d answered, %d of them while draining, %d posts, %d clients told that nobody listens", answered.Load(), answered.Load()-before, acknowledged, refused.Load())
	if acknowledged == 0 || refused.Load() != 16 {
		t.Errorf("%d posts, %d clients saw the end", acknowledged, refused.Load())
	}
	if waiting, _ := s.fanout.waiting(); waiting != 0 {
		t.Errorf("%d posts were not delivered", waiting)
	}
}

// dials says whether an error is that no connection was made, so that nothing
// was asked.
func dials(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "dial"
}

// TestIdleServiceEndsAtOnce does not make who stops an idle service wait.
func TestIdleServiceEndsAtOnce(t *testing.T) {
	s := start(t, Options{Accounts: 2})
	address, end := serve(t, s)
	res, err := http.Get("http://" + address + "/health")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	began := time.Now()
	if err := end(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("ending took %s", took)
	}
}

// TestHealthWhileDraining tells a balancer to go elsewhere.
func TestHealthWhileDraining(t *testing.T) {
	s := start(t, Options{Accounts: 2})
	s.draining.Store(true)
	w := s.do(s.request(0, "GET", "/health", nil))
	checkRefusal(t, w, 503, "The service is shutting down")
	if w.Header().Get("Connection") != "close" {
		t.Error("the connection is not asked to close")
	}
}

// TestPatience connects and is slow in every way: idle, slow with the header, slow
// with the body. The connection is closed in time, and others are served meanwhile.
func TestPatience(t *testing.T) {
	const request = "POST /api/v1/statuses HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer TOKEN\r\nContent-Length: 1000\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n"
	for _, c := range []struct {
		name, send string
		every      time.Duration // a byte more of it
		want       time.Duration // until the connection is closed, about
	}{
		{"nothing", "", 0, headerTimeout},
		{"a slow header", request[:40], time.Second, headerTimeout},
		{"a slow body", request + strings.Repeat("x", 100), 500 * time.Millisecond, bodyTimeout},
		{"idle", "GET /health HTTP/1.1\r\nHost: x\r\n\r\n", 0, idleTimeout},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := start(t, Options{Accounts: 2})
				at := newPipes()
				ctx, cancel := context.WithCancel(t.Context())
				served := make(chan error, 1)
				go func() { served <- s.Serve(ctx, at) }()
				conn, err := at.dial(ctx, "", "")
				if err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				var sender sync.WaitGroup
				defer sender.Wait()
				sender.Go(func() {
					text := strings.Replace(c.send, "TOKEN", Token(0, 1), 1)
					header, _, _ := strings.Cut(text, "xxx") // at once, when a body follows
					if header != text {
						if _, err := conn.Write([]byte(header)); err != nil {
							return
						}
						text = text[len(header):]
					}
					for i := range len(text) {
						if _, err := conn.Write([]byte{text[i]}); err != nil {
							return
						}
						time.Sleep(c.every)
					}
				})
				_, _ = io.Copy(io.Discard, conn)
				if took := time.Since(began); took < c.want-time.Second || took > c.want+2*time.Second {
					t.Errorf("it was closed after %s, want about %s", took, c.want)
				}
				conn.Close()
				cancel()
				if err := <-served; err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// raw sends bytes on a connection of its own and gives the answer.
func raw(t testing.TB, address, text string) *http.Response {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	go func() { _, _ = io.WriteString(conn, text) }()
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("%.60q is answered with no response: %v", text, err)
	}
	return res
}

// TestBadBytes sends what is hardly HTTP, and what is too large.
func TestBadBytes(t *testing.T) {
	s := start(t, Options{Accounts: 2})
	address, _ := serve(t, s)
	head := "POST /api/v1/statuses HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + Token(0, 1) + "\r\nContent-Type: " + formType + "\r\n"
	for name, c := range map[string]struct {
		text string
		code int
	}{
		"an oversized header":         {"GET /health HTTP/1.1\r\nHost: x\r\nX-Long: " + strings.Repeat("x", 2*maxHeader) + "\r\n\r\n", 431},
		"no HTTP":                     {"nonsense\r\n\r\n", 400},
		"no host":                     {"GET /health HTTP/1.1\r\n\r\n", 400},
		"a header that is none":       {"GET /health HTTP/1.1\r\nHost: x\r\n: \x00\r\n\r\n", 400},
		"a length that is none":       {head + "Content-Length: x\r\n\r\n", 400},
		"a 10 MB status":              {head + "Content-Length: 10485760\r\n\r\n" + "status=" + strings.Repeat("x", 100_000), 413},
		"a 10 MB status in chunks":    {head + "Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat("10000\r\n"+strings.Repeat("x", 1<<16)+"\r\n", 17), 413},
		"an unknown method":           {"BREW /health HTTP/1.1\r\nHost: x\r\n\r\n", 405},
		"a path beyond all":           {"GET /" + strings.Repeat("x", 10_000) + " HTTP/1.1\r\nHost: x\r\n\r\n", 404},
		"an unknown form field":       {head + "Content-Length: 19\r\n\r\nstatus=x&nonsense=1", 200},
		"HTTP 1.0":                    {"GET /health HTTP/1.0\r\n\r\n", 200},
		"an upgrade that is not had":  {"GET /api/v1/streaming HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", 404},
		"an absolute target":          {"GET http://x/health HTTP/1.1\r\nHost: x\r\n\r\n", 200},
		"a target with a NUL, quoted": {"GET /api/v1/accounts/%00 HTTP/1.1\r\nHost: x\r\n\r\n", 404},
	} {
		if res := raw(t, address, c.text); res.StatusCode != c.code {
			t.Errorf("%s is answered %d, want %d", name, res.StatusCode, c.code)
		}
	}
	if res := raw(t, address, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"); res.StatusCode != 200 {
		t.Errorf("afterwards /health answers %d", res.StatusCode)
	}
}

// TestMaxConnections opens one connection too many: it is told so, and a place
// that becomes free is taken again.
func TestMaxConnections(t *testing.T) {
	s := start(t, Options{Accounts: 2, Knobs: withKnobs(func(k *Knobs) { k.MaxConnections = 3 })})
	address, _ := serve(t, s)
	open := func() *net.TCPConn {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		return conn.(*net.TCPConn)
	}
	first := open()
	open()
	open()
	until(t, "three connections", func() bool { return s.connections.Load() == 3 })
	res := raw(t, address, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
	said, err := io.ReadAll(res.Body)
	if res.StatusCode != 503 || res.Header.Get("Retry-After") == "" || err != nil || !strings.Contains(string(said), `{"error":`) {
		t.Errorf("one too many is answered %d %s: %v", res.StatusCode, said, err)
	}
	first.Close()
	until(t, "a free place", func() bool { return s.connections.Load() == 2 })
	if res := raw(t, address, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"); res.StatusCode != 200 {
		t.Errorf("at the cap /health answers %d", res.StatusCode)
	}
	if n := value(s.scrape(t), "timeline_sheds_total", "reason", "connections"); n != 1 {
		t.Errorf("%v refused connections are counted", n)
	}
	s.turn(t, `{"max_connections":0}`)
	for range 10 {
		open()
	}
	until(t, "ten more", func() bool { return s.connections.Load() >= 12 })
}
