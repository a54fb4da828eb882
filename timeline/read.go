package timeline

import "net/url"

// findStatus is the status an id names, nil when there is none.
func (s *Service) findStatus(text string) *status {
	id, ok := parseID(text)
	if !ok || text[0] == '0' {
		return nil
	}
	return s.store.get(id)
}

// readFeed answers with one page of a timeline.
func (s *Service) readFeed(c *call, f *feed, limit int, query url.Values, want func(*status) bool) *problem {
	p, bad := readPaging(query)
	if bad != nil {
		return bad
	}
	c.page = f.page(p, limit, s.store, want, c.page)
	c.out = append(c.out, '[')
	for i, st := range c.page {
		if i > 0 {
			c.out = append(c.out, ',')
		}
		c.out = s.appendStatus(c.out, st, c.viewer)
	}
	c.out = append(c.out, ']')
	if len(c.page) > 0 {
		c.w.Header()["Link"] = []string{c.pageLinks(query, c.page)}
	}
	return nil
}

func (s *Service) readHome(c *call) *problem {
	query, bad := c.query()
	if bad != nil {
		return bad
	}
	return s.readFeed(c, &s.people.get(c.viewer).home, s.opts.Cap, query, nil)
}

// readPublic answers with the public timeline: public posts that are neither
// boosts nor replies. Nobody here is remote and no post has media.
func (s *Service) readPublic(c *call) *problem {
	query, bad := c.query()
	if bad != nil {
		return bad
	}
	var want func(*status) bool
	if asks(query, "remote") || asks(query, "only_media") {
		want = func(*status) bool { return false }
	}
	return s.readFeed(c, &s.public, publicKept, query, want)
}

// readWall answers with what one account posted. No post has media, is pinned
// or carries a tag.
func (s *Service) readWall(c *call) *problem {
	query, bad := c.query()
	if bad != nil {
		return bad
	}
	id := s.people.find(c.id)
	if id == 0 {
		return noRecord()
	}
	none := asks(query, "only_media") || asks(query, "pinned") || query.Get("tagged") != ""
	noBoosts, noReplies := asks(query, "exclude_reblogs"), asks(query, "exclude_replies")
	want := func(st *status) bool {
		return !none && !(noBoosts && st.reblog != nil) && !(noReplies && st.replyTo != nil)
	}
	return s.readFeed(c, &s.people.get(id).wall, s.opts.Cap, query, want)
}

// asks reads a yes-or-no parameter as Rails does: anything but these is yes.
func asks(query url.Values, key string) bool {
	switch query.Get(key) {
	case "", "0", "f", "F", "false", "FALSE", "off", "OFF":
		return false
	}
	return true
}

func (s *Service) readStatus(c *call) *problem {
	st := s.findStatus(c.id)
	if st == nil {
		return noRecord()
	}
	c.out = s.appendStatus(c.out, st, c.viewer)
	return nil
}

func (s *Service) readAccount(c *call) *problem {
	id := s.people.find(c.id)
	if id == 0 {
		return noRecord()
	}
	c.out = s.appendAccount(c.out, id, false)
	return nil
}

func (s *Service) readSelf(c *call) *problem {
	c.out = s.appendAccount(c.out, c.viewer, true)
	return nil
}

func (s *Service) readInstance(c *call) *problem {
	c.out = append(c.out, s.instance...)
	return nil
}

func (s *Service) readHealth(c *call) *problem {
	c.out = append(c.out, `{"status":"UP"}`...)
	return nil
}

func (s *Service) readMetrics(c *call) *problem {
	c.sent = true
	s.metrics.page.ServeHTTP(c.w, c.r)
	return nil
}
