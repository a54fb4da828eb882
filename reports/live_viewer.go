package reports

import (
	"bytes"
	"fmt"
	"net/http"
	"time"
)

const (
	mostViewers = 100
	heartbeat   = 10 * time.Second // between signs of life when there is no news
	patience    = 5 * time.Second  // for a viewer to take what it is sent, for each piece
	piece       = 64 << 10         // bytes
)

// join lets a viewer in, if there is room.
func (l *Live) join() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.viewers >= mostViewers {
		return false
	}
	l.viewers++
	return true
}

func (l *Live) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.viewers--
}

// latest is what viewers were told last, nil if nothing was yet, and what is
// closed when there is news.
func (l *Live) latest() (*told, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.told, l.changed
}

// events sends a viewer what is new until it leaves: `view`, the whole View; `more`,
// the bins that changed and what is known now besides, about every second; `end`,
// after the View of the whole record. One that missed a moment is sent the whole
// View, so that nobody is waited for and nothing is kept for anybody. One that
// takes nothing is dropped.
func (l *Live) events(w http.ResponseWriter, req *http.Request) {
	if !l.join() {
		http.Error(w, fmt.Sprintf("there are %d viewers already", mostViewers), http.StatusServiceUnavailable)
		return
	}
	defer l.leave()
	v := viewer{to: w, control: http.NewResponseController(w)}
	w.Header().Set("Content-Type", "text/event-stream")
	if err := v.send([]byte(": gameday\n\n")); err != nil {
		return
	}
	alive := time.NewTicker(heartbeat)
	defer alive.Stop()
	for {
		news, changed := l.latest()
		if err := v.tell(news); err != nil {
			return // whoever looks has gone, or does not look
		}
		select {
		case <-changed:
		case <-alive.C:
			if err := v.send([]byte(": alive\n\n")); err != nil {
				return
			}
		case <-req.Context().Done():
			return
		}
	}
}

// A viewer is somebody who follows a play.
type viewer struct {
	to      http.ResponseWriter
	control *http.ResponseController
	version uint64 // told last; 0: none
}

// tell sends what is new to the viewer.
func (v *viewer) tell(news *told) error {
	if news == nil || news.version == v.version {
		return nil
	}
	message := news.view
	if news.more != nil && news.version == v.version+1 {
		message = news.more
	}
	v.version = news.version
	if err := v.send(message()); err != nil || !news.over {
		return err
	}
	return v.send([]byte("event: end\ndata: {}\n\n"))
}

// send sends a message in pieces, each of which must be taken in time.
func (v *viewer) send(message []byte) error {
	for len(message) > 0 {
		n := min(len(message), piece)
		if err := v.control.SetWriteDeadline(time.Now().Add(patience)); err != nil {
			return fmt.Errorf("limiting how long a viewer is waited for: %w", err)
		}
		if _, err := v.to.Write(message[:n]); err != nil {
			return err
		}
		message = message[n:]
	}
	return v.control.Flush()
}

// view sends the View once.
func (l *Live) view(w http.ResponseWriter, _ *http.Request) {
	var message []byte
	for message == nil { // it is nil if a play ended meanwhile
		news, _ := l.latest()
		if news == nil {
			http.Error(w, "nothing is played yet", http.StatusNotFound)
			return
		}
		message = news.view()
	}
	_, data, _ := bytes.Cut(message, []byte("\ndata: "))
	w.Header().Set("Content-Type", "application/json")
	sendOnce(w, bytes.TrimSuffix(data, []byte("\n")))
}

// sendOnce sends an answer to whoever takes it.
func sendOnce(w http.ResponseWriter, answer []byte) {
	v := viewer{to: w, control: http.NewResponseController(w)}
	if err := v.send(answer); err != nil {
		return // whoever asked has gone
	}
	_ = v.control.SetWriteDeadline(time.Time{}) // for what comes next on the connection
}
