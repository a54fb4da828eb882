package timeline

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// The patience with slow and idle connections.
const (
	headerTimeout = 10 * time.Second // for a request's header,
	bodyTimeout   = 30 * time.Second // and for all of it
	idleTimeout   = 2 * time.Minute  // between requests on a connection
	maxHeader     = 64 << 10

	// farewell is how long connections are told to close, at most, before they
	// are closed, and silence how long nobody must have asked for it to be shorter.
	farewell = 2 * time.Second
	silence  = 100 * time.Millisecond
	// backlog is how long nobody must have connected for the listener to close.
	backlog = 5 * time.Millisecond
	// drainPatience is how long requests may take to finish.
	drainPatience = 10 * time.Second
)

// Serve serves HTTP on a listener until ctx ends, and then drains: every answer
// asks its client to close the connection while new ones are still taken, so that
// nothing is on its way when the listener closes; requests under way are finished,
// streams ended, and every acknowledged post is in its followers' timelines when
// Serve returns. It errors when the listener fails or a request does not end
// within 10 seconds. The service cannot be used afterwards but for reading.
func (s *Service) Serve(ctx context.Context, l net.Listener) error {
	var traffic traffic
	gate := &listener{Listener: l, s: s}
	server := &http.Server{
		Handler:           traffic.count(s),
		ReadHeaderTimeout: headerTimeout, ReadTimeout: bodyTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
		ConnState: s.counts,
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(gate) }()
	select {
	case err := <-served:
		return errors.Join(fmt.Errorf("serving: %w", err), s.Close())
	case <-ctx.Done():
	}
	s.draining.Store(true)
	s.hub.cut(true)
	traffic.subside(farewell)
	gate.stop()
	<-served
	l.Close()
	traffic.subside(drainPatience) // Shutdown drops what it has not begun to read
	patience, cancel := context.WithTimeout(context.Background(), drainPatience)
	defer cancel()
	err := server.Shutdown(patience)
	if errors.Is(err, net.ErrClosed) {
		err = nil // the listener is closed already
	}
	if err = errors.Join(err, s.Close()); err != nil {
		return fmt.Errorf("draining: %w", err)
	}
	return nil
}

// traffic is what a server is being asked.
type traffic struct{ began, ended atomic.Int64 }

func (t *traffic) count(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.began.Add(1)
		defer t.ended.Add(1)
		h.ServeHTTP(w, r)
	})
}

// subside waits until nobody has asked for a while and all are answered, but not
// for ever.
func (t *traffic) subside(most time.Duration) {
	began, last, before := time.Now(), time.Now(), t.began.Load()
	for time.Since(began) < most && time.Since(last) < silence {
		time.Sleep(silence / 10)
		if now := t.began.Load(); now != before || t.ended.Load() != now {
			last, before = time.Now(), now
		}
	}
}

// counts counts open connections.
func (s *Service) counts(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.connections.Add(1)
	case http.StateClosed, http.StateHijacked:
		s.connections.Add(-1)
	}
}

// listener keeps to max_connections.
type listener struct {
	net.Listener
	s       *Service
	stopped atomic.Bool
	woken   bool // Accept has noticed
}

// tooMany is the answer to a connection over the cap.
var tooMany = func() []byte {
	const body = `{"error":"Too many connections; try again later"}`
	return fmt.Appendf(nil, "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json; charset=utf-8\r\nRetry-After: 1\r\n"+
		"Connection: close\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}()

// Accept is the next connection under the cap. One over it is told so at once.
func (l *listener) Accept() (net.Conn, error) {
	for {
		if l.woken {
			_ = l.Listener.(deadliner).SetDeadline(time.Now().Add(backlog))
		}
		conn, err := l.Listener.Accept()
		switch {
		case err != nil && !l.stopped.Load():
			return nil, err
		case err != nil && !l.woken && l.deadlines():
			l.woken = true
			continue
		case err != nil:
			return nil, net.ErrClosed // rather than a timeout, after which it would be tried again
		}
		most := l.s.knobs.Load().MaxConnections
		if most == 0 || l.s.connections.Load() < int64(most) {
			return conn, nil
		}
		l.s.metrics.shed("connections")
		go turnAway(conn)
	}
}

type deadliner interface{ SetDeadline(time.Time) error }

func (l *listener) deadlines() bool {
	_, ok := l.Listener.(deadliner)
	return ok
}

// stop lets Accept take the connections that are made already, and end.
func (l *listener) stop() {
	deafen(l.Listener)
	l.stopped.Store(true)
	if timed, ok := l.Listener.(deadliner); ok {
		_ = timed.SetDeadline(time.Now())
		return
	}
	l.Close()
}

// turnAway tells a connection that there are too many. It reads on until the
// client has read that: closing before would take the answer away again.
func turnAway(conn net.Conn) {
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	if _, err := conn.Write(tooMany); err != nil {
		return
	}
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
	var rest [512]byte
	for {
		if _, err := conn.Read(rest[:]); err != nil {
			return
		}
	}
}
