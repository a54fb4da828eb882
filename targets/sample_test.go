package targets

import (
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// page answers each path with its own text, and others with 404.
func page(texts map[string]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		text, ok := texts[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("X-Build", "abc")
		fmt.Fprint(w, text)
	}
}

// only is what a target with this one source says of the kind build.
func only(t *testing.T, url string, s Source, o Sampling) (values []string, wrong string) {
	t.Helper()
	s.Kind = "build"
	out := Target{Name: "t", URL: url, Dialect: DialectHTTP, Identity: []Source{s}}.Sample(t.Context(), o)
	if out.Sets["build"] == nil || len(out.Sources) != 1 {
		t.Fatalf("the kind is not there: %+v", out)
	}
	return out.Sets["build"], out.Wrong["build"]
}

// TestEveryWay reads each way that needs no service of its own, right and wrong.
func TestEveryWay(t *testing.T) {
	url := answering(t, page(map[string]string{
		"/v":       `{"version":"4.3","n":12345678901234567890,"on":true,"none":null,"list":[{"a.b":"x"},{"a.b":"y"},{"a.b":"x"}]}`,
		"/html":    "\n<!DOCTYPE html><h1>Sign in</h1>",
		"/empty":   "",
		"/cut":     `{"version":"4.`,
		"/twice":   `{"version":"1"}{"version":"2"}`,
		"/control": `{"version":"a\u001b[31mb"}`,
		"/long":    `{"version":"` + strings.Repeat("x", 2000) + `"}`,
		"/metrics": "# HELP h x\nh 9007199254740991\nx_build_info{version=\"1\",branch=\"a \\\"b\\\"\"} 1\nx_build_info{version=\"2\",branch=\"c\"} 1 1700000000\nh_other 3\n",
		"/nan":     "h NaN\n",
		"/text":    "limits: 3\n",
		"/flags":   `{"b":1,"a":{"seen":5,"on":true},"list":[{"at":1,"v":2}]}`,
		"/flags2":  "{\"list\":[{\"v\":2, \"at\":9}],\n \"a\":{\"on\":true,\"seen\":6},\"b\":1}",
		"/flags3":  `{"b":2,"a":{"seen":5,"on":true},"list":[{"at":1,"v":2}]}`,
	}))
	file := filepath.Join(t.TempDir(), "flags.json")
	if err := os.WriteFile(file, []byte(`{"b":1, "a":{"on":true},"list":[{"v":2,"at":null}]}`), 0o644); err != nil {
		t.Fatal(err)
	}
	flags := []string{"a.seen", "list.*.at"}
	hash, wrong := only(t, url, Source{URL: "/flags", Body: "json", Drop: flags}, Sampling{})
	if wrong != "" || !strings.HasPrefix(hash[0], "sha256:") {
		t.Fatalf("%v, %s", hash, wrong)
	}
	for _, c := range []struct {
		name string
		s    Source
		want []string // nil: want the error
		says string
	}{
		{"json", Source{URL: "/v", JSON: "version"}, []string{"4.3"}, ""},
		{"a number stays as written", Source{URL: "/v", JSON: "n"}, []string{"12345678901234567890"}, ""},
		{"truth", Source{URL: "/v", JSON: "on"}, []string{"true"}, ""},
		{"all of a list, as a set", Source{URL: "/v", JSON: `list.*.a\.b`}, []string{"x", "y"}, ""},
		{"one of a list", Source{URL: "/v", JSON: `list.1.a\.b`}, []string{"y"}, ""},
		{"missing", Source{URL: "/v", JSON: "nope"}, nil, "GET /v holds no nope"},
		{"null", Source{URL: "/v", JSON: "none"}, nil, "GET /v: none is null"},
		{"a tree", Source{URL: "/v", JSON: "list"}, nil, "GET /v: list is not a single value; want a longer path, or body: json to compare all of it"},
		{"html", Source{URL: "/html", JSON: "version"}, nil, "GET /html was answered with HTML where JSON was promised; is a sign-in or error page in front of it?"},
		{"nothing", Source{URL: "/empty", JSON: "version"}, nil, "GET /empty was answered with nothing where JSON was promised"},
		{"cut", Source{URL: "/cut", JSON: "version"}, nil, "GET /cut was answered with something that is not JSON"},
		{"two documents", Source{URL: "/twice", JSON: "version"}, nil, "GET /twice was answered with something that is not JSON"},
		{"a terminal's commands", Source{URL: "/control", JSON: "version"}, nil, `the value "a\x1b[31mb" cannot be printed`},
		{"too long", Source{URL: "/long", JSON: "version"}, nil, "a value has 2000 bytes, over 1024"},
		{"404", Source{URL: "/nope", JSON: "version"}, nil, "GET /nope was answered 404 Not Found"},
		{"header", Source{URL: "/v", Header: "x-build"}, []string{"abc"}, ""},
		{"no header", Source{URL: "/v", Header: "X-Nope"}, nil, "GET /v was answered without the header X-Nope"},
		{"metric", Source{URL: "/metrics", Metric: "h"}, []string{"9007199254740991"}, ""},
		{"label", Source{URL: "/metrics", Metric: "x_build_info", Labels: []string{"version"}}, []string{"1", "2"}, ""},
		{"labels", Source{URL: "/metrics", Metric: "x_build_info", Labels: []string{"version", "branch"}}, []string{`version="1" branch="a \"b\""`, `version="2" branch="c"`}, ""},
		{"no label", Source{URL: "/metrics", Metric: "x_build_info", Labels: []string{"revision"}}, nil, "GET /metrics: x_build_info has no label revision"},
		{"no metric", Source{URL: "/metrics", Metric: "nope"}, nil, "GET /metrics holds no metric nope"},
		{"no number", Source{URL: "/nan", Metric: "h"}, nil, `GET /nan: h is "NaN", which is no number`},
		{"order, spaces and dropped paths do not count", Source{URL: "/flags2", Body: "json", Drop: flags}, hash, ""},
		{"text", Source{URL: "/text", Body: "text"}, []string{"sha256:5d4a0a84d9b8a1b6"}, ""},
		{"a body of nothing", Source{URL: "/empty", Body: "text"}, nil, "GET /empty holds nothing"},
		{"a body of html", Source{URL: "/html", Body: "json"}, nil, "GET /html was answered with HTML where JSON was promised; is a sign-in or error page in front of it?"},
		{"file", Source{File: file, JSON: "b"}, []string{"1"}, ""},
		{"command", Source{Command: []string{"printf", `b\trefs/heads/main\n\na\n`}}, []string{"a", "b refs/heads/main"}, ""},
		{"a command that fails", Source{Command: []string{"sh", "-c", "echo no such ref >&2; exit 3"}}, nil, `sh exited 3: "no such ref"`},
		{"a silent command", Source{Command: []string{"true"}}, nil, "true printed nothing"},
	} {
		got, wrong := only(t, url, c.s, Sampling{Agent: "gameday/test"})
		if c.name == "text" {
			if len(got) == 1 {
				got[0] = c.want[0] // any hash
			}
		}
		if want := append([]string{}, c.want...); !cmp.Equal(got, want) || wrong != c.says {
			t.Errorf("%s: %q, %q\nwant %q, %q", c.name, got, wrong, want, c.says)
		}
	}
	for _, s := range []Source{{URL: "/flags3", Body: "json", Drop: flags}, {URL: "/flags", Body: "json"}} {
		if got, wrong := only(t, url, s, Sampling{}); wrong != "" || cmp.Equal(got, hash) {
			t.Errorf("%s has the same hash, or none: %s", s, wrong)
		}
	}
}

// TestBalancer sees that every sample has a connection of its own, and that one
// that fails is not passed over.
func TestBalancer(t *testing.T) {
	var n atomic.Int32
	remotes := map[string]bool{}
	url := answering(t, func(w http.ResponseWriter, r *http.Request) {
		remotes[r.RemoteAddr] = true
		switch i := n.Add(1); {
		case i == 6:
			http.Error(w, "not now", http.StatusServiceUnavailable)
		default:
			fmt.Fprintf(w, `{"version":"v%d"}`, i%2)
		}
	})
	got, wrong := only(t, url, Source{URL: "/v", JSON: "version"}, Sampling{Times: 5})
	if want := []string{"v0", "v1"}; !cmp.Equal(got, want) || wrong != "" || len(remotes) != 5 {
		t.Errorf("%q, %q over %d connections; want %q over 5", got, wrong, len(remotes), want)
	}
	if got, wrong := only(t, url, Source{URL: "/v", JSON: "version"}, Sampling{Times: 3}); len(got) != 0 || wrong != "GET /v was answered 503 Service Unavailable" {
		t.Errorf("the first fails: %q, %q", got, wrong)
	}
	n.Store(3)
	got, wrong = only(t, url, Source{URL: "/v", JSON: "version"}, Sampling{Times: 4})
	if want := []string{"v0", "v1"}; !cmp.Equal(got, want) || wrong != "at sample 3 of 4: GET /v was answered 503 Service Unavailable" {
		t.Errorf("one in the middle fails: %q, %q", got, wrong)
	}
}

// TestNobodyThere sees that a target that is away is said to be.
func TestNobodyThere(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	if got, wrong := only(t, server.URL, Source{URL: "/v", JSON: "version"}, Sampling{Times: 9}); len(got) != 0 || wrong != "cannot be reached: the connection was refused; is it running?" {
		t.Errorf("%q, %q", got, wrong)
	}
}

// TestClocks compares clocks by the Date of an answer.
func TestClocks(t *testing.T) {
	for _, c := range []struct {
		off  time.Duration
		from time.Duration // the least that must be noticed
	}{{0, 0}, {5 * time.Second, 3900 * time.Millisecond}, {-5 * time.Second, 3900 * time.Millisecond}, {time.Hour, 3598 * time.Second}} {
		url := answering(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", time.Now().Add(c.off).UTC().Format(http.TimeFormat))
			fmt.Fprint(w, `{"version":"1"}`)
		})
		ahead := Target{URL: url, Dialect: DialectMastodon}.Sample(t.Context(), Sampling{}).Ahead
		if ahead.Abs() < c.from || ahead.Abs() > c.off.Abs() || (ahead < 0) != (c.off < 0) {
			t.Errorf("a clock %s off is said to be %s off", c.off, ahead)
		}
	}
	cached := answering(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat))
		w.Header().Set("Age", "3600")
		fmt.Fprint(w, `{"version":"1"}`)
	})
	if ahead := (Target{URL: cached, Dialect: DialectMastodon}).Sample(t.Context(), Sampling{}).Ahead; ahead != 0 {
		t.Errorf("a cache's answer makes the clock %s off", ahead)
	}
}

