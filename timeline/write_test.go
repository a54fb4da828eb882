package timeline

import (
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// keyed posts with an Idempotency-Key and gives the code and the id.
func (s *Service) keyed(who int, key, text string) (int, string) {
	r := s.request(who, "POST", "/api/v1/statuses", url.Values{"status": {text}})
	r.Header.Set("Idempotency-Key", key)
	w := s.do(r)
	return w.Code, idIn(w.Body.String())
}

// idIn is the id a status in JSON begins with, empty when it does not.
func idIn(body string) string {
	var id uint64
	if _, err := fmt.Sscanf(body, `{"id":"%d"`, &id); err != nil {
		return ""
	}
	return fmt.Sprint(id)
}

func TestIdempotencyKeyIsKeptAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := New(Options{Accounts: 50})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		before := s.account(t, 1).Statuses
		_, first := s.keyed(1, "k", "goal")
		time.Sleep(time.Hour - time.Second)
		if code, again := s.keyed(1, "k", "another text"); code != 200 || again != first {
			t.Errorf("the key within the hour answers %d with status %s, want %s", code, again, first)
		}
		if _, other := s.keyed(2, "k", "goal"); other == first {
			t.Error("the key of one account gives the status of another's")
		}
		if _, other := s.keyed(1, "l", "goal"); other == first {
			t.Error("another key gives the same status")
		}
		time.Sleep(time.Second)
		if _, late := s.keyed(1, "k", "goal"); late == first || late == "" {
			t.Errorf("the key after an hour answers with status %q", late)
		}
		if n := s.account(t, 1).Statuses - before; n != 3 {
			t.Errorf("account 1 has %d more posts, want 3", n)
		}
	})
}

// TestIdempotencyKeyAfterRefusal checks that a refused post leaves its key free.
func TestIdempotencyKeyAfterRefusal(t *testing.T) {
	s := start(t, Options{Accounts: 50})
	if code, _ := s.keyed(1, "k", " "); code != http.StatusUnprocessableEntity {
		t.Fatalf("an empty post answers %d", code)
	}
	if code, id := s.keyed(1, "k", "goal"); code != 200 || id == "" {
		t.Errorf("the key of a refused post answers %d", code)
	}
}

// TestIdempotencyKeyAtOnce sends one key from fifty places at the same time.
func TestIdempotencyKeyAtOnce(t *testing.T) {
	s := start(t, Options{Accounts: 50})
	before := s.account(t, 1).Statuses
	var mu sync.Mutex
	seen := make(map[string]bool)
	var working sync.WaitGroup
	for range 50 {
		working.Go(func() {
			_, id := s.keyed(1, "k", "goal")
			mu.Lock()
			defer mu.Unlock()
			seen[id] = true
		})
	}
	working.Wait()
	if n := s.account(t, 1).Statuses - before; len(seen) != 1 || seen[""] || n != 1 {
		t.Errorf("fifty posts with one key made %d posts and answered %v", n, seen)
	}
}

// TestKeysAreForgottenWithTheirStatuses checks that keys do not pile up.
func TestKeysAreForgottenWithTheirStatuses(t *testing.T) {
	s := startKeeping(t, Options{Accounts: 2}, 64)
	for i := range 1000 {
		if code, _ := s.keyed(1, fmt.Sprint(i), "goal"); code != 200 {
			t.Fatalf("post %d answers %d", i, code)
		}
	}
	shard := &s.keys.shards[1]
	if n := len(shard.claims); n > 65 || n != len(shard.settled) {
		t.Errorf("%d keys and %d claims are kept for 64 statuses", n, len(shard.settled))
	}
	if _, id := s.keyed(1, "0", "goal"); s.kept.get(number(t, id)) == nil {
		t.Error("the key of a status that fell out does not post again")
	}
}

// TestLikesAreExact likes, likes again and unlikes one post from many accounts
// at once. In the end the count is exactly those whose last word was a like.
func TestLikesAreExact(t *testing.T) {
	s := start(t, Options{Accounts: 400})
	id := s.say(t, 1, "press the heart").ID
	boost := s.act(t, 2, "/api/v1/statuses/"+id+"/reblog").ID
	var working sync.WaitGroup
	for who := 1; who <= 300; who++ {
		working.Go(func() {
			steps := []string{id + "/favourite", boost + "/favourite", id + "/unfavourite", boost + "/unfavourite", boost + "/favourite"}
			for _, step := range steps[:1+who%5] {
				if w := s.do(s.request(who, "POST", "/api/v1/statuses/"+step, nil)); w.Code != 200 {
					t.Errorf("%s answered %d", step, w.Code)
				}
			}
		})
	}
	working.Wait()
	likes := 0
	for who := 1; who <= 300; who++ {
		last := who % 5
		liked := last == 0 || last == 1 || last == 4
		if liked {
			likes++
		}
		if st := want[statusJSON](t, s, s.request(who, "GET", "/api/v1/statuses/"+id, nil)); *st.Favourited != liked {
			t.Errorf("account %d likes the post: %v, want %v", who, *st.Favourited, liked)
		}
	}
	for _, at := range []string{id, boost} {
		if st := want[statusJSON](t, s, s.request(0, "GET", "/api/v1/statuses/"+at, nil)); st.Favourites != likes || st.Favourited != nil {
			t.Errorf("status %s has %d likes, want %d; favourited for nobody is %v", at, st.Favourites, likes, st.Favourited)
		}
	}
}

