package faults

import (
	"time"
)

// A delivery writes what a pipe has read, when and as the toxics will have it. It
// looks at them again whenever they change, and waits in no other way than one
// that a change interrupts.
type delivery struct {
	*pipe
	q *queue
}

// run delivers until there is nothing more to come, and returns why.
func (d *delivery) run() error {
	for !d.over() {
		// In this order: what was sent after a change is never under what was before.
		c, there, end := d.q.head()
		v := d.look()
		if v.swallows() {
			if err := d.swallow(v, c, there, end); err != nil {
				return err
			}
			continue
		}
		if d.dropped {
			return d.lost()
		}
		switch {
		case there:
			if d.wait(v, d.due(v, c)) {
				d.q.pop()
				if err := d.send(c.data); err != nil {
					return err
				}
			}
		case end != nil:
			if t := v.on[slowClose]; t == nil || woken(end) || d.wait(v, d.q.ended.Add(t.Delay)) {
				return end
			}
		default:
			d.idle(v, time.Time{})
		}
	}
	return errLost
}

// lost closes a connection of which bytes are missing.
func (d *delivery) lost() error {
	d.c.end()
	return errLost
}

// due is when a chunk may go on.
func (d *delivery) due(v view, c chunk) time.Time {
	t := v.on[latency]
	if t == nil {
		return time.Time{}
	}
	return c.at.Add(t.Latency + time.Duration(c.luck*float64(t.Jitter)))
}

// wait waits until a moment. It reports false when the toxics change before that,
// or the connection ends.
func (d *delivery) wait(v view, until time.Time) bool {
	left := time.Until(until)
	if left <= 0 {
		return true
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
		return !v.stale()
	case <-v.changed:
	case <-d.c.done:
	}
	return false
}

// idle waits for news: bytes, a change, the end, or a moment, unless it is zero. It
// reports whether the moment has come.
func (d *delivery) idle(v view, until time.Time) bool {
	var moment <-chan time.Time
	if !until.IsZero() {
		timer := time.NewTimer(time.Until(until))
		defer timer.Stop()
		moment = timer.C
	}
	select {
	case <-moment:
		return !v.stale()
	case <-d.q.news:
	case <-v.changed:
	case <-d.c.done:
	}
	return false
}

// swallow lets nothing pass, neither c, which is there, nor the end. A timeout
// drops what comes, and closes the connection in the end. A reset_peer keeps it
// back, and some time after the first bytes, or the last, resets the connection.
func (d *delivery) swallow(v view, c chunk, there bool, end error) error {
	if !there && end != nil && (d.dropped || woken(end)) {
		if d.dropped {
			return d.lost()
		}
		return end // the toxic is gone by now
	}
	if t := v.on[resetPeer]; t != nil {
		if !there && end == nil {
			d.idle(v, time.Time{})
		} else if d.wait(v, time.Now().Add(t.Timeout)) {
			t.bytes.Add(int64(d.drop()))
			d.c.reset()
			return errLost
		}
		return nil
	}
	t := v.on[timeout]
	if there {
		d.q.pop()
		t.bytes.Add(int64(len(c.data)))
		d.dropped = true
		return nil
	}
	if end != nil {
		return end
	}
	until := time.Time{}
	if t.Timeout > 0 {
		until = d.since[timeout].Add(t.Timeout)
	}
	if d.idle(v, until) {
		return d.lost()
	}
	return nil
}

// drop empties the queue, and returns how many bytes that were.
func (d *delivery) drop() int {
	n := 0
	for {
		c, there, _ := d.q.head()
		if !there {
			return n
		}
		n += len(c.data)
		d.q.pop()
	}
}

// send writes a chunk in pieces of the size, and at the times, that the toxics ask
// for. Bytes are lost only to those that are meant to lose them.
func (d *delivery) send(data []byte) error {
	for first := true; len(data) > 0; first = false {
		v := d.look()
		if v.swallows() {
			d.dropped = true
			return nil
		}
		n := len(data)
		if t := v.on[slicer]; t != nil {
			n = min(n, t.size())
			if !first && !d.wait(v, time.Now().Add(t.Delay)) && d.over() {
				return errLost
			}
		}
		if t := v.on[bandwidth]; t != nil {
			n = min(n, int(max(t.Rate*20, 1))) // what takes 20 ms
			if !d.turn(v, t, n) {
				if d.over() {
					return errLost
				}
				continue
			}
		}
		t := v.on[limitData]
		if t != nil {
			n = int(min(int64(n), t.Bytes-d.passed))
		}
		if _, err := d.dst.Write(data[:n]); err != nil {
			return err
		}
		d.count(v, n)
		data = data[n:]
		if t != nil && d.passed >= t.Bytes {
			d.c.end()
			return errLost
		}
	}
	return nil
}

// turn waits until n bytes have had their time on the line. Up to 20 ms that were
// slept too long are made good.
func (d *delivery) turn(v view, t *toxic, n int) bool {
	if now := time.Now(); d.free.Before(now.Add(-20 * time.Millisecond)) {
		d.free = now
	}
	until := d.free.Add(t.line(n))
	if !d.wait(v, until) {
		return false
	}
	d.free = until
	return true
}

// over reports whether the connection has ended.
func (d *delivery) over() bool {
	select {
	case <-d.c.done:
		return true
	default:
		return false
	}
}

// count notes n bytes that went through under the toxics.
func (d *delivery) count(v view, n int) {
	d.pieces.Add(1)
	for form, t := range v.on {
		if t == nil {
			continue
		}
		if form == limitData {
			d.passed += int64(n)
		}
		if d.c.only == nil {
			t.bytes.Add(int64(n))
		}
	}
}
