package harness

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"gameday/runs"
	"gameday/scenarios"
	"gameday/targets"
)

// How often the witness posts and looks. It is a small load beside any crowd's,
// and few enough for a server that counts requests per account.
const (
	witnessPosts = time.Second
	witnessLooks = 100 * time.Millisecond
	// witnessStays is how long after the load it waits for what it has not seen.
	witnessStays = 10 * time.Second
)

// A witness is a small, careful client that checks that the service tells the
// truth: one account posts, another that follows it looks for the posts in its
// home timeline. It measures how long each takes to get there, and whether any
// that was acknowledged vanishes or comes twice.
type witness struct {
	play     *play
	author   targets.Account
	follower targets.Account
	absent   string // why nobody watches

	mu   sync.Mutex
	news runs.Witness // since the last flush

	// Of the one goroutine that watches:
	traces  tracer
	asked   uint64 // how often
	posts   int
	cursor  string               // nothing up to here is still on its way
	pending map[string]time.Time // acknowledged, not yet seen
	order   []string             // of own posts, to look at again at the end
}

func newWitness(p *play) *witness {
	w := &witness{play: p, pending: map[string]time.Time{}, traces: newTracer(p.run.ID, "")} // a crowd has a name
	w.news.Fresh = make([]runs.Histogram, len(p.run.Phases))
	if !timelineActions(p.schedule.Scenario) {
		w.absent = "the scenario does not press a timeline"
	} else if p.run.Target.Dialect != targets.DialectMastodon {
		w.absent = fmt.Sprintf("the dialect %s has no timelines", p.run.Target.Dialect)
	} else if n := len(p.Accounts); n < 2 {
		w.absent = "two accounts are needed, one to post and one to follow"
	} else {
		w.author, w.follower = p.Accounts[n-1], p.Accounts[n-2]
	}
	return w
}

// flush returns what was learned since the last flush.
func (w *witness) flush() *runs.Witness {
	w.mu.Lock()
	defer w.mu.Unlock()
	news := w.news
	news.Absent = w.absent
	w.news = runs.Witness{Fresh: make([]runs.Histogram, len(news.Fresh))}
	return &news
}

func (w *witness) note(f func(*runs.Witness)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f(&w.news)
}

// watch posts and looks until load ends, then stays until all was seen, but not
// long, and looks at everything once more. It returns at once when ctx ends.
func (w *witness) watch(ctx context.Context, load <-chan struct{}) {
	if w.absent != "" || !w.arrive(ctx, load) {
		return
	}
	post, look := time.NewTicker(witnessPosts), time.NewTicker(witnessLooks)
	defer post.Stop()
	defer look.Stop()
	w.post(ctx)
	for watching := true; watching; {
		select {
		case <-ctx.Done():
			return
		case <-load:
			watching = false
		case <-post.C:
			w.post(ctx)
		case <-look.C:
			w.look(ctx)
		}
	}
	for left := time.After(witnessStays); len(w.pending) > 0; {
		select {
		case <-ctx.Done():
			return
		case <-left:
			w.giveUp()
		case <-look.C:
			w.look(ctx)
		}
	}
	w.leave(ctx)
}

// arrive lets the follower follow the author, and notes what is in its timeline.
// It tries as long as the load lasts.
func (w *witness) arrive(ctx context.Context, load <-chan struct{}) bool {
	for {
		var page []post
		_, err := w.ask(w.follower, http.MethodPost, "/api/v1/accounts/"+w.author.ID+"/follow", "", "", nil)
		if err == nil {
			_, err = w.ask(w.follower, http.MethodGet, "/api/v1/timelines/home?limit=1", "", "", &page)
		}
		if err == nil {
			if len(page) > 0 {
				w.cursor = page[0].ID
			}
			return true
		}
		w.note(func(n *runs.Witness) { n.Failed++ })
		select {
		case <-ctx.Done():
			return false
		case <-load:
			return false
		case <-time.After(witnessPosts):
		}
	}
}

// post writes a post; every tenth it sends twice under one key, as a client does
// that is not sure whether the first was received.
func (w *witness) post(ctx context.Context) {
	key := w.play.run.ID + "-witness-" + strconv.Itoa(w.posts)
	body := "status=" + url.QueryEscape(fmt.Sprintf("Is this on? %d #gameday", w.posts))
	var p post
	if status, err := w.ask(w.author, http.MethodPost, "/api/v1/statuses", body, key, &p); err != nil || status != http.StatusOK || p.ID == "" {
		if ctx.Err() == nil {
			w.note(func(n *runs.Witness) { n.Failed++ })
		}
		return
	}
	now := time.Now()
	w.posts++
	w.pending[p.ID] = now
	w.order = append(w.order, p.ID)
	w.note(func(n *runs.Witness) { n.Posts++ })
	if w.posts%10 == 1 {
		var again post
		if status, err := w.ask(w.author, http.MethodPost, "/api/v1/statuses", body, key, &again); err == nil && status == http.StatusOK && again.ID != p.ID {
			w.lie("post %s came again as %s under the same Idempotency-Key", p.ID, again.ID)
		}
	}
}

