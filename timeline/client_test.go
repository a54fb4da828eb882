package timeline

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/mattn/go-mastodon"
)

// eachStore runs a test over a memory and over a Redis.
func eachStore(t *testing.T, test func(t *testing.T, store string)) {
	t.Run("memory", func(t *testing.T) { test(t, "") })
	t.Run("redis", func(t *testing.T) { test(t, startServer(t, false).url(0)) })
}

// signIn registers an application of a library that others wrote and signs an
// account in with it.
func signIn(t testing.TB, address string, who int) *mastodon.Client {
	t.Helper()
	app, err := mastodon.RegisterApp(t.Context(), &mastodon.AppConfig{Server: address, ClientName: "rehearsal", Scopes: "read write follow"})
	if err != nil {
		t.Fatal(err)
	}
	c := mastodon.NewClient(&mastodon.Config{Server: address, ClientID: app.ClientID, ClientSecret: app.ClientSecret})
	if err := c.Authenticate(t.Context(), "user"+strconv.Itoa(who), Token(0, who)); err != nil {
		t.Fatal(err)
	}
	me, err := c.GetAccountCurrentUser(t.Context())
	if err != nil || me.ID != mastodon.ID(strconv.Itoa(who)) || me.Username != "user"+strconv.Itoa(who) {
		t.Fatalf("signed in as %+v: %v", me, err)
	}
	return c
}

// TestClientLibrary does with a client library what people do with its clients.
func TestClientLibrary(t *testing.T) {
	eachStore(t, func(t *testing.T, store string) {
		s := start(t, Options{Accounts: 50, Store: store})
		host, _ := serve(t, s)
		address, ctx := "http://"+host, t.Context()
		author, reader := signIn(t, address, 1), signIn(t, address, 40)

		relation, err := reader.AccountFollow(ctx, "1")
		if err != nil || !relation.Following {
			t.Fatalf("following: %+v, %v", relation, err)
		}
		if all, err := reader.GetAccountRelationships(ctx, []string{"1", "2", "9999"}); err != nil || len(all) != 2 || !all[0].Following {
			t.Errorf("relationships: %+v, %v", all, err)
		}
		if found, err := reader.AccountLookup(ctx, "user1"); err != nil || found.ID != "1" {
			t.Errorf("looking up: %+v, %v", found, err)
		}
		post, err := author.PostStatus(ctx, &mastodon.Toot{Status: "kick-off & <go>"})
		if err != nil || post.Content != "<p>kick-off &amp; &lt;go&gt;</p>" || post.Account.ID != "1" {
			t.Fatalf("posting: %+v, %v", post, err)
		}
		s.settle()
		home, err := reader.GetTimelineHome(ctx, &mastodon.Pagination{Limit: 1})
		if err != nil || len(home) != 1 || home[0].ID != post.ID {
			t.Fatalf("home: %+v, %v", home, err)
		}
		liked, err := reader.Favourite(ctx, post.ID)
		if err != nil || liked.FavouritesCount != 1 || liked.Favourited != true {
			t.Errorf("liking: %+v, %v", liked, err)
		}
		boost, err := reader.Reblog(ctx, post.ID)
		if err != nil || boost.Reblog == nil || boost.Reblog.ID != post.ID || boost.Reblog.ReblogsCount != 1 {
			t.Errorf("boosting: %+v, %v", boost, err)
		}
		reply, err := reader.PostStatus(ctx, &mastodon.Toot{Status: "go!", InReplyToID: post.ID, Visibility: mastodon.VisibilityUnlisted})
		if err != nil || reply.InReplyToID != string(post.ID) || reply.Visibility != "unlisted" {
			t.Errorf("replying: %+v, %v", reply, err)
		}
		again, err := author.GetStatus(ctx, post.ID)
		if err != nil || again.FavouritesCount != 1 || again.ReblogsCount != 1 || again.RepliesCount != 1 || again.Favourited != false {
			t.Errorf("the post: %+v, %v", again, err)
		}
		if thread, err := author.GetStatusContext(ctx, reply.ID); err != nil || len(thread.Descendants) != 0 || len(thread.Ancestors) != 1 || thread.Ancestors[0].ID != post.ID {
			t.Errorf("above the reply: %+v, %v", thread, err)
		}
		if thread, err := author.GetStatusContext(ctx, boost.ID); err != nil || len(thread.Ancestors) != 0 || len(thread.Descendants) != 1 || thread.Descendants[0].ID != reply.ID {
			t.Errorf("below the post: %+v, %v", thread, err)
		}
		wall, err := author.GetAccountStatuses(ctx, "40", &mastodon.Pagination{Limit: 2})
		if err != nil || len(wall) != 2 || wall[0].ID != reply.ID || wall[1].ID != boost.ID {
			t.Errorf("the wall: %+v, %v", wall, err)
		}
		if _, err := reader.Unreblog(ctx, post.ID); err != nil {
			t.Error(err)
		}
		unliked, err := reader.Unfavourite(ctx, post.ID)
		if err != nil || unliked.FavouritesCount != 0 || unliked.ReblogsCount != 0 {
			t.Errorf("taking it all back: %+v, %v", unliked, err)
		}
		if relation, err := reader.AccountUnfollow(ctx, "1"); err != nil || relation.Following {
			t.Errorf("unfollowing: %+v, %v", relation, err)
		}
		if instance, err := reader.GetInstance(ctx); err != nil || instance.Stats.UserCount != 50 || instance.URLs["streaming_api"] != "ws://"+host {
			t.Errorf("the instance: %+v, %v", instance, err)
		}
		if public, err := reader.GetTimelinePublic(ctx, true, &mastodon.Pagination{Limit: 1}); err != nil || len(public) != 1 || public[0].ID != post.ID {
			t.Errorf("the public timeline: %+v, %v", public, err)
		}
	})
}

