package timeline

import (
	"sync"
	"sync/atomic"
)

// hub knows who streams what. While nobody does, telling it costs one atomic
// read; while some do, telling it of a follower who does not costs another.
type hub struct {
	open    atomic.Int64
	opened  []atomic.Int32 // user streams by account, account id at id-1
	dropped func()

	mu     sync.RWMutex // guards who is in the maps, not their streams
	users  map[int32]map[*stream]struct{}
	public map[*stream]struct{}
	closed bool
}

// stream is one open stream.
type stream struct {
	viewer int32 // 0 for nobody
	events chan event
	gone   chan struct{} // closed when it is cut or too slow
	once   sync.Once
}

// event is something to tell on a stream: a status, or a notification when who
// did something to it is set. It is rendered by each stream for its viewer.
type event struct {
	st   *status
	kind string // of the notification; empty for an update
	who  int32
}

func newHub(accounts int, dropped func()) *hub {
	return &hub{opened: make([]atomic.Int32, accounts), dropped: dropped,
		users: make(map[int32]map[*stream]struct{}), public: make(map[*stream]struct{})}
}

// end ends a stream. Ending it again does nothing.
func (st *stream) end() { st.once.Do(func() { close(st.gone) }) }

// join opens a stream of a user, or the public one for user 0, unless there are
// most already or the hub is closed.
func (h *hub) join(user, viewer int32, buffer, most int) *stream {
	st := &stream{viewer: viewer, events: make(chan event, buffer), gone: make(chan struct{})}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || h.open.Load() >= int64(most) {
		return nil
	}
	h.open.Add(1)
	if user == 0 {
		h.public[st] = struct{}{}
		return st
	}
	if h.users[user] == nil {
		h.users[user] = make(map[*stream]struct{})
	}
	h.users[user][st] = struct{}{}
	h.opened[user-1].Add(1)
	return st
}

// leave forgets a stream that join opened.
func (h *hub) leave(user int32, st *stream) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.open.Add(-1)
	if user == 0 {
		delete(h.public, st)
		return
	}
	h.opened[user-1].Add(-1)
	if delete(h.users[user], st); len(h.users[user]) == 0 {
		delete(h.users, user)
	}
}

// tell tells a user's streams. It never waits: a stream that does not keep up
// is ended, and its reader fetches what it missed when it comes back.
func (h *hub) tell(user int32, e event) {
	if h.open.Load() == 0 || h.opened[user-1].Load() == 0 {
		return
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	h.send(h.users[user], e)
}

// tellPublic tells the public streams.
func (h *hub) tellPublic(e event) {
	if h.open.Load() == 0 {
		return
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	h.send(h.public, e)
}

func (h *hub) send(to map[*stream]struct{}, e event) {
	for st := range to {
		select {
		case st.events <- e:
		default:
			select {
			case <-st.gone: // was told so before
			default:
				st.end()
				h.dropped()
			}
		}
	}
}

// cut ends all streams and says how many they were. With shut, no more are opened.
func (h *hub) cut(shut bool) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = h.closed || shut
	for st := range h.public {
		st.end()
	}
	for _, streams := range h.users {
		for st := range streams {
			st.end()
		}
	}
	return int(h.open.Load())
}
