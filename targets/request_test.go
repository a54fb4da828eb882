package targets

import (
	"bufio"
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"gameday/scenarios"

	"github.com/google/go-cmp/cmp"
)

// wire is what a request comes to on the wire.
func wire(t *testing.T, r *http.Request) string {
	t.Helper()
	var b strings.Builder
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// oracle is the request that net/http makes of the whole url.
func oracle(t *testing.T, base string, c Call, agent string) *http.Request {
	t.Helper()
	var body io.Reader
	if c.Body != "" {
		body = strings.NewReader(c.Body)
	}
	r, err := http.NewRequestWithContext(t.Context(), c.Method, strings.TrimSuffix(base, "/")+c.Path, body)
	if err != nil {
		t.Fatalf("%s%s: %v", base, c.Path, err)
	}
	for name, value := range map[string]string{"User-Agent": agent, "Content-Type": c.Type, "Idempotency-Key": c.Key} {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	if c.Token != "" {
		r.Header.Set("Authorization", "Bearer "+c.Token)
	}
	return r
}

var bases = []string{"http://h", "http://h:80/", "http://[::1]:8080", "https://h/base", "http://h/base/", "http://h/a%20b", "http://h/100%25/", "http://h/a%2Fb/c", "http://h/%C3%A9"}

// Every call is on the wire what net/http would have made of it, byte for byte.
func TestNewRequestIsNetHTTPs(t *testing.T) {
	var calls []Call
	for _, path := range []string{
		"/", "/api/v1/timelines/home", "/a?b=c&d=%20e+f", "/a?", "/a?b?c", "/a%20b", "/a%2Fb/c%25?x=%2F", "/users(1)/x!*'", "/a[1];v=2,3", "/a@b:c$&+=~", `/a"b`, "/a|b^`{}<>",
		"/..//./x/", "/%41", "/a%3Fb", "/%e2%82%ac", "/a\\b",
	} {
		calls = append(calls, Call{Method: "GET", Path: path}, Call{Method: "POST", Path: path, Type: "application/json", Body: `{"a":"é"}`, Token: "t-1", Key: "k"}, Call{Method: "DELETE", Path: path})
	}
	m := speaking(5)
	rng := rand.New(rand.NewPCG(1, 1))
	for range 20 {
		for _, name := range scenarios.TimelineActions {
			calls = append(calls, m.Call(act(name), rng.Uint64()))
		}
	}
	letters := []rune("abc/%2520?&=+()[]!*';:@,$~._-")
	for range 2000 {
		path := []rune("/")
		for range rng.IntN(12) {
			path = append(path, letters[rng.IntN(len(letters))])
		}
		calls = append(calls, Call{Method: "GET", Path: string(path)})
	}
	compared := 0
	for _, base := range bases {
		for _, c := range calls {
			got, err := NewRequest(t.Context(), mustParse(t, base), c, "gameday/test")
			if _, bad := http.NewRequest("GET", strings.TrimSuffix(base, "/")+c.Path, nil); bad != nil || err != nil {
				if bad == nil || err == nil {
					t.Fatalf("%s%s: %v, but net/http says %v", base, c.Path, err, bad)
				}
				continue
			}
			want := oracle(t, base, c, "gameday/test")
			if diff := cmp.Diff(wire(t, want), wire(t, got)); diff != "" {
				t.Fatalf("%s%s (-want +got):\n%s", base, c.Path, diff)
			}
			if got.URL.String() != want.URL.String() || got.URL.Path != want.URL.Path || got.Host != want.Host {
				t.Fatalf("%s%s: url %s, want %s", base, c.Path, got.URL, want.URL)
			}
			compared++
		}
	}
	if compared < len(calls) {
		t.Errorf("only %d of %d requests were compared", compared, len(calls)*len(bases))
	}
}

// A server behind a real transport sees the same of both.
func TestServerSeesTheSame(t *testing.T) {
	type sight struct {
		Method, URI, Host, Body string
		Header                  http.Header
		Length                  int64
	}
	var seen []sight
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		seen = append(seen, sight{r.Method, r.RequestURI, r.Host, string(body), r.Header, r.ContentLength})
	}))
	defer server.Close()
	tr := transport(t)
	for _, base := range []string{"", "/", "/base", "/base/", "/a%2Fb"} {
		for _, c := range []Call{
			{Method: "GET", Path: "/x%2Fy?z=%20"}, {Method: "POST", Path: "/odata(1)", Body: "b", Type: "text/plain", Token: "t", Key: "k"}, {Method: "POST", Path: "/empty?"}, {Method: "GET", Path: "/"},
		} {
			seen = nil
			mine, err := NewRequest(t.Context(), mustParse(t, server.URL+base), c, "gameday/test")
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range []*http.Request{mine, oracle(t, server.URL+base, c, "gameday/test")} {
				res, err := tr.RoundTrip(r)
				if err != nil {
					t.Fatal(err)
				}
				res.Body.Close()
			}
			if diff := cmp.Diff(seen[1], seen[0]); diff != "" {
				t.Errorf("%s%s (-want +got):\n%s", base, c.Path, diff)
			}
		}
	}
}

