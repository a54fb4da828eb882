package timeline

import "context"

// publicKept is how many entries the public timeline keeps.
const publicKept = 10_000

// publish keeps a status and sends it on its way. The caller has reserved a place
// in the queue, which publish gives back when it refuses.
func (s *Service) publish(ctx context.Context, st *status) *problem {
	s.life.RLock()
	defer s.life.RUnlock()
	if s.closed {
		s.fanout.places.release()
		return unavailable("The service is shutting down")
	}
	err := s.askOnce(ctx, func(ctx context.Context) error { return s.store.publish(ctx, st, s.entered) })
	if err != nil {
		s.fanout.places.release()
		return unreachable(err)
	}
	return nil
}

// entered queues the fan-out of a status that the store now keeps, and counts it.
// It is called in the order of ids.
func (s *Service) entered(st *status) {
	s.people.count(st)
	a := s.people.get(st.author)
	k := s.knobs.Load()
	if st.public() {
		s.news.add(publicNews, st)
	}
	if k.Fanout == fanoutPull || k.Fanout == fanoutHybrid && int(a.followers.Load()) > k.FanoutThreshold {
		a.unpushed.Store(st.id)
		s.unpushed.Store(st.id)
		s.fanout.send(st, nil, 1)
		return
	}
	to := a.audience()
	s.fanout.send(st, &to, k.FanoutBatch)
}

// post publishes what somebody wrote.
func (s *Service) post(ctx context.Context, author int32, d draft) (*status, *problem) {
	text, bad := d.check()
	if bad != nil {
		return nil, bad
	}
	st := &status{author: author, content: renderContent(text), listed: d.visibility != "unlisted"}
	if d.replyTo != "" {
		answered, bad := s.findStatus(ctx, d.replyTo)
		if bad != nil {
			return nil, bad
		}
		if answered == nil {
			return nil, notFound("The post you are trying to reply to does not appear to exist")
		}
		answered = answered.proper()
		st.replyTo = &parent{answered.id, answered.author}
	}
	if bad := s.fanout.places.reserve(ctx); bad != nil {
		return nil, bad
	}
	if bad := s.publish(ctx, st); bad != nil {
		return nil, bad
	}
	if st.replyTo != nil && st.replyTo.author != author {
		s.hub.tell(st.replyTo.author, event{st: st, kind: "mention", who: author})
	}
	return st, nil
}

// boosting locks who boosts a post, or takes a boost back: one at a time.
func (s *Service) boosting(ctx context.Context, of *status) (unlock func(), bad *problem) {
	unlock, err := s.rows.lock(ctx, ^of.id)
	if err != nil {
		return nil, unreachable(err)
	}
	return unlock, nil
}

// boosted is the boost an account made of a post, nil for none.
func (s *Service) boosted(ctx context.Context, of *status, who int32) (st *status, bad *problem) {
	if err := s.ask(ctx, func(ctx context.Context) (err error) {
		st, err = s.store.boostOf(ctx, of, who)
		return err
	}); err != nil {
		return nil, unreachable(err)
	}
	return st, nil
}

// boost publishes a boost of a post, or finds the one the account made before.
func (s *Service) boost(ctx context.Context, who int32, of *status) (*status, *problem) {
	if bad := s.fanout.places.reserve(ctx); bad != nil { // before the lock, or all who boost the post would wait in one line
		return nil, bad
	}
	unlock, bad := s.boosting(ctx, of)
	if bad != nil {
		s.fanout.places.release()
		return nil, bad
	}
	defer unlock()
	if st, bad := s.boosted(ctx, of, who); st != nil || bad != nil {
		s.fanout.places.release()
		return st, bad
	}
	st := &status{author: who, content: of.content, listed: of.listed, reblog: of}
	if bad := s.publish(ctx, st); bad != nil {
		return nil, bad
	}
	if of.author != who {
		s.hub.tell(of.author, event{st: of, kind: "reblog", who: who})
	}
	return st, nil
}

// unboost takes an account's boost of a post back, if there is one.
func (s *Service) unboost(ctx context.Context, who int32, of *status) *problem {
	unlock, bad := s.boosting(ctx, of)
	if bad != nil {
		return bad
	}
	defer unlock()
	st, bad := s.boosted(ctx, of, who)
	if st == nil || bad != nil {
		return bad
	}
	if err := s.ask(ctx, func(ctx context.Context) error { return s.store.remove(ctx, st) }); err != nil {
		return unreachable(err)
	}
	s.kept.remove(st)
	s.people.get(who).posts.Add(-1)
	return nil
}