// TestClientPages pages a home timeline of 100 and more both ways with the
// library while posts keep arriving: none is lost and none repeated.
func TestClientPages(t *testing.T) {
	eachStore(t, func(t *testing.T, store string) {
		s := start(t, Options{Accounts: 50, Store: store})
		host, _ := serve(t, s)
		ctx := t.Context()
		reader := signIn(t, "http://"+host, 2)
		s.people.follow(2, 1)
		var posted []string
		post := func() { posted = append(posted, s.say(t, 1, "post "+strconv.Itoa(len(posted))).ID) }
		for range 60 {
			post()
		}
		s.settle()
		was := slices.Clone(posted)
		var down []string
		for pg := (&mastodon.Pagination{Limit: 7}); len(down) < len(was); {
			page, err := reader.GetTimelineHome(ctx, pg)
			if err != nil || len(page) == 0 {
				t.Fatalf("after %d: %d more, %v", len(down), len(page), err)
			}
			for _, st := range page {
				if len(down) < len(was) {
					down = append(down, string(st.ID))
				}
			}
			post()
			pg.Limit = 7 // the library forgets it
		}
		slices.Reverse(down)
		if !slices.Equal(down, was) {
			t.Errorf("downward %v, want %v", down, was)
		}
		s.settle()
		up := was[:1]
		for {
			page, err := reader.GetTimelineHome(ctx, &mastodon.Pagination{MinID: mastodon.ID(up[len(up)-1]), Limit: 7})
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			slices.Reverse(page)
			for _, st := range page {
				up = append(up, string(st.ID))
			}
		}
		if !slices.Equal(up, posted) {
			t.Errorf("upward %v, want %v", up, posted)
		}
	})
}

