package timeline

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// publishBatch is how many statuses are published in one exchange at most.
	publishBatch = 128
	// doubtPause is how long after a failure it is tried to settle what is in doubt.
	doubtPause = 200 * time.Millisecond
)

// errOver is the error of a store that is closed.
var errOver = errors.New("the store is closed")

// pending is a status that waits to be published.
type pending struct {
	ctx     context.Context // of whoever waits for it
	st      *status
	entered func(*status)
	done    chan error // holds one
}

// publish hands a status to the one goroutine that writes, which takes all that
// wait in one exchange: so ids stand in the Redis in their order.
func (r *redisStore) publish(ctx context.Context, st *status, entered func(*status)) error {
	p := &pending{ctx, st, entered, make(chan error, 1)}
	select {
	case r.posts <- p:
	case <-ctx.Done():
		return ctx.Err()
	case <-r.over:
		return errOver
	}
	select {
	case err := <-p.done: // also after ctx has ended: then it may have been published
		return err
	case <-r.over:
		return errOver
	}
}

// write publishes until the store is closed.
func (r *redisStore) write() {
	settle := time.NewTicker(doubtPause)
	defer settle.Stop()
	for {
		select {
		case <-r.over:
			return
		case p := <-r.posts:
			r.publishAll(r.batch(p))
		case <-settle.C:
			_ = r.settle() // it is tried again
		}
	}
}

// batch is all that wait, of whom somebody still waits for.
func (r *redisStore) batch(first *pending) []*pending {
	batch, next := make([]*pending, 0, 1), first
	for {
		if err := next.ctx.Err(); err != nil {
			next.done <- err
		} else {
			batch = append(batch, next)
		}
		if len(batch) == publishBatch {
			return batch
		}
		select {
		case next = <-r.posts:
		default:
			return batch
		}
	}
}

// publishAll publishes a batch. What the Redis did not say it did is in doubt: its
// author is told that it failed, so before anything else is published it is taken
// back.
func (r *redisStore) publishAll(batch []*pending) {
	if err := r.settle(); err != nil {
		for _, p := range batch {
			p.done <- err
		}
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), redisTimeout)
	defer cancel()
	pipe := r.client.Pipeline()
	said := make([]*redis.Cmd, len(batch))
	for i, p := range batch {
		p.st.at = time.Now()
		said[i] = r.enter(ctx, pipe, p.st)
	}
	_, _ = pipe.Exec(ctx) // each command says whether it failed
	for i, p := range batch {
		err := said[i].Err()
		if err != nil {
			r.uncertain(p.st)
		} else {
			r.kept.put(p.st)
			p.entered(p.st)
		}
		p.done <- err
	}
}

// enter gives a status its id, and queues what enters it.
func (r *redisStore) enter(ctx context.Context, pipe redis.Pipeliner, st *status) *redis.Cmd {
	st.seq, st.id = r.clock.next(st.at)
	st.render()
	id, ofID, of, boosts, listed := strconv.FormatUint(st.id, 10), "", uint64(0), "0", "0"
	if st.reblog != nil {
		of, boosts = st.reblog.id, "1"
	} else if st.replyTo != nil {
		of = st.replyTo.id
	}
	if of != 0 {
		ofID = strconv.FormatUint(of, 10)
	}
	if st.public() {
		listed = "1"
	}
	return publishScript.EvalSha(ctx, pipe,
		[]string{"t:meta", r.slot("s", st.id), r.slot("r", st.id), r.slot("l", st.id), r.slot("c", st.id), r.slot("b", st.id),
			wallKey(st.author), publicKey, "t:posts", "t:newest", r.slot("s", of), r.slot("r", of), r.slot("b", of)},
		r.fence(), st.seq, id, entry(st.id), st.record(), st.author, st.at.UnixMilli(),
		r.knobs.Load().TimelineCap, publicKept, listed, ofID, boosts)
}

// uncertain notes that nobody knows whether a status was published.
func (r *redisStore) uncertain(st *status) {
	r.doubt = append(r.doubt, st)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.doubtful[st.id] = struct{}{}
}

