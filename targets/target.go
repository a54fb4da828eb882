// Package targets says who is pressed, and how to speak to it.
//
// A [Target] is an address and a dialect. [Target.Open] asks it what it is and
// returns an [API], which turns the actions of a scenario into HTTP calls.
package targets

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"gameday/faults"
	"gameday/scenarios"
)

// A Target is a service under test and how to speak to it.
type Target struct {
	Name      string `json:"name"`
	URL       string `json:"url"`       // where its API begins: https://timeline.staging.example
	Dialect   string `json:"dialect"`   // mastodon or http
	Accounts  string `json:"accounts"`  // a CSV file of id,token; empty: nobody signs in
	Transport string `json:"transport"` // how requests travel; empty: auto
	TLS       TLS    `json:"tls"`       // only with https
	Trace     bool   `json:"trace"`     // each request of the load says what trace it belongs to

	Labels   []string `json:"labels"`   // such as env:prod; see Reach
	Identity []Source `json:"identity"` // where it says what exactly it runs; see Sources

	faults.Site // what of it can be broken
}

// EmbeddedSite is what of the embedded service can be broken, by name. Whoever
// starts the service fills in where that is.
func EmbeddedSite() faults.Site {
	return faults.Site{
		Links:     []faults.Link{{Name: "front"}}, // between the clients and the service
		Processes: []faults.Process{{Name: "timeline"}},
		Control:   faults.Control{URL: "http://127.0.0.1"},
	}
}

// The dialects.
const (
	DialectMastodon = "mastodon" // the client API of Mastodon and its kin
	DialectHTTP     = "http"     // whatever the scenario's actions say
)

// A Call is one HTTP request in the words of a target's API.
type Call struct {
	Method string
	Path   string // with the query, after the target's URL
	Token  string // bearer token; empty: not signed in
	Type   string // of the body
	Body   string
	Key    string // Idempotency-Key; empty: none
	Trace  Trace  // traceparent; zero: none
	// JSON says that a successful answer is JSON, and anything else a failure.
	JSON bool
	// Learn is given the body of a successful answer; nil if nobody wants it. An
	// error means that the answer is not what the API promises. It is safe for
	// concurrent use and does not keep the body.
	Learn func(body []byte) error
}

// An API is a dialect that is ready to be spoken to one target.
type API interface {
	// Call says how to do action. What is not given by the action — who acts, on
	// what, with which words — follows from draw, and from what the target's
	// answers have taught. It is safe for concurrent use and quick.
	Call(action scenarios.Action, draw uint64) Call
}

// An Opening is what Open needs to know besides the target.
type Opening struct {
	Transport http.RoundTripper
	Agent     string             // User-Agent of every request
	Accounts  []Account          // who signs in, the most popular first
	Hot       float64            // rank exponent of attention
	Actions   []scenarios.Action // what will be pressed
	Run       string             // goes into idempotency keys, so that another run's posts are other posts
}

// Open reaches the target, asks what it is, and learns enough to press it: for
// Mastodon's dialect, ids of posts to read and like. It returns what exactly is
// running there by kind, as far as it says.
//
// A target that cannot be reached, refuses the accounts, or speaks another
// language is an error. One that answers 5xx is not: that is what a rehearsal is
// there to find.
func (t Target) Open(ctx context.Context, o Opening) (api API, identity map[string]string, err error) {
	base, err := url.Parse(t.URL)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, nil, fmt.Errorf("target %s: url %q: want one such as https://timeline.example", t.Name, shown(t.URL))
	}
	if t.Dialect == DialectHTTP {
		api = plain{}
	} else {
		api = newMastodon(o)
	}
	for _, a := range o.Actions {
		if t.Dialect == DialectHTTP && !a.Plain() {
			return nil, nil, fmt.Errorf("target %s speaks %s, which has no action %q; want dialect: %s, or an action with a path of its own", t.Name, DialectHTTP, a.Name, DialectMastodon)
		}
		if !a.Plain() && signedIn[a.Name] && len(o.Accounts) == 0 {
			return nil, nil, fmt.Errorf("target %s: accounts: missing; the action %q is only for people who are signed in, so name the target in config.yaml, with accounts", t.Name, a.Name)
		}
		if !a.Plain() && a.Name == scenarios.Follow && len(o.Accounts) < 2 {
			return nil, nil, fmt.Errorf("target %s: accounts: only one; the action %q wants somebody else to follow", t.Name, a.Name)
		}
	}
	ask := &asker{t, o, base}
	if m, ok := api.(*mastodon); ok && slices.ContainsFunc(o.Actions, func(a scenarios.Action) bool { return !a.Plain() }) {
		identity, err = m.open(ctx, ask)
	} else {
		_, err = ask.ask(ctx, Call{Method: http.MethodGet, Path: "/"})
		if err != nil && reached(err) {
			err = nil // any answer at all will do
		}
	}
	if err != nil {
		return nil, nil, t.trouble(err)
	}
	return api, identity, nil
}

// Validate returns what is wrong with a target that stands in file under key.
func (t Target) Validate(file, key string) scenarios.Mistakes {
	var found scenarios.Mistakes
	if t.Name == "" || strings.ContainsAny(t.Name, "/: ") {
		found = append(found, scenarios.Mistake{File: file, Key: key + ".name", Says: fmt.Sprintf("%q: want a name without spaces, colons or slashes", t.Name)})
	}
	scheme := ""
	if u, err := url.Parse(t.URL); err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") && u.RawQuery == "" && u.Fragment == "" && u.User == nil {
		scheme = u.Scheme
	} else {
		found = append(found, scenarios.Mistake{File: file, Key: key + ".url", Says: fmt.Sprintf("%q: want one such as https://timeline.example, without user, query or fragment", shown(t.URL))})
	}
	if t.Dialect != DialectMastodon && t.Dialect != DialectHTTP {
		found = append(found, scenarios.Mistake{File: file, Key: key + ".dialect", Says: fmt.Sprintf("%q: want %s or %s", t.Dialect, DialectMastodon, DialectHTTP)})
	}
	found = append(found, t.validateTransport(file, key, scheme)...)
	found = append(found, t.validateLabels(file, key)...)
	for _, m := range t.Site.Validate() {
		found = append(found, scenarios.Mistake{File: file, Key: key + "." + m.Key, Says: m.Says})
	}
	return append(found, t.validateIdentity(file, key)...)
}

// shown is a url as mistakes quote it: without a user and a password.
func shown(address string) string {
	scheme, rest, _ := strings.Cut(address, "//")
	if at := strings.LastIndex(rest, "@"); at >= 0 {
		return scheme + "//…" + rest[at:]
	}
	return address
}
