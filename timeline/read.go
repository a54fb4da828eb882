package timeline

import (
	"context"
	"net/url"
)

// findStatus is the status an id names, nil when there is none.
func (s *Service) findStatus(ctx context.Context, text string) (*status, *problem) {
	id, ok := parseID(text)
	if !ok || text[0] == '0' {
		return nil, nil
	}
	if bad := s.shards.find(ctx, s.knobs.Load(), id); bad != nil {
		return nil, bad
	}
	var found []*status
	err := s.ask(ctx, func(ctx context.Context) (err error) {
		found, err = s.store.find(ctx, []uint64{id}, found[:0])
		return err
	})
	if err != nil {
		return nil, unreachable(err)
	}
	return found[0], nil
}

// tellStatus writes a status as the caller sees it.
func (s *Service) tellStatus(c *call, st *status) *problem {
	c.page = append(c.page[:0], st)
	err := s.ask(c.r.Context(), func(ctx context.Context) (err error) {
		c.told, err = s.store.tell(ctx, c.page, c.viewer, c.told[:0])
		return err
	})
	if err != nil {
		return unreachable(err)
	}
	c.out = s.appendStatus(c.out, st, &c.told[0], c.viewer)
	return nil
}

// readFeed answers with one page of a timeline that is one list.
func (s *Service) readFeed(c *call, of feedKind, who int32, query url.Values, want func(*status) bool) *problem {
	p, bad := readPaging(query)
	if bad != nil {
		return bad
	}
	c.span(of, who, p)
	if _, bad := s.gather(c.r.Context(), c, p, want); bad != nil {
		return bad
	}
	s.tellFeed(c, query)
	return nil
}

// tellFeed writes the page and the way to those beside it.
func (s *Service) tellFeed(c *call, query url.Values) {
	s.tellPage(c)
	if len(c.page) > 0 {
		c.w.Header()["Link"] = []string{c.pageLinks(query, c.page)}
	}
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
	return s.readFeed(c, publicList, 0, query, want)
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
	return s.readFeed(c, wallList, id, query, want)
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
	st, bad := s.findStatus(c.r.Context(), c.id)
	if bad != nil {
		return bad
	}
	if st == nil {
		return noRecord()
	}
	return s.tellStatus(c, st)
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

func (s *Service) readHealth(c *call) *problem {
	if s.draining.Load() {
		return unavailable("The service is shutting down")
	}
	c.out = append(c.out, `{"status":"UP"}`...)
	return nil
}

func (s *Service) readMetrics(c *call) *problem {
	c.sent = true
	s.metrics.page.ServeHTTP(c.w, c.r)
	return nil
}
