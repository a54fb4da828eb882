package targets

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"gameday/scenarios"
	"gameday/timeline"

	"github.com/google/go-cmp/cmp"
)

// transport is as the harness has it: it follows nothing and adds nothing.
func transport(t testing.TB) *http.Transport {
	tr := &http.Transport{DisableCompression: true}
	t.Cleanup(tr.CloseIdleConnections)
	return tr
}

// everything are all timeline actions.
func everything() (all []scenarios.Action) {
	for _, name := range scenarios.TimelineActions {
		all = append(all, act(name))
	}
	return all
}

// serving starts the timeline service for n people and returns what they sign in
// with. Seen gets every request before the service does.
func serving(t testing.TB, n int, seen func(*http.Request)) (Target, []Account) {
	t.Helper()
	service, err := timeline.New(timeline.Options{Accounts: n, Seed: 7, Version: "4.2.1-test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { service.Close() })
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if seen != nil {
			seen(r)
		}
		service.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	var accounts []Account
	for id := 1; id <= n; id++ {
		accounts = append(accounts, Account{fmt.Sprint(id), timeline.Token(7, id)})
	}
	return Target{Name: "t", URL: server.URL, Dialect: DialectMastodon}, accounts
}

// do makes a call and returns the status and the body.
func do(t *testing.T, tr http.RoundTripper, ask *asker, c Call) (int, []byte) {
	t.Helper()
	req, err := NewRequest(t.Context(), ask.base, c, "gameday/test")
	if err != nil {
		t.Fatal(err)
	}
	res, err := tr.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, body
}

// Every action succeeds on the timeline service, from the first call on: there
// are posts to read and like before anybody posted.
func TestOpenTimeline(t *testing.T) {
	target, accounts := serving(t, 300, nil)
	tr := transport(t)
	api, identity, err := target.Open(t.Context(), Opening{Transport: tr, Agent: "gameday/test", Accounts: accounts, Hot: 1.21, Actions: everything(), Run: "r"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"build": "4.2.1-test"}, identity); diff != "" {
		t.Errorf("identity (-want +got):\n%s", diff)
	}
	m := api.(*mastodon)
	if n := len(m.posts.ids); n < 40 {
		t.Errorf("%d posts were learned, want a page at least", n)
	}
	ask := &asker{base: mustParse(t, target.URL)}
	for i := range 40 {
		draw := uint64(i) * 0x9e3779b97f4a7c15
		for _, a := range everything() {
			c := api.Call(a, draw)
			status, body := do(t, tr, ask, c)
			if status != http.StatusOK {
				t.Fatalf("%s, draw %x: %s %s was answered %d %s", a.Name, draw, c.Method, c.Path, status, body)
			}
			if c.Learn == nil {
				continue
			}
			if err := c.Learn(body); err != nil {
				t.Fatal(err)
			}
			if newest := m.posts.pick(0, 1.21); !strings.Contains(string(body), newest) {
				t.Fatalf("the newest post is %s, not the one of %s", newest, body)
			}
			if _, again := do(t, tr, ask, c); !strings.Contains(string(again), m.posts.pick(0, 1.21)) {
				t.Fatalf("the same call posted another post: %s", again)
			}
		}
	}
}

// What is asked before the start: what it is, whether the first account is let
// in, and posts, of different people even when there are few.
func TestQuestionsBeforeTheStart(t *testing.T) {
	for _, n := range []int{2, 5, 8, 100} {
		var mu sync.Mutex
		var asked, homes []string
		target, accounts := serving(t, n, func(r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			if r.URL.Path == "/api/v1/timelines/home" {
				homes = append(homes, r.Header.Get("Authorization"))
			}
			asked = append(asked, r.Method+" "+r.URL.Path)
			if r.Header.Get("User-Agent") != "gameday/test" {
				t.Errorf("User-Agent %q", r.Header.Get("User-Agent"))
			}
		})
		if _, _, err := target.Open(t.Context(), Opening{Transport: transport(t), Agent: "gameday/test", Accounts: accounts, Hot: 1, Actions: everything()}); err != nil {
			t.Fatal(err)
		}
		want := append([]string{"GET /api/v2/instance", "GET /api/v1/accounts/verify_credentials", "GET /api/v1/timelines/public"}, slices.Repeat([]string{"GET /api/v1/timelines/home"}, min(n, 8))...)
		if diff := cmp.Diff(want, asked); diff != "" {
			t.Errorf("%d accounts (-want +got):\n%s", n, diff)
		}
		slices.Sort(homes)
		if different := len(slices.Compact(homes)); different != min(n, 8) {
			t.Errorf("of %d accounts the homes of %d were read, want %d", n, different, min(n, 8))
		}
	}
}

// Without accounts, strangers' actions are pressed, even where strangers may not
// see the public timeline.
func TestOpenAsAStranger(t *testing.T) {
	target, _ := serving(t, 10, nil)
	api, identity, err := target.Open(t.Context(), Opening{Transport: transport(t), Actions: []scenarios.Action{act(scenarios.Public), act(scenarios.Status)}})
	if err != nil || identity["build"] != "4.2.1-test" || len(api.(*mastodon).posts.ids) == 0 {
		t.Errorf("%v %v", identity, err)
	}
	closed := answering(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/api/v2/instance" {
			io.WriteString(w, `{"version":"4.3"}`)
			return
		}
		w.WriteHeader(http.StatusUnauthorized)
	})
	api, identity, err = Target{Name: "t", URL: closed, Dialect: DialectMastodon}.Open(t.Context(), Opening{Transport: transport(t), Actions: []scenarios.Action{act(scenarios.Public)}})
	if err != nil || identity["build"] != "4.3" || api == nil {
		t.Errorf("%v %v", identity, err)
	}
}

