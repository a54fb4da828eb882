package harness

import (
	"bufio"
	"context"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"sync"
	"time"
)

// lean is an http.RoundTripper for plain HTTP/1.1. It writes a request and reads
// the answer on the caller's own goroutine, where net/http hands both to two
// others; that takes about a third of the CPU per request. Requests are written
// and answers parsed by net/http's own code.
//
// A connection whose answer was read to its end is used again, the last one
// first. It is safe for concurrent use.
type lean struct {
	dialer net.Dialer

	mu   sync.Mutex
	idle []*leanConn // the one used last at the end
}

var _ http.RoundTripper = (*lean)(nil)

const (
	// leanIdle is how long a connection may rest and be used again: servers close
	// those that rest, none sooner than five seconds by default, and a request
	// that crosses the close is lost.
	leanIdle = 3 * time.Second
	// leanHeader is how large the header of an answer may be.
	leanHeader = 1 << 20
	// leanHints is how many answers of the 1xx kind may come before the real one.
	leanHints = 5
)

var (
	errHeaderTooLarge = errors.New("the header of the answer is too large")
	errTooManyHints   = errors.New("too many 1xx answers")
)

// RoundTrip sends a request to the host in its URL, all of which must be the
// same for one lean. The context ends it at its deadline or when it is cancelled.
func (l *lean) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	for {
		c, reused, err := l.get(ctx, req)
		if err != nil {
			return nil, err
		}
		res, err := c.exchange(req)
		if err == nil {
			return res, nil
		}
		answered := c.got
		c.end(false)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		// A connection that rested may have been closed by the server meanwhile.
		// What nobody answered a word to is sent again if that does no harm.
		again := reused && !answered && replayable(req)
		if !again {
			return nil, err
		}
		if req.GetBody != nil {
			if req.Body, err = req.GetBody(); err != nil {
				return nil, err
			}
		}
	}
}

// replayable reports whether a request may arrive twice, by the rule of net/http.
func replayable(req *http.Request) bool {
	if req.Body != nil && req.Body != http.NoBody && req.GetBody == nil {
		return false
	}
	switch req.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	}
	return len(req.Header["Idempotency-Key"]) > 0
}

// get returns a connection that rested, or a new one.
func (l *lean) get(ctx context.Context, req *http.Request) (c *leanConn, reused bool, err error) {
	l.mu.Lock()
	for n := len(l.idle); n > 0 && c == nil; n = len(l.idle) {
		c = l.idle[n-1]
		l.idle[n-1] = nil
		l.idle = l.idle[:n-1]
		if time.Since(c.since) > leanIdle {
			c.conn.Close() // and all before it rested longer
			c = nil
		}
	}
	l.mu.Unlock()
	if c != nil {
		return c, true, nil
	}
	address := req.URL.Host
	if req.URL.Port() == "" {
		address = net.JoinHostPort(req.URL.Hostname(), "80")
	}
	conn, err := l.dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, false, err
	}
	c = &leanConn{lean: l, conn: conn}
	c.in, c.out = bufio.NewReader(c), bufio.NewWriter(conn)
	return c, false, nil
}

// CloseIdleConnections closes what rests.
func (l *lean) CloseIdleConnections() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.idle {
		c.conn.Close()
	}
	l.idle = nil
}

// A leanConn is a connection with at most one request on it.
type leanConn struct {
	lean  *lean
	conn  net.Conn
	in    *bufio.Reader
	out   *bufio.Writer
	since time.Time // when it came to rest
	left  int64     // bytes that may still be read
	got   bool      // a byte of the answer has come
	stop  func() bool
}

// Read reads from the connection, but not more than may be read.
func (c *leanConn) Read(b []byte) (int, error) {
	if c.left <= 0 {
		return 0, errHeaderTooLarge
	}
	n, err := c.conn.Read(b[:min(int64(len(b)), c.left)])
	c.left -= int64(n)
	c.got = c.got || n > 0
	return n, err
}

// exchange writes a request and reads the header of the answer. The body of the
// answer gives the connection back, or ends it.
func (c *leanConn) exchange(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	deadline, _ := ctx.Deadline()
	if err := c.conn.SetDeadline(deadline); err != nil {
		return nil, err
	}
	c.stop = context.AfterFunc(ctx, func() { c.conn.SetDeadline(time.Unix(1, 0)) })
	c.got, c.left = false, leanHeader
	if err := req.Write(c.out); err != nil {
		return nil, err
	}
	if err := c.out.Flush(); err != nil {
		return nil, err
	}
	for range leanHints {
		res, err := http.ReadResponse(c.in, req)
		if err != nil {
			return nil, err
		}
		if res.StatusCode >= 100 && res.StatusCode < 200 && res.StatusCode != http.StatusSwitchingProtocols {
			continue
		}
		c.left = math.MaxInt64
		whole := !res.Close && !req.Close && res.StatusCode >= 200
		if res.Body == http.NoBody {
			c.end(whole)
		} else {
			res.Body = &leanBody{body: res.Body, conn: c, whole: whole}
		}
		return res, nil
	}
	return nil, errTooManyHints
}

// end gives the connection back if the answer was read whole and nothing came
// behind it, and closes it otherwise.
func (c *leanConn) end(whole bool) {
	// If the context has ended meanwhile, its deadline is or will be on the connection.
	if !c.stop() || !whole || c.in.Buffered() > 0 {
		c.conn.Close()
		return
	}
	c.since = time.Now()
	c.lean.mu.Lock()
	defer c.lean.mu.Unlock()
	c.lean.idle = append(c.lean.idle, c)
}

// A leanBody is the body of an answer on a connection.
type leanBody struct {
	body  io.ReadCloser
	conn  *leanConn // nil once it is given back or closed
	whole bool      // the connection can be used again after the body
}

func (b *leanBody) Read(p []byte) (int, error) {
	n, err := b.body.Read(p)
	if err != nil && b.conn != nil {
		b.conn.end(b.whole && err == io.EOF)
		b.conn = nil
	}
	return n, err
}

// Close ends the connection if the body was not read to its end.
func (b *leanBody) Close() error {
	if b.conn != nil {
		b.conn.end(false)
		b.conn = nil
	}
	return nil
}
