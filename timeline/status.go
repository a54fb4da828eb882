package timeline

import (
	"sync"
	"sync/atomic"
	"time"
)

// status is one post, or one boost of a post. What never changes is set before
// it is published; counts and marks change under its own lock.
type status struct {
	id      uint64
	author  int32
	at      time.Time
	content []byte  // JSON string, HTML inside
	listed  bool    // visibility public, otherwise unlisted
	replyTo *parent // nil when it answers nobody
	reblog  *status // the post this boosts, nil for a post
	head    []byte  // what never changes of its JSON

	replies atomic.Int64
	likes   atomic.Int64
	boosts  atomic.Int64

	mu      sync.RWMutex // guards likedBy and boostOf
	likedBy map[int32]struct{}
	boostOf map[int32]*status // who boosted it, and their boost
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

// like and unlike set the mark of one account, and are idempotent.
func (st *status) like(who int32) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.likedBy == nil {
		st.likedBy = make(map[int32]struct{})
	}
	st.likedBy[who] = struct{}{}
	st.likes.Store(int64(len(st.likedBy)))
}

func (st *status) unlike(who int32) {
	st.mu.Lock()
	defer st.mu.Unlock()
	delete(st.likedBy, who)
	st.likes.Store(int64(len(st.likedBy)))
}

// marks says whether an account likes and boosts the post. Account 0 does not.
func (st *status) marks(who int32) (liked, boosted bool) {
	if who == 0 || st.likes.Load() == 0 && st.boosts.Load() == 0 {
		return false, false
	}
	st.mu.RLock()
	defer st.mu.RUnlock()
	_, liked = st.likedBy[who]
	_, boosted = st.boostOf[who]
	return liked, boosted
}