// TestClientStreams hears with the library of a post and a like.
func TestClientStreams(t *testing.T) {
	eachStore(t, func(t *testing.T, store string) {
		s := start(t, Options{Accounts: 50, Store: store})
		host, _ := serve(t, s)
		ctx, stop := context.WithCancel(t.Context())
		author := signIn(t, "http://"+host, 1)
		events, err := author.StreamingUser(ctx)
		if err != nil {
			t.Fatal(err)
		}
		public, err := author.StreamingPublic(ctx, true)
		if err != nil {
			t.Fatal(err)
		}
		until(t, "two streams", func() bool { return s.hub.open.Load() == 2 })
		id := s.say(t, 1, "goal").ID
		s.act(t, 2, "/api/v1/statuses/"+id+"/favourite")
		updated, notified := false, false
		for !updated || !notified {
			select {
			case e := <-events:
				switch e := e.(type) {
				case *mastodon.UpdateEvent:
					updated = string(e.Status.ID) == id && e.Status.Content == "<p>goal</p>"
				case *mastodon.NotificationEvent:
					notified = e.Notification.Type == "favourite" && e.Notification.Account.ID == "2" && string(e.Notification.Status.ID) == id
				default:
					t.Fatalf("heard %+v", e)
				}
			case <-time.After(10 * time.Second):
				t.Fatalf("nothing came for 10 s: update %v, notification %v", updated, notified)
			}
		}
		if e, ok := (<-public).(*mastodon.UpdateEvent); !ok || string(e.Status.ID) != id {
			t.Errorf("the public stream has %+v", e)
		}
		stop()
		for _, q := range []chan mastodon.Event{events, public} {
			go func() {
				for range q { // it tells that it was stopped, to whoever still listens
				}
			}()
		}
	})
}

// TestSignIn signs in in each way of the library, and wrongly in each way.
func TestSignIn(t *testing.T) {
	s := start(t, Options{Accounts: 50})
	host, _ := serve(t, s)
	address, ctx := "http://"+host, t.Context()
	app, err := mastodon.RegisterApp(ctx, &mastodon.AppConfig{Server: address, ClientName: "rehearsal", Scopes: "read", RedirectURIs: "http://127.0.0.1/back"})
	if err != nil {
		t.Fatal(err)
	}
	client := func() *mastodon.Client {
		return mastodon.NewClient(&mastodon.Config{Server: address, ClientID: app.ClientID, ClientSecret: app.ClientSecret})
	}
	byApp := client()
	if err := byApp.GetAppAccessToken(ctx, app.RedirectURI); err != nil {
		t.Fatal(err)
	}
	if _, err := byApp.GetTimelinePublic(ctx, true, nil); err != nil {
		t.Errorf("an application reads the public timeline: %v", err)
	}
	if _, err := byApp.GetTimelineHome(ctx, nil); err == nil || err.(*mastodon.APIError).StatusCode != 422 {
		t.Errorf("an application reads a home timeline: %v", err)
	}
	hop := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := hop.Get(app.AuthURI + "&username=user7&state=a%20b")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	back, err := res.Location()
	if err != nil || res.StatusCode != 302 || back.Query().Get("state") != "a b" || back.Path != "/back" {
		t.Fatalf("authorizing answers %d %s: %v", res.StatusCode, back, err)
	}
	byCode := client()
	if err := byCode.GetUserAccessToken(ctx, back.Query().Get("code"), app.RedirectURI); err != nil {
		t.Fatal(err)
	}
	if me, err := byCode.GetAccountCurrentUser(ctx); err != nil || me.ID != "7" {
		t.Errorf("the code signs in %+v: %v", me, err)
	}
	if err := byCode.RevokeToken(ctx); err != nil {
		t.Error(err)
	}
	for name, wrong := range map[string]func(*mastodon.Client) error{
		"a wrong password":     func(c *mastodon.Client) error { return c.Authenticate(ctx, "user1", "secret") },
		"another's password":   func(c *mastodon.Client) error { return c.Authenticate(ctx, "user1", Token(0, 2)) },
		"nobody":               func(c *mastodon.Client) error { return c.Authenticate(ctx, "user51", Token(0, 1)) },
		"a wrong code":         func(c *mastodon.Client) error { return c.AuthenticateToken(ctx, "7-0", "") },
		"a token for a code":   func(c *mastodon.Client) error { return c.AuthenticateToken(ctx, Token(0, 7), "") },
		"a wrong secret":       func(c *mastodon.Client) error { c.Config.ClientSecret = "x"; return c.AuthenticateApp(ctx) },
		"an unknown client":    func(c *mastodon.Client) error { c.Config.ClientID = "x"; return c.AuthenticateApp(ctx) },
		"no client whatsoever": func(c *mastodon.Client) error { c.Config.ClientID = ""; return c.AuthenticateApp(ctx) },
	} {
		err, ok := wrong(client()).(*mastodon.APIError)
		if !ok || err.StatusCode != 400 && err.StatusCode != 401 || err.Message == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
