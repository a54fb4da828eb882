package timeline

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestReplicasSpreadAHotPost reads one post from everywhere, 640 times at once, and
// each home timeline once: those of the hot shard wait behind the post, all others
// are quick, and with as many copies the wait is as much shorter.
func TestReplicasSpreadAHotPost(t *testing.T) {
	for _, replicas := range []int{1, 2, 4, 8} {
		inBubble(t, withKnobs(func(k *Knobs) {
			k.Replicas, k.ShardCost, k.Coalesce, k.WaitTimeout = replicas, 10*time.Millisecond, false, time.Minute
		}), func(t *testing.T, s *Service) {
			hot := s.say(t, 1, "half-time").ID
			s.settle()
			shard := shardOf(number(t, hot), 16)
			var reading sync.WaitGroup
			posts := make([]time.Duration, 640)
			for i := range posts {
				reading.Go(func() {
					posts[i] = lasted(func() { s.do(s.request(0, "GET", "/api/v1/statuses/"+hot, nil)) })
				})
			}
			synctest.Wait()
			whole := 6400 * time.Millisecond / time.Duration(replicas)
			if age := value(s.scrape(t), "timeline_shard_backlog_seconds"); age != whole.Seconds() {
				t.Errorf("the longest line is %v s long, want %v", age, whole.Seconds())
			}
			for who := 1; who <= 16; who++ { // one a shard
				reading.Go(func() {
					most := 10 * time.Millisecond
					if (who-1)%16 == shard {
						most = whole + 10*time.Millisecond
					}
					if took := lasted(func() { s.read(t, who, "/api/v1/timelines/home") }); took != most {
						t.Errorf("with %d copies, home timeline %d takes %s, want %s", replicas, who, took, most)
					}
				})
			}
			reading.Wait()
			if slowest := slices.Max(posts); slowest != whole {
				t.Errorf("with %d copies, the last reader of the post waits %s, want %s", replicas, slowest, whole)
			}
		})
	}
}

// TestReplicasSpreadACelebrity merges everybody's page from the wall of one author,
// which is then the hot key.
func TestReplicasSpreadACelebrity(t *testing.T) {
	inBubble(t, withKnobs(func(k *Knobs) {
		k.Fanout, k.FanoutThreshold, k.ShardCost, k.WaitTimeout, k.CacheShards = fanoutHybrid, 30, time.Millisecond, time.Minute, 1024
	}), func(t *testing.T, s *Service) {
		s.say(t, 1, "it is me")
		s.settle()
		for _, c := range []struct {
			replicas int
			want     time.Duration
		}{{1, 64 * time.Millisecond}, {4, 16 * time.Millisecond}, {64, time.Millisecond}} {
			s.turn(t, fmt.Sprintf(`{"replicas":%d}`, c.replicas))
			took := lasted(func() {
				var reading sync.WaitGroup
				for who := 1; who <= 64; who++ {
					reading.Go(func() { s.read(t, who, "/api/v1/timelines/home?limit=1") })
				}
				reading.Wait()
			})
			if took != c.want {
				t.Errorf("with %d copies, 64 pages take %s, want %s", c.replicas, took, c.want)
			}
		}
	})
}

// TestHotShardSheds asks more of a shard than it can answer within wait_timeout: the
// rest is refused at once and counted, unless nothing is shed.
func TestHotShardSheds(t *testing.T) {
	for shed, want := range map[string]int{"priority": 11, "off": 40} {
		inBubble(t, withKnobs(func(k *Knobs) {
			k.ShardCost, k.WaitTimeout, k.Shed = 100*time.Millisecond, time.Second, shed
		}), func(t *testing.T, s *Service) {
			var mu sync.Mutex
			var reading sync.WaitGroup
			codes := map[int]int{}
			for range 40 {
				reading.Go(func() {
					began := time.Now()
					w := s.do(s.request(3, "GET", "/api/v1/timelines/home", nil))
					if w.Code == 503 && (time.Since(began) != 0 || w.Header().Get("Retry-After") != "1") {
						t.Errorf("a refusal comes after %s with %v", time.Since(began), w.Header())
					}
					mu.Lock()
					defer mu.Unlock()
					codes[w.Code]++
				})
			}
			reading.Wait()
			if codes[200] != want || codes[503] != 40-want {
				t.Errorf("shed %s: answered %v, want 200 %d times", shed, codes, want)
			}
			if n := max(0, value(s.scrape(t), "timeline_sheds_total", "reason", shedShard)); n != float64(40-want) {
				t.Errorf("shed %s: %v are counted", shed, n)
			}
		})
	}
}

// TestWritesWhileReadOnly refuses what writes, truthfully, and nothing else.
func TestWritesWhileReadOnly(t *testing.T) {
	s := start(t, Options{Accounts: 20})
	id := s.say(t, 1, "before").ID
	s.turn(t, `{"read_only":true}`)
	for _, path := range []string{"/api/v1/statuses", "/api/v1/statuses/" + id + "/favourite", "/api/v1/statuses/" + id + "/reblog", "/api/v1/accounts/3/follow"} {
		w := s.do(s.request(2, "POST", path, map[string][]string{"status": {"x"}}))
		if checkRefusal(t, w, 503, "The service is read-only for now; try again later"); w.Header().Get("Retry-After") == "" {
			t.Errorf("%s does not say when to try again", path)
		}
	}
	for _, path := range []string{"/api/v1/timelines/home", "/api/v1/statuses/" + id, "/api/v1/accounts/verify_credentials"} {
		if w := s.do(s.request(2, "GET", path, nil)); w.Code != 200 {
			t.Errorf("%s answers %d", path, w.Code)
		}
	}
	if w := s.do(s.request(0, "POST", "/api/v1/apps", map[string][]string{"client_name": {"x"}, "redirect_uris": {"urn:ietf:wg:oauth:2.0:oob"}})); w.Code != 200 {
		t.Errorf("signing in answers %d", w.Code)
	}
	if n := value(s.scrape(t), "timeline_sheds_total", "reason", shedReadOnly); n != 4 {
		t.Errorf("%v refusals are counted", n)
	}
	s.turn(t, `{"read_only":false}`)
	s.say(t, 2, "after")
}

// TestRebuildWorkers lets everybody come to a cold cache at once: it takes as many
// rounds as the workers need, and more workers are at work at once.
func TestRebuildWorkers(t *testing.T) {
	for _, workers := range []int{1, 8, 64} {
		inBubble(t, withKnobs(func(k *Knobs) { k.RebuildDelay, k.RebuildWorkers = time.Second, workers }), func(t *testing.T, s *Service) {
			if _, err := s.flush(t.Context(), -1); err != nil {
				t.Fatal(err)
			}
			for who := 1; who <= 64; who++ {
				go s.do(s.request(who, "GET", "/api/v1/timelines/home", nil))
			}
			whole := time.Duration(64/workers) * time.Second
			time.Sleep(whole - time.Millisecond)
			before := value(s.scrape(t), "timeline_rebuild_seconds")
			time.Sleep(2 * time.Millisecond)
			if after := value(s.scrape(t), "timeline_rebuild_seconds"); before != float64(64-workers) || after != 64 {
				t.Errorf("with %d workers, %v and then %v home timelines are rebuilt after %s", workers, before, after, whole)
			}
		})
	}
}
