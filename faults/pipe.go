package faults

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// A pipe is one direction of a connection.
type pipe struct {
	c         *conn
	direction int
	src, dst  *net.TCPConn
	pieces    atomic.Int64 // written one by one, under a toxic

	// Of whoever is running it.
	set     *set                  // that it last looked at
	held    []byte                // read, and found to be under another set by then
	met     [toxicForms]*toxic    // what was on it when it last looked
	since   [toxicForms]time.Time // when it met that
	passed  int64                 // bytes since it met limit_data
	free    time.Time             // when the bandwidth is free again
	dropped bool                  // something was swallowed
}

// small is how much is read at once as long as little comes: connections are many,
// and most of them rest. What fills it is taken for the beginning of more.
const small = 4 << 10

// large buffers are for streams, and for reading under a toxic.
var large = sync.Pool{New: func() any { return new([32 << 10]byte) }}

// errLost says that bytes have been lost, so that the connection cannot go on.
var errLost = errors.New("bytes were swallowed")

// wake makes a pipe that waits for bytes look again at what is on the link.
func (p *pipe) wake() { p.src.SetReadDeadline(time.Unix(1, 0)) }

// look is what is on the link for this connection now.
func (p *pipe) look() view {
	s := p.c.relay.sets[p.direction].Load()
	p.set = s
	v := view{changed: s.changed}
	for form, t := range s.on {
		fresh := t != p.met[form]
		if fresh {
			p.met[form], p.since[form] = t, time.Now()
			if form == limitData {
				p.passed = 0
			}
		}
		if t == nil {
			continue
		}
		mine := t == p.c.only || p.c.only == nil && t.hits(p.c.n)
		if mine {
			v.on[form], v.any = t, true
		}
		if fresh && p.c.only == nil {
			t.seen.Add(1)
			if mine {
				t.hit.Add(1)
			}
		}
	}
	return v
}

// run relays until the source has said all, or the connection has ended.
func (p *pipe) run() {
	var err error
	for err == nil {
		// In this order: who puts a toxic on the link wakes us after it.
		p.src.SetReadDeadline(time.Time{})
		if p.look().any {
			err = p.staged()
		} else {
			err = p.direct()
		}
	}
	switch {
	case err != io.EOF:
		p.c.reset()
	case p.dst.CloseWrite() != nil:
		p.c.reset()
	default:
		p.c.half()
	}
}

// woken reports whether an error of reading is only that of [pipe.wake].
func woken(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }

// direct passes bytes as they come until what is on the link changes, which is no
// error.
func (p *pipe) direct() error {
	if len(p.held) > 0 {
		if _, err := p.dst.Write(p.held); err != nil {
			return err
		}
		p.held = nil
	}
	buf := make([]byte, small)
	for {
		full, err := p.pass(buf)
		if full && err == nil {
			err = p.stream()
		}
		if err != nil {
			return unlessWoken(err)
		}
	}
}

// pass reads once and writes that, unless the link has changed. To wake the pipe is
// not enough: a thread that is stopped between the look at the deadline and the
// system's read reads on, whatever the deadline is by then, and that can be bytes
// that were sent after the change. It reports whether the buffer was filled.
func (p *pipe) pass(buf []byte) (full bool, err error) {
	n, err := p.src.Read(buf)
	if err != nil {
		return false, err
	}
	if p.changed() {
		p.held = bytes.Clone(buf[:n])
		return false, os.ErrDeadlineExceeded // as whoever was woken
	}
	_, err = p.dst.Write(buf[:n])
	return n == len(buf), err
}

// changed reports whether the link is not what it was at the last look.
func (p *pipe) changed() bool { return p.c.relay.sets[p.direction].Load() != p.set }

// copy passes bytes in large pieces until the link changes, which is an error.
func (p *pipe) copy() error {
	buf := large.Get().(*[32 << 10]byte)
	defer large.Put(buf)
	for {
		if _, err := p.pass(buf[:]); err != nil {
			return err
		}
	}
}

// unlessWoken is err, unless that is only of [pipe.wake].
func unlessWoken(err error) error {
	if woken(err) {
		return nil
	}
	return err
}

// staged reads into a queue, from which another goroutine delivers as the toxics
// will have it, until there are none.
func (p *pipe) staged() error {
	buf := large.Get().(*[32 << 10]byte)
	defer large.Put(buf)
	q := newQueue()
	if len(p.held) > 0 {
		q.put(newChunk(p.held))
		p.held = nil
	}
	sent := make(chan error, 1)
	p.c.relay.wg.Go(func() {
		d := delivery{pipe: p, q: q}
		err := d.run()
		if err != nil && err != io.EOF && !woken(err) {
			p.c.reset()
		}
		q.abandon()
		sent <- err
	})
	for {
		n, err := p.src.Read(buf[:])
		if n > 0 && !q.put(newChunk(bytes.Clone(buf[:n]))) {
			return <-sent
		}
		if woken(err) {
			p.src.SetReadDeadline(time.Time{})
			if !p.clear() {
				continue
			}
		}
		if err != nil {
			q.close(err)
			err = <-sent
			if woken(err) {
				return nil
			}
			return err
		}
	}
}

// clear reports whether nothing on the link is for this connection. Unlike look it
// leaves no trace, for whoever delivers looks at the same time.
func (p *pipe) clear() bool {
	for _, t := range p.c.relay.sets[p.direction].Load().on {
		if t != nil && (t == p.c.only || p.c.only == nil && t.hits(p.c.n)) {
			return false
		}
	}
	return true
}