// Ids that a stranger sent and that could not stand in a path are left out.
func TestOpenLearnsOnlySafeIDs(t *testing.T) {
	url := answering(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/activity+json; charset=utf-8")
		if r.URL.Path == "/api/v2/instance" {
			io.WriteString(w, `{"version":"4.3"}`)
			return
		}
		io.WriteString(w, `[{"id":"3"},{"id":"../up"},{"id":"3"},{"id":""},{},{"id":"a\nb"},{"id":"2"}]`)
	})
	api, _, err := Target{Name: "t", URL: url, Dialect: DialectMastodon}.Open(t.Context(), Opening{Transport: transport(t), Actions: []scenarios.Action{act(scenarios.Public)}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"2", "3"}, api.(*mastodon).posts.ids); diff != "" {
		t.Errorf("learned (-want +got):\n%s", diff)
	}
}

// What cannot be pressed is refused before the target is asked anything.
func TestOpenRefuses(t *testing.T) {
	asked := false
	url := answering(t, func(http.ResponseWriter, *http.Request) { asked = true })
	buy := scenarios.Action{Name: "buy", Weight: 1, Method: "GET", Path: "/cart"}
	for _, tt := range []struct {
		target   Target
		accounts []Account
		actions  []scenarios.Action
		want     string
	}{
		{Target{Name: "t", URL: url, Dialect: DialectHTTP}, people(2), []scenarios.Action{buy, act("home")}, `target t speaks http, which has no action "home"; want dialect: mastodon, or an action with a path of its own`},
		{Target{Name: "t", URL: url, Dialect: DialectMastodon}, nil, []scenarios.Action{act("public"), act("like")}, `target t: accounts: missing; the action "like" is only for people who are signed in, so name the target in config.yaml, with accounts`},
		{Target{Name: "t", URL: url, Dialect: DialectMastodon}, people(1), []scenarios.Action{act("home"), act("follow")}, `target t: accounts: only one; the action "follow" wants somebody else to follow`},
		{Target{Name: "t", URL: "localhost:8080", Dialect: DialectHTTP}, nil, nil, `target t: url "localhost:8080": want one such as https://timeline.example`},
		{Target{Name: "t", URL: "ftp://127.0.0.1", Dialect: DialectHTTP}, nil, nil, `target t: url "ftp://127.0.0.1": want one such as https://timeline.example`},
		{Target{Name: "t", URL: "ftp://me:secret@h", Dialect: DialectHTTP}, nil, nil, `target t: url "ftp://…@h": want one such as https://timeline.example`},
		{Target{Name: "t", URL: "http://", Dialect: DialectMastodon}, nil, nil, `target t: url "http://": want one such as https://timeline.example`},
		{Target{Name: "t", URL: "http://%zz", Dialect: DialectMastodon}, nil, nil, `target t: url "http://%zz": want one such as https://timeline.example`},
	} {
		_, _, err := tt.target.Open(t.Context(), Opening{Transport: transport(t), Accounts: tt.accounts, Actions: tt.actions})
		if err == nil || err.Error() != tt.want {
			t.Errorf("%v, want %s", err, tt.want)
		}
	}
	if asked {
		t.Error("the target was asked all the same")
	}
	for _, name := range scenarios.TimelineActions {
		_, _, err := Target{Name: "t", URL: url, Dialect: DialectMastodon}.Open(canceled(), Opening{Transport: transport(t), Actions: []scenarios.Action{act(name)}})
		open := name == scenarios.User || name == scenarios.Status || name == scenarios.Public
		if missing := strings.Contains(err.Error(), "accounts: missing"); missing == open {
			t.Errorf("%s without an account: %v", name, err)
		}
	}
}

func canceled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}
