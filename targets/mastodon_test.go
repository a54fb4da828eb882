package targets

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"

	"gameday/scenarios"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// people are n accounts.
func people(n int) []Account {
	all := make([]Account, n)
	for i := range all {
		all[i] = Account{fmt.Sprint(100 + i), fmt.Sprintf("token-%d", i)}
	}
	return all
}

// speaking is the dialect with posts p0 to p9, the last the newest.
func speaking(n int) *mastodon {
	m := newMastodon(Opening{Accounts: people(n), Hot: 1.21, Run: "20270214T233000Z-superbowl"})
	for i := range 10 {
		m.posts.add(fmt.Sprintf("p%d", i))
	}
	return m
}

func act(name string) scenarios.Action { return scenarios.Action{Name: name, Weight: 1} }

func TestCalls(t *testing.T) {
	// Who acts is in the lower half of a draw: here the account at 2 of 4. On what
	// is in the upper: here the newest, and the most popular.
	const draw = 2 << 30
	for name, want := range map[string]Call{
		scenarios.Home:   {Method: "GET", Path: "/api/v1/timelines/home"},
		scenarios.Public: {Method: "GET", Path: "/api/v1/timelines/public"},
		scenarios.User:   {Method: "GET", Path: "/api/v1/accounts/100/statuses"},
		scenarios.Status: {Method: "GET", Path: "/api/v1/statuses/p9"},
		scenarios.Like:   {Method: "POST", Path: "/api/v1/statuses/p9/favourite"},
		scenarios.Unlike: {Method: "POST", Path: "/api/v1/statuses/p9/unfavourite"},
		scenarios.Boost:  {Method: "POST", Path: "/api/v1/statuses/p9/reblog"},
		scenarios.Follow: {Method: "POST", Path: "/api/v1/accounts/100/follow"},
		scenarios.Post: {
			Method: "POST", Path: "/api/v1/statuses", Type: "application/x-www-form-urlencoded",
			Body: "status=What+a+game%21+Touchdown%21+%23gameday+80000000", Key: "20270214T233000Z-superbowl-80000000",
		},
	} {
		want.Token, want.JSON = "token-2", true
		got := speaking(4).Call(act(name), draw)
		if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Call{}, "Learn")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if (got.Learn != nil) != (name == scenarios.Post) {
			t.Errorf("%s: learns: %v", name, got.Learn != nil)
		}
	}
	if len(scenarios.TimelineActions) != 9 {
		t.Error("there is an action without a call in this table")
	}
	nobody := newMastodon(Opening{Hot: 1.21})
	for name, path := range map[string]string{scenarios.Public: "/api/v1/timelines/public", scenarios.User: "/api/v1/accounts/0/statuses", scenarios.Status: "/api/v1/statuses/0"} {
		if got := nobody.Call(act(name), math.MaxUint64); got.Path != path || got.Token != "" {
			t.Errorf("%s of nobody: %+v", name, got)
		}
	}
}

// An action that describes its own request is itself in every dialect.
func TestPlainCalls(t *testing.T) {
	a := scenarios.Action{Name: "buy", Weight: 1, Method: "PUT", Path: "/cart?x=1", Type: "application/json", Body: "{}"}
	want := Call{Method: "PUT", Path: "/cart?x=1", Type: "application/json", Body: "{}"}
	for _, api := range []API{plain{}, speaking(4)} {
		if diff := cmp.Diff(want, api.Call(a, 99)); diff != "" {
			t.Errorf("%T (-want +got):\n%s", api, diff)
		}
	}
}

// The same draw is the same call, keys and posts are nobody else's, and another
// run has other keys.
func TestDrawsDecide(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	m, again := speaking(50), speaking(50)
	other := newMastodon(Opening{Accounts: people(50), Hot: 1.21, Run: "another"})
	keys, posts := map[string]bool{}, map[string]bool{}
	for range 2000 {
		draw := rng.Uint64()
		for _, name := range scenarios.TimelineActions {
			if diff := cmp.Diff(m.Call(act(name), draw), again.Call(act(name), draw), cmpopts.IgnoreFields(Call{}, "Learn")); diff != "" {
				t.Fatalf("%s, draw %x: two calls:\n%s", name, draw, diff)
			}
		}
		c, o := m.Call(act(scenarios.Post), draw), other.Call(act(scenarios.Post), draw)
		if keys[c.Key] || posts[c.Body] || keys[o.Key] || c.Key == "" || len(c.Key) > 255 {
			t.Fatalf("draw %x: key %q or post %q is somebody else's", draw, c.Key, c.Body)
		}
		keys[c.Key], keys[o.Key], posts[c.Body] = true, true, true
		form, err := url.ParseQuery(c.Body)
		if status := form.Get("status"); err != nil || len(form) != 1 || !strings.HasPrefix(status, "What a game! ") || len(status) > 500 {
			t.Fatalf("draw %x: posts %q, %v", draw, status, err)
		}
	}
}

// Everybody acts equally often, nobody follows themself, and the popular are read
// and followed more often.
func TestWhoActsOnWhom(t *testing.T) {
	const draws = 20_000
	for _, n := range []int{2, 3, 40} {
		m := speaking(n)
		rng := rand.New(rand.NewPCG(2, uint64(n)))
		acts, followed := map[string]float64{}, map[string]float64{}
		for range draws {
			c := m.Call(act(scenarios.Follow), rng.Uint64())
			id := strings.TrimSuffix(strings.TrimPrefix(c.Path, "/api/v1/accounts/"), "/follow")
			if "token-"+fmt.Sprint(number(t, id)-100) == c.Token {
				t.Fatalf("of %d accounts, %s follows %s: themself", n, c.Token, id)
			}
			acts[c.Token]++
			followed[id]++
		}
		expect := float64(draws) / float64(n)
		for i := range n {
			if got := acts[fmt.Sprintf("token-%d", i)]; math.Abs(got-expect) > 6*math.Sqrt(expect) {
				t.Errorf("account %d of %d acts %v times, want about %v", i, n, got, expect)
			}
		}
		if n == 40 && (followed["100"] < 4*followed["110"] || followed["139"] == 0) {
			t.Errorf("the first is followed %v times, the eleventh %v, the last %v", followed["100"], followed["110"], followed["139"])
		}
	}
}

func number(t *testing.T, text string) (n int) {
	t.Helper()
	if _, err := fmt.Sscan(text, &n); err != nil {
		t.Fatalf("%q is no number", text)
	}
	return n
}

// What is learned from an answer to a post is read next; an id that could not
// stand in a path is not learned.
func TestLearnPost(t *testing.T) {
	m := speaking(2)
	learn := m.Call(act(scenarios.Post), 1).Learn
	if err := learn([]byte(`{"id":"113","content":"x"}`)); err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{``, `{}`, `{"id":""}`, `{"id":113}`, `{"id":"../../admin"}`, `{"id":"a b"}`, `{"id":"a%2fb"}`, `{"id":"` + strings.Repeat("9", 65) + `"}`, `[]`, `<html>`} {
		if err := learn([]byte(body)); err == nil || err.Error() != "the answer to a post has no id" {
			t.Errorf("%s: %v", body, err)
		}
	}
	if got := m.Call(act(scenarios.Status), 0).Path; got != "/api/v1/statuses/113" {
		t.Errorf("the newest post is at %s", got)
	}
}
