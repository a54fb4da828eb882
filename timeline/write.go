package timeline

// writePost publishes a post, once per Idempotency-Key.
func (s *Service) writePost(c *call) *problem {
	d, bad := readDraft(c.w, c.r)
	if bad != nil {
		return bad
	}
	ctx, author := c.r.Context(), c.viewer
	publish := func() (*status, *problem) { return s.post(ctx, author, d) }
	var st *status
	if key := c.r.Header.Get("Idempotency-Key"); key != "" {
		st, bad = s.once(ctx, author, key, publish)
	} else {
		st, bad = publish()
	}
	if bad != nil {
		return bad
	}
	c.out = s.appendStatus(c.out, st, author)
	return nil
}

// onStatus answers with the status the request names, after doing something to
// its post.
func (s *Service) onStatus(c *call, do func(*status)) *problem {
	st := s.findStatus(c.id)
	if st == nil {
		return noRecord()
	}
	do(st.proper())
	c.out = s.appendStatus(c.out, st, c.viewer)
	return nil
}

func (s *Service) writeLike(c *call) *problem {
	return s.onStatus(c, func(st *status) { st.like(c.viewer) })
}

func (s *Service) writeUnlike(c *call) *problem {
	return s.onStatus(c, func(st *status) { st.unlike(c.viewer) })
}

// writeBoost answers with the boost, whose reblog is the post.
func (s *Service) writeBoost(c *call) *problem {
	of := s.findStatus(c.id)
	if of == nil {
		return noRecord()
	}
	st, bad := s.boost(c.r.Context(), c.viewer, of.proper())
	if bad != nil {
		return bad
	}
	c.out = s.appendStatus(c.out, st, c.viewer)
	return nil
}

// writeUnboost answers with the post.
func (s *Service) writeUnboost(c *call) *problem {
	of := s.findStatus(c.id)
	if of == nil {
		return noRecord()
	}
	s.unboost(c.viewer, of.proper())
	c.out = s.appendStatus(c.out, of.proper(), c.viewer)
	return nil
}

// onAccount answers with how the caller and the named account stand, after
// changing whether the one follows the other. Nobody follows themselves.
func (s *Service) onAccount(c *call, do func(who, author int32)) *problem {
	author := s.people.find(c.id)
	if author == 0 {
		return noRecord()
	}
	if author == c.viewer {
		return notAllowed()
	}
	do(c.viewer, author)
	c.out = s.appendRelationship(c.out, c.viewer, author)
	return nil
}

func (s *Service) writeFollow(c *call) *problem {
	return s.onAccount(c, s.people.follow)
}

func (s *Service) writeUnfollow(c *call) *problem {
	return s.onAccount(c, s.people.unfollow)
}
