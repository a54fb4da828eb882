package timeline

import (
	"cmp"
	"context"
	"slices"
)

// gather makes the call's page of stretches of timelines, each status once, and
// learns what is to be told of it. Statuses that are gone, or that want refuses,
// are passed over, not counted; a nil want takes all. It is one call to the store,
// and says no when the store has lost one of the timelines.
func (s *Service) gather(ctx context.Context, c *call, p paging, want func(*status) bool) (whole bool, bad *problem) {
	if bad := s.shards.read(ctx, c.knobs, c.spans); bad != nil {
		return false, bad
	}
	err := s.ask(ctx, func(ctx context.Context) (err error) {
		c.page, c.told = c.page[:0], c.told[:0]
		if whole, err = s.collect(ctx, c, p, want); err != nil || !whole {
			return err
		}
		c.told, err = s.store.tell(ctx, c.page, c.viewer, c.told)
		return err
	})
	if err != nil {
		return false, unreachable(err)
	}
	return whole, nil
}

// collect reads stretch after stretch until the page is full.
func (s *Service) collect(ctx context.Context, c *call, p paging, want func(*status) bool) (whole bool, err error) {
	for i := range c.spans {
		c.spans[i].after, c.spans[i].before = c.spans[i].low, c.spans[i].high
	}
	for len(c.page) < p.limit {
		if err := s.store.lists(ctx, c.spans); err != nil {
			return false, err
		}
		ids, floor, more := c.merge(p)
		for i := range c.spans {
			if c.spans[i].lost {
				return false, nil
			}
		}
		if c.found, err = s.store.find(ctx, ids, c.found[:0]); err != nil {
			return false, err
		}
		for i, st := range c.found {
			if st != nil && ids[i] >= floor && (want == nil || want(st)) && len(c.page) < p.limit {
				c.page = append(c.page, st)
			}
		}
		if !more {
			break
		}
		c.move(ids[len(ids)-1], p.upward)
	}
	if p.upward {
		slices.Reverse(c.page)
	}
	return true, nil
}

// merge is the next ids in the order of paging, of all spans together, each once;
// the id below which they may lack some; and whether there may be more.
func (c *call) merge(p paging) (ids []uint64, floor uint64, more bool) {
	if len(c.spans) == 1 {
		sp := &c.spans[0]
		return sp.ids, 0, len(sp.ids) == sp.limit && sp.limit > 0
	}
	ids = c.ids[:0]
	for i := range c.spans {
		sp := &c.spans[i]
		ids = append(ids, sp.ids...)
		floor = max(floor, sp.floor)
		more = more || len(sp.ids) == sp.limit
	}
	if p.upward {
		slices.Sort(ids)
	} else {
		slices.SortFunc(ids, func(a, b uint64) int { return cmp.Compare(b, a) })
	}
	ids = slices.Compact(ids)
	c.ids = ids
	if len(ids) > p.limit {
		return ids[:p.limit], floor, true
	}
	return ids, floor, more && len(ids) > 0
}

// move moves all spans on to what comes after an id.
func (c *call) move(id uint64, upward bool) {
	for i := range c.spans {
		sp := &c.spans[i]
		if upward {
			sp.after = max(sp.after, id)
		} else {
			sp.before = min(sp.before, id)
		}
	}
}

// span adds a stretch to what the call gathers from, keeping its buffer.
func (c *call) span(of feedKind, who int32, p paging) *span {
	n := len(c.spans)
	if n < cap(c.spans) {
		c.spans = c.spans[:n+1]
	} else {
		c.spans = append(c.spans, span{})
	}
	sp := &c.spans[n]
	*sp = span{of: of, who: who, low: p.after, high: p.before, limit: p.limit, upward: p.upward, ids: sp.ids[:0]}
	return sp
}

// tellPage writes the page: a list of statuses.
func (s *Service) tellPage(c *call) {
	c.out = append(c.out, '[')
	for i, st := range c.page {
		if i > 0 {
			c.out = append(c.out, ',')
		}
		c.out = s.appendStatus(c.out, st, &c.told[i], c.viewer)
	}
	c.out = append(c.out, ']')
}
