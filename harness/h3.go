package harness

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
)

// h3Streams is how many requests share a connection: every server should allow as
// many (RFC 9114, 6.1), and one more would wait for its turn where nobody sees it.
const h3Streams = 100

// h3Tries is how often a request is sent to a server that does not begin it.
const h3Tries = 3

// h3 is an http.RoundTripper for HTTP/3. quic-go's own transport has one
// connection to a host, however many requests wait for a stream on it, and makes
// a new one after every request that fails. This one makes as many connections as
// the requests under way need, each from a port of its own, and uses them until
// they end. It is safe for concurrent use.
type h3 struct {
	tls      *tls.Config
	quic     *quic.Config
	requests http3.Transport // how requests are made on a connection
	most     int             // connections

	mu    sync.Mutex
	conns []*h3Conn
}

var _ http.RoundTripper = (*h3)(nil)

// An h3Conn is a connection that is there, or on its way.
type h3Conn struct {
	under  int                // requests on it, or waiting for it; guarded by h3.mu
	cancel context.CancelFunc // ends the dialling
	ready  chan struct{}      // closed when it is there, or failed
	err    error              // why it failed; after ready
	client *http3.ClientConn  // after ready
	socket *quic.Transport    // after ready; nil: it did not come so far
}

// newH3 returns a transport with room for inFlight requests at once.
func newH3(conf *tls.Config, inFlight int) (*h3, error) {
	// quic-go logs what it thinks of the host's buffers, into the middle of ours.
	if err := os.Setenv("QUIC_GO_DISABLE_RECEIVE_BUFFER_WARNING", "true"); err != nil {
		return nil, fmt.Errorf("keeping quic-go quiet: %w", err)
	}
	conf = conf.Clone()
	if conf == nil {
		conf = &tls.Config{}
	}
	conf.NextProtos = []string{http3.NextProtoH3}
	return &h3{
		tls: conf,
		quic: &quic.Config{
			Versions:             []quic.Version{quic.Version1},
			HandshakeIdleTimeout: deadAfter, MaxIdleTimeout: deadAfter,
			MaxIncomingStreams: -1, // a server opens none
		},
		requests: http3.Transport{DisableCompression: true, MaxResponseHeaderBytes: maxHeaderBytes},
		most:     max(1, (inFlight+h3Streams-1)/h3Streams),
	}, nil
}

// RoundTrip sends a request to the host in its URL, all of which must be the
// same for one h3. The context ends it at its deadline or when it is cancelled. A
// request that the server says it has not begun, as when it leaves the
// connection, goes to another.
func (h *h3) RoundTrip(req *http.Request) (*http.Response, error) {
	for n := 1; ; n++ {
		c := h.take(req)
		res, err := c.roundTrip(req)
		if err == nil {
			res.Body = &h3Body{res.Body, h, c}
			return res, nil
		}
		e, ok := errors.AsType[*http3.Error](err)
		left := ok && e.ErrorCode == http3.ErrCodeRequestRejected || strings.HasPrefix(err.Error(), "http3: conn unusable: ")
		h.release(c, left)
		again, ok := renewed(req)
		if !left || !ok || n == h3Tries || req.Context().Err() != nil {
			return nil, err
		}
		req = again
	}
}

// renewed closes the body of a request and returns one with a body that was not
// read yet, if it can be had.
func renewed(req *http.Request) (again *http.Request, ok bool) {
	if req.Body == nil {
		return req, true
	}
	req.Body.Close()
	if req.GetBody == nil {
		return nil, false
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, false
	}
	copied := *req
	copied.Body = body
	return &copied, true
}

// take returns the connection with the most requests among those that have room,
// so that few are needed, or a new one. At the limit it is the one with the least.
func (h *h3) take(req *http.Request) *h3Conn {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.conns = slices.DeleteFunc(h.conns, func(c *h3Conn) bool {
		ended := c.ended()
		if ended && c.under == 0 {
			go c.close()
		}
		return ended
	})
	var best, least *h3Conn
	for _, c := range h.conns {
		if c.under < h3Streams && (best == nil || c.under > best.under) {
			best = c
		}
		if least == nil || c.under < least.under {
			least = c
		}
	}
	if best == nil && len(h.conns) >= h.most {
		best = least
	}
	if best == nil {
		// All wait for it who come while it is made, so it does not end with the
		// request that came first.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(req.Context()), deadAfter)
		best = &h3Conn{cancel: cancel, ready: make(chan struct{})}
		h.conns = append(h.conns, best)
		go func() {
			defer close(best.ready)
			defer cancel()
			best.err = h.dial(ctx, best, hostPort(req.URL))
		}()
	}
	best.under++
	return best
}

// release gives back a connection after a request. If it has ended, or is of no
// use any more, no other request gets it.
func (h *h3) release(c *h3Conn, useless bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	c.under--
	i := slices.Index(h.conns, c)
	if i >= 0 && (useless || c.ended()) {
		h.conns = slices.Delete(h.conns, i, i+1)
		i = -1
	}
	if i < 0 && c.under == 0 {
		go c.close()
	}
}

// CloseIdleConnections closes the connections without a request.
func (h *h3) CloseIdleConnections() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.conns = slices.DeleteFunc(h.conns, func(c *h3Conn) bool {
		if c.under == 0 {
			c.close()
		}
		return c.under == 0
	})
}

// dial makes the connection.
func (h *h3) dial(ctx context.Context, c *h3Conn, address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	number, err := net.DefaultResolver.LookupPort(ctx, "udp", port)
	if err != nil {
		return err
	}
	ips, err := net.DefaultResolver.LookupIPAddr(ctx, host)
	if err != nil {
		return err
	}
	ip := ips[max(0, slices.IndexFunc(ips, func(a net.IPAddr) bool { return a.IP.To4() != nil }))]
	conf := h.tls.Clone()
	if conf.ServerName == "" {
		conf.ServerName = host
	}
	socket, err := net.ListenUDP("udp", nil)
	if err != nil {
		return err
	}
	c.socket = &quic.Transport{Conn: socket}
	conn, err := c.socket.Dial(ctx, &net.UDPAddr{IP: ip.IP, Port: number, Zone: ip.Zone}, conf, h.quic)
	if err != nil {
		return err
	}
	c.client = h.requests.NewClientConn(conn)
	return nil
}

// roundTrip waits for the connection and sends a request on it.
func (c *h3Conn) roundTrip(req *http.Request) (*http.Response, error) {
	select {
	case <-c.ready:
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
	if c.err != nil {
		return nil, c.err
	}
	return c.client.RoundTrip(req)
}

// ended reports whether the connection failed, or was there and is no more.
func (c *h3Conn) ended() bool {
	select {
	case <-c.ready:
		return c.err != nil || c.client.Context().Err() != nil
	default:
		return false
	}
}

// close ends the connection, tells the server, and frees the port.
func (c *h3Conn) close() {
	c.cancel()
	<-c.ready
	if c.client != nil {
		c.client.CloseWithError(quic.ApplicationErrorCode(http3.ErrCodeNoError), "")
	}
	if c.socket != nil {
		c.socket.Close()
		c.socket.Conn.Close()
	}
}

// An h3Body is the body of an answer. Closing it gives its connection back.
type h3Body struct {
	io.ReadCloser
	h3   *h3
	conn *h3Conn // nil once it is given back
}

func (b *h3Body) Close() error {
	err := b.ReadCloser.Close()
	if b.conn != nil {
		b.h3.release(b.conn, false)
		b.conn = nil
	}
	return err
}
