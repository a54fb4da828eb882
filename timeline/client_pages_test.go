package timeline

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/mattn/go-mastodon"
)

// walker pages one home timeline with a library that others wrote while those it
// follows post.
type walker struct {
	t       *testing.T
	s       *Service
	reader  *mastodon.Client
	random  *rand.Rand
	authors []int32

	posting sync.WaitGroup
	mu      sync.Mutex
	posted  []uint64 // all, unsorted while they post
}

const (
	walkerCap  = 800
	walkerLate = 150 // posts during a walk, at most about
)

// TestClientPagesPastTheCap pages a home timeline that is longer than what is kept
// of it, both ways, in pages of any size, while posts arrive with every page. Down
// it gives all that was there and is still kept at the end, up all that was kept
// at the beginning and all that came since; in order, and nothing twice.
func TestClientPagesPastTheCap(t *testing.T) {
	eachStore(t, func(t *testing.T, store string) {
		s := start(t, Options{Accounts: 50, Store: store, Cap: walkerCap})
		host, _ := serve(t, s)
		w := &walker{t: t, s: s, reader: signIn(t, "http://"+host, 40), random: testRand(), authors: []int32{1, 2, 3}}
		for _, author := range w.authors {
			s.people.follow(40, author)
		}
		w.post(walkerCap + 50)
		was := w.still()
		down := w.down()
		now := w.still()
		slices.Reverse(down)
		oldest := len(was) - len(down)
		if oldest < len(was)-walkerCap || oldest > len(now)-walkerCap || !slices.Equal(down, was[oldest:]) {
			t.Errorf("downward there are %d of %d posts, %d when it ended", len(down), len(was), len(now))
		}
		up := w.up(now[len(now)-walkerCap-1])
		if want := w.still()[len(now)-walkerCap:]; !slices.Equal(up, want) {
			t.Errorf("upward there are %d posts, want %d", len(up), len(want))
		}
	})
}

// post posts as one of the authors after the other.
func (w *walker) post(posts int) {
	for i := range posts {
		st, bad := w.s.post(w.t.Context(), w.authors[i%len(w.authors)], draft{text: "post " + strconv.Itoa(i)})
		if bad != nil {
			w.t.Error(bad.text)
			return
		}
		w.mu.Lock()
		w.posted = append(w.posted, st.id)
		w.mu.Unlock()
	}
}

// late lets up to five posts arrive during the next page, unless enough have
// since there were so many.
func (w *walker) late(since int) {
	w.mu.Lock()
	enough := len(w.posted) >= since+walkerLate
	w.mu.Unlock()
	if posts := w.random.IntN(6); !enough {
		w.posting.Go(func() { w.post(posts) })
	}
}

// still is all that was posted, oldest first, once it shows.
func (w *walker) still() []uint64 {
	w.posting.Wait()
	w.s.settle()
	slices.Sort(w.posted)
	return slices.Clone(w.posted)
}

// page is a page of random size. The library then says where the next older one is,
// as the page's header does.
func (w *walker) page(where *mastodon.Pagination) (ids []uint64) {
	where.Limit = 1 + w.random.Int64N(maxLimit)
	page, err := w.reader.GetTimelineHome(w.t.Context(), where)
	if err != nil || len(page) > maxLimit {
		w.t.Fatalf("a page of %d: %v", len(page), err)
	}
	for _, st := range page {
		ids = append(ids, number(w.t, string(st.ID)))
	}
	return ids
}

// down walks from the newest to the oldest.
func (w *walker) down() (seen []uint64) {
	since := len(w.posted)
	for where := (&mastodon.Pagination{}); ; {
		page := w.page(where)
		if len(page) == 0 {
			return seen
		}
		seen = append(seen, page...)
		where = &mastodon.Pagination{MaxID: where.MaxID}
		w.late(since)
	}
}

// up walks from what is newer than an id to the newest, and gives the oldest first.
func (w *walker) up(than uint64) (seen []uint64) {
	since := len(w.posted)
	for last := false; ; {
		page := w.page(&mastodon.Pagination{MinID: mastodon.ID(strconv.FormatUint(than, 10))})
		switch {
		case len(page) > 0:
			than, last = page[0], false
			slices.Reverse(page)
			seen = append(seen, page...)
			w.late(since)
		case last:
			return seen
		default:
			w.still()
			last = true
		}
	}
}
