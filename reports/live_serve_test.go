package reports

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// askFor asks a server for something by the name of a host.
func askFor(t testing.TB, server *httptest.Server, method, path, host string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(""))
	if err != nil {
		t.Fatal(err)
	}
	req.Host = host
	response, err := server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

// A browser that was told a name of somebody else's for this host must not be shown
// anything.
func TestHosts(t *testing.T) {
	server := httptest.NewServer(NewLive("night.example:7777"))
	defer server.Close()
	for host, want := range map[string]int{
		"localhost": 200, "localhost:7777": 200, "LOCALHOST": 200, "127.0.0.1:7777": 200, "127.0.0.1": 200, "127.9.9.9": 200,
		"[::1]:7777": 200, "[::1]": 200, "night.example": 200, "night.example:80": 200, "NIGHT.example:7777": 200,
		"evil.example": 403, "evil.example:7777": 403, "localhost.evil.example": 403, "127.0.0.1.evil.example": 403,
		"night.example.evil.example": 403, "10.1.2.3": 403, "0.0.0.0": 403, "[::]": 403, "localhost:": 200, "1": 403, "0x7f000001": 403,
	} {
		if response, _ := askFor(t, server, http.MethodGet, "/", host); response.StatusCode != want {
			t.Errorf("host %q: %s, want %d", host, response.Status, want)
		}
	}
	unnamed := NewLive("")
	for _, host := range []string{"", ":7777", "[]", "%"} {
		req := httptest.NewRequest(http.MethodGet, "/", nil)
		req.Host = host
		if unnamed.known(req) {
			t.Errorf("host %q is let in", host)
		}
	}
}

// The page can be asked for, and nothing else can be done with it.
func TestLiveOnlyShows(t *testing.T) {
	l := NewLive("")
	server := httptest.NewServer(l)
	defer server.Close()
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE", "GAMEDAY"} {
		for _, path := range []string{"/", "/events", "/view.json", "/nothing"} {
			if response, _ := askFor(t, server, method, path, "localhost"); response.StatusCode != 405 || response.Header.Get("Allow") != "GET, HEAD" {
				t.Errorf("%s %s: %s", method, path, response.Status)
			}
		}
	}
	for _, path := range []string{"/nothing", "//", "/events/", "/../events", "/view.json/x", "/web/page.js"} {
		if response, _ := askFor(t, server, http.MethodGet, path, "localhost"); response.StatusCode != 404 {
			t.Errorf("%s: %s, want 404", path, response.Status)
		}
	}
	if response, body := askFor(t, server, http.MethodGet, "/view.json", "localhost"); response.StatusCode != 404 || body != "nothing is played yet\n" {
		t.Errorf("the View of nothing: %s, %s", response.Status, body)
	}
	if response, body := askFor(t, server, http.MethodHead, "/events", "localhost"); response.StatusCode != 200 || body != "" {
		t.Errorf("HEAD: %s, %q", response.Status, body)
	}
}

// The live page is the kept one without its data, under the same policy but for
// the one connection that it needs.
func TestLivePage(t *testing.T) {
	l := NewLive("")
	server := httptest.NewServer(l)
	defer server.Close()
	response, page := askFor(t, server, http.MethodGet, "/", "localhost")
	for name, want := range map[string]string{
		"Content-Type": "text/html; charset=utf-8", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
		"Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store",
		"Access-Control-Allow-Origin": "",
	} {
		if got := response.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	kept := write(t, HTML, night(t))
	_, data, _ := strings.Cut(kept, `id="data">`)
	data, _, _ = strings.Cut(data, "</script>")
	same := strings.Replace(strings.Replace(kept, data, "", 1), "form-action &#39;none&#39;", "form-action &#39;none&#39;; connect-src &#39;self&#39;", 1)
	if page != same {
		t.Errorf("the live page differs from the kept one without its data:\n%.1500s\nwant\n%.1500s", page, same)
	}
	policy := response.Header.Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "default-src 'none'; ") || !strings.HasSuffix(policy, "; connect-src 'self'; frame-ancestors 'none'") {
		t.Errorf("the policy is %s", policy)
	}
}

func TestLiveView(t *testing.T) {
	r := night(t)
	l := NewLive("")
	server := httptest.NewServer(l)
	defer server.Close()
	l.Begin(begun(r))
	for range 2 { // on one connection
		_, body := askFor(t, server, http.MethodGet, "/view.json", "localhost")
		var v View
		if err := json.Unmarshal([]byte(body), &v); err != nil || !v.Live || v.Verdict != "" || v.Name != "touchdown" || len(v.Promises) != 12 {
			t.Errorf("the View of a play: %v, %.300s", err, body)
		}
	}
	l.End(r)
	if _, body := askFor(t, server, http.MethodGet, "/view.json", "localhost"); body != string(encode(t, NewView(r)))+"\n" {
		t.Errorf("the View of the record is %.300s", body)
	}
}
