package timeline

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// inBubble is a service in a bubble of time of its own, where waiting takes none.
func inBubble(t *testing.T, k *Knobs, test func(t *testing.T, s *Service)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s, err := New(Options{Accounts: 64, Knobs: k})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		test(t, s)
	})
}

// lasted is how long something took.
func lasted(do func()) time.Duration {
	began := time.Now()
	do()
	return time.Since(began)
}

// TestWorkersAndBatches delivers one post through a slow store: half the workers
// take twice as long, and larger batches less. The number of workers is turned
// while they work.
func TestWorkersAndBatches(t *testing.T) {
	inBubble(t, withKnobs(func(k *Knobs) { k.FanoutBatch, k.FanoutWorkers = 4, 8 }), func(t *testing.T, s *Service) {
		const delay = 10 * time.Millisecond // 63 followers and the author: 16 batches
		for _, c := range []struct {
			patch string
			want  time.Duration
		}{
			{`{"store_delay":"10ms"}`, 2 * delay}, {`{"fanout_workers":4}`, 4 * delay}, {`{"fanout_workers":2}`, 8 * delay},
			{`{"fanout_batch":16}`, 2 * delay}, {`{"fanout_workers":1}`, 4 * delay}, {`{"store_delay":"0s"}`, 0},
		} {
			s.turn(t, c.patch)
			s.say(t, 1, "goal")
			if took := lasted(s.settle); took != c.want {
				t.Errorf("after %s, delivery took %s, want %s", c.patch, took, c.want)
			}
		}
		s.turn(t, `{"store_delay":"1s","fanout_batch":1,"fanout_workers":1}`)
		s.say(t, 1, "goal")
		time.Sleep(10 * time.Second)
		s.turn(t, `{"fanout_workers":53}`)
		if took := lasted(s.settle); took > 3*time.Second {
			t.Errorf("with many more workers it took %s more", took)
		}
	})
}

// TestQueueAgeIsSeen reads how long the oldest post has waited.
func TestQueueAgeIsSeen(t *testing.T) {
	inBubble(t, withKnobs(func(k *Knobs) { k.FanoutWorkers, k.FanoutBatch = 1, 8 }), func(t *testing.T, s *Service) {
		s.say(t, 1, "one")
		s.settle()
		s.turn(t, `{"store_delay":"1s"}`)
		s.say(t, 1, "two")
		s.say(t, 1, "three")
		time.Sleep(500 * time.Millisecond)
		got := s.scrape(t)
		if n, age := value(got, "timeline_fanout_queue"), value(got, "timeline_fanout_age_seconds"); n != 2 || age != 1.5 {
			t.Errorf("%v posts wait, the oldest for %v s; want 2 and 1.5", n, age)
		}
		s.settle()
		if sum := s.scrape(t)["timeline_freshness_seconds"].GetMetric()[0].GetHistogram().GetSampleSum(); sum < 20 || sum > 26 {
			t.Errorf("the three posts took %v s to arrive in all", sum)
		}
	})
}

// TestActiveOnly keeps the home timelines of some people: nothing is delivered to
// the others, who get the same timeline all the same, rebuilt when they read it.
func TestActiveOnly(t *testing.T) {
	s := start(t, Options{Accounts: 400, Knobs: withKnobs(func(k *Knobs) { k.ActiveShare, k.RebuildDelay = 0.25, 0 })})
	kept := value(s.scrape(t), "timeline_home_timelines")
	if kept < 70 || kept > 130 {
		t.Fatalf("%v of 400 home timelines are kept, want about 100", kept)
	}
	id := s.say(t, 1, "goal").ID
	s.settle()
	if n := value(s.scrape(t), "timeline_deliveries_total"); n < kept-1 || n > kept {
		t.Errorf("the post was delivered to %v, want %v", n, kept)
	}
	for who := 1; who <= 400; who++ {
		want := fromCache
		if !s.regular(s.knobs.Load(), int32(who)) {
			want = fromRebuild
		}
		if source, code := s.source(who, "/api/v1/timelines/home"); source != want || code != 200 {
			t.Fatalf("account %d gets %d from %s, want %s", who, code, source, want)
		}
		if page := s.read(t, who, "/api/v1/timelines/home?limit=1"); page[0].ID != id {
			t.Fatalf("account %d does not see the post", who)
		}
	}
	if n := value(s.scrape(t), "timeline_home_timelines"); n != 400 {
		t.Errorf("%v home timelines are kept after everybody read", n)
	}
	s.turn(t, `{"active_only":false}`)
	s.say(t, 1, "goal")
	s.settle()
	if n := value(s.scrape(t), "timeline_deliveries_total"); n < kept+398 {
		t.Errorf("%v entries were delivered once everybody's timeline is kept", n)
	}
}

