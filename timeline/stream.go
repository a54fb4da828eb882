package timeline

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// streamWrite is how long writing to a stream may take before its reader counts
// as gone.
const streamWrite = 10 * time.Second

// readUserStream streams what comes into the caller's home timeline, and what
// others do to them.
func (s *Service) readUserStream(c *call) *problem {
	return s.stream(c, c.viewer)
}

// readPublicStream streams what comes into the public timeline.
func (s *Service) readPublicStream(c *call) *problem {
	return s.stream(c, 0)
}

func (s *Service) readStreamHealth(c *call) *problem {
	c.sent = true
	c.w.Header().Set("Content-Type", "text/plain")
	c.w.Header().Set("Cache-Control", "private, no-store")
	_, _ = c.w.Write([]byte("OK"))
	return nil
}

// stream sends server-sent events until the client hangs up or the stream is cut.
func (s *Service) stream(c *call, user int32) *problem {
	st := s.hub.join(user, c.viewer, c.knobs.StreamBuffer, c.knobs.MaxStreams)
	if st == nil {
		s.metrics.shed("streams")
		return unavailable("No more streams can be opened; try again later")
	}
	s.metrics.streamsOpened.Inc()
	defer s.hub.leave(user, st)
	c.sent = true
	out := http.NewResponseController(c.w)
	_ = out.SetReadDeadline(time.Time{}) // it ends when the client hangs up, not with the patience for requests
	h := c.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "private, no-store")
	h.Set("X-Accel-Buffering", "no")
	h.Set("Connection", "close") // nothing comes after a stream
	if c.r.Method == http.MethodHead {
		return nil
	}
	if !emit(c, out, []byte(":)\n")) {
		return nil
	}
	s.relay(c, out, st)
	return nil
}

// relay sends events and heartbeats until there is nobody to send them to.
func (s *Service) relay(c *call, out *http.ResponseController, st *stream) {
	beat := time.NewTimer(c.knobs.StreamHeartbeat)
	defer beat.Stop()
	for {
		select {
		case <-st.gone:
			return
		default:
		}
		select {
		case <-st.gone:
			return
		case <-c.r.Context().Done():
			return
		case e := <-st.events:
			if !s.emitEvent(c, out, e, st.viewer) {
				return
			}
		case <-beat.C:
			if !emit(c, out, []byte(":thump\n")) {
				return
			}
			beat.Reset(s.knobs.Load().StreamHeartbeat)
		}
	}
}

// emitEvent sends one event, and says whether somebody took it.
func (s *Service) emitEvent(c *call, out *http.ResponseController, e event, viewer int32) bool {
	scratch := calls.Get().(*call) // its buffer: a stream holds none while nothing happens
	defer calls.Put(scratch)
	b := scratch.out[:0]
	if e.kind == "" {
		b = append(b, "event: update\ndata: "...)
		b = s.appendNow(c, b, e.st, viewer)
	} else {
		b = append(b, "event: notification\ndata: "...)
		b = s.appendNotification(c, b, e, viewer)
	}
	b = append(b, "\n\n"...)
	scratch.out = b
	s.metrics.streamEvents.Inc()
	return emit(c, out, b)
}

// emit sends bytes, and says whether somebody took them.
func emit(c *call, out *http.ResponseController, b []byte) bool {
	_ = out.SetWriteDeadline(time.Now().Add(streamWrite))
	if _, err := c.w.Write(b); err != nil {
		return false
	}
	return out.Flush() == nil
}

// appendNotification appends what somebody did to the viewer.
func (s *Service) appendNotification(c *call, b []byte, e event, viewer int32) []byte {
	now := time.Now().UTC()
	b = append(b, `{"id":"`...)
	b = strconv.AppendInt(b, now.UnixNano(), 10)
	b = append(b, `","type":"`...)
	b = append(b, e.kind...)
	b = append(b, `","created_at":"`...)
	b = now.AppendFormat(b, stamp)
	b = append(b, `","account":`...)
	b = s.appendAccount(b, e.who, false)
	if e.st != nil {
		b = append(b, `,"status":`...)
		b = s.appendNow(c, b, e.st, viewer)
	}
	return append(b, '}')
}

// streams says whether a route is a stream.
func (rt *route) streams() bool {
	return strings.HasPrefix(rt.pattern, "/api/v1/streaming/") && rt.need != inside
}
