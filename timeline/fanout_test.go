package timeline

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"testing"
)

// TestEveryPostReachesEveryFollower posts from many accounts at once. The author
// sees each post as soon as it is acknowledged; once all is delivered, each home
// timeline holds exactly the posts of those followed, in order.
func TestEveryPostReachesEveryFollower(t *testing.T) {
	s := start(t, Options{Accounts: 120, Seed: 5, Cap: 4000})
	first := number(t, s.lastFirst())
	acked := make([][]uint64, 121)
	var working sync.WaitGroup
	for who := 1; who <= 120; who++ {
		working.Go(func() {
			for i := range 20 {
				st, bad := s.post(t.Context(), int32(who), draft{text: fmt.Sprintf("post %d", i)})
				if bad != nil {
					t.Error(bad.text)
					return
				}
				acked[who] = append(acked[who], st.id)
				if home := s.read(t, who, fmt.Sprintf("/api/v1/timelines/home?limit=1&max_id=%d", st.id+1)); len(home) == 0 || number(t, home[0].ID) != st.id {
					t.Errorf("account %d does not see its own post", who)
				}
			}
		})
	}
	working.Wait()
	s.settle()
	for who := int32(1); who <= 120; who++ {
		var expect []uint64
		for author := int32(1); author <= 120; author++ {
			if author == who || s.people.follows(who, author) {
				expect = append(expect, acked[author]...)
			}
		}
		slices.Sort(expect)
		got := slices.DeleteFunc(s.home(t, who), func(id uint64) bool { return id <= first })
		if !slices.Equal(got, expect) {
			t.Errorf("account %d has %d of the posts at home, want %d", who, len(got), len(expect))
		}
	}
}

// TestPostingWaitsWhenTheQueueIsFull stops delivery, fills the queue, and checks
// that what no longer fits is refused rather than lost, and all else delivered.
func TestPostingWaitsWhenTheQueueIsFull(t *testing.T) {
	const queue = 100
	s := start(t, Options{Accounts: 2, Knobs: withKnobs(func(k *Knobs) { k.FanoutQueue = queue })})
	before := len(s.home(t, 2))
	open := s.hold()
	defer open()
	for i := range queue {
		if _, bad := s.post(t.Context(), 1, draft{text: strconv.Itoa(i)}); bad != nil {
			t.Fatalf("post %d: %s", i, bad.text)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	r := s.request(1, "POST", "/api/v1/statuses", url.Values{"status": {"too much"}}).WithContext(gone)
	w := s.do(r)
	checkRefusal(t, w, 503, "The fan-out queue is full")
	if w.Header().Get("Retry-After") != "1" {
		t.Error("a full queue does not say when to try again")
	}
	waits := make(chan *problem)
	go func() {
		_, bad := s.post(t.Context(), 1, draft{text: "patient"})
		waits <- bad
	}()
	open()
	if bad := <-waits; bad != nil {
		t.Errorf("a post that waits for the queue is refused: %s", bad.text)
	}
	s.settle()
	if n := len(s.home(t, 2)) - before; n != queue+1 {
		t.Errorf("%d posts were delivered, want %d", n, queue+1)
	}
}

func TestClosedServiceReadsButDoesNotPost(t *testing.T) {
	s := start(t, Options{Accounts: 50})
	id := s.say(t, 1, "last").ID
	for range 2 {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	checkRefusal(t, s.do(s.request(1, "POST", "/api/v1/statuses", url.Values{"status": {"late"}})), 503, "The service is shutting down")
	checkRefusal(t, s.do(s.request(2, "POST", "/api/v1/statuses/"+id+"/reblog", nil)), 503, "The service is shutting down")
	if home := s.read(t, 2, "/api/v1/timelines/home"); home[0].ID != id {
		t.Errorf("the newest at home is %s, want %s", home[0].ID, id)
	}
	if n := s.fanout.places.taken(); n != 0 {
		t.Errorf("%d places in the queue were not given back", n)
	}
}

// TestCap checks that timelines show no more than the cap, and the newest.
func TestCap(t *testing.T) {
	s := start(t, Options{Accounts: 10, Cap: 25})
	var posted []string
	for i := range 100 {
		posted = append([]string{s.say(t, 1, fmt.Sprint(i)).ID}, posted...)
	}
	s.settle()
	for who, target := range map[int]string{1: "/api/v1/timelines/home?limit=40", 2: "/api/v1/timelines/home?limit=40", 0: "/api/v1/accounts/1/statuses?limit=40"} {
		if got := ids(s.read(t, who, target)); !slices.Equal(got, posted[:25]) {
			t.Errorf("%s of account %d shows %d, want the newest 25", target, who, len(got))
		}
	}
}

// TestFallenOut checks that statuses beyond the store's size are gone
// everywhere, and boosts of them too.
func TestFallenOut(t *testing.T) {
	s := startKeeping(t, Options{Accounts: 10, Cap: 800}, 64)
	old := s.say(t, 1, "old").ID
	for i := range 30 {
		s.say(t, 3, fmt.Sprint(i))
	}
	boost := s.act(t, 2, "/api/v1/statuses/"+old+"/reblog").ID
	for i := range 40 {
		s.say(t, 3, fmt.Sprint(i))
	}
	s.settle()
	for _, id := range []string{old, boost} {
		checkRefusal(t, s.do(s.request(2, "GET", "/api/v1/statuses/"+id, nil)), 404, "Record not found")
		checkRefusal(t, s.do(s.request(2, "POST", "/api/v1/statuses/"+id+"/favourite", nil)), 404, "Record not found")
	}
	if wall := s.read(t, 0, "/api/v1/accounts/2/statuses"); len(wall) != 0 {
		t.Errorf("the wall shows %d statuses that fell out", len(wall))
	}
	if all := descend(t, s, 0, "/api/v1/accounts/3/statuses", testRand()); len(all) != 63 {
		t.Errorf("%d of the newest 64 statuses are on the wall, want all but the boost", len(all))
	}
}

// TestFirstPosts checks that nobody starts with an empty home, that a usual page
// can be filled, and that the same options give the same posts.
func TestFirstPosts(t *testing.T) {
	for _, n := range []int{2, 10, 300, 5000} {
		s, again := start(t, Options{Accounts: n}), start(t, Options{Accounts: n})
		short := 0
		for id := int32(1); int(id) <= n; id++ {
			home := s.home(t, id)
			if len(home) < 20 {
				short++
			}
			if len(home) == 0 || !slices.IsSorted(home) || !slices.Equal(home, again.home(t, id)) {
				t.Fatalf("of %d accounts, %d starts with %d entries, sorted: %v", n, id, len(home), slices.IsSorted(home))
			}
			for _, post := range home {
				if author := s.kept.get(post).author; author != id && !s.people.follows(id, author) {
					t.Fatalf("account %d starts with a post of %d, whom it does not follow", id, author)
				}
			}
		}
		if short > n/50 {
			t.Errorf("%d of %d accounts cannot fill a page of 20", short, n)
		}
	}
}
