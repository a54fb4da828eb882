package timeline

import (
	"context"
	"sync/atomic"
)

// Kinds of like counters, the values of the knob like_counter.
const (
	countRows         = "rows"
	countDenormalised = "denormalised"
	countSharded      = "sharded"
)

// counter counts likes: in one number, or in several that are added when read.
// What was counted one way is still there after the knob was turned.
type counter struct {
	one  atomic.Int64
	many atomic.Pointer[[]atomic.Int64]
}

// add is called by one at a time.
func (c *counter) add(n int64, who int32, k *Knobs) {
	if k.LikeCounter != countSharded {
		c.one.Add(n)
		return
	}
	many := c.many.Load()
	if many == nil {
		fresh := make([]atomic.Int64, k.CounterShards)
		many = &fresh
		c.many.Store(many)
	}
	(*many)[int(who)%len(*many)].Add(n)
}

// sum is the count.
func (c *counter) sum() int64 {
	n := c.one.Load()
	if many := c.many.Load(); many != nil {
		for i := range *many {
			n += (*many)[i].Load()
		}
	}
	return n
}

// rowLocks are the locks of counter rows. Whoever changes a row holds its lock
// until the store has done so, as in the database of Instagram, where the likes
// of one star stood in line for one row (The Verge, 2013). A few rows share a
// lock, which only matters when two hot ones do.
type rowLocks [1024]chan struct{}

func newRowLocks() *rowLocks {
	var all rowLocks
	for i := range all {
		all[i] = make(chan struct{}, 1)
	}
	return &all
}

// lock waits for the lock of a row, and gives the way to release it.
func (r *rowLocks) lock(ctx context.Context, row uint64) (unlock func(), err error) {
	held := r[mix(row)%uint64(len(r))]
	select {
	case held <- struct{}{}:
		return func() { <-held }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// changeLike likes or unlikes a post, holding the lock of the counter row that
// changes with it: one a post when the counter is denormalised, one a post and
// shard when it is sharded, none when likes are rows that are counted at reading.
func (s *Service) changeLike(ctx context.Context, st *status, who int32, on bool) error {
	k := s.knobs.Load()
	if k.LikeCounter != countRows {
		row := st.id
		if k.LikeCounter == countSharded {
			row = mix(row) + uint64(int(who)%k.CounterShards)
		}
		unlock, err := s.rows.lock(ctx, row)
		if err != nil {
			return err
		}
		defer unlock()
	}
	return s.ask(ctx, func(ctx context.Context) error { return s.store.like(ctx, st, who, on) })
}
