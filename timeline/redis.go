package timeline

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
)

const (
	redisDial    = 500 * time.Millisecond
	redisTimeout = time.Second // of one exchange
	redisConns   = 64
	// homeLife is how long a Redis keeps a home timeline at most, so that those of
	// a service that is gone do not stay.
	homeLife = 24 * time.Hour
)

// redisStore is the store in a Redis. Statuses never change, so those that this
// service has met are kept here too; all else is asked of the Redis each time.
// Who follows whom, and how much each account posted, is read when the service
// starts and from then on known here as well.
//
// It holds what memory holds and no more: statuses stand in as many slots, lists
// are cut, and home timelines end a day after they were built.
type redisStore struct {
	client     *redis.Client
	knobs      *atomic.Pointer[Knobs]
	people     *population
	kept       *ring
	population string          // whose timelines it holds
	run        int64           // the how manieth service the Redis has
	adds       []atomic.Uint32 // how many entries each home timeline got

	posts   chan *pending
	over    chan struct{}
	working sync.WaitGroup

	// Of the one goroutine that writes:
	clock clock
	epoch int64 // how often it was in doubt
	doubt []*status

	mu       sync.Mutex
	doubtful map[uint64]struct{} // ids in doubt
}

// openRedis opens the store at an address such as redis://127.0.0.1:6379/0. An
// empty one is filled with the first posts; one of another population is refused.
func openRedis(ctx context.Context, address string, o Options, knobs *atomic.Pointer[Knobs], people *population, kept *ring) (*redisStore, error) {
	options, err := redis.ParseURL(address)
	if err != nil {
		return nil, fmt.Errorf("store %q: want an address such as redis://127.0.0.1:6379/0: %w", address, err)
	}
	logging.Disable() // every error is returned, too
	options.MaxRetries = -1
	options.DialTimeout, options.ReadTimeout, options.WriteTimeout = redisDial, redisTimeout, redisTimeout
	options.DialerRetries, options.PoolSize, options.PoolTimeout = 1, redisConns, redisTimeout
	options.ContextTimeoutEnabled, options.DisableIdentity = true, true
	options.OnConnect = func(ctx context.Context, c *redis.Conn) error {
		for _, script := range scripts {
			if err := script.Load(ctx, c).Err(); err != nil {
				return err
			}
		}
		return nil
	}
	r := &redisStore{
		client: redis.NewClient(options), knobs: knobs, people: people, kept: kept,
		adds: make([]atomic.Uint32, len(people.accounts)), posts: make(chan *pending, publishBatch),
		over: make(chan struct{}), doubtful: make(map[uint64]struct{}),
	}
	if err := r.start(ctx, o); err != nil {
		return nil, errors.Join(fmt.Errorf("store %s: %w", options.Addr, err), r.client.Close())
	}
	r.working.Go(r.write)
	return r, nil
}

// start takes the Redis over, fills it when it is empty, and reads what has to be
// known here.
func (r *redisStore) start(ctx context.Context, o Options) error {
	r.population = fmt.Sprintf("%d %v %d %d", o.Accounts, o.Followers, o.Seed, len(r.kept.slots))
	had, err := r.client.HGetAll(ctx, "t:meta").Result()
	if err != nil {
		return fmt.Errorf("reading it: %w", err)
	}
	if before, ok := had["population"]; ok && before != r.population {
		return fmt.Errorf("it holds the population %q (accounts, followers, seed, statuses kept), not %q", before, r.population)
	}
	if err := r.take(ctx); err != nil {
		return err
	}
	if _, ok := had["population"]; !ok {
		if err := r.fillFirst(ctx); err != nil {
			return fmt.Errorf("filling it: %w", err)
		}
		return r.client.HSet(ctx, "t:meta", "population", r.population).Err()
	}
	seq, err := strconv.ParseUint(had["seq"], 10, 32)
	if err != nil {
		return fmt.Errorf("reading it: %w", err)
	}
	r.clock.seq = uint32(seq)
	if r.clock.last, err = strconv.ParseUint(had["last"], 10, 64); err != nil {
		return fmt.Errorf("reading it: %w", err)
	}
	return r.learn(ctx)
}

// take makes the Redis ours: nobody who had it before can publish any more.
func (r *redisStore) take(ctx context.Context) (err error) {
	if r.run, err = r.client.HIncrBy(ctx, "t:meta", "run", 1).Result(); err != nil {
		return fmt.Errorf("taking it over: %w", err)
	}
	if err := r.client.HSet(ctx, "t:meta", "fence", r.fence()).Err(); err != nil {
		return fmt.Errorf("taking it over: %w", err)
	}
	return nil
}

// fence is what the Redis must say while what is published now is to be kept.
func (r *redisStore) fence() string {
	return fmt.Sprintf("%d.%d", r.run, r.epoch)
}

// learn reads who follows whom by now, and how much each account posted.
func (r *redisStore) learn(ctx context.Context) error {
	edges, err := r.client.HGetAll(ctx, "t:edges").Result()
	if err != nil {
		return fmt.Errorf("reading who follows whom: %w", err)
	}
	for pair, on := range edges {
		var who, author int32
		if _, err := fmt.Sscanf(pair, "%d %d", &who, &author); err != nil {
			return fmt.Errorf("reading who follows whom: %q: %w", pair, err)
		}
		if on == "1" {
			r.people.follow(who, author)
		} else {
			r.people.unfollow(who, author)
		}
	}
	posts, err := r.client.HGetAll(ctx, "t:posts").Result()
	if err != nil {
		return fmt.Errorf("reading how much was posted: %w", err)
	}
	newest, err := r.client.HGetAll(ctx, "t:newest").Result()
	if err != nil {
		return fmt.Errorf("reading how much was posted: %w", err)
	}
	for text, count := range posts {
		id := r.people.find(text)
		if id == 0 {
			return fmt.Errorf("reading how much was posted: there is no account %q", text)
		}
		a := r.people.get(id)
		n, _ := strconv.Atoi(count)
		a.posts.Store(int32(n))
		ms, last, _ := strings.Cut(newest[text], " ")
		at, _ := strconv.ParseInt(ms, 10, 64)
		lastID, _ := strconv.ParseUint(last, 10, 64)
		a.lastPost.Store(at)
		a.lastID.Store(lastID)
	}
	return nil
}

func (r *redisStore) close() error {
	close(r.over)
	r.working.Wait()
	return r.client.Close()
}

// slot is the key of something of the status in a slot: s its text, r who
// replied, l who likes it, c the counts of likes, b who boosted it.
func (r *redisStore) slot(of string, id uint64) string {
	return "t:" + of + ":" + strconv.FormatUint(id&uint64(len(r.kept.slots)-1), 10)
}

func wallKey(author int32) string { return "t:w:" + strconv.Itoa(int(author)) }

const publicKey = "t:p"

func (r *redisStore) homeKey(who int32, issue uint32) string {
	b := make([]byte, 0, 40)
	b = strconv.AppendInt(append(b, "t:h:"...), r.run, 10)
	b = strconv.AppendUint(append(b, ':'), uint64(issue), 10)
	b = strconv.AppendInt(append(b, ':'), int64(who), 10)
	return string(b)
}

// entry is an id as it stands in a list.
func entry(id uint64) string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], id)
	return string(b[:])
}

// idOf is the id of an entry, 0 for what is none.
func idOf(entry string) uint64 {
	if len(entry) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64([]byte(entry))
}
