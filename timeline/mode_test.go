package timeline

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"
)

// source is where a home timeline came from, and its code.
func (s *Service) source(who int, target string) (string, int) {
	w := s.do(s.request(who, "GET", target, nil))
	return w.Header().Get("X-Timeline-Source"), w.Code
}

// TestModesShowTheSame posts from many accounts under each way a post can travel:
// everybody's home timeline is exactly what those they follow posted, in order,
// page by page; the header says where it came from, and how much was delivered
// differs as it should.
func TestModesShowTheSame(t *testing.T) {
	for _, mode := range []struct {
		fanout, source string
		least, most    float64 // share of the entries that are delivered
	}{{fanoutPush, fromCache, 1, 1}, {fanoutHybrid, fromMerge, 0.3, 0.9}, {fanoutPull, fromMerge, 0, 0}} {
		t.Run(mode.fanout, func(t *testing.T) {
			s := start(t, Options{Accounts: 40, Seed: 5, Knobs: withKnobs(func(k *Knobs) {
				k.Fanout, k.FanoutThreshold, k.FanoutBatch = mode.fanout, 8, 7
			})})
			first := number(t, s.lastFirst())
			posted, reach := postAll(t, s, 40, 5)
			s.settle()
			for who := 1; who <= 40; who++ {
				var expect []uint64
				for author := 1; author <= 40; author++ {
					if author == who || s.people.follows(int32(who), int32(author)) {
						expect = append(expect, posted[author]...)
					}
				}
				slices.Sort(expect)
				slices.Reverse(expect)
				if got := s.later(t, who, first); !slices.Equal(got, expect) {
					t.Fatalf("account %d sees %d posts, want these %d", who, len(got), len(expect))
				}
			}
			if source, _ := s.source(7, "/api/v1/timelines/home"); source != mode.source {
				t.Errorf("the timeline came from %s, want %s", source, mode.source)
			}
			if share := value(s.scrape(t), "timeline_deliveries_total") / reach; share < mode.least || share > mode.most {
				t.Errorf("%.2f of the entries were delivered", share)
			}
		})
	}
}

// postAll lets accounts post at once, and gives the ids and how many followers
// that was to.
func postAll(t *testing.T, s *Service, accounts, each int) (posted [][]uint64, reach float64) {
	posted = make([][]uint64, accounts+1)
	var working sync.WaitGroup
	for who := 1; who <= accounts; who++ {
		reach += float64(each) * float64(s.people.get(int32(who)).followers.Load())
		working.Go(func() {
			for i := range each {
				st, bad := s.post(t.Context(), int32(who), draft{text: fmt.Sprintf("post %d", i)})
				if bad != nil {
					t.Error(bad.text)
					return
				}
				posted[who] = append(posted[who], st.id)
			}
		})
	}
	working.Wait()
	return posted, reach
}

// later is what an account sees that is newer than an id, page by page from the
// newest.
func (s *Service) later(t testing.TB, who int, than uint64) []uint64 {
	t.Helper()
	var out []uint64
	for target, random := "/api/v1/timelines/home", testRand(); target != ""; {
		page, next, _ := turn(t, s, who, relimit(t, target, random))
		for _, id := range page {
			n := number(t, id)
			if n <= than {
				return out
			}
			out = append(out, n)
		}
		target = next
	}
	return out
}

// TestModesCanBeTurned changes the way posts travel while accounts post: nothing is
// lost or repeated, whichever way it went.
func TestModesCanBeTurned(t *testing.T) {
	s := start(t, Options{Accounts: 40, Followers: 0.4, Knobs: withKnobs(func(k *Knobs) { k.FanoutThreshold = 20 })})
	first := number(t, s.lastFirst())
	var posted [41][]uint64
	for i, mode := range []string{fanoutPush, fanoutHybrid, fanoutPush, fanoutPull, fanoutPush, fanoutHybrid, fanoutPush} {
		s.turn(t, fmt.Sprintf(`{"fanout":%q}`, mode))
		more, _ := postAll(t, s, 40, 2)
		for who := range more {
			posted[who] = append(posted[who], more[who]...)
		}
		if i == 4 {
			if _, err := s.flush(t.Context(), -1); err != nil {
				t.Fatal(err)
			}
			s.warm(t)
		}
	}
	s.settle()
	for who := 1; who <= 40; who++ {
		var expect []uint64
		for author := 1; author <= 40; author++ {
			if author == who || s.people.follows(int32(who), int32(author)) {
				expect = append(expect, posted[author]...)
			}
		}
		slices.Sort(expect)
		slices.Reverse(expect)
		if got := s.later(t, who, first); !slices.Equal(got, expect) {
			t.Fatalf("account %d sees %d posts, want these %d", who, len(got), len(expect))
		}
	}
}