// A request leaves the target's url as it is, and its body can be sent again.
func TestNewRequestTwice(t *testing.T) {
	base := mustParse(t, "http://h/a%2Fb/?old=1")
	before := *base
	type key struct{}
	ctx := context.WithValue(t.Context(), key{}, "mine")
	r, err := NewRequest(ctx, base, Call{Method: "POST", Path: "/x%20y?q=1", Body: "again and again"}, "gameday/test")
	if err != nil {
		t.Fatal(err)
	}
	if *base != before {
		t.Errorf("the target's url became %s", base)
	}
	if r.Context().Value(key{}) != "mine" || r.URL.RawQuery != "q=1" {
		t.Errorf("context %v, query %q", r.Context(), r.URL.RawQuery)
	}
	for range 3 {
		again, err := r.GetBody()
		if err != nil {
			t.Fatal(err)
		}
		for _, body := range []io.Reader{r.Body, again} {
			if b, err := io.ReadAll(body); err != nil || string(b) != "again and again" {
				t.Errorf("body %q, %v", b, err)
			}
		}
		r.Body, _ = r.GetBody()
	}
	empty, err := NewRequest(ctx, base, Call{Method: "POST", Path: "/"}, "")
	if err != nil || empty.Body != nil || empty.GetBody != nil || empty.ContentLength != 0 {
		t.Errorf("no body: %+v, %v", empty, err)
	}
	if _, err := NewRequest(ctx, base, Call{Method: "GET", Path: "/%zz"}, ""); err == nil || err.Error() != `path "/%zz": invalid URL escape "%zz"` {
		t.Errorf("a wrong escape: %v", err)
	}
	if _, err := http.ReadRequest(bufio.NewReader(strings.NewReader(wire(t, empty)))); err != nil {
		t.Error(err)
	}
}

func TestIsJSON(t *testing.T) {
	for kind, want := range map[string]bool{
		"application/json": true, "application/json; charset=utf-8": true, "application/activity+json": true, "Application/JSON": true, "application/problem+json; a=b": true,
		"": false, "text/html": false, "text/json+html": false, "application/xml": false, "json": false, ";": false,
	} {
		if got := IsJSON(kind); got != want {
			t.Errorf("%q: %v", kind, got)
		}
	}
}