func TestLikeAnswersWithTheCount(t *testing.T) {
	s := start(t, Options{Accounts: 50})
	path := "/api/v1/statuses/" + s.say(t, 1, "heart").ID
	for i, step := range []struct {
		who   int
		act   string
		likes int
		liked bool
	}{
		{2, "/unfavourite", 0, false}, {2, "/favourite", 1, true}, {2, "/favourite", 1, true}, {3, "/favourite", 2, true},
		{2, "/unfavourite", 1, false}, {2, "/unfavourite", 1, false}, {3, "/unfavourite", 0, false},
	} {
		if st := s.act(t, step.who, path+step.act); st.Favourites != step.likes || *st.Favourited != step.liked {
			t.Errorf("step %d answers with %d likes, favourited %v", i, st.Favourites, *st.Favourited)
		}
	}
}

func TestBoost(t *testing.T) {
	s := start(t, Options{Accounts: 50})
	post := s.say(t, 1, "listen")
	path := "/api/v1/statuses/" + post.ID
	before := s.account(t, 2).Statuses
	boost := s.act(t, 2, path+"/reblog")
	if boost.ID == post.ID || boost.Account.ID != "2" || boost.Reblog == nil || boost.Reblog.ID != post.ID ||
		boost.Reblog.Account.ID != "1" || boost.Reblog.Reblogs != 1 || boost.Reblogs != 1 || !*boost.Reblogged || !*boost.Reblog.Reblogged {
		t.Errorf("the boost is %+v of %+v", boost, boost.Reblog)
	}
	if again := s.act(t, 2, "/api/v1/statuses/"+boost.ID+"/reblog"); again.ID != boost.ID || again.Reblogs != 1 {
		t.Errorf("boosting twice makes %+v", again)
	}
	s.settle()
	for who := 1; who <= 50; who++ {
		home := ids(s.read(t, who, "/api/v1/timelines/home?limit=1"))
		sees := who == 2 || s.people.follows(int32(who), 2)
		if sees != (home[0] == boost.ID) {
			t.Errorf("account %d follows the booster: %v, and its newest is %s", who, sees, home[0])
		}
	}
	back := s.act(t, 2, path+"/unreblog")
	if back.ID != post.ID || back.Reblogs != 0 || *back.Reblogged || back.Reblog != nil {
		t.Errorf("taking the boost back answers %+v", back)
	}
	if again := s.act(t, 2, path+"/unreblog"); again.Reblogs != 0 {
		t.Errorf("taking it back twice answers %+v", again)
	}
	checkRefusal(t, s.do(s.request(0, "GET", "/api/v1/statuses/"+boost.ID, nil)), 404, "Record not found")
	for who := 1; who <= 50; who++ {
		if home := ids(s.read(t, who, "/api/v1/timelines/home")); len(home) != 20 || home[0] == boost.ID {
			t.Errorf("the home page of %d has %d statuses and begins with %s", who, len(home), home[0])
		}
	}
	if n := s.account(t, 2).Statuses; n != before {
		t.Errorf("account 2 has %d statuses, want %d as before", n, before)
	}
}

// TestBoostsAreExact boosts and takes back from many accounts at once.
func TestBoostsAreExact(t *testing.T) {
	s := start(t, Options{Accounts: 100})
	path := "/api/v1/statuses/" + s.say(t, 1, "listen").ID
	var working sync.WaitGroup
	for i := range 400 {
		working.Go(func() {
			who := 1 + i%100
			s.do(s.request(who, "POST", path+"/reblog", nil))
			if who%2 == 0 {
				s.do(s.request(who, "POST", path+"/unreblog", nil))
			}
		})
	}
	working.Wait()
	if st := want[statusJSON](t, s, s.request(1, "GET", path, nil)); st.Reblogs != 50 || !*st.Reblogged {
		t.Errorf("the post has %d boosts, reblogged %v; want 50", st.Reblogs, *st.Reblogged)
	}
}

// TestFollowAndUnfollow checks what both change: the answer, the counts, and who
// gets later posts; earlier ones stay as they are.
func TestFollowAndUnfollow(t *testing.T) {
	s := start(t, Options{Accounts: 100})
	author, reader := 90, 0
	for who := 80; who > 0 && reader == 0; who-- {
		if !s.people.follows(int32(who), int32(author)) {
			reader = who
		}
	}
	path := fmt.Sprintf("/api/v1/accounts/%d", author)
	followers, following := s.account(t, author).Followers, s.account(t, reader).Following
	newest := func() string { return s.read(t, reader, "/api/v1/timelines/home?limit=1")[0].ID }
	for i, step := range []struct {
		act  string
		sees bool
	}{{"", false}, {"/follow", true}, {"/follow", true}, {"/unfollow", false}, {"/unfollow", false}, {"/follow", true}} {
		if step.act != "" {
			r := want[relationshipJSON](t, s, s.request(reader, "POST", path+step.act, nil))
			if r.Following != step.sees || r.ID != fmt.Sprint(author) || r.FollowedBy != s.people.follows(int32(author), int32(reader)) {
				t.Errorf("step %d answers %+v", i, r)
			}
		}
		id := s.say(t, author, fmt.Sprintf("post %d", i)).ID
		s.settle()
		if sees := newest() == id; sees != step.sees {
			t.Errorf("after step %d the reader sees the post: %v", i, sees)
		}
		more := 0
		if step.sees {
			more = 1
		}
		if a, r := s.account(t, author), s.account(t, reader); a.Followers != followers+more || r.Following != following+more {
			t.Errorf("after step %d there are %d followers and %d followed, want %d and %d", i, a.Followers, r.Following, followers+more, following+more)
		}
	}
}
