package timeline

import (
	"context"
	"slices"
)

// How much of a thread is shown, as in Mastodon: much to somebody with a token, a
// little to anybody.
const (
	threadMost        = 4096 // above, and as many below
	threadAncestors   = 40
	threadDescendants = 60
	threadDepth       = 20
	threadAnswers     = 4096 // replies looked at of one post
)

// readThread answers with the posts a post answers, from the first, and with those
// that answer it, each followed by what answers that.
func (s *Service) readThread(c *call) *problem {
	st, bad := s.named(c)
	if bad != nil {
		return bad
	}
	above, below, depth := threadMost, threadMost, threadMost
	if c.viewer == 0 {
		above, below, depth = threadAncestors, threadDescendants, threadDepth
	}
	ancestors, bad := s.ancestors(c.r.Context(), st.proper(), above)
	if bad != nil {
		return bad
	}
	descendants, bad := s.descendants(c.r.Context(), st.proper(), below, depth)
	if bad != nil {
		return bad
	}
	c.out = append(c.out, `{"ancestors":`...)
	if bad := s.tellThese(c, ancestors); bad != nil {
		return bad
	}
	c.out = append(c.out, `,"descendants":`...)
	if bad := s.tellThese(c, descendants); bad != nil {
		return bad
	}
	c.out = append(c.out, '}')
	return nil
}

// tellThese writes a list of statuses as the caller sees them.
func (s *Service) tellThese(c *call, all []*status) *problem {
	c.page = append(c.page[:0], all...)
	if err := s.ask(c.r.Context(), func(ctx context.Context) (err error) {
		c.told, err = s.store.tell(ctx, c.page, c.viewer, c.told[:0])
		return err
	}); err != nil {
		return unreachable(err)
	}
	s.tellPage(c)
	return nil
}

// ancestors are the posts a post answers, the first of the thread first.
func (s *Service) ancestors(ctx context.Context, st *status, most int) ([]*status, *problem) {
	var above []*status
	for st.replyTo != nil && len(above) < most {
		found, bad := s.findAll(ctx, []uint64{st.replyTo.id})
		if bad != nil || found[0] == nil {
			slices.Reverse(above)
			return above, bad
		}
		st = found[0]
		above = append(above, st)
	}
	slices.Reverse(above)
	return above, nil
}

// descendants are the posts that answer a post, each followed by its own.
func (s *Service) descendants(ctx context.Context, st *status, most, depth int) ([]*status, *problem) {
	type node struct {
		st    *status
		depth int
	}
	var below []*status
	for todo := []node{{st, 0}}; len(todo) > 0 && len(below) < most; {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if n.depth > 0 {
			below = append(below, n.st)
		}
		if n.depth == depth {
			continue
		}
		answers, bad := s.answersTo(ctx, n.st.id)
		if bad != nil {
			return nil, bad
		}
		for _, answer := range slices.Backward(answers) {
			todo = append(todo, node{answer, n.depth + 1})
		}
	}
	return below, nil
}

// answersTo are the replies to a post that are still there, the oldest first.
func (s *Service) answersTo(ctx context.Context, of uint64) ([]*status, *problem) {
	var ids []uint64
	if err := s.ask(ctx, func(ctx context.Context) (err error) {
		ids, err = s.store.answers(ctx, of, ids[:0])
		return err
	}); err != nil {
		return nil, unreachable(err)
	}
	slices.Sort(ids)
	found, bad := s.findAll(ctx, ids[:min(len(ids), threadAnswers)])
	return slices.DeleteFunc(found, func(st *status) bool {
		return st == nil || st.replyTo == nil || st.replyTo.id != of
	}), bad
}

// findAll is the status of each id, nil for one that is gone.
func (s *Service) findAll(ctx context.Context, ids []uint64) (found []*status, bad *problem) {
	if len(ids) == 0 {
		return nil, nil
	}
	if err := s.ask(ctx, func(ctx context.Context) (err error) {
		found, err = s.store.find(ctx, ids, found[:0])
		return err
	}); err != nil {
		return nil, unreachable(err)
	}
	return found, nil
}
