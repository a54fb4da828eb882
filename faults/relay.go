package faults

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// A relay is the TCP relay of a link: what it accepts it connects with the
// upstream, through the toxics that are on the link. While there are none, bytes
// pass as they come.
type relay struct {
	Link
	address string // where it listens
	sets    [2]atomic.Pointer[set]
	down    atomic.Bool
	cut     atomic.Int64 // connections that going down has ended

	ctx  context.Context // ends with the relay, and with it what is being dialled
	stop context.CancelFunc
	wg   sync.WaitGroup

	mu       sync.Mutex
	listener net.Listener // nil: nobody may come
	conns    map[*conn]struct{}
	n        uint64 // connections so far
	closed   bool
}

// dialPatience is how long the upstream may take to accept.
const dialPatience = 10 * time.Second

func startRelay(l Link) (*relay, error) {
	ctx, stop := context.WithCancel(context.Background())
	r := &relay{Link: l, address: l.Listen, ctx: ctx, stop: stop, conns: map[*conn]struct{}{}}
	for i := range r.sets {
		r.sets[i].Store(&set{changed: make(chan struct{})})
	}
	if err := r.listen(); err != nil {
		stop()
		return nil, err
	}
	r.address = r.listener.Addr().String() // from now on always this one
	return r, nil
}

// listen opens the door.
func (r *relay) listen() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed || r.listener != nil {
		return nil
	}
	l, err := net.Listen("tcp", r.address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("link %s: somebody else listens on %s already: stop that, or choose another port", r.Name, r.address)
	} else if err != nil {
		return fmt.Errorf("link %s: %w", r.Name, err)
	}
	r.listener = l
	r.wg.Go(func() { r.accept(l) })
	return nil
}

func (r *relay) accept(l net.Listener) {
	for {
		client, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		} else if err != nil { // no file descriptors left, most likely
			time.Sleep(look)
			continue
		}
		if c := r.register(client.(*net.TCPConn), nil); c != nil {
			go c.connect()
		}
	}
}

// register makes a connection known, so that changes reach it. It returns nil,
// and ends the connection, when nobody may come. Only is nil, or the one toxic
// that a connection of our own tries out.
func (r *relay) register(client *net.TCPConn, only *toxic) *conn {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed || r.listener == nil && only == nil {
		hangUp(client)
		return nil
	}
	r.n++
	c := &conn{relay: r, n: r.n, client: client, only: only, done: make(chan struct{})}
	r.conns[c] = struct{}{}
	r.wg.Add(1) // until join, or what failed before it, returns
	return c
}

// put puts t on its direction of the link, or with on false takes it off, at once
// and on every connection. It waits for nobody.
func (r *relay) put(t *toxic, on bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	direction := t.direction()
	old := r.sets[direction].Load()
	next := &set{on: old.on, changed: make(chan struct{})}
	if on {
		next.on[t.form] = t
	} else if old.on[t.form] == t {
		next.on[t.form] = nil
	}
	r.sets[direction].Store(next)
	close(old.changed)
	for c := range r.conns {
		if p := c.pipes[direction]; p != nil {
			p.wake()
		}
	}
}

// has reports whether t is on the link.
func (r *relay) has(t *toxic) bool { return r.sets[t.direction()].Load().on[t.form] == t }

// goDown closes the door and resets whoever is inside.
func (r *relay) goDown() {
	r.down.Store(true)
	r.cut.Store(int64(r.shut(false)))
}

// comeUp opens the door again. Somebody else may have taken the port for a
// moment, such as a client for a connection of its own.
func (r *relay) comeUp(ctx context.Context) error {
	ctx, cancel := limited(ctx)
	defer cancel()
	for tick := time.NewTicker(10 * look); ; {
		err := r.listen()
		if err == nil || ctx.Err() != nil {
			tick.Stop()
			r.down.Store(err != nil)
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}

// shut closes the door, for good or for a while, and resets all connections. It
// returns how many there were.
func (r *relay) shut(good bool) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = r.closed || good
	if r.listener != nil {
		r.listener.Close()
		r.listener = nil
	}
	n := 0
	for c := range r.conns {
		if c.only == nil || good {
			c.resetLocked()
			n++
		}
	}
	return n
}

// close ends the relay, and returns when nothing of it is left.
func (r *relay) close() {
	r.stop()
	r.shut(true)
	r.wg.Wait()
}

// A conn is a connection from a client to the upstream.
type conn struct {
	relay  *relay
	n      uint64
	only   *toxic
	client *net.TCPConn
	done   chan struct{} // closed when it has ended

	// Guarded by the relay's mu.
	server *net.TCPConn
	pipes  [2]*pipe
	halves int // of it that have ended
	ended  bool
}

// connect dials the upstream and relays until both sides have said all.
func (c *conn) connect() {
	defer c.relay.wg.Done()
	ctx, cancel := context.WithTimeout(c.relay.ctx, dialPatience)
	defer cancel()
	var d net.Dialer
	server, err := d.DialContext(ctx, "tcp", c.relay.Upstream)
	if err != nil { // as the upstream does not take it, so do we not
		c.reset()
		return
	}
	c.join(server.(*net.TCPConn))
}

// join relays between the client and server until both have said all.
func (c *conn) join(server *net.TCPConn) {
	r := c.relay
	r.mu.Lock()
	if c.ended {
		r.mu.Unlock()
		hangUp(server)
		return
	}
	c.server = server
	c.pipes[0] = &pipe{c: c, direction: 0, src: c.client, dst: server}
	c.pipes[1] = &pipe{c: c, direction: 1, src: server, dst: c.client}
	other := c.pipes[1]
	r.mu.Unlock()
	r.wg.Go(other.run)
	c.pipes[0].run()
}

// half says that one direction has said all. The second one ends the connection.
func (c *conn) half() {
	c.relay.mu.Lock()
	defer c.relay.mu.Unlock()
	if c.halves++; c.halves == 2 {
		c.endLocked(func(s *net.TCPConn) { s.Close() })
	}
}

// reset ends the connection as a crash does: both sides see it reset.
func (c *conn) reset() {
	c.relay.mu.Lock()
	defer c.relay.mu.Unlock()
	c.resetLocked()
}

func (c *conn) resetLocked() { c.endLocked(hangUp) }

// end closes the connection on both sides, in order.
func (c *conn) end() {
	c.relay.mu.Lock()
	defer c.relay.mu.Unlock()
	c.endLocked(func(s *net.TCPConn) { s.Close() })
}

func (c *conn) endLocked(shut func(*net.TCPConn)) {
	if c.ended {
		return
	}
	c.ended = true
	close(c.done)
	delete(c.relay.conns, c)
	shut(c.client)
	if c.server != nil {
		shut(c.server)
	}
}

// hangUp closes a connection so that the other side sees a reset.
func hangUp(s *net.TCPConn) {
	s.SetLinger(0)
	s.Close()
}
