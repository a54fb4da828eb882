package timeline

import (
	"sync"
	"sync/atomic"
	"time"
)

// status is one post, or one boost of a post. It never changes once it is
// published, but for what the memory store counts in it.
type status struct {
	id      uint64
	seq     uint32 // the how manieth status it is
	author  int32
	at      time.Time
	content []byte  // JSON string, HTML inside
	listed  bool    // visibility public, otherwise unlisted
	replyTo *parent // nil when it answers nobody
	reblog  *status // the post this boosts, nil for a post
	head    []byte  // what never changes of its JSON

	counts counts // of the memory store
}

// parent names the post a reply answers. It is not the post itself, so that a
// long thread does not keep statuses alive that fell out of the store.
type parent struct {
	id     uint64
	author int32
}

// proper is the post itself: what a boost boosts, and a post otherwise. Likes,
// boosts and replies of a boost belong to its post.
func (st *status) proper() *status {
	if st.reblog != nil {
		return st.reblog
	}
	return st
}

// public says whether the status stands in the public timeline.
func (st *status) public() bool {
	return st.listed && st.reblog == nil && st.replyTo == nil
}

// counts are the marks of a post in memory. One mark an account is the truth; the
// counters beside it are for reading without counting.
type counts struct {
	replies atomic.Int64
	boosts  atomic.Int64
	likes   counter

	mu       sync.RWMutex // guards likedBy, replyIDs and boostOf
	likedBy  map[int32]struct{}
	replyIDs []uint64          // of the replies
	boostOf  map[int32]*status // who boosted it, and their boost
}

// like sets or takes away the mark of one account, and is idempotent.
func (c *counts) like(who int32, on bool, k *Knobs) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, there := c.likedBy[who]; there == on {
		return
	}
	if !on {
		delete(c.likedBy, who)
		c.likes.add(-1, who, k)
		return
	}
	if c.likedBy == nil {
		c.likedBy = make(map[int32]struct{})
	}
	c.likedBy[who] = struct{}{}
	c.likes.add(1, who, k)
}

// boosted notes that a boost of the post was made, or taken back.
func (c *counts) boosted(st *status, on bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if on {
		if c.boostOf == nil {
			c.boostOf = make(map[int32]*status)
		}
		c.boostOf[st.author] = st
	} else {
		delete(c.boostOf, st.author)
	}
	c.boosts.Store(int64(len(c.boostOf)))
}

// answered counts a reply.
func (c *counts) answered(reply uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.replyIDs = append(c.replyIDs, reply)
	c.replies.Add(1)
}

// rows counts the likes one by one.
func (c *counts) rows() int64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	n := int64(0)
	for range c.likedBy {
		n++
	}
	return n
}

// marks says whether an account likes and boosts the post. Account 0 does not.
func (c *counts) marks(who int32) (liked, boosted bool) {
	if who == 0 || c.boosts.Load() == 0 && c.likes.sum() == 0 {
		return false, false
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	_, liked = c.likedBy[who]
	_, boosted = c.boostOf[who]
	return liked, boosted
}

// tell is what is to be told of the post.
func (c *counts) tell(viewer int32, rows bool) told {
	t := told{replies: c.replies.Load(), boosts: c.boosts.Load()}
	if rows {
		t.likes = c.rows()
	} else {
		t.likes = c.likes.sum()
	}
	t.liked, t.boosted = c.marks(viewer)
	return t
}