func TestValidate(t *testing.T) {
	const (
		wantName    = ": want a name without spaces, colons or slashes"
		wantURL     = ": want one such as https://timeline.example, without user, query or fragment"
		wantDialect = ": want mastodon or http"
		transport   = "c.yaml: targets[1].transport: "
		wantHTTPS   = "c.yaml: targets[1].tls: the url says http, which has no TLS; want a url with https, or no tls"
	)
	good := Target{Name: "staging", URL: "https://timeline.example/base", Dialect: DialectMastodon, Accounts: "accounts.csv"}
	for _, tt := range []struct {
		change func(*Target)
		want   []string
	}{
		{func(t *Target) {}, nil},
		{func(t *Target) { t.URL, t.Dialect, t.Accounts = "http://127.0.0.1:8080", DialectHTTP, "" }, nil},
		{func(t *Target) { t.URL = "http://[::1]:8080/" }, nil},
		{func(t *Target) { t.Name = "" }, []string{`c.yaml: targets[1].name: ""` + wantName}},
		{func(t *Target) { t.Name = "a b" }, []string{`c.yaml: targets[1].name: "a b"` + wantName}},
		{func(t *Target) { t.Name = "http://x" }, []string{`c.yaml: targets[1].name: "http://x"` + wantName}},
		{func(t *Target) { t.URL = "" }, []string{`c.yaml: targets[1].url: ""` + wantURL}},
		{func(t *Target) { t.URL = "timeline.example" }, []string{`c.yaml: targets[1].url: "timeline.example"` + wantURL}},
		{func(t *Target) { t.URL = "localhost:80" }, []string{`c.yaml: targets[1].url: "localhost:80"` + wantURL}},
		{func(t *Target) { t.URL = "ws://h" }, []string{`c.yaml: targets[1].url: "ws://h"` + wantURL}},
		{func(t *Target) { t.URL = "http://h?a=b" }, []string{`c.yaml: targets[1].url: "http://h?a=b"` + wantURL}},
		{func(t *Target) { t.URL = "http://h#a" }, []string{`c.yaml: targets[1].url: "http://h#a"` + wantURL}},
		{func(t *Target) { t.URL = "http://h:port" }, []string{`c.yaml: targets[1].url: "http://h:port"` + wantURL}},
		{func(t *Target) { t.URL = "http://me:secret@h" }, []string{`c.yaml: targets[1].url: "http://…@h"` + wantURL}},
		{func(t *Target) { t.URL = "http://me:secret%zz@h" }, []string{`c.yaml: targets[1].url: "http://…@h"` + wantURL}},
		{func(t *Target) { t.Dialect = "" }, []string{`c.yaml: targets[1].dialect: ""` + wantDialect}},
		{func(t *Target) { t.Dialect = "Mastodon" }, []string{`c.yaml: targets[1].dialect: "Mastodon"` + wantDialect}},
		{func(t *Target) { t.Transport, t.TLS = "auto", TLS{CA: "a", Cert: "b", Key: "c", ServerName: "d"} }, nil},
		{func(t *Target) { t.Transport = "http1" }, nil},
		{func(t *Target) { t.Transport = "net" }, nil},
		{func(t *Target) { t.Transport = "h2" }, nil},
		{func(t *Target) { t.Transport = "h3" }, nil},
		{func(t *Target) { t.URL, t.Transport = "http://h", "auto" }, nil},
		{func(t *Target) { t.URL, t.Transport = "http://h", "http1" }, nil},
		{func(t *Target) { t.URL, t.Transport = "http://h", "net" }, nil},
		{func(t *Target) { t.URL, t.Transport = "http://h", "h2c" }, nil},
		{func(t *Target) { t.Transport = "H2" }, []string{transport + `"H2": want auto, http1, net, h2, h2c or h3`}},
		{func(t *Target) { t.URL, t.Transport = "", "spdy" }, []string{`c.yaml: targets[1].url: ""` + wantURL, transport + `"spdy": want auto, http1, net, h2, h2c or h3`}},
		{func(t *Target) { t.Transport = "h2c" }, []string{transport + `"h2c" is HTTP/2 without TLS, and the url says https; want h2`}},
		{func(t *Target) { t.URL, t.Transport = "http://h", "h2" }, []string{transport + `"h2" is HTTP/2 over TLS, and the url says http; want h2c, or a url with https`}},
		{func(t *Target) { t.URL, t.Transport = "http://h", "h3" }, []string{transport + `"h3" goes over TLS, and the url says http; want a url with https`}},
		{func(t *Target) { t.URL, t.TLS.ServerName = "http://h", "h" }, []string{wantHTTPS}},
		{func(t *Target) { t.TLS.Cert = "c" }, []string{`c.yaml: targets[1].tls.key: missing; a certificate wants its private key`}},
		{func(t *Target) { t.TLS.Key = "k" }, []string{`c.yaml: targets[1].tls.cert: missing; a private key wants its certificate`}},
		{func(t *Target) { t.TLS.ServerName = "h:443" }, []string{`c.yaml: targets[1].tls.server_name: "h:443": want a host's name, without port or pattern`}},
		{func(t *Target) { t.TLS.ServerName = "*.h" }, []string{`c.yaml: targets[1].tls.server_name: "*.h": want a host's name, without port or pattern`}},
		{func(t *Target) { t.TLS.ServerName = "2001:db8::1" }, nil},
		{func(t *Target) { *t = Target{} }, []string{`c.yaml: targets[1].name: ""` + wantName, `c.yaml: targets[1].url: ""` + wantURL, `c.yaml: targets[1].dialect: ""` + wantDialect}},
	} {
		target := good
		tt.change(&target)
		var got []string
		for _, m := range target.Validate("c.yaml", "targets[1]") {
			got = append(got, m.String())
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", target, diff)
		}
	}
}