// TestFlushWhilePosting flushes the cache again and again while accounts post and
// readers, of whom none waits for the other, have their timelines rebuilt: in the
// end every timeline has everything.
func TestFlushWhilePosting(t *testing.T) {
	s := start(t, Options{Accounts: 24, Followers: 0.3, Knobs: withKnobs(func(k *Knobs) {
		k.RebuildDelay, k.Coalesce, k.FanoutBatch, k.CacheShards = 0, false, 5, 3
	})})
	first := number(t, s.lastFirst())
	s.store = &shaky{store: s.store}
	stop := make(chan struct{})
	var reading sync.WaitGroup
	going := func() bool {
		select {
		case <-stop:
			return false
		default:
			return true
		}
	}
	for who := 13; who <= 24; who++ {
		reading.Go(func() {
			for going() {
				if _, code := s.source(who, "/api/v1/timelines/home"); code != 200 && code != 206 {
					t.Errorf("account %d gets %d", who, code)
				}
			}
		})
	}
	reading.Go(func() {
		for shard := -1; going(); shard = (shard+2)%4 - 1 {
			if _, err := s.flush(t.Context(), shard); err != nil {
				t.Error(err)
			}
			runtime.Gosched()
		}
	})
	posted, _ := postAll(t, s, 12, 25)
	close(stop)
	reading.Wait()
	s.settle()
	for who := 1; who <= 24; who++ {
		var expect []uint64
		for author := 1; author <= 12; author++ {
			if author == who || s.people.follows(int32(who), int32(author)) {
				expect = append(expect, posted[author]...)
			}
		}
		slices.Sort(expect)
		slices.Reverse(expect)
		if got := s.later(t, who, first); !slices.Equal(got, expect) {
			t.Errorf("account %d sees %d posts, want %d", who, len(got), len(expect))
		}
	}
}

// TestNoReplyBeforeItsPost lets celebrities, who are merged at read time, answer
// ordinary accounts, whose posts are delivered slowly, and back, while readers
// look. No page has a reply whose post the reader would see, but does not; and
// walking upward loses nothing.
func TestNoReplyBeforeItsPost(t *testing.T) {
	s := start(t, Options{Accounts: 30, Followers: 0.3, Knobs: withKnobs(func(k *Knobs) {
		k.Fanout, k.FanoutThreshold, k.FanoutBatch, k.FanoutWorkers = fanoutHybrid, 15, 3, 3
	})})
	slow := &shaky{store: s.store}
	s.store = slow
	stop := make(chan struct{})
	var writing, reading sync.WaitGroup
	walks := make([][]string, 31)
	for who := 21; who <= 23; who++ {
		reading.Go(func() {
			for done := false; !done; {
				select {
				case <-stop:
					done = true
				default:
				}
				s.checkReplies(t, who)
			}
		})
		reading.Go(func() {
			walks[who] = climb(t, s, who, "/api/v1/timelines/home", stop, rand.New(rand.NewPCG(1, uint64(who))))
		})
	}
	for who := 1; who <= 10; who++ {
		writing.Go(func() {
			rnd := rand.New(rand.NewPCG(7, uint64(who)))
			for range 12 {
				d := draft{text: "who wins?"}
				if page := s.list(t, publicList, 0); rnd.IntN(3) > 0 && len(page) > 0 {
					d.replyTo = strconv.FormatUint(page[len(page)-1], 10)
				}
				if _, bad := s.post(t.Context(), int32(who), d); bad != nil {
					t.Error(bad.text)
				}
			}
		})
	}
	writing.Wait()
	s.settle()
	close(stop)
	reading.Wait()
	for who := 21; who <= 23; who++ {
		if all := descend(t, s, who, "/api/v1/timelines/home", testRand()); !slices.Equal(walks[who], all) {
			t.Errorf("walking up, account %d saw %d statuses, want these %d", who, len(walks[who]), len(all))
		}
	}
}

// checkReplies reads a page of 40 and looks for replies without their posts.
func (s *Service) checkReplies(t *testing.T, who int) {
	page := s.read(t, who, "/api/v1/timelines/home?limit=40")
	seen := ids(page)
	for _, st := range page {
		if st.ReplyTo == nil {
			continue
		}
		parent, author := number(t, *st.ReplyTo), s.people.find(*st.ReplyAccount)
		sees := int(author) == who || s.people.follows(int32(who), author)
		if sees && parent > number(t, seen[len(seen)-1]) && !slices.Contains(seen, *st.ReplyTo) {
			t.Errorf("account %d sees reply %s but not its post %s", who, st.ID, *st.ReplyTo)
		}
	}
}

// TestOnlyOwnPostsOvertake checks what shows while older posts are held up: nothing newer of
// anybody else, the reader's own posts, and no reply to what does not show.
func TestOnlyOwnPostsOvertake(t *testing.T) {
	s := start(t, Options{Accounts: 30, Followers: 0.3, Knobs: withKnobs(func(k *Knobs) { k.Fanout, k.FanoutThreshold = fanoutHybrid, 25 })})
	if f := s.people.get(1).followers.Load(); f <= 25 {
		t.Fatalf("account 1 has %d followers", f)
	}
	reader, author := 1, 0
	for who := 30; author == 0; who-- {
		if s.people.follows(int32(reader), int32(who)) {
			author = who
		}
	}
	newest := s.read(t, reader, "/api/v1/timelines/home?limit=1")[0].ID
	open := s.hold()
	defer open()
	held := s.say(t, author, "held up").ID
	own := s.say(t, reader, "of a celebrity").ID
	s.say(t, reader, "answer", "in_reply_to_id", held)
	if page := ids(s.read(t, reader, "/api/v1/timelines/home?limit=2")); !slices.Equal(page, []string{own, newest}) {
		t.Errorf("its author sees %v, want %v", page, []string{own, newest})
	}
	for who := 2; who <= 30; who++ {
		page := s.read(t, who, "/api/v1/timelines/home?limit=1")
		if top := number(t, page[0].ID); who != author && top > number(t, held) || who == author && page[0].ID != held {
			t.Errorf("account %d sees %d", who, top)
		}
	}
	open()
	s.settle()
	if page := ids(s.read(t, reader, "/api/v1/timelines/home?limit=3")); page[1] != own || page[2] != held {
		t.Errorf("in the end its author sees %v", page)
	}
}
