package timeline

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// TestLostRedis loses the Redis under load and brings it back with what it had
// acknowledged. Meanwhile every refusal says so, and soon after everything works
// again by itself; every post and like that was acknowledged is there, none that
// was refused is, and nothing twice.
func TestLostRedis(t *testing.T) {
	r := startServer(t, true)
	s := start(t, Options{Accounts: 40, Store: r.url(0), Knobs: withKnobs(func(k *Knobs) {
		k.RebuildDelay, k.BreakerDelay = 0, 100*time.Millisecond
	})})
	id := s.say(t, 1, "press the heart").ID
	var mu sync.Mutex
	posted, refused, likes := map[string]string{}, map[string]bool{}, map[int]bool{}
	var wrong atomic.Int32
	stop := make(chan struct{})
	var working sync.WaitGroup
	for who := 2; who <= 9; who++ {
		working.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				text := fmt.Sprintf("post %d of %d", i, who)
				w := s.do(s.request(who, "POST", "/api/v1/statuses", url.Values{"status": {text}}))
				liked := s.do(s.request(who, "POST", "/api/v1/statuses/"+id+"/favourite", nil))
				mu.Lock()
				switch {
				case w.Code == 200:
					posted[text] = idIn(w.Body.String())
				default:
					refused[text] = true
				}
				likes[who] = likes[who] || liked.Code == 200
				mu.Unlock()
				for _, w := range []*http.Response{w.Result(), liked.Result()} {
					if w.StatusCode != 200 && (w.StatusCode != 503 || w.Header.Get("Retry-After") == "") {
						wrong.Add(1)
					}
				}
			}
		})
	}
	count := func(of func() int) int {
		mu.Lock()
		defer mu.Unlock()
		return of()
	}
	for round := range 2 {
		until(t, "the store works again", func() bool { return count(func() int { return len(posted) }) > 100*(round+1) })
		r.kill()
		before := count(func() int { return len(refused) })
		until(t, "the store works again", func() bool { return count(func() int { return len(refused) }) > before+20 })
		for target, who := range map[string]int{"/api/v1/timelines/home": 3, "/api/v1/timelines/public": 0, "/api/v1/accounts/1/statuses": 0} {
			if w := s.do(s.request(who, "GET", target, nil)); w.Code != 503 || w.Header().Get("Retry-After") == "" {
				t.Errorf("without the store, %s answers %d %s", target, w.Code, w.Body)
			}
		}
		r.start(t)
		before = count(func() int { return len(posted) })
		until(t, "the store works again", func() bool { return count(func() int { return len(posted) }) > before+50 })
	}
	close(stop)
	working.Wait()
	s.settle()
	if n := wrong.Load(); n > 0 {
		t.Errorf("%d answers were neither right nor a 503 that says when to come back", n)
	}
	s.checkKept(t, posted, refused)
	if n := want[statusJSON](t, s, s.request(0, "GET", "/api/v1/statuses/"+id, nil)).Favourites; n != len(likes) {
		t.Errorf("the post has %d likes, want %d", n, len(likes))
	}
}

// checkKept looks for posts on their authors' walls and at home with everybody who
// follows them.
func (s *Service) checkKept(t *testing.T, posted map[string]string, refused map[string]bool) {
	t.Helper()
	on := map[string]int{}
	for who := 2; who <= 9; who++ {
		for _, id := range s.list(t, wallList, int32(who)) {
			on[strconv.FormatUint(id, 10)]++
		}
	}
	public := map[string]bool{}
	for _, id := range s.list(t, publicList, 0) {
		public[strconv.FormatUint(id, 10)] = true
	}
	for text, id := range posted {
		if on[id] != 1 || !public[id] {
			t.Errorf("%s, acknowledged as %s, is on its wall %d times; public: %v", text, id, on[id], public[id])
		}
		on[id] = 0
	}
	for id, n := range on {
		if st := s.kept.get(number(t, id)); n > 0 && (st == nil || refused[strings.TrimSuffix(strings.TrimPrefix(string(st.content), `"<p>`), `</p>"`)]) {
			t.Errorf("status %s is there, but was refused", id)
		}
	}
	for who := 10; who <= 40; who += 5 {
		seen := s.later(t, who, 0)
		slices.Sort(seen)
		if len(slices.Compact(slices.Clone(seen))) != len(seen) {
			t.Errorf("account %d sees a status twice", who)
		}
		for _, id := range posted {
			st := s.kept.get(number(t, id))
			if _, there := slices.BinarySearch(seen, st.id); st != nil && len(seen) < 800 && s.people.follows(int32(who), st.author) != there {
				t.Errorf("account %d sees %s of %d: %v", who, id, st.author, there)
			}
		}
	}
}

