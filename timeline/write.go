package timeline

import "context"

// writePost publishes a post, once per Idempotency-Key.
func (s *Service) writePost(c *call) *problem {
	d, bad := readDraft(c.w, c.r)
	if bad != nil {
		return bad
	}
	ctx, author := c.r.Context(), c.viewer
	fresh := false
	publish := func() (*status, *problem) {
		fresh = true
		return s.post(ctx, author, d)
	}
	var st *status
	if key := c.r.Header.Get("Idempotency-Key"); key != "" {
		st, bad = s.once(ctx, author, key, publish)
	} else {
		st, bad = publish()
	}
	if bad != nil {
		return bad
	}
	if fresh { // a store that fails from now on must not make it look refused
		c.out = s.appendStatus(c.out, st, &told{}, author)
		return nil
	}
	return s.tellStatus(c, st)
}

// named is the status the request names.
func (s *Service) named(c *call) (*status, *problem) {
	st, bad := s.findStatus(c.r.Context(), c.id)
	if st == nil && bad == nil {
		return nil, noRecord()
	}
	return st, bad
}

// mark answers with the status the request names, after liking or unliking its
// post.
func (s *Service) mark(c *call, on bool) *problem {
	st, bad := s.named(c)
	if bad != nil {
		return bad
	}
	of := st.proper()
	if err := s.changeLike(c.r.Context(), of, c.viewer, on); err != nil {
		return unreachable(err)
	}
	if on && of.author != c.viewer {
		s.hub.tell(of.author, event{st: of, kind: "favourite", who: c.viewer})
	}
	return s.tellStatus(c, st)
}

func (s *Service) writeLike(c *call) *problem   { return s.mark(c, true) }
func (s *Service) writeUnlike(c *call) *problem { return s.mark(c, false) }

// writeBoost answers with the boost, whose reblog is the post.
func (s *Service) writeBoost(c *call) *problem {
	of, bad := s.named(c)
	if bad != nil {
		return bad
	}
	st, bad := s.boost(c.r.Context(), c.viewer, of.proper())
	if bad != nil {
		return bad
	}
	return s.tellStatus(c, st)
}

// writeUnboost answers with the post.
func (s *Service) writeUnboost(c *call) *problem {
	of, bad := s.named(c)
	if bad != nil {
		return bad
	}
	if bad := s.unboost(c.r.Context(), c.viewer, of.proper()); bad != nil {
		return bad
	}
	return s.tellStatus(c, of.proper())
}

// onAccount answers with how the caller and the named account stand, after
// changing whether the one follows the other. Nobody follows themselves.
func (s *Service) onAccount(c *call, on bool) *problem {
	author := s.people.find(c.id)
	if author == 0 {
		return noRecord()
	}
	if author == c.viewer {
		return notAllowed()
	}
	if err := s.changeFollow(c.r.Context(), c.viewer, author, on); err != nil {
		return unreachable(err)
	}
	c.out = s.appendRelationship(c.out, c.viewer, author)
	return nil
}

func (s *Service) writeFollow(c *call) *problem {
	return s.onAccount(c, true)
}

func (s *Service) writeUnfollow(c *call) *problem {
	return s.onAccount(c, false)
}

// changeFollow makes somebody a follower of an author, or no longer one, first in
// the store and then here.
func (s *Service) changeFollow(ctx context.Context, who, author int32, on bool) error {
	a := s.people.get(author)
	a.edges.Lock()
	defer a.edges.Unlock()
	if s.people.follows(who, author) == on {
		return nil
	}
	if err := s.ask(ctx, func(ctx context.Context) error { return s.store.follow(ctx, who, author, on) }); err != nil {
		return err
	}
	if on {
		s.people.follow(who, author)
		s.hub.tell(author, event{kind: "follow", who: who})
	} else {
		s.people.unfollow(who, author)
	}
	return nil
}
