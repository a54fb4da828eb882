package timeline

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestCoalescing asks the same at once, without a token and with one.
func TestCoalescing(t *testing.T) {
	for _, c := range []struct {
		who    int
		on     bool
		joined float64
	}{{0, true, 99}, {0, false, 0}, {1, true, 0}} {
		synctest.Test(t, func(t *testing.T) {
			s := start(t, Options{Accounts: 20, Knobs: withKnobs(func(k *Knobs) { k.Coalesce, k.StoreDelay = c.on, 10*time.Millisecond })})
			var wg sync.WaitGroup
			bodies := make([]string, 100)
			for i := range bodies {
				wg.Go(func() {
					w := s.do(s.request(c.who, "GET", "/api/v1/timelines/public?limit=3", nil))
					bodies[i] = w.Header().Get("Link") + w.Body.String()
				})
			}
			wg.Wait()
			if slices.ContainsFunc(bodies, func(b string) bool { return b != bodies[0] || len(b) < 1000 }) {
				t.Error("the answers differ")
			}
			if joined := value(s.scrape(t), "timeline_shared_answers_total"); joined != c.joined {
				t.Errorf("account %d, coalesce %v: %v shared an answer, want %v", c.who, c.on, joined, c.joined)
			}
		})
	}
}

// TestPublicCache keeps an answer to anybody for as long as the knob says, and no
// refusal.
func TestPublicCache(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, Options{Accounts: 20, Knobs: withKnobs(func(k *Knobs) { k.PublicCache = time.Second })})
		id := s.say(t, 1, "kick-off").ID
		likes := func(who int) int {
			return want[statusJSON](t, s, s.request(who, "GET", "/api/v1/statuses/"+id, nil)).Favourites
		}
		if n := likes(0); n != 0 {
			t.Fatalf("a new post has %d likes", n)
		}
		s.act(t, 2, "/api/v1/statuses/"+id+"/favourite")
		if kept, fresh := likes(0), likes(3); kept != 0 || fresh != 1 {
			t.Errorf("the kept answer has %d likes, a fresh one %d", kept, fresh)
		}
		time.Sleep(time.Second)
		if n := likes(0); n != 1 {
			t.Errorf("a second later the answer has %d likes", n)
		}
		for range 2 {
			checkRefusal(t, s.do(s.request(0, "GET", "/api/v1/statuses/1", nil)), 404, "Record not found")
		}
		for i := range 3 * sharedKept { // bounded
			s.do(s.request(0, "GET", "/api/v1/timelines/public?limit=1&x="+string(rune('a'+i%26))+time.Duration(i).String(), nil))
		}
		if n := len(s.shared.kept); n > sharedKept {
			t.Errorf("%d answers are kept", n)
		}
	})
}
