package timeline

import (
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	pagesWindow = 15 * time.Minute
	postsWindow = 3 * time.Hour

	// limitStamp is how the time of a new window is written: ISO 8601 with
	// microseconds, as Mastodon does.
	limitStamp = "2006-01-02T15:04:05.000000Z"
)

// limiter keeps quotas as Mastodon does: so many requests in a window that begins
// at a multiple of its length. It keeps no more counts than callers of a window.
//
// Its data can be lost. Then limiter_on_data_loss says what it does: let everybody
// pass, nobody, or go on with what it saw last. It can also lose them without
// noticing, and read zeros: then everybody is over a quota of nothing, which is
// how Twitter's limiter refused people who had posted nothing on 8 February 2023.
type limiter struct {
	denied func(by string)

	tokens    tally[int32]
	addresses tally[netip.Addr]
	pages     tally[int32]
	posts     tally[int32]

	mu    sync.Mutex // guards what follows
	state loss
	until time.Time // when the data is back; zero: when somebody says so
}

// loss is how the limiter's data is.
type loss string

const (
	lossNone  loss = "present"
	lossKnown loss = "lost"
	lossZeros loss = "zeros"
)

// tally counts by caller in one window.
type tally[K comparable] struct {
	mu     sync.Mutex
	window int64
	counts map[K]int
}

// add counts one more, and says how many there are in the window and when it ends.
func (t *tally[K]) add(who K, length time.Duration, now time.Time) (int, time.Time) {
	window := now.UnixNano() / int64(length)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.counts == nil || t.window != window {
		t.counts, t.window = make(map[K]int), window
	}
	t.counts[who]++
	return t.counts[who], time.Unix(0, (window+1)*int64(length))
}

func (t *tally[K]) wipe() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counts = nil
}

// quota is what came of one count.
type quota struct {
	by    string
	limit int
	left  int // below zero: one too many
	reset time.Time
}

// count counts a request of a known or unknown caller against its quotas, writes
// the headers of the tightest, and refuses what is over one.
func (l *limiter) count(c *call, rt *route) *problem {
	now := time.Now()
	data := l.data(now)
	if data == lossKnown {
		switch c.knobs.LimiterOnDataLoss {
		case "open":
			return nil
		case "closed":
			l.denied("data_loss")
			return unavailable("The limiter has lost its data; try again later")
		}
	}
	q := l.tightest(c, rt, now)
	if data == lossZeros {
		q.limit, q.left = 0, -1
	}
	q.write(c.w.Header())
	if q.left < 0 {
		l.denied(q.by)
		return &problem{http.StatusTooManyRequests, "Too many requests"}
	}
	return nil
}

// tightest counts a request against all its quotas and gives the one with the
// least left.
func (l *limiter) tightest(c *call, rt *route, now time.Time) quota {
	k := c.knobs
	if c.viewer == 0 {
		n, reset := l.addresses.add(c.address(), k.LimitWindow, now)
		return quota{"address", k.LimitPerAddress, k.LimitPerAddress - n, reset}
	}
	n, reset := l.tokens.add(c.viewer, k.LimitWindow, now)
	q := quota{"token", k.LimitPerToken, k.LimitPerToken - n, reset}
	if query := c.r.URL.RawQuery; rt.method == http.MethodGet && (strings.Contains(query, "max_id=") || strings.Contains(query, "since_id=") || strings.Contains(query, "min_id=")) {
		n, reset := l.pages.add(c.viewer, pagesWindow, now)
		q = q.or(quota{"pages", k.LimitPages, k.LimitPages - n, reset})
	}
	if rt.pattern == postPattern && rt.method == http.MethodPost {
		n, reset := l.posts.add(c.viewer, postsWindow, now)
		q = q.or(quota{"posts", k.LimitPosts, k.LimitPosts - n, reset})
	}
	return q
}

// or is the tighter of two.
func (q quota) or(other quota) quota {
	if other.left < q.left {
		return other
	}
	return q
}

// write puts a quota into the headers of an answer.
func (q quota) write(h http.Header) {
	h["X-Ratelimit-Limit"] = []string{strconv.Itoa(q.limit)}
	h["X-Ratelimit-Remaining"] = []string{strconv.Itoa(max(0, q.left))}
	h["X-Ratelimit-Reset"] = []string{q.reset.UTC().Format(limitStamp)}
	if q.left < 0 {
		h["Retry-After"] = []string{strconv.Itoa(wholeSeconds(time.Until(q.reset)))}
	}
}

// address is who asks, as far as the network knows.
func (c *call) address() netip.Addr {
	if c.knobs.TrustForwarded {
		all := c.r.Header.Values("X-Forwarded-For")
		if len(all) > 0 {
			last := all[len(all)-1]
			if at, err := netip.ParseAddr(strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])); err == nil {
				return at.Unmap()
			}
		}
	}
	at, err := netip.ParseAddrPort(c.r.RemoteAddr)
	if err != nil {
		return netip.Addr{} // all that cannot be told apart are one
	}
	return at.Addr().Unmap()
}

// data is how the limiter's data is now.
func (l *limiter) data(now time.Time) loss {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.until.IsZero() && !now.Before(l.until) {
		l.state, l.until = lossNone, time.Time{}
	}
	if l.state == "" {
		return lossNone
	}
	return l.state
}

// wipe loses the data, for a while or, with zero, until it is restored. What the
// limiter saw last is kept only where it is to go on with it.
func (l *limiter) wipe(as loss, lasting time.Duration, onLoss string) {
	if onLoss != "last_good" {
		l.tokens.wipe()
		l.addresses.wipe()
		l.pages.wipe()
		l.posts.wipe()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state, l.until = as, time.Time{}
	if lasting > 0 {
		l.until = time.Now().Add(lasting)
	}
}

// restore brings the data back, as far as it was kept.
func (l *limiter) restore() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state, l.until = lossNone, time.Time{}
}