// TestRedisOutlivesTheService starts a second service over the store of one that
// was not even closed: it has everything, and the first can publish no more.
func TestRedisOutlivesTheService(t *testing.T) {
	r := startServer(t, false)
	o := Options{Accounts: 30, Seed: 3, Store: r.url(0), Knobs: withKnobs(func(k *Knobs) { k.RebuildDelay = 0 })}
	s := start(t, o)
	post := s.say(t, 1, "listen")
	reply := s.say(t, 2, "yes?", "in_reply_to_id", post.ID)
	boost := s.act(t, 3, "/api/v1/statuses/"+post.ID+"/reblog").ID
	s.act(t, 4, "/api/v1/statuses/"+post.ID+"/favourite")
	follower := 0
	for who := 30; follower == 0; who-- {
		if !s.people.follows(int32(who), 9) && who != 9 {
			follower = who
		}
	}
	s.do(s.request(follower, "POST", "/api/v1/accounts/9/follow", nil))
	s.settle()
	again := start(t, o)
	for _, target := range []string{"/api/v1/timelines/public", "/api/v1/accounts/3/statuses", "/api/v1/accounts/1", "/api/v1/accounts/9",
		"/api/v1/statuses/" + post.ID, "/api/v1/statuses/" + reply.ID, "/api/v1/statuses/" + boost, "/api/v1/timelines/home"} {
		a, b := s.do(s.request(4, "GET", target, nil)), again.do(again.request(4, "GET", target, nil))
		if a.Code != 200 || a.Body.String() != b.Body.String() {
			t.Errorf("%s was %d\n%s\nand is %d\n%s", target, a.Code, a.Body, b.Code, b.Body)
		}
	}
	if !again.people.follows(int32(follower), 9) {
		t.Error("a follow was forgotten")
	}
	w := s.do(s.request(1, "POST", "/api/v1/statuses", url.Values{"status": {"from the past"}}))
	checkRefusal(t, w, 503, "The store cannot be reached")
	if newest := again.say(t, 1, "from now").ID; number(t, newest) <= number(t, boost) {
		t.Errorf("the id %s comes after %s", newest, boost)
	}
	if wall := again.read(t, 0, "/api/v1/accounts/1/statuses?limit=2"); wall[1].ID != post.ID {
		t.Errorf("the wall is %v", ids(wall))
	}
	if other, err := New(Options{Accounts: 31, Seed: 3, Store: r.url(0)}); err == nil {
		other.Close()
		t.Error("the store of another population was accepted")
	}
}

