package timeline

import (
	"context"
	"net/url"
	"strconv"
	"time"
)

// Where a home timeline came from, the values of X-Timeline-Source.
const (
	fromCache    = "cache"    // it was there
	fromMerge    = "merge"    // it was gathered from walls, at least in part
	fromRebuild  = "rebuild"  // it is being rebuilt, or just was
	fromDegraded = "degraded" // it is less than was asked for
)

// homeTries is how often a home timeline is rebuilt for one request that the store
// then no longer has.
const homeTries = 5

// readHome answers with the caller's home timeline, the latest or ranked.
func (s *Service) readHome(c *call) *problem {
	query, bad := c.query()
	if bad != nil {
		return bad
	}
	p, bad := readPaging(query)
	if bad != nil {
		return bad
	}
	switch query.Get("algorithm") {
	case "", "latest":
		return s.readLatest(c, p, query)
	case "ranked":
		return s.readRanked(c, p, query)
	}
	return badRequest("algorithm must be latest or ranked")
}

// readLatest answers with the home timeline in its order.
func (s *Service) readLatest(c *call, p paging, query url.Values) *problem {
	there, bad := s.gatherHome(c.r.Context(), c, p)
	if bad != nil {
		return bad
	}
	if !there {
		c.regenerate("home-"+strconv.Itoa(int(c.viewer)), 3)
	}
	s.tellFeed(c, query)
	return nil
}

// gatherHome makes the call's page one of the caller's home timeline. It says no
// when the timeline is still being rebuilt.
func (s *Service) gatherHome(ctx context.Context, c *call, p paging) (there bool, bad *problem) {
	home := &s.people.get(c.viewer).home
	if now := time.Now().Unix(); home.read.Load() != now {
		home.read.Store(now)
	}
	c.source = fromCache
	for range homeTries {
		issue, ok := home.ready()
		if !ok && c.knobs.Fanout != fanoutPull {
			c.source = fromRebuild
			if done, bad := s.await(c); bad != nil || !done {
				return false, bad
			}
			continue
		}
		want := s.homeSpans(c, p, issue)
		if whole, bad := s.gather(ctx, c, p, want); bad != nil || whole {
			return true, bad
		}
		if home.lose(issue) {
			s.forget([]int32{c.viewer})
		}
	}
	c.source = fromRebuild
	return false, nil
}

// homeSpans are what the caller's home timeline is gathered from, and which
// statuses are wanted of it, nil for all: what was pushed, the walls of those who
// were not, and the caller's own posts that are still on their way. The last is
// all that shows before everything older has been delivered, but for a reply to
// what does not show yet.
func (s *Service) homeSpans(c *call, p paging, issue uint32) (want func(*status) bool) {
	shown := s.fanout.shown.Load()
	settled := p
	settled.before = min(p.before, shown+1)
	self := s.people.get(c.viewer)
	c.spans = c.spans[:0]
	if whole := self.home.whole.Load(); c.knobs.Fanout == fanoutPull || s.unpushed.Load() > max(whole, p.after) {
		c.circle = append(s.people.followees(c.viewer, c.circle[:0]), c.viewer)
		for _, author := range c.circle {
			if c.knobs.Fanout == fanoutPull || s.people.get(author).unpushed.Load() > max(whole, p.after) {
				c.span(wallList, author, settled)
			}
		}
		if len(c.spans) > 0 && c.source == fromCache {
			c.source = fromMerge
		}
	}
	if c.knobs.Fanout != fanoutPull {
		c.span(homeList, c.viewer, settled).issue = issue
	}
	if self.lastID.Load() > shown && p.before > shown+1 {
		ahead := p
		ahead.after = max(p.after, shown)
		c.span(wallList, c.viewer, ahead)
		want = func(st *status) bool {
			return st.id <= shown || st.replyTo == nil || st.replyTo.id <= shown
		}
	}
	return want
}
