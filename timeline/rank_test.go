package timeline

import (
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

const ranked = "/api/v1/timelines/home?algorithm=ranked"

// TestRankedPutsTheBestFirst likes some posts and finds them on top, all entries
// once, page by page.
func TestRankedPutsTheBestFirst(t *testing.T) {
	s := start(t, Options{Accounts: 50})
	var posts []string
	for i := range 30 {
		posts = append(posts, s.say(t, 1, fmt.Sprint(i)).ID)
	}
	s.settle()
	for who := 2; who <= 21; who++ {
		s.act(t, who, "/api/v1/statuses/"+posts[3]+"/favourite")
		if who%2 == 0 {
			s.act(t, who, "/api/v1/statuses/"+posts[17]+"/favourite")
		}
	}
	if top := ids(s.read(t, 9, ranked+"&limit=3")); !slices.Equal(top, []string{posts[3], posts[17], posts[29]}) {
		t.Errorf("the best are %v, want %v", top, []string{posts[3], posts[17], posts[29]})
	}
	all := descend(t, s, 9, ranked, testRand())
	latest := descend(t, s, 9, "/api/v1/timelines/home", testRand())
	latest = latest[:min(len(latest), rankedFrom)]
	slices.Sort(all)
	slices.Sort(latest)
	if !slices.Equal(all, latest) {
		t.Errorf("ranked there are %d entries, want the same %d", len(all), len(latest))
	}
	if since := s.read(t, 9, ranked+"&since_id="+posts[28]); len(since) != 1 || since[0].ID != posts[29] {
		t.Errorf("newer than the last but one there are %v", ids(since))
	}
	if other := ids(s.read(t, 9, "/api/v1/timelines/home?algorithm=latest&limit=1")); other[0] != posts[29] {
		t.Errorf("the latest is %v, want %s", other, posts[29])
	}
	checkRefusal(t, s.do(s.request(9, "GET", "/api/v1/timelines/home?algorithm=best", nil)), 400, "algorithm must be latest or ranked")
}

// TestBestAgainstFormula checks the order against the score written out.
func TestBestAgainstFormula(t *testing.T) {
	now := time.Now()
	page := []*status{{id: 5, at: now}, {id: 4, at: now}, {id: 3, at: now.Add(-10 * time.Hour)}, {id: 2, at: now.Add(-1000 * time.Hour)}}
	told := []told{{}, {}, {likes: 30, boosts: 2, replies: 1}, {likes: 5000}}
	// 1/2^1.8 = 0.29 twice, 36/12^1.8 = 0.41, 5001/1002^1.8 = 0.02
	if got := best(page, told, now); !slices.Equal(got, []uint64{3, 5, 4, 2}) {
		t.Errorf("the order is %v", got)
	}
}

// TestRankingKnobs checks what a ranking costs, how long it is kept, and what comes
// in its place when it is late.
func TestRankingKnobs(t *testing.T) {
	inBubble(t, withKnobs(func(k *Knobs) {
		k.RankCost, k.RankCache, k.RankTimeout = 80*time.Millisecond, time.Minute, 500*time.Millisecond
	}), func(t *testing.T, s *Service) {
		for i, c := range []struct {
			patch, source string
			after, takes  time.Duration
			code          int
		}{
			{`{}`, fromMerge, 0, 80 * time.Millisecond, 200},
			{`{}`, fromCache, 59 * time.Second, 0, 200},
			{`{}`, fromMerge, 2 * time.Second, 80 * time.Millisecond, 200},
			{`{"rank_cache":"0s","rank_delay":"3s"}`, fromDegraded, 0, 500 * time.Millisecond, 200},
			{`{"rank_timeout":"50ms"}`, fromDegraded, 0, 50 * time.Millisecond, 200},
			{`{"degrade_to_chrono":false}`, "", 0, 50 * time.Millisecond, 503},
			{`{"rank_delay_share":0,"rank_timeout":"500ms"}`, fromMerge, time.Minute, 80 * time.Millisecond, 200},
		} {
			s.turn(t, c.patch)
			time.Sleep(c.after)
			var source string
			var code int
			if took := lasted(func() { source, code = s.source(9, ranked) }); source != c.source || code != c.code || took != c.takes {
				t.Errorf("step %d is %d from %q after %s, want %d from %q after %s", i, code, source, took, c.code, c.source, c.takes)
			}
		}
		got := s.scrape(t)
		for outcome, n := range map[string]float64{"late": 3, "kept": 1} {
			if v := value(got, "timeline_rankings_total", "outcome", outcome); v != n {
				t.Errorf("%v rankings were %s, want %v", v, outcome, n)
			}
		}
	})
}

// TestRankerDoesNotHoldUpTheLatest reads the latest while every ranking hangs.
func TestRankerDoesNotHoldUpTheLatest(t *testing.T) {
	inBubble(t, withKnobs(func(k *Knobs) { k.RankDelay, k.RankTimeout = time.Minute, time.Second }), func(t *testing.T, s *Service) {
		var reading sync.WaitGroup
		for i := range 2 * rankingsAtOnce {
			reading.Go(func() {
				if source, code := s.source(1+i%64, ranked); source != fromDegraded || code != 200 {
					t.Errorf("a late ranking is %d from %s", code, source)
				}
			})
		}
		for who := 1; who <= 64; who++ {
			if took := lasted(func() { s.read(t, who, "/api/v1/timelines/home") }); took != 0 {
				t.Errorf("the latest takes %s", took)
			}
		}
		if took := lasted(reading.Wait); took > time.Second {
			t.Errorf("the late ones took %s", took)
		}
	})
}

// TestRankingsKeptAreBounded ranks for more readers than are kept.
func TestRankingsKeptAreBounded(t *testing.T) {
	var r ranker
	for who := range int32(rankingsKept + 500) {
		r.keep(who, &ranking{ids: []uint64{uint64(who)}, at: time.Now()})
	}
	if n := len(r.kept); n != rankingsKept {
		t.Errorf("%s rankings are kept", strconv.Itoa(n))
	}
}
