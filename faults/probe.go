package faults

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"
)

// A trial is what came of a connection of our own that went through the pipes of a
// link, under one toxic only and whatever its toxicity is, to an echo of our own:
// bytes were sent, then the end, and both were waited for for a while.
type trial struct {
	got    int // bytes that came back
	ended  bool
	reset  bool
	pieces int64 // in which the pipe wrote
}

const (
	// longTrial is how long a trial takes at most for what should come late or not
	// at all. Who is later than that is late.
	longTrial = time.Second
	// shortTrial is how long nothing comes when nothing should.
	shortTrial = 100 * time.Millisecond
	// maxTrial is how many bytes a trial sends at most.
	maxTrial = 1 << 20
)

// probe reports whether a toxic hurts what goes through the link. It measures that
// on a connection of its own, for which the upstream is not needed.
func (r *relay) probe(ctx context.Context, t *toxic) (bool, error) {
	ctx, cancel := limited(ctx)
	defer cancel()
	if !r.has(t) {
		got, err := r.try(ctx, t, small, patience/2)
		if err == nil && (got.got != small || !got.ended) {
			err = fmt.Errorf("link %s: of %d bytes, %d came through", r.Name, small, got.got)
		}
		return false, err
	}
	send, late := 1, min(t.floor(), longTrial)
	switch t.form {
	case bandwidth:
		send = int(min(t.Rate*100, maxTrial)) // what takes 100 ms
		late = t.line(send)
	case timeout, resetPeer:
		late = shortTrial
		if t.form == resetPeer && t.Timeout < longTrial {
			late += t.Timeout + longTrial
		}
	case slowClose:
		late = min(t.Delay, longTrial)
	case slicer:
		send = int(min(t.AverageSize*4, maxTrial))
		late = longTrial + 4*t.Delay
	case limitData:
		send = int(min(t.Bytes+1, maxTrial))
		late = longTrial
	}
	got, err := r.try(ctx, t, send, late*9/10)
	if err != nil {
		return false, err
	}
	switch t.form {
	case timeout:
		return got.got == 0, nil
	case resetPeer:
		return got.got == 0 && (got.reset || t.Timeout >= longTrial), nil
	case slowClose:
		return got.got == send && !got.ended, nil
	case slicer:
		return got.pieces >= 2 || t.AverageSize > maxTrial/2, nil
	case limitData:
		return got.got < send || t.Bytes >= maxTrial, nil
	}
	return got.got < send, nil
}

// try makes a trial.
func (r *relay) try(ctx context.Context, t *toxic, send int, wait time.Duration) (trial, error) {
	client, inside, err := pair(ctx)
	if err != nil {
		return trial{}, err
	}
	defer client.Close()
	echo, outside, err := pair(ctx)
	if err != nil {
		inside.Close()
		return trial{}, err
	}
	defer echo.Close()
	go func() {
		if _, err := io.Copy(echo, echo); err == nil {
			echo.CloseWrite()
		}
	}()
	c := r.register(inside, t)
	if c == nil {
		outside.Close()
		return trial{}, fmt.Errorf("link %s is closed", r.Name)
	}
	defer c.reset()
	go func() {
		defer r.wg.Done()
		c.join(outside)
	}()
	go func() {
		if _, err := client.Write(make([]byte, send)); err == nil {
			client.CloseWrite()
		}
	}()
	return c.listen(ctx, client, t.direction(), wait)
}

// listen waits for what comes of a trial.
func (c *conn) listen(ctx context.Context, client *net.TCPConn, direction int, wait time.Duration) (trial, error) {
	client.SetReadDeadline(time.Now().Add(wait))
	stop := context.AfterFunc(ctx, func() { client.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	n, err := io.Copy(io.Discard, client)
	if ctx.Err() != nil {
		return trial{}, context.Cause(ctx)
	}
	got := trial{got: int(n), ended: err == nil, reset: errors.Is(err, syscall.ECONNRESET)}
	c.relay.mu.Lock()
	p := c.pipes[direction]
	c.relay.mu.Unlock()
	if p != nil {
		got.pieces = p.pieces.Load()
	}
	return got, nil
}

// pair is a connection with itself, over loopback.
func pair(ctx context.Context) (a, b *net.TCPConn, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, fmt.Errorf("connecting with ourselves: %w", err)
	}
	defer l.Close()
	var d net.Dialer
	dialled, err := d.DialContext(ctx, "tcp", l.Addr().String())
	if err != nil {
		return nil, nil, fmt.Errorf("connecting with ourselves: %w", err)
	}
	accepted, err := l.Accept()
	if err != nil {
		dialled.Close()
		return nil, nil, fmt.Errorf("connecting with ourselves: %w", err)
	}
	return dialled.(*net.TCPConn), accepted.(*net.TCPConn), nil
}