// TestDoubtIsSettled cuts the connection after the Redis has published, but
// before it said so: the post is refused, and gone.
func TestDoubtIsSettled(t *testing.T) {
	r := startServer(t, false)
	s := start(t, Options{Accounts: 20, Store: r.url(0), Knobs: withKnobs(func(k *Knobs) { k.RebuildDelay = 0 })})
	mute := &muteHook{}
	s.store.(*redisStore).client.AddHook(mute)
	before := s.list(t, wallList, 1)
	posts := s.account(t, 1).Statuses
	parent := s.say(t, 2, "who wins?").ID
	mute.on.Store(true)
	code, _ := s.keyed(1, "k", "in doubt")
	mute.on.Store(false)
	if code != 503 {
		t.Fatalf("without an answer of the store, posting answers %d", code)
	}
	code, id := s.keyed(1, "k", "in doubt")
	if code != 200 {
		t.Fatalf("trying again answers %d", code)
	}
	if wall := s.list(t, wallList, 1); len(wall) != len(before)+1 || strconv.FormatUint(wall[len(wall)-1], 10) != id {
		t.Errorf("the wall had %d posts and has %d, the last %d, want %s", len(before), len(wall), wall[len(wall)-1], id)
	}
	mute.late.Store(true)
	s.do(s.request(1, "POST", "/api/v1/statuses", url.Values{"status": {"on its way"}}))
	mute.late.Store(false)
	until(t, "the fence to move", func() bool {
		code, _ = s.keyed(1, "k2", "and another")
		return code == 200
	})
	for _, one := range mute.held {
		if err := s.store.(*redisStore).client.Do(t.Context(), one.Args()...).Err(); err == nil || !strings.HasPrefix(err.Error(), "FENCED") {
			t.Errorf("what comes late is done, or fails with %v", err)
		}
	}
	before, posts = s.list(t, wallList, 1), posts+1
	before = before[:len(before)-1]
	mute.on.Store(true)
	s.do(s.request(1, "POST", "/api/v1/statuses", url.Values{"status": {"we do"}, "in_reply_to_id": {parent}}))
	s.do(s.request(1, "POST", "/api/v1/statuses/"+parent+"/reblog", nil))
	mute.on.Store(false)
	until(t, "the store works again", func() bool { return len(s.list(t, wallList, 1)) == len(before)+1 }) // by itself
	if st := want[statusJSON](t, s, s.request(1, "GET", "/api/v1/statuses/"+parent, nil)); st.Replies != 0 || st.Reblogs != 0 || *st.Reblogged {
		t.Errorf("what was refused is counted: %+v", st)
	}
	if n := s.account(t, 1).Statuses - posts; n != 1 {
		t.Errorf("account 1 has %d posts more, want 1", n)
	}
}

// muteHook loses the answers of what is published, or holds what is published
// until it is too late.
type muteHook struct {
	on, late atomic.Bool
	held     []redis.Cmder
}

var errMute = errors.New("connection lost")

func (m *muteHook) DialHook(next redis.DialHook) redis.DialHook          { return next }
func (m *muteHook) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }

func (m *muteHook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, all []redis.Cmder) error {
		if args := all[0].Args(); m.late.Load() && len(args) > 1 && args[1] == publishScript.Hash() {
			m.held = append(m.held, all...)
			for _, one := range all {
				one.SetErr(errMute)
			}
			return errMute
		}
		err := next(ctx, all)
		if args := all[0].Args(); m.on.Load() && len(args) > 1 && args[1] == publishScript.Hash() {
			for _, one := range all {
				one.SetErr(errMute)
			}
			return errMute
		}
		return err
	}
}

// TestEmptiedRedis empties the Redis under a running service, which goes on.
func TestEmptiedRedis(t *testing.T) {
	r := startServer(t, false)
	s := start(t, Options{Accounts: 20, Store: r.url(0), Knobs: withKnobs(func(k *Knobs) { k.RebuildDelay = 0 })})
	s.say(t, 1, "before")
	s.settle()
	r.kill()
	r.start(t)
	until(t, "the store works again", func() bool {
		return s.do(s.request(1, "POST", "/api/v1/statuses", url.Values{"status": {"after"}})).Code == 200
	})
	s.settle()
	for who := 2; who <= 20; who++ {
		if !s.people.follows(int32(who), 1) {
			continue
		}
		if page := s.read(t, who, "/api/v1/timelines/home"); len(page) != 1 || page[0].Content != "<p>after</p>" {
			t.Errorf("account %d sees %d statuses", who, len(page))
		}
	}
}
