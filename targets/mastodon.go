package targets

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"gameday/scenarios"
)

// mastodon is the client API of Mastodon and of the services that speak it.
type mastodon struct {
	accounts []Account
	hot      float64
	salt     string
	posts    pool // ids of posts, the newest last
}

var _ API = (*mastodon)(nil)

// signedIn are the actions that need a token.
var signedIn = map[string]bool{
	scenarios.Home: true, scenarios.Post: true, scenarios.Like: true, scenarios.Unlike: true, scenarios.Boost: true, scenarios.Follow: true,
}

func newMastodon(o Opening) *mastodon {
	return &mastodon{accounts: o.Accounts, hot: o.Hot, salt: o.Run}
}

// Call takes who acts from the lower half of draw, and on what from the upper.
func (m *mastodon) Call(a scenarios.Action, draw uint64) Call {
	if a.Plain() {
		return plain{}.Call(a, draw)
	}
	c := Call{Method: http.MethodGet, JSON: true}
	who := 0
	if len(m.accounts) > 0 {
		who = int(uint64(uint32(draw)) * uint64(len(m.accounts)) >> 32)
		c.Token = m.accounts[who].Token
	}
	what := float64(draw>>32) / (1 << 32)
	switch a.Name {
	case scenarios.Home:
		c.Path = "/api/v1/timelines/home"
	case scenarios.Public:
		c.Path = "/api/v1/timelines/public"
	case scenarios.User:
		c.Path = "/api/v1/accounts/" + m.somebody(what, -1) + "/statuses"
	case scenarios.Status:
		c.Path = "/api/v1/statuses/" + m.posts.pick(what, m.hot)
	case scenarios.Post:
		c.Method, c.Path = http.MethodPost, "/api/v1/statuses"
		c.Type = "application/x-www-form-urlencoded"
		c.Key = m.salt + "-" + strconv.FormatUint(draw, 16)
		c.Body = "status=" + url.QueryEscape(text(draw))
		c.Learn = m.learnPost
	case scenarios.Follow:
		c.Method, c.Path = http.MethodPost, "/api/v1/accounts/"+m.somebody(what, who)+"/follow"
	default:
		verb := map[string]string{scenarios.Like: "favourite", scenarios.Unlike: "unfavourite", scenarios.Boost: "reblog"}[a.Name]
		c.Method, c.Path = http.MethodPost, "/api/v1/statuses/"+m.posts.pick(what, m.hot)+"/"+verb
	}
	return c
}

// somebody is an account's id, the popular ones more often, but never that of
// the account at index not.
func (m *mastodon) somebody(u float64, not int) string {
	if len(m.accounts) == 0 {
		return "0" // nobody: the answer will be 404
	}
	i := rank(u, len(m.accounts), m.hot)
	if i == not {
		i = (i + 1) % len(m.accounts)
	}
	return m.accounts[i].ID
}

// text is what somebody posts: some words, and a number that makes it their own.
func text(draw uint64) string {
	return fmt.Sprintf("What a game! %s #gameday %x", shouts[draw%uint64(len(shouts))], draw)
}

var shouts = [...]string{
	"Touchdown!", "Did you see that catch? I still cannot believe it, I have watched it five times by now.",
	"The half-time show alone was worth it.", "No way that was a fumble. Look at the knee! LOOK AT THE KNEE.",
	"Fourth and inches and they go for it.", "The lights went out. Again? Everybody on the couch blames me.",
	"That ad, though.", "Press the heart if you are still awake.",
}

// open asks the target what it is and learns ids of posts.
func (m *mastodon) open(ctx context.Context, ask *asker) (map[string]string, error) {
	identity := map[string]string{}
	body, err := ask.ask(ctx, Call{Method: http.MethodGet, Path: "/api/v2/instance", JSON: true})
	switch {
	case err == nil:
		var instance struct{ Version string }
		if err := json.Unmarshal(body, &instance); err != nil || instance.Version == "" {
			return nil, errors.New("GET /api/v2/instance was answered with JSON that holds no version; is it Mastodon's API?")
		}
		identity["build"] = instance.Version
	case !troubled(err):
		return nil, err
	}
	if len(m.accounts) > 0 {
		_, err := ask.ask(ctx, Call{Method: http.MethodGet, Path: "/api/v1/accounts/verify_credentials", Token: m.accounts[0].Token, JSON: true})
		if e, ok := errors.AsType[*statusError](err); ok && (e.status == http.StatusUnauthorized || e.status == http.StatusForbidden) {
			return nil, fmt.Errorf("the first account is not let in (%d); are its tokens still good?", e.status)
		}
		if err != nil && !troubled(err) {
			return nil, err
		}
	}
	return identity, m.warmUp(ctx, ask)
}

// warmUp learns ids of posts from the home timelines of a few accounts, and from
// everybody's.
func (m *mastodon) warmUp(ctx context.Context, ask *asker) error {
	calls := []Call{{Method: http.MethodGet, Path: "/api/v1/timelines/public?limit=40", JSON: true}}
	few := min(8, len(m.accounts))
	for i := range few {
		who := m.accounts[i*len(m.accounts)/few]
		calls = append(calls, Call{Method: http.MethodGet, Path: "/api/v1/timelines/home?limit=40", Token: who.Token, JSON: true})
	}
	var learned []string
	seen := map[string]bool{}
	for _, c := range calls {
		body, err := ask.ask(ctx, c)
		if e, ok := errors.AsType[*statusError](err); ok && (troubled(err) || e.status == http.StatusUnauthorized || e.status == http.StatusForbidden) {
			continue // the public timeline may be closed to strangers
		}
		if err != nil {
			return err
		}
		var page []struct{ ID string }
		if err := json.Unmarshal(body, &page); err != nil {
			return fmt.Errorf("GET %s was answered with JSON that is not a list of posts", c.Path)
		}
		for _, s := range page {
			if !seen[s.ID] && idSafe(s.ID) {
				seen[s.ID] = true
				learned = append(learned, s.ID)
			}
		}
	}
	for i := range learned { // pages have the newest first
		m.posts.add(learned[len(learned)-1-i])
	}
	return nil
}

// learnPost takes the id from the answer to a post.
func (m *mastodon) learnPost(body []byte) error {
	var status struct{ ID string }
	if err := json.Unmarshal(body, &status); err != nil || !idSafe(status.ID) {
		return errors.New("the answer to a post has no id")
	}
	m.posts.add(status.ID)
	return nil
}

// idSafe reports whether an id that a stranger sent can stand in a path.
func idSafe(id string) bool { return headerSafe(id) && len(id) <= 64 && url.PathEscape(id) == id }