// settle takes back what is in doubt, after making sure that it cannot be
// published any more.
func (r *redisStore) settle() error {
	if len(r.doubt) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), redisTimeout)
	defer cancel()
	r.epoch++
	pipe := r.client.Pipeline()
	fenceScript.EvalSha(ctx, pipe, []string{"t:meta"}, r.run, r.fence(), r.population)
	for _, st := range r.doubt {
		r.erase(ctx, pipe, st)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("settling what is in doubt: %w", err)
	}
	r.doubt = nil
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.doubtful)
	return nil
}

// erase queues what takes a status back.
func (r *redisStore) erase(ctx context.Context, to redis.Scripter, st *status) *redis.Cmd {
	of, ofID := uint64(0), ""
	if st.reblog != nil {
		of = st.reblog.id
	} else if st.replyTo != nil {
		of = st.replyTo.id
	}
	if of != 0 {
		ofID = strconv.FormatUint(of, 10)
	}
	return eraseScript.EvalSha(ctx, to,
		[]string{r.slot("s", st.id), wallKey(st.author), publicKey, "t:posts", r.slot("r", of), r.slot("b", of)},
		strconv.FormatUint(st.id, 10), entry(st.id), st.author, ofID)
}

func (r *redisStore) remove(ctx context.Context, st *status) error {
	return r.erase(ctx, r.client, st).Err()
}

func (r *redisStore) like(ctx context.Context, st *status, who int32, on bool) error {
	k, row, set := r.knobs.Load(), 0, "0"
	if k.LikeCounter == countSharded {
		row = 1 + int(who)%k.CounterShards
	}
	if on {
		set = "1"
	}
	return likeScript.EvalSha(ctx, r.client, []string{r.slot("s", st.id), r.slot("l", st.id), r.slot("c", st.id)},
		strconv.FormatUint(st.id, 10), who, set, row).Err()
}

func (r *redisStore) follow(ctx context.Context, who, author int32, on bool) error {
	set := "0"
	if on {
		set = "1"
	}
	return r.client.HSet(ctx, "t:edges", fmt.Sprintf("%d %d", who, author), set).Err()
}

// deliver writes one entry a reader, in one exchange. Each list is cut now and
// then; what is too much until then does not show.
func (r *redisStore) deliver(ctx context.Context, st *status, to []int32) error {
	pipe := r.client.Pipeline()
	member, most := redis.Z{Member: entry(st.id)}, int64(r.knobs.Load().TimelineCap)
	for _, who := range to {
		key := r.homeKey(who, r.people.get(who).home.issue())
		pipe.ZAdd(ctx, key, member)
		if r.adds[who-1].Add(1)%64 == 0 {
			pipe.ZRemRangeByRank(ctx, key, 1, -1-most) // the lowest is the mark
		}
	}
	_, err := pipe.Exec(ctx)
	return err
}

func (r *redisStore) fill(ctx context.Context, who int32, issue uint32, ids []uint64) error {
	key := r.homeKey(who, issue)
	members := make([]redis.Z, 0, len(ids)+1)
	for _, id := range ids {
		members = append(members, redis.Z{Member: entry(id)})
	}
	members = append(members, redis.Z{Member: entry(0)}) // the mark, that it is all there
	pipe := r.client.TxPipeline()
	pipe.ZAdd(ctx, key, members...)
	pipe.ZRemRangeByRank(ctx, key, 1, -1-int64(r.knobs.Load().TimelineCap))
	pipe.Expire(ctx, key, homeLife)
	_, err := pipe.Exec(ctx)
	return err
}

// drop forgets the issue before the one that is next.
func (r *redisStore) drop(ctx context.Context, who []int32) error {
	keys := make([]string, 0, len(who))
	for _, id := range who {
		if issue := r.people.get(id).home.issue(); issue > 0 {
			keys = append(keys, r.homeKey(id, issue-1))
		}
	}
	if len(keys) == 0 {
		return nil
	}
	return r.client.Unlink(ctx, keys...).Err()
}

// fillFirst publishes the first posts into an empty Redis.
func (r *redisStore) fillFirst(ctx context.Context) error {
	const exchange = 2000
	pipe := r.client.Pipeline()
	for i, st := range r.people.first() {
		r.enter(ctx, pipe, st)
		r.kept.put(st)
		r.people.count(st)
		if (i+1)%exchange == 0 {
			if _, err := pipe.Exec(ctx); err != nil {
				return err
			}
		}
	}
	_, err := pipe.Exec(ctx)
	return err
}