// look walks through the follower's home timeline from before the oldest post
// that is still on its way: posts may arrive in another order than they were
// written in.
func (w *witness) look(ctx context.Context) {
	twice := map[string]bool{}
	cursor := w.cursor
	for more := len(w.pending) > 0; more && ctx.Err() == nil; {
		path := "/api/v1/timelines/home?limit=40"
		if cursor != "" {
			path += "&min_id=" + url.QueryEscape(cursor)
		}
		var page []post
		if _, err := w.ask(w.follower, http.MethodGet, path, "", "", &page); err != nil {
			if ctx.Err() == nil {
				w.note(func(n *runs.Witness) { n.Failed++ })
			}
			return
		}
		now := time.Now()
		for _, p := range page {
			if twice[p.ID] {
				w.lie("post %s stands twice in a home timeline", p.ID)
			}
			twice[p.ID] = true
			if acknowledged, mine := w.pending[p.ID]; mine {
				delete(w.pending, p.ID)
				w.fresh(acknowledged, now.Sub(acknowledged))
				w.note(func(n *runs.Witness) { n.Seen++ })
			}
		}
		if len(page) > 0 {
			cursor = page[0].ID
		}
		more = len(page) == 40
	}
	if len(w.pending) == 0 {
		w.cursor = cursor
	}
}

// fresh counts how long a post took, in the phase in which it was acknowledged.
func (w *witness) fresh(acknowledged time.Time, took time.Duration) {
	at := acknowledged.Sub(w.play.start)
	phase := 0
	for phase+1 < len(w.play.run.Phases) && at >= time.Duration(w.play.run.Phases[phase].End) {
		phase++
	}
	w.note(func(n *runs.Witness) { n.Fresh[phase].Record(took) })
}

// giveUp counts what was not seen with the time that it was waited for.
func (w *witness) giveUp() {
	for id, acknowledged := range w.pending {
		w.fresh(acknowledged, time.Since(acknowledged))
		delete(w.pending, id)
	}
}

// leave asks for each acknowledged post once more, the newest hundred at most.
func (w *witness) leave(ctx context.Context) {
	for _, id := range w.order[max(0, len(w.order)-100):] {
		status, err := w.ask(w.author, http.MethodGet, "/api/v1/statuses/"+url.PathEscape(id), "", "", nil)
		switch {
		case ctx.Err() != nil:
			return
		case status == http.StatusNotFound || status == http.StatusGone:
			w.lie("post %s was acknowledged and is gone", id)
		case err != nil:
			w.note(func(n *runs.Witness) { n.Failed++ })
		}
	}
}

func (w *witness) lie(format string, args ...any) {
	w.note(func(n *runs.Witness) {
		n.Lied++
		n.Lies = append(n.Lies, fmt.Sprintf(format, args...))
	})
}

// A post is what the witness needs to know of one.
type post struct {
	ID string `json:"id"`
}

// ask makes one request and decodes the answer, if into is not nil. The error is
// of a request that was not answered with success.
func (w *witness) ask(who targets.Account, method, path, body, key string, into any) (status int, err error) {
	c := targets.Call{Method: method, Path: path, Token: who.Token, Body: body, Key: key}
	if body != "" {
		c.Type = "application/x-www-form-urlencoded"
	}
	if into != nil {
		c.Learn = func([]byte) error { return nil } // so that the body is kept
	}
	if w.play.target.Trace {
		c.Trace = w.traces.of(w.asked)
		w.asked++
	}
	a, err := w.play.wire.carry(c, time.Now().Add(w.play.timeout()), false)
	if err != nil {
		return 0, err
	}
	if cause := causeOfStatus(a.status); cause != "" {
		return a.status, fmt.Errorf("%s %s: %s", method, path, cause)
	}
	if into == nil {
		return a.status, nil
	}
	return a.status, json.Unmarshal(a.body, into)
}

// timelineActions reports whether a scenario presses a timeline at all.
func timelineActions(s *scenarios.Scenario) bool {
	for _, c := range s.Crowds {
		for _, a := range c.Do {
			if !a.Plain() {
				return true
			}
		}
	}
	return false
}
