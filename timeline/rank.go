package timeline

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

const (
	rankedFrom     = 200    // the newest entries of a home timeline that are ranked
	rankingsKept   = 10_000 // readers whose ranking is kept at most
	rankingsAtOnce = 256    // rankings made at a time; the next are late
)

// ranker ranks home timelines, and keeps what it made for a while.
type ranker struct {
	flight  singleflight.Group
	busy    chan struct{}
	working sync.WaitGroup

	mu   sync.Mutex
	kept map[int32]*ranking
}

// ranking is one reader's, best first.
type ranking struct {
	ids []uint64
	at  time.Time
	bad *problem // why there is none
}

// readRanked answers with a page of the caller's home timeline, the best first;
// the page after an id begins where that stands. When the ranker is late it is
// the latest instead, if the knobs allow.
func (s *Service) readRanked(c *call, p paging, query url.Values) *problem {
	r, kept := s.rankingOf(c)
	switch {
	case r == nil && !c.knobs.DegradeToChrono:
		s.metrics.ranked.WithLabelValues("late").Inc()
		return unavailable("The ranker is late")
	case r == nil:
		s.metrics.ranked.WithLabelValues("late").Inc()
		return s.readUnranked(c, p, query)
	case r.bad != nil:
		return r.bad
	case r.ids == nil: // there is nothing to rank yet
		return s.readLatest(c, p, query)
	}
	ids := r.ids
	if p.before != math.MaxUint64 {
		at := slices.Index(ids, p.before)
		if at < 0 { // it was ranked anew, and that is no longer among the best
			return s.readUnranked(c, p, query)
		}
		ids = ids[at+1:]
	}
	c.source = fromMerge
	if kept {
		c.source = fromCache
	}
	err := s.ask(c.r.Context(), func(ctx context.Context) (err error) {
		if c.found, err = s.store.find(ctx, ids, c.found[:0]); err != nil {
			return err
		}
		c.page = c.page[:0]
		for _, st := range c.found {
			if st != nil && st.id > p.after && len(c.page) < p.limit {
				c.page = append(c.page, st)
			}
		}
		c.told, err = s.store.tell(ctx, c.page, c.viewer, c.told[:0])
		return err
	})
	if err != nil {
		return unreachable(err)
	}
	s.tellFeed(c, query)
	return nil
}

// readUnranked answers with the latest in place of the best.
func (s *Service) readUnranked(c *call, p paging, query url.Values) *problem {
	bad := s.readLatest(c, p, query)
	c.source = fromDegraded
	return bad
}

// rankingOf is the caller's ranking, nil when it is late, and whether it was kept.
func (s *Service) rankingOf(c *call) (r *ranking, kept bool) {
	if r := s.ranker.find(c.viewer, c.knobs.RankCache); r != nil {
		s.metrics.ranked.WithLabelValues("kept").Inc()
		return r, true
	}
	viewer, k := c.viewer, c.knobs
	work := func() (any, error) {
		s.ranker.working.Add(1)
		defer s.ranker.working.Done()
		return s.rank(viewer, k), nil
	}
	late := time.NewTimer(k.RankTimeout)
	defer late.Stop()
	var end <-chan singleflight.Result
	if k.Coalesce {
		end = s.ranker.flight.DoChan(strconv.Itoa(int(viewer)), work)
	} else {
		alone := make(chan singleflight.Result, 1)
		go func() {
			v, _ := work()
			alone <- singleflight.Result{Val: v}
		}()
		end = alone
	}
	select {
	case done := <-end:
		return done.Val.(*ranking), false
	case <-late.C:
	case <-c.r.Context().Done():
	}
	return nil, false
}

// rank ranks somebody's newest entries. It takes as long as the knobs say: the
// ranker of a real service is another service, so the time is not spent here.
func (s *Service) rank(viewer int32, k *Knobs) *ranking {
	s.ranker.busy <- struct{}{}
	defer func() { <-s.ranker.busy }()
	cost := k.RankCost
	if k.RankDelay > 0 && rand.Float64() < k.RankDelayShare {
		cost += k.RankDelay
	}
	s.linger(cost)
	c := &call{viewer: viewer, knobs: k}
	if _, ok := s.people.get(viewer).home.ready(); !ok && k.Fanout != fanoutPull {
		return &ranking{}
	}
	want := s.homeSpans(c, paging{limit: rankedFrom, before: math.MaxUint64}, s.people.get(viewer).home.issue())
	if whole, bad := s.gather(context.Background(), c, paging{limit: rankedFrom, before: math.MaxUint64}, want); bad != nil || !whole {
		return &ranking{bad: bad}
	}
	r := &ranking{ids: best(c.page, c.told, time.Now()), at: time.Now()}
	s.metrics.ranked.WithLabelValues("made").Inc()
	s.ranker.keep(viewer, r)
	return r
}

// best orders statuses by their score: what people did with them, over an age
// in hours that weighs as Hacker News has it, (age+2)^1.8. Of equals the newer is
// the better.
func best(page []*status, told []told, now time.Time) []uint64 {
	type scored struct {
		id    uint64
		score float64
	}
	all := make([]scored, len(page))
	for i, st := range page {
		t := &told[i]
		all[i] = scored{st.id, float64(1+t.likes+2*t.boosts+t.replies) / math.Pow(now.Sub(st.at).Hours()+2, 1.8)}
	}
	slices.SortFunc(all, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(b.id, a.id))
	})
	ids := make([]uint64, len(all))
	for i := range all {
		ids[i] = all[i].id
	}
	return ids
}

// find is a reader's ranking that is younger than life, nil when there is none.
func (r *ranker) find(viewer int32, life time.Duration) *ranking {
	r.mu.Lock()
	defer r.mu.Unlock()
	if one := r.kept[viewer]; one != nil && time.Since(one.at) < life {
		return one
	}
	return nil
}

// keep keeps a ranking, in place of any other when there are too many.
func (r *ranker) keep(viewer int32, one *ranking) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.kept == nil {
		r.kept = make(map[int32]*ranking)
	}
	for other := range r.kept {
		if len(r.kept) < rankingsKept {
			break
		}
		delete(r.kept, other)
	}
	r.kept[viewer] = one
}