// TestTokenAndCA opens a door that is locked twice, and never says with what.
func TestTokenAndCA(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer hunter2" {
			http.Error(w, "who?", http.StatusUnauthorized)
			return
		}
		fmt.Fprint(w, `{"version":"1"}`)
	}))
	t.Cleanup(server.Close)
	dir := t.TempDir()
	write := func(name, text string) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	ca := write("ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	good, bad, multi := write("token", "hunter2\n"), write("bad", "hunter3"), write("multi", "a\nb")
	for _, c := range []struct {
		token, ca, says string
	}{
		{good, ca, ""},
		{bad, ca, "GET /v was answered 401 Unauthorized"},
		{multi, ca, "token: " + multi + " does not hold a bearer token"},
		{filepath.Join(dir, "none"), ca, "reading token: open " + filepath.Join(dir, "none") + ": no such file or directory"},
		{good, good, "ca: " + good + " holds no certificate"},
		{good, "", "cannot be reached: its certificate is not signed by an authority that is trusted here; tls: ca names another"},
	} {
		s := Source{URL: "/v", JSON: "version", Token: c.token, CA: c.ca}
		if _, wrong := only(t, server.URL, s, Sampling{}); wrong != c.says || strings.Contains(wrong, "hunter") {
			t.Errorf("%q\nwant %q", wrong, c.says)
		}
	}
}
