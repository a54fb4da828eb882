package timeline

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// rebuildPatience is how long a read waits for the timeline to be rebuilt before it
// says that it is not there yet. Most clients do not know that answer.
const rebuildPatience = 200 * time.Millisecond

// rebuilds are the home timelines being rebuilt, as many at once as the knob
// rebuild_workers says; others wait.
type rebuilds struct {
	flight  singleflight.Group
	places  places
	working sync.WaitGroup
}

// await rebuilds the caller's home timeline, or joins those who do, and waits for
// it a little. It says no when it is not done by then.
func (s *Service) await(c *call) (done bool, bad *problem) {
	who := c.viewer
	work := func() (any, error) {
		s.homes.working.Add(1)
		defer s.homes.working.Done()
		return nil, s.rebuild(who)
	}
	var end <-chan singleflight.Result
	if c.knobs.Coalesce {
		end = s.homes.flight.DoChan(strconv.Itoa(int(who)), work)
	} else {
		alone := make(chan singleflight.Result, 1)
		go func() {
			_, err := work()
			alone <- singleflight.Result{Err: err}
		}()
		end = alone
	}
	late := time.NewTimer(rebuildPatience)
	defer late.Stop()
	select {
	case r := <-end:
		if r.Err != nil {
			return false, unreachable(r.Err)
		}
		return true, nil
	case <-late.C:
	case <-c.r.Context().Done():
	}
	return false, nil
}

// rebuild gathers somebody's home timeline from the walls of those they follow.
// What is published meanwhile is delivered to it as to any other.
func (s *Service) rebuild(who int32) error {
	s.homes.places.take()
	defer s.homes.places.release()
	began := time.Now()
	home, k := &s.people.get(who).home, s.knobs.Load()
	issue := home.begin()
	s.linger(k.RebuildDelay)
	whole := s.fanout.newest() // on the walls before they are read
	ctx := context.Background()
	ids, err := s.gatherWalls(ctx, who, k.TimelineCap)
	if err == nil {
		err = s.ask(ctx, func(ctx context.Context) error { return s.store.fill(ctx, who, issue, ids) })
	}
	if err != nil {
		home.lose(issue)
		s.metrics.rebuildsFailed.Inc()
		return err
	}
	home.finish(issue, whole)
	s.metrics.rebuilt.Observe(time.Since(began).Seconds())
	return nil
}

// gatherWalls is the newest of what those whom somebody follows, and they
// themselves, posted.
func (s *Service) gatherWalls(ctx context.Context, who int32, most int) ([]uint64, error) {
	authors := append(s.people.followees(who, nil), who)
	spans := make([]span, len(authors))
	for i, author := range authors {
		spans[i] = span{of: wallList, who: author, before: math.MaxUint64, limit: most}
	}
	if err := s.ask(ctx, func(ctx context.Context) error { return s.store.lists(ctx, spans) }); err != nil {
		return nil, err
	}
	var ids []uint64
	for i := range spans {
		ids = append(ids, spans[i].ids...)
	}
	slices.SortFunc(ids, func(a, b uint64) int { return cmp.Compare(b, a) })
	return ids[:min(len(ids), most)], nil
}

// forget lets the store forget home timelines that were dropped. One that fails
// to is harmless: what it holds is of an issue that is over.
func (s *Service) forget(who []int32) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = s.ask(ctx, func(ctx context.Context) error { return s.store.drop(ctx, who) })
}

// flush empties one shard of the cache of home timelines, all for -1, and says
// how many timelines were in it. They are rebuilt when they are read.
func (s *Service) flush(ctx context.Context, shard int) (int, error) {
	shards := s.knobs.Load().CacheShards
	var gone []int32
	for i := range s.people.accounts {
		if shard >= 0 && i%shards != shard {
			continue
		}
		if s.people.accounts[i].home.drop() {
			gone = append(gone, int32(i+1))
		}
	}
	for batch := range slices.Chunk(gone, 4000) {
		if err := s.ask(ctx, func(ctx context.Context) error { return s.store.drop(ctx, batch) }); err != nil {
			return len(gone), err
		}
	}
	return len(gone), nil
}
