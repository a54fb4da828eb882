package timeline

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"testing"
)

// lastFirst is the id of the newest post that was there from the start.
func (s *Service) lastFirst() string {
	public := []span{{of: publicList, before: math.MaxUint64, limit: publicKept}}
	if err := s.store.lists(context.Background(), public); err != nil {
		panic(err)
	}
	for _, id := range public[0].ids {
		if st := s.kept.get(id); st.at.Year() == firstPost.Year() {
			return strconv.FormatUint(st.id, 10)
		}
	}
	return "0"
}

var linkForm = regexp.MustCompile(`^<([^>]*)>; rel="next", <([^>]*)>; rel="prev"$`)

// turn reads the page at a target and the targets of the pages older and newer,
// which are empty when the page is.
func turn(t testing.TB, s *Service, who int, target string) (page []string, next, prev string) {
	t.Helper()
	w := s.do(s.request(who, "GET", target, nil))
	var list []statusJSON
	if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || w.Code != http.StatusOK {
		t.Errorf("%s answered %d %s", target, w.Code, w.Body)
		return nil, "", ""
	}
	m := linkForm.FindStringSubmatch(w.Header().Get("Link"))
	if (m == nil) != (len(list) == 0) {
		t.Errorf("%s answered %d statuses with the link %q", target, len(list), w.Header().Get("Link"))
	}
	if m == nil {
		return nil, "", ""
	}
	return ids(list), m[1], m[2]
}

// TestLinks checks the header of one page in full.
func TestLinks(t *testing.T) {
	s := start(t, Options{Accounts: 50})
	r := s.request(0, "GET", "/api/v1/accounts/1/statuses?limit=2&exclude_replies=false&max_id=99999999999999999999", nil)
	w := s.do(r)
	page := want[[]statusJSON](t, s, r)
	base := "http://example.com/api/v1/accounts/1/statuses?exclude_replies=false&limit=2&"
	if link := fmt.Sprintf(`<%smax_id=%s>; rel="next", <%smin_id=%s>; rel="prev"`, base, page[1].ID, base, page[0].ID); w.Header().Get("Link") != link {
		t.Errorf("the link is\n%s, want\n%s", w.Header().Get("Link"), link)
	}
}

// TestLimit checks how many statuses a page has.
func TestLimit(t *testing.T) {
	s := start(t, Options{Accounts: 50})
	for limit, length := range map[string]int{
		"": 20, "0": 0, "1": 1, "20": 20, "40": 40, "41": 40, "-3": 3, "99999999999999999999": 40,
	} {
		if got := len(s.read(t, 0, "/api/v1/timelines/public?limit="+limit)); got != length {
			t.Errorf("a page of limit %q has %d, want %d", limit, got, length)
		}
	}
}

// TestPagesAgainstModel compares pages of every timeline, with any cursors, with
// pages cut from the whole.
func TestPagesAgainstModel(t *testing.T) {
	s := start(t, Options{Accounts: 200, Cap: 60})
	rnd := rand.New(rand.NewPCG(2, 4))
	for target, all := range map[string][]uint64{
		"/api/v1/timelines/home": s.home(t, 9), "/api/v1/timelines/public": s.list(t, publicList, 0), "/api/v1/accounts/1/statuses": s.list(t, wallList, 1),
	} {
		for range 100 {
			p := randomPaging(rnd, uint64(len(all)))
			p.before, p.after = all[min(p.before, uint64(len(all)-1))]+rnd.Uint64N(2), all[p.after]-rnd.Uint64N(2)
			query := fmt.Sprintf("?limit=%d&max_id=%d&since_id=%d", p.limit, p.before, p.after)
			if p.upward {
				query = fmt.Sprintf("?limit=%d&max_id=%d&min_id=%d&since_id=1", p.limit, p.before, p.after)
			}
			var got []uint64
			for _, id := range ids(s.read(t, 9, target+query)) {
				got = append(got, number(t, id))
			}
			if model := naivePage(all, p, func(uint64) bool { return true }); !slices.Equal(got, model) {
				t.Fatalf("%s%s is %v, want %v", target, query, got, model)
			}
		}
	}
}

// TestWalkWhilePostsArrive walks timelines down from the top and up from the
// bottom, by the links and with random limits, while ten accounts post. Nothing
// may be lost or repeated: down, all below the first entry seen; up, all.
func TestWalkWhilePostsArrive(t *testing.T) {
	s := start(t, Options{Accounts: 30, Followers: 0.2, Cap: 5000})
	const reader, posts = 30, 60
	var writing, walking sync.WaitGroup
	stop := make(chan struct{})
	for author := 1; author <= 10; author++ {
		writing.Go(func() {
			for i := range posts {
				if _, bad := s.post(t.Context(), int32(author), draft{text: fmt.Sprintf("down %d", i)}); bad != nil {
					t.Error(bad.text)
				}
			}
		})
	}
	type walk struct {
		target string
		up     bool
		seen   []string
	}
	var walks []*walk
	for _, target := range []string{"/api/v1/timelines/home", "/api/v1/timelines/public", "/api/v1/accounts/1/statuses"} {
		walks = append(walks, &walk{target: target}, &walk{target: target, up: true})
	}
	for i, w := range walks {
		walking.Go(func() {
			rnd := rand.New(rand.NewPCG(48, uint64(i)))
			if w.up {
				w.seen = climb(t, s, reader, w.target, stop, rnd)
			} else {
				w.seen = descend(t, s, reader, w.target, rnd)
			}
		})
	}
	writing.Wait()
	s.settle()
	close(stop)
	walking.Wait()
	for _, w := range walks {
		all := descend(t, s, reader, w.target, rand.New(rand.NewPCG(1, 1)))
		if !w.up {
			all = all[slices.Index(all, w.seen[0]):]
		}
		if !slices.Equal(w.seen, all) {
			t.Errorf("walking %s (up: %v) saw %d statuses, want these %d", w.target, w.up, len(w.seen), len(all))
		}
		if w.up && w.target == "/api/v1/timelines/public" && len(all) < 10*posts {
			t.Errorf("the public timeline has %d statuses, %d were posted", len(all), 10*posts)
		}
	}
}

// relimit gives a target another random limit.
func relimit(t testing.TB, target string, rnd *rand.Rand) string {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	query.Set("limit", strconv.Itoa(1+rnd.IntN(maxLimit)))
	return u.Path + "?" + query.Encode()
}

// descend walks from the newest to the oldest and gives the ids in that order.
func descend(t testing.TB, s *Service, who int, target string, rnd *rand.Rand) []string {
	t.Helper()
	var seen []string
	for target != "" {
		page, next, _ := turn(t, s, who, relimit(t, target, rnd))
		seen = append(seen, page...)
		target = next
	}
	return seen
}

// climb walks from the oldest to the newest until there is nothing more after
// stop was closed, and gives the ids newest first.
func climb(t testing.TB, s *Service, who int, target string, stop <-chan struct{}, rnd *rand.Rand) []string {
	t.Helper()
	var seen []string
	target += "?min_id=1"
	for last := false; ; {
		page, _, prev := turn(t, s, who, relimit(t, target, rnd))
		seen = append(page, seen...)
		if prev != "" {
			target = prev
			continue
		}
		if last {
			return seen
		}
		select {
		case <-stop:
			last = true
		default:
		}
	}
}