// TestWhoStopsReadingIsForgotten checks that a timeline that was rebuilt for
// somebody who then stays away is given up again.
func TestWhoStopsReadingIsForgotten(t *testing.T) {
	inBubble(t, withKnobs(func(k *Knobs) { k.ActiveShare = 0 }), func(t *testing.T, s *Service) {
		s.read(t, 5, "/api/v1/timelines/home")
		for _, c := range []struct {
			after time.Duration
			kept  float64
		}{{activeFor - 10*time.Second, 1}, {20 * time.Second, 0}} {
			time.Sleep(c.after)
			s.say(t, 1, "goal")
			s.settle()
			if n := value(s.scrape(t), "timeline_home_timelines"); n != c.kept {
				t.Errorf("%s later %v home timelines are kept, want %v", c.after, n, c.kept)
			}
		}
	})
}

// TestRegenerating reads a home timeline that takes a second to rebuild: until
// then it is a 206, and then whole, with what was posted meanwhile.
func TestRegenerating(t *testing.T) {
	inBubble(t, withKnobs(func(k *Knobs) { k.RebuildDelay = time.Second }), func(t *testing.T, s *Service) {
		whole := s.read(t, 9, "/api/v1/timelines/home")
		if n, err := s.flush(t.Context(), -1); err != nil || n != 64 {
			t.Fatalf("flushing all empties %d: %v", n, err)
		}
		for range 3 {
			w := s.do(s.request(9, "GET", "/api/v1/timelines/home", nil))
			if w.Code != 206 || w.Body.String() != "[]" || w.Header().Get("X-Timeline-Source") != fromRebuild || w.Header().Get("Mastodon-Async-Refresh") == "" {
				t.Errorf("while it is rebuilt it is %d %s %v", w.Code, w.Body, w.Header())
			}
		}
		id := s.say(t, 1, "meanwhile").ID
		time.Sleep(time.Second)
		if page := ids(s.read(t, 9, "/api/v1/timelines/home")); page[0] != id || !slices.Equal(page[1:], ids(whole)[:19]) {
			t.Errorf("rebuilt it is %v, want %s and %v", page, id, ids(whole))
		}
		if source, code := s.source(9, "/api/v1/timelines/home"); source != fromCache || code != 200 {
			t.Errorf("then it is %d from %s", code, source)
		}
		s.turn(t, `{"rebuild_delay":"100ms"}`)
		if source, code := s.source(10, "/api/v1/timelines/home"); source != fromRebuild || code != 200 {
			t.Errorf("one that takes a moment is %d from %s", code, source)
		}
	})
}

// TestOneRebuildAPerson reads one cold timeline from many places at once.
func TestOneRebuildAPerson(t *testing.T) {
	for on, rebuilds := range map[bool]float64{true: 1, false: 30} {
		inBubble(t, withKnobs(func(k *Knobs) { k.Coalesce, k.RebuildDelay = on, 50*time.Millisecond }), func(t *testing.T, s *Service) {
			if _, err := s.flush(t.Context(), -1); err != nil {
				t.Fatal(err)
			}
			var reading sync.WaitGroup
			for range 30 {
				reading.Go(func() {
					if n := len(s.read(t, 9, "/api/v1/timelines/home")); n != 20 {
						t.Errorf("a page of %d", n)
					}
				})
			}
			reading.Wait()
			if n := value(s.scrape(t), "timeline_rebuild_seconds"); n != rebuilds {
				t.Errorf("coalesce %v: 30 readers made %v rebuilds, want %v", on, n, rebuilds)
			}
		})
	}
}

