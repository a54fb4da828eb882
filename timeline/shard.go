package timeline

import (
	"context"
	"sync"
	"time"
)

// mostShards is the most that the knob cache_shards may say.
const mostShards = 1024

// shards are the parts of the cache as they are read. Each has copies, the knob
// replicas says how many, and a copy answers one read after the other, each in
// shard_cost. So a shard answers replicas/shard_cost reads a second, and one that
// has a hot key makes all wait whose keys it has, while the others are quick.
//
// Keys are home timelines, walls, the public timeline, and statuses that are asked
// for by their id; those on a page come with it. Only reading takes time: what is
// written goes to every copy. The zero value is ready.
type shards struct {
	shed   func(reason string)
	waited func(time.Duration)

	lines [mostShards]line
}

// line is who waits for the copies of one shard.
type line struct {
	mu   sync.Mutex
	ends []time.Time // when each copy has answered all who wait for it now
}

// shedShard is why those are sent away whose shard has too long a line.
const shedShard = "hot_shard"

// shard is where what a span reads is. Home timelines are where flushing looks
// for them.
func (sp *span) shard(of int) int {
	switch sp.of {
	case homeList:
		return int(sp.who-1) % of
	case wallList:
		return shardOf(uint64(sp.who), of)
	}
	return shardOf(0, of)
}

// shardOf is the shard of a number: a status's id, or whose wall it is.
func shardOf(key uint64, of int) int {
	return int(mix(key) % uint64(of))
}

// read waits until all spans have been read, each from its own shard.
func (s *shards) read(ctx context.Context, k *Knobs, spans []span) *problem {
	if k.ShardCost <= 0 {
		return nil
	}
	now := time.Now()
	last := now
	for i := range spans {
		answered, bad := s.join(k, spans[i].shard(k.CacheShards), now)
		if bad != nil {
			return bad
		}
		if answered.After(last) {
			last = answered
		}
	}
	return s.await(ctx, last.Sub(now))
}

// find waits until the status of an id has been read.
func (s *shards) find(ctx context.Context, k *Knobs, id uint64) *problem {
	if k.ShardCost <= 0 {
		return nil
	}
	now := time.Now()
	answered, bad := s.join(k, shardOf(id, k.CacheShards), now)
	if bad != nil {
		return bad
	}
	return s.await(ctx, answered.Sub(now))
}

// await waits for an answer. Who does not wait for it is answered all the same,
// like anybody who hung up on a cache.
func (s *shards) await(ctx context.Context, d time.Duration) *problem {
	s.waited(d)
	if !pause(ctx, d) {
		return unavailable("Nobody waited for the cache")
	}
	return nil
}

// join queues one read at the copy of a shard that is free first, and says when it
// will be answered. When that would begin later than wait_timeout it is refused,
// unless nothing is shed.
func (s *shards) join(k *Knobs, shard int, now time.Time) (answered time.Time, bad *problem) {
	l := &s.lines[shard]
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.ends) < k.Replicas {
		l.ends = append(l.ends, now)
	}
	free := 0
	for i := range k.Replicas {
		if l.ends[i].Before(l.ends[free]) {
			free = i
		}
	}
	begins := now
	if l.ends[free].After(now) {
		begins = l.ends[free]
	}
	if k.Shed != "off" && begins.Sub(now) > k.WaitTimeout {
		s.shed(shedShard)
		return now, unavailable("This part of the cache is overloaded; try again later")
	}
	l.ends[free] = begins.Add(k.ShardCost)
	return l.ends[free], nil
}

// longest is how long the longest line is.
func (s *shards) longest() time.Duration {
	now, most := time.Now(), time.Duration(0)
	for i := range s.lines {
		l := &s.lines[i]
		l.mu.Lock()
		for _, end := range l.ends {
			most = max(most, end.Sub(now))
		}
		l.mu.Unlock()
	}
	return most
}
