package timeline

import (
	"context"
	"time"
)

// publicKept is how many entries the public timeline keeps.
const publicKept = 10_000

// publish gives a status its id, keeps it, enters it into its author's own
// timelines and queues its fan-out. The caller reserved a place in the queue;
// publish gives it back when it refuses.
func (s *Service) publish(st *status) *problem {
	to := s.people.get(st.author).audience()
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	if s.fanout.shutoff {
		s.fanout.release()
		return unavailable("The service is shutting down")
	}
	s.enter(st, time.Now())
	s.people.get(st.author).home.add(st.id, s.opts.Cap)
	s.fanout.send(st.id, to, st.at)
	return nil
}

// enter gives a status its id and keeps it, and enters it wherever it shows but
// in home timelines. It is called with store.mu held, or before anybody reads.
func (s *Service) enter(st *status, at time.Time) {
	st.at = at
	st.id = s.store.nextID(at)
	st.head = renderHead(st)
	s.store.put(st)
	author := s.people.get(st.author)
	author.posts.Add(1)
	author.lastPost.Store(at.UnixMilli())
	author.wall.add(st.id, s.opts.Cap)
	if st.listed && st.reblog == nil && st.replyTo == nil {
		s.public.add(st.id, publicKept)
	}
}

// post publishes what somebody wrote.
func (s *Service) post(ctx context.Context, author int32, d draft) (*status, *problem) {
	text, bad := d.check()
	if bad != nil {
		return nil, bad
	}
	st := &status{author: author, content: renderContent(text), listed: d.visibility != "unlisted"}
	var answered *status
	if d.replyTo != "" {
		if answered = s.findStatus(d.replyTo); answered == nil {
			return nil, notFound("The post you are trying to reply to does not appear to exist")
		}
		answered = answered.proper()
		st.replyTo = &parent{answered.id, answered.author}
	}
	if bad := s.fanout.reserve(ctx); bad != nil {
		return nil, bad
	}
	if bad := s.publish(st); bad != nil {
		return nil, bad
	}
	if answered != nil {
		answered.replies.Add(1)
	}
	return st, nil
}

// boost publishes a boost of a post, or finds the one the account made before.
func (s *Service) boost(ctx context.Context, who int32, of *status) (*status, *problem) {
	if bad := s.fanout.reserve(ctx); bad != nil {
		return nil, bad
	}
	of.mu.Lock()
	defer of.mu.Unlock()
	if st := of.boostOf[who]; st != nil {
		s.fanout.release()
		return st, nil
	}
	st := &status{author: who, content: of.content, listed: of.listed, reblog: of}
	if bad := s.publish(st); bad != nil {
		return nil, bad
	}
	if of.boostOf == nil {
		of.boostOf = make(map[int32]*status)
	}
	of.boostOf[who] = st
	of.boosts.Store(int64(len(of.boostOf)))
	return st, nil
}

// unboost takes an account's boost of a post back, if there is one.
func (s *Service) unboost(who int32, of *status) {
	of.mu.Lock()
	defer of.mu.Unlock()
	st := of.boostOf[who]
	if st == nil {
		return
	}
	delete(of.boostOf, who)
	of.boosts.Store(int64(len(of.boostOf)))
	s.store.remove(st)
	s.people.get(who).posts.Add(-1)
}
