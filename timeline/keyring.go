package timeline

import (
	"context"
	"crypto/sha256"
	"sync"
	"time"
)

const (
	keyLife   = time.Hour
	keyShards = 64
)

// keyring remembers which status came of which Idempotency-Key, for an hour and
// for as long as the status is kept, each account for itself. So it holds no
// more keys than the store holds statuses.
type keyring struct {
	shards [keyShards]keyShard
}

type keyShard struct {
	mu      sync.Mutex
	claims  map[ownKey]*claim
	settled []*claim // those with a status, oldest first
}

// ownKey is one account's key, hashed so that a long one takes no more room.
type ownKey struct {
	account int32
	sum     [sha256.Size]byte
}

// claim is a key in use. While done is open, its request is being worked on.
type claim struct {
	key  ownKey
	done chan struct{}
	st   *status // what came of it, nil when it was refused; set before done closes
	at   time.Time
}

func newKeyring() *keyring {
	k := &keyring{}
	for i := range k.shards {
		k.shards[i].claims = make(map[ownKey]*claim)
	}
	return k
}

// once publishes at most one status for an account's key: the first request with
// it publishes, all others get what the first got. A request that meets the
// first one still at work waits for it, and takes its place when it is refused.
func (s *Service) once(ctx context.Context, account int32, key string, publish func() (*status, *problem)) (*status, *problem) {
	own := ownKey{account, sha256.Sum256([]byte(key))}
	shard := &s.keys.shards[account%keyShards]
	for {
		c, mine := shard.claim(own, s.kept)
		if mine {
			st, bad := publish()
			shard.finish(c, st, s.kept)
			return st, bad
		}
		select {
		case <-c.done:
			if c.st != nil {
				return c.st, nil
			}
		case <-ctx.Done():
			return nil, unavailable("The first request with this Idempotency-Key is not finished")
		}
	}
}

// claim takes a key, or finds who has it.
func (sh *keyShard) claim(own ownKey, kept *ring) (c *claim, mine bool) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.forget(kept)
	if c := sh.claims[own]; c != nil {
		return c, false
	}
	c = &claim{key: own, done: make(chan struct{})}
	sh.claims[own] = c
	return c, true
}

// finish says what came of a claim; without a status the key is free again.
func (sh *keyShard) finish(c *claim, st *status, kept *ring) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if st == nil {
		delete(sh.claims, c.key)
	} else {
		c.st, c.at = st, time.Now()
		sh.settled = append(sh.settled, c)
	}
	close(c.done)
}

// forget drops the keys that are an hour old or whose status fell out. Both
// happen to the oldest first.
func (sh *keyShard) forget(kept *ring) {
	for len(sh.settled) > 0 {
		c := sh.settled[0]
		if time.Since(c.at) < keyLife && kept.get(c.st.id) != nil {
			return
		}
		delete(sh.claims, c.key)
		sh.settled[0] = nil
		sh.settled = sh.settled[1:]
	}
}