// TestFlushAShard empties one of four shards and finds the others as they were.
func TestFlushAShard(t *testing.T) {
	s := start(t, Options{Accounts: 40, Knobs: withKnobs(func(k *Knobs) { k.CacheShards, k.RebuildDelay = 4, 0 })})
	before := ids(s.read(t, 7, "/api/v1/timelines/home"))
	if n, err := s.flush(t.Context(), 2); n != 10 || err != nil {
		t.Fatalf("flushing a shard empties %d: %v", n, err)
	}
	for who := 1; who <= 40; who++ {
		want := fromCache
		if (who-1)%4 == 2 {
			want = fromRebuild
		}
		if source, code := s.source(who, "/api/v1/timelines/home"); source != want || code != 200 {
			t.Errorf("account %d gets %d from %s, want %s", who, code, source, want)
		}
	}
	if again := ids(s.read(t, 7, "/api/v1/timelines/home")); !slices.Equal(before, again) {
		t.Errorf("rebuilt, the timeline is %v, want %v", again, before)
	}
}

// TestLikeCounters likes one post from everybody at once, through a store that
// takes a while: in line for one row, for a few, or for none. The count is exact
// all the same, also after the counter was turned.
func TestLikeCounters(t *testing.T) {
	inBubble(t, withKnobs(func(k *Knobs) { k.CounterShards = 8 }), func(t *testing.T, s *Service) {
		path := "/api/v1/statuses/" + s.say(t, 1, "press the heart").ID
		s.settle()
		const delay = 10 * time.Millisecond
		for i, c := range []struct {
			counter     string
			least, most time.Duration
		}{{countRows, 0, 6 * delay}, {countSharded, 8 * delay, 30 * delay}, {countDenormalised, 64 * delay, 70 * delay}, {countRows, 0, 6 * delay}} {
			s.turn(t, fmt.Sprintf(`{"like_counter":%q,"store_delay":"10ms"}`, c.counter))
			act := []string{"/favourite", "/unfavourite"}[i%2]
			took := lasted(func() {
				var working sync.WaitGroup
				for who := 1; who <= 64; who++ {
					working.Go(func() { s.act(t, who, path+act) })
				}
				working.Wait()
			})
			if took < c.least || took > c.most {
				t.Errorf("64 likes of one post with %s take %s, want %s to %s", c.counter, took, c.least, c.most)
			}
			likes := 64 * (1 - i%2)
			for _, counter := range []string{countRows, countSharded, countDenormalised} {
				s.turn(t, fmt.Sprintf(`{"like_counter":%q,"store_delay":"0s"}`, counter))
				if n := want[statusJSON](t, s, s.request(0, "GET", path, nil)).Favourites; n != likes {
					t.Errorf("after step %d, %s count %d likes, want %d", i, counter, n, likes)
				}
			}
		}
	})
}

// TestStoreDelay slows a share of the calls to the store.
func TestStoreDelay(t *testing.T) {
	inBubble(t, withKnobs(func(k *Knobs) { k.StoreDelay, k.StoreDelayShare = 100*time.Millisecond, 0.25 }), func(t *testing.T, s *Service) {
		slow := 0
		for range 400 {
			if lasted(func() { s.read(t, 9, "/api/v1/timelines/home") }) >= 100*time.Millisecond {
				slow++
			}
		}
		if slow < 60 || slow > 140 {
			t.Errorf("%d of 400 reads were slow, want about 100", slow)
		}
	})
}
