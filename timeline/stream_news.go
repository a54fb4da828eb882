package timeline

import "sync"

// mostNews is how many statuses streams may be behind.
const mostNews = 1 << 16

// Where a status is news.
const (
	publicNews = iota // it stands in the public timeline
	homeNews          // it shows in the home timelines of those who follow its author
)

// news are the statuses that streams are to be told of, in the order in which
// they came to show. One goroutine tells them all: neither publishing nor the
// fan-out waits for streams, and no stream hears of a reply before its post.
type news struct {
	hub *hub

	mu     sync.Mutex
	more   sync.Cond
	queue  []piece
	over   bool
	teller sync.WaitGroup
}

type piece struct {
	where int
	st    *status
}

// startNews starts telling, until end.
func (s *Service) startNews() {
	s.news.hub, s.news.more.L = s.hub, &s.news.mu
	s.news.teller.Go(func() {
		for {
			all, ok := s.news.take()
			if !ok {
				return
			}
			for _, p := range all {
				s.tellAll(p)
			}
		}
	})
}

// add notes that a status came to show. While there are no streams it costs one
// atomic read. Streams that are too far behind are cut, as a slow reader is.
func (n *news) add(where int, st *status) {
	if n.hub.open.Load() == 0 {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.over {
		return
	}
	if len(n.queue) >= mostNews {
		n.queue = nil
		go n.hub.cut(false)
		return
	}
	n.queue = append(n.queue, piece{where, st})
	n.more.Signal()
}

// take waits for news, and says no when there will never be any.
func (n *news) take() ([]piece, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for len(n.queue) == 0 && !n.over {
		n.more.Wait()
	}
	all := n.queue
	n.queue = nil
	return all, len(all) > 0
}

// end tells what is left and stops.
func (n *news) end() {
	n.mu.Lock()
	n.over = true
	n.more.Signal()
	n.mu.Unlock()
	n.teller.Wait()
}

// tellAll tells those streams for which a status is news.
func (s *Service) tellAll(p piece) {
	e := event{st: p.st}
	if p.where == publicNews {
		s.hub.tellPublic(e)
		return
	}
	s.hub.tell(p.st.author, e)
	to := s.people.get(p.st.author).audience()
	for who := range to.all() {
		s.hub.tell(who, e)
	}
}
