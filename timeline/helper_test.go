package timeline

import (
	"context"
	"encoding/json"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// start is a service that is closed when the test ends, over the store that over
// says unless the options name one. Over a Redis it begins with everybody's home
// timeline, as memory does.
func start(tb testing.TB, o Options) *Service {
	tb.Helper()
	return startKeeping(tb, o, keptStatuses)
}

// startKeeping is start with a store of kept statuses.
func startKeeping(tb testing.TB, o Options, kept int) *Service {
	tb.Helper()
	if o.Store == "" {
		o.Store = fresh(tb)
	}
	s, err := newService(o, kept)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { s.Close() })
	if o.Store != "" {
		s.warm(tb)
	}
	return s
}

// warm rebuilds all home timelines.
func (s *Service) warm(tb testing.TB) {
	tb.Helper()
	k := *s.knobs.Load()
	fast := k
	fast.RebuildDelay = 0
	s.knobs.Store(&fast)
	for id := range s.people.accounts {
		if err := s.rebuild(int32(id + 1)); err != nil {
			tb.Fatal(err)
		}
	}
	s.knobs.Store(&k)
}

// settle waits until everything published so far is delivered.
func (s *Service) settle() {
	s.fanout.wait()
}

// list is all that the store has of a timeline, oldest first.
func (s *Service) list(t testing.TB, of feedKind, who int32) []uint64 {
	t.Helper()
	sp := []span{{of: of, who: who, before: math.MaxUint64, limit: keptStatuses, upward: true}}
	if of == homeList {
		sp[0].issue = s.people.get(who).home.issue()
	}
	if err := s.store.lists(t.Context(), sp); err != nil {
		t.Fatal(err)
	}
	return sp[0].ids
}

// home is somebody's home timeline as the store has it, oldest first.
func (s *Service) home(t testing.TB, who int32) []uint64 {
	t.Helper()
	return s.list(t, homeList, who)
}

// still holds up deliveries until it is opened.
type still struct {
	store
	opened chan struct{}
}

func (h *still) deliver(ctx context.Context, st *status, to []int32) error {
	<-h.opened
	return h.store.deliver(ctx, st, to)
}

// hold holds up deliveries until the function it returns is called.
func (s *Service) hold() (open func()) {
	h := &still{s.store, make(chan struct{})}
	s.store = h
	return sync.OnceFunc(func() { close(h.opened) })
}

// request makes a request as an account, 0 for nobody. A body is a form.
func (s *Service) request(who int, method, target string, body url.Values) *http.Request {
	var in io.Reader
	if body != nil {
		in = strings.NewReader(body.Encode())
	}
	r := httptest.NewRequest(method, target, in)
	if body != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if who != 0 {
		r.Header.Set("Authorization", "Bearer "+Token(s.opts.Seed, who))
	}
	return r
}

// do is the answer to a request.
func (s *Service) do(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

type accountJSON struct {
	ID        string `json:"id"`
	Username  string `json:"username"`
	Acct      string `json:"acct"`
	Followers int    `json:"followers_count"`
	Following int    `json:"following_count"`
	Statuses  int    `json:"statuses_count"`
}

type statusJSON struct {
	ID           string      `json:"id"`
	CreatedAt    string      `json:"created_at"`
	Account      accountJSON `json:"account"`
	Content      string      `json:"content"`
	Visibility   string      `json:"visibility"`
	ReplyTo      *string     `json:"in_reply_to_id"`
	ReplyAccount *string     `json:"in_reply_to_account_id"`
	Reblog       *statusJSON `json:"reblog"`
	Favourites   int         `json:"favourites_count"`
	Reblogs      int         `json:"reblogs_count"`
	Replies      int         `json:"replies_count"`
	Favourited   *bool       `json:"favourited"`
	Reblogged    *bool       `json:"reblogged"`
}

type relationshipJSON struct {
	ID         string `json:"id"`
	Following  bool   `json:"following"`
	FollowedBy bool   `json:"followed_by"`
}

// want decodes the answer to a request that must succeed.
func want[T any](t testing.TB, s *Service, r *http.Request) T {
	t.Helper()
	w := s.do(r)
	var out T
	if w.Code != http.StatusOK {
		t.Fatalf("%s %s answered %d %s", r.Method, r.URL, w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		t.Fatalf("%s %s answered no JSON: %v", r.Method, r.URL, err)
	}
	return out
}

// say posts a text as an account and gives the status.
func (s *Service) say(t testing.TB, who int, text string, more ...string) statusJSON {
	t.Helper()
	form := url.Values{"status": {text}}
	for i := 0; i < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return want[statusJSON](t, s, s.request(who, "POST", "/api/v1/statuses", form))
}

// act posts to a path without a body and gives the status.
func (s *Service) act(t testing.TB, who int, path string) statusJSON {
	t.Helper()
	return want[statusJSON](t, s, s.request(who, "POST", path, nil))
}

// read is one page of a timeline.
func (s *Service) read(t testing.TB, who int, target string) []statusJSON {
	t.Helper()
	return want[[]statusJSON](t, s, s.request(who, "GET", target, nil))
}

// ids are the ids of a page.
func ids(page []statusJSON) []string {
	out := make([]string, len(page))
	for i, st := range page {
		out[i] = st.ID
	}
	return out
}

// account is what the service says of an account.
func (s *Service) account(t testing.TB, id int) accountJSON {
	t.Helper()
	return want[accountJSON](t, s, s.request(0, "GET", "/api/v1/accounts/"+strconv.Itoa(id), nil))
}

// number is an id as it sorts.
func number(t testing.TB, id string) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(id, 10, 64)
	if err != nil {
		t.Fatalf("id %q is no number", id)
	}
	return n
}

// testRand is a source of numbers that are the same in every run.
func testRand() *rand.Rand {
	return rand.New(rand.NewPCG(48, 2014))
}
