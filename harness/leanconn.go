package harness

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"gameday/targets"
)

const (
	// leanBuffer holds most answers' headers, and small answers whole.
	leanBuffer = 4 << 10
	// leanLarge is how large an answer in chunks may be for us to read it: it has
	// to fit whole.
	leanLarge = 64 << 10
	// leanHeader is how large the header of an answer may be.
	leanHeader = 1 << 20
	// leanHints is how many answers of the 1xx kind may come before the real one.
	leanHints = 5
)

var (
	errHeaderTooLarge = errors.New("the header of the answer is too large")
	errTooManyHints   = errors.New("too many 1xx answers")
)

// large keeps buffers of leanLarge, for as long as an answer comes in.
var large = sync.Pool{New: func() any { return new([leanLarge]byte) }}

// A leanConn is a connection with at most one call on it.
type leanConn struct {
	lean     *lean
	conn     net.Conn
	socket   *socket
	since    time.Duration // when it came to rest, after its lean began
	deadline time.Time     // of the call
	armed    time.Time     // the deadline that conn has now; no later than needed, but perhaps earlier
	answered bool          // a byte of the answer has come
	out      []byte        // the request
	in       []byte        // where the answer goes: small, or large for a while
	n        int           // how much of in has come
	small    []byte
}

func newLeanConn(l *lean, conn net.Conn) *leanConn {
	small := make([]byte, leanBuffer)
	return &leanConn{lean: l, conn: conn, socket: newSocket(conn), small: small, in: small}
}

// exchange sends a call and reads the answer. Keep says that the connection is
// good for another.
func (c *leanConn) exchange(call *targets.Call, deadline time.Time) (a reply, keep bool, err error) {
	if c.out, err = c.lean.appendCall(c.out[:0], call); err != nil {
		return a, false, err
	}
	c.answered, c.n, c.deadline = false, 0, deadline
	// Setting a deadline costs as much as a small write, so one that would pass too
	// early stays, until it does.
	if c.lean.exact || c.armed.IsZero() || deadline.Before(c.armed) {
		if err = c.arm(); err != nil {
			return a, false, err
		}
	}
	if err = c.send(c.out); err == nil {
		a, keep, err = c.receive(call)
	}
	if len(c.in) > leanBuffer {
		large.Put((*[leanLarge]byte)(c.in))
		c.in = c.small
	}
	return a, keep, err
}

func (c *leanConn) arm() error {
	c.armed = c.deadline
	return c.conn.SetDeadline(c.deadline)
}

// again reports whether an error only means that a deadline passed too early.
func (c *leanConn) again(err error) bool {
	return isTimeout(err) && !c.lean.exact && time.Now().Before(c.deadline) && c.arm() == nil
}

// send writes a request, and may read the beginning of the answer.
func (c *leanConn) send(b []byte) error {
	wrote, n, err := c.socket.swap(b, c.in)
	c.n, c.answered = n, n > 0
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	for b = b[wrote:]; ; b = b[n:] {
		if err != nil && !c.again(err) {
			return err
		}
		if len(b) == 0 {
			return nil
		}
		n, err = c.conn.Write(b)
	}
}

// Read reads from the connection; some bytes or an error.
func (c *leanConn) Read(b []byte) (int, error) {
	for {
		n, err := c.conn.Read(b)
		if n > 0 {
			c.answered = true
			return n, nil
		}
		if err != nil && !c.again(err) {
			return 0, err
		}
	}
}

// fill reads more of the answer into the buffer, which has room.
func (c *leanConn) fill() error {
	n, err := c.Read(c.in[c.n:])
	c.n += n
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// receive reads an answer.
func (c *leanConn) receive(call *targets.Call) (a reply, keep bool, err error) {
	for {
		h, n, state := parseHead(c.in[:c.n], call)
		switch {
		case state == whole && h.chunked:
			return c.receiveChunks(h, n, call)
		case state == whole:
			return c.receiveBody(h, n, call)
		case state == odd, c.n == len(c.in):
			return c.receiveOdd(call)
		}
		if err := c.fill(); err != nil {
			return a, false, err
		}
	}
}

// receiveBody reads a body of known length, of which the buffer holds what comes
// after its first n bytes.
func (c *leanConn) receiveBody(h head, n int, call *targets.Call) (reply, bool, error) {
	if h.length > targets.MaxAnswer {
		return h.reply, false, errTooLarge
	}
	want := h.wanted(call)
	for got := c.in[n:c.n]; ; got = c.in[:c.n] {
		extra := len(got) > h.length
		got = got[:min(len(got), h.length)]
		if want {
			h.body = append(h.body, got...)
		} else if h.failed() {
			h.listen(got)
		}
		if h.length -= len(got); h.length == 0 {
			return h.reply, !h.close && !extra, nil
		}
		if h.length > leanBuffer {
			c.enlarge()
		}
		c.n = 0
		if err := c.fill(); err != nil {
			return h.reply, false, err
		}
	}
}

// receiveChunks reads a body in chunks, which begins behind the buffer's first n
// bytes.
func (c *leanConn) receiveChunks(h head, n int, call *targets.Call) (reply, bool, error) {
	for at := n; ; {
		next, state := scanChunks(c.in[:c.n], at)
		if state == whole {
			if h.wanted(call) {
				h.body = joinChunks(c.in[n:next])
			} else if h.failed() {
				h.listen(joinChunks(c.in[n:next]))
			}
			return h.reply, !h.close && next == c.n, nil
		}
		if c.n == len(c.in) && !c.enlarge() || state == odd {
			return c.receiveOdd(call)
		}
		at = next
		if err := c.fill(); err != nil {
			return h.reply, false, err
		}
	}
}

// enlarge takes a large buffer, and reports false if it has one already.
func (c *leanConn) enlarge() bool {
	if len(c.in) > leanBuffer {
		return false
	}
	in := large.Get().(*[leanLarge]byte)[:]
	copy(in, c.in[:c.n])
	c.in = in
	return true
}

// receiveOdd reads an answer with net/http, beginning with what the buffer holds.
func (c *leanConn) receiveOdd(call *targets.Call) (reply, bool, error) {
	from := &oddReader{rest: c, left: leanHeader}
	from.first.Reset(c.in[:c.n])
	in := bufio.NewReader(from)
	for range leanHints {
		res, err := http.ReadResponse(in, &http.Request{Method: call.Method})
		if err != nil {
			return reply{}, false, err
		}
		if res.StatusCode >= 100 && res.StatusCode < 200 && res.StatusCode != http.StatusSwitchingProtocols {
			continue
		}
		from.left = math.MaxInt64
		a, err := readAnswer(res, call)
		whole := err == nil && res.StatusCode >= 200 && in.Buffered() == 0 && from.first.Len() == 0
		return a, whole && !res.Close, err
	}
	return reply{}, false, errTooManyHints
}

// An oddReader reads what has come and then what comes, but not more than may be.
type oddReader struct {
	first bytes.Reader
	rest  io.Reader
	left  int64
}

func (r *oddReader) Read(b []byte) (n int, err error) {
	if r.left <= 0 {
		return 0, errHeaderTooLarge
	}
	b = b[:min(int64(len(b)), r.left)]
	if r.first.Len() > 0 {
		n, err = r.first.Read(b)
	} else {
		n, err = r.rest.Read(b)
	}
	r.left -= int64(n)
	return n, err
}

func isTimeout(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }
