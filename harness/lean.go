package harness

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"gameday/targets"
)

// lean is the wire for HTTP/1.1. It writes a call and reads the answer on the
// caller's own goroutine and without garbage, where net/http hands both to two
// others; that takes a quarter of the CPU per request. What answers usually look
// like it reads itself; all that is unusual, and every error, it leaves to
// net/http's own parser, from the first byte.
//
// A connection whose answer was read to its end is used again, the last one
// first.
type lean struct {
	dial  func(context.Context) (net.Conn, error)
	base  *url.URL
	path  string // of base, without a slash at its end
	hosts string // the lines that all requests have
	began time.Time
	exact bool // a deadline may never pass early: TLS would not survive it

	mu    sync.Mutex
	ended bool
	all   map[*leanConn]struct{}
	idle  []*leanConn // the one used last at the end
}

var _ wire = (*lean)(nil)

const (
	// leanIdle is how long a connection may rest and be used again: servers close
	// those that rest, none sooner than five seconds by default, and a request
	// that crosses the close is lost.
	leanIdle = 3 * time.Second
	// leanLook is how long it may rest and be used again without looking whether
	// the server has closed it.
	leanLook = 10 * time.Millisecond
)

func newLean(base *url.URL, agent string, dial func(context.Context) (net.Conn, error)) *lean {
	return &lean{
		dial: dial, base: base, path: strings.TrimSuffix(base.EscapedPath(), "/"),
		hosts: " HTTP/1.1\r\nHost: " + base.Host + "\r\nUser-Agent: " + agent + "\r\n",
		exact: base.Scheme == "https", began: time.Now(),
		all: map[*leanConn]struct{}{},
	}
}

// carry sends a call over a connection that rested, or a new one. Such a one may
// have been closed by the server meanwhile: what nobody answered a word to is
// sent again if that does no harm.
func (l *lean) carry(c targets.Call, deadline time.Time, fresh bool) (reply, error) {
	for {
		conn, reused, err := l.get(deadline, fresh)
		if err != nil {
			return reply{}, err
		}
		a, keep, err := conn.exchange(&c, deadline)
		again := err != nil && reused && !conn.answered && !isTimeout(err) && replayable(&c)
		l.put(conn, keep)
		if !again {
			return a, err
		}
	}
}

// replayable reports whether a call may arrive twice, by the rule of net/http.
func replayable(c *targets.Call) bool {
	switch c.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	}
	return c.Key != ""
}

// get returns a connection that rested, if it need not be fresh, or a new one.
func (l *lean) get(deadline time.Time, fresh bool) (c *leanConn, reused bool, err error) {
	for {
		l.mu.Lock()
		if l.ended {
			l.mu.Unlock()
			return nil, false, errCut
		}
		n := len(l.idle)
		if n == 0 || fresh {
			l.mu.Unlock()
			c, err = l.open(deadline)
			return c, false, err
		}
		c = l.idle[n-1]
		l.idle[n-1] = nil
		l.idle = l.idle[:n-1]
		l.mu.Unlock()
		// Since its last call began: no need to take the time if that is short.
		if deadline.Sub(c.deadline) <= leanLook || time.Since(l.began)-c.since <= leanIdle && quiet(c.conn) {
			return c, true, nil
		}
		l.put(c, false)
	}
}

// open makes a new connection.
func (l *lean) open(deadline time.Time) (*leanConn, error) {
	ctx, cancel := context.WithDeadline(context.Background(), deadline)
	defer cancel()
	conn, err := l.dial(ctx)
	if err != nil {
		return nil, err
	}
	c := newLeanConn(l, conn)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		conn.Close()
		return nil, errCut
	}
	l.all[c] = struct{}{}
	return c, nil
}

// put lets a connection rest, or closes it.
func (l *lean) put(c *leanConn, keep bool) {
	c.since = time.Since(l.began)
	l.mu.Lock()
	if keep && !l.ended {
		l.idle = append(l.idle, c)
		l.mu.Unlock()
		return
	}
	delete(l.all, c)
	l.mu.Unlock()
	c.conn.Close()
}

// cut closes all connections.
func (l *lean) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
	for c := range l.all {
		c.conn.Close()
	}
	clear(l.all)
	l.idle = nil
}
