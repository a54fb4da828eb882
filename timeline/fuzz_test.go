package timeline

import (
	"context"
	"encoding/json"
	"html"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzRouter sends any request: the service never panics, never answers 5xx,
// and answers JSON, with an error when it refuses.
func FuzzRouter(f *testing.F) {
	s := start(f, Options{Accounts: 20})
	for _, rt := range routes {
		f.Add(rt.method, strings.Replace(rt.pattern, ":id", "1", 1), "limit=2&max_id=3", formType, "status=x", true)
		f.Add("PATCH", strings.Replace(rt.pattern, ":id", s.lastFirst(), 1), "", "application/json", `{"status":"x"}`, false)
	}
	f.Add("", "", "%", "multipart/form-data", "\x00", true)
	f.Add("GET", "/api/v1/statuses/\xff", "min_id=\xff", "", "", true)
	f.Fuzz(func(t *testing.T, method, path, query, kind, body string, signed bool) {
		r := &http.Request{
			Method: method, URL: &url.URL{Path: path, RawQuery: query}, Host: query, Header: http.Header{"Content-Type": {kind}},
			Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
		}
		if signed {
			r.Header.Set("Authorization", "Bearer "+Token(0, 1))
			r.Header.Set("Idempotency-Key", kind)
		}
		streams := strings.HasPrefix(path, "/api/v1/streaming/")
		if streams { // its client has hung up already
			ctx, hangUp := context.WithCancel(t.Context())
			hangUp()
			r = r.WithContext(ctx)
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code < 200 || w.Code >= 500 {
			t.Fatalf("answered %d %s", w.Code, w.Body)
		}
		if (path == "/metrics" || streams) && w.Code == 200 {
			return
		}
		if w.Code >= 400 {
			var said struct{ Error string }
			if err := json.Unmarshal(w.Body.Bytes(), &said); err != nil || said.Error == "" {
				t.Fatalf("refused with %d %s", w.Code, w.Body)
			}
		}
		if !json.Valid(w.Body.Bytes()) || !utf8.Valid(w.Body.Bytes()) {
			t.Fatalf("answered %d %s", w.Code, w.Body)
		}
	})
}

// FuzzDraft reads any body: what may be published is UTF-8, of 1 to 500
// characters, and has no space around it.
func FuzzDraft(f *testing.F) {
	for _, c := range refusals {
		if len(c.body) < 4096 {
			f.Add(c.kind, []byte(c.body))
		}
	}
	f.Add("multipart/form-data; boundary=b", []byte("--b\r\nContent-Disposition: form-data; name=\"status\"\r\n\r\nx\r\n--b--\r\n"))
	f.Add("application/json", []byte(`{"status":"\ud800","in_reply_to_id":12,"poll":null}`))
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		d, bad := parseDraft(kind, body)
		if bad != nil {
			if bad.code < 400 || bad.code >= 500 || bad.text == "" {
				t.Fatalf("refused with %+v", bad)
			}
			return
		}
		text, bad := d.check()
		if bad == nil && (!utf8.ValidString(text) || text == "" || text != strings.TrimSpace(text) || utf8.RuneCountInString(text) > maxCharacters) {
			t.Errorf("published %q", text)
		}
	})
}

// FuzzPaging reads any query: a page that is given has a limit in range and is
// what the naive page is.
func FuzzPaging(f *testing.F) {
	for _, query := range []string{"", "limit=5", "limit=-7&min_id=4", "max_id=99999999999999999999", "since_id=3&min_id=2&max_id=9", "limit=x", "limit=0x10"} {
		f.Add(query)
	}
	var all []uint64
	var feed feed
	for id := uint64(1); id < 16; id++ {
		feed.add(uint32(id), 0, 800)
		all = append(all, id)
	}
	f.Fuzz(func(t *testing.T, text string) {
		query, err := url.ParseQuery(text)
		if err != nil {
			return
		}
		p, bad := readPaging(query)
		if bad != nil {
			if bad.code != http.StatusBadRequest {
				t.Fatalf("refused with %+v", bad)
			}
			return
		}
		if p.limit < 0 || p.limit > maxLimit || p.upward != (query.Get("min_id") != "") || query.Get("max_id") == "" && p.before != math.MaxUint64 {
			t.Fatalf("%q is the page %+v", text, p)
		}
		got := pageOf(&feed, p, 800)
		if !slices.Equal(got, naivePage(all, p, func(uint64) bool { return true })) {
			t.Errorf("%q gives %v", text, got)
		}
	})
}

// FuzzContent renders any text: it is a JSON string of HTML with no markup but
// paragraphs and breaks, and the text can be read back from it.
func FuzzContent(f *testing.F) {
	for _, text := range []string{"goal", "a\n\nb\nc", "<script>&\"'", "\x00\u2028é", "\r\n", "\n\n\n"} {
		f.Add(text)
	}
	markup := strings.NewReplacer("</p><p>", "\n\n", "<br>", "\n")
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return
		}
		var content string
		if err := json.Unmarshal(renderContent(text), &content); err != nil {
			t.Fatal(err)
		}
		inner, opened := strings.CutPrefix(content, "<p>")
		inner, closed := strings.CutSuffix(inner, "</p>")
		inner = markup.Replace(inner)
		if !opened || !closed || strings.ContainsAny(inner, "<>") || html.UnescapeString(inner) != strings.ReplaceAll(text, "\r\n", "\n") {
			t.Errorf("%q is rendered as %q", text, content)
		}
	})
}

// FuzzSignIn asks for applications and tokens with any body: only what was given
// out signs in, and whoever is refused is told why.
func FuzzSignIn(f *testing.F) {
	s := start(f, Options{Accounts: 20})
	id := s.clientID("a", "b")
	f.Add(formType, []byte("client_name=a&redirect_uris=b&scopes=read"))
	f.Add("application/json", []byte(`{"client_name":"a","redirect_uris":"b","grant_type":7}`))
	f.Add(formType, []byte("grant_type=password&username=user1&password="+Token(0, 1)+"&client_id="+id+"&client_secret="+s.clientSecret(id)))
	f.Add("multipart/form-data; boundary=b", []byte("--b\r\nContent-Disposition: form-data; name=\"client_id\"\r\n\r\nx\r\n--b--\r\n"))
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		for _, path := range []string{"/api/v1/apps", "/oauth/token", "/oauth/revoke"} {
			r := httptest.NewRequest("POST", path, strings.NewReader(string(body)))
			r.Header.Set("Content-Type", kind)
			w := s.do(r)
			var said map[string]any
			if err := json.Unmarshal(w.Body.Bytes(), &said); err != nil || w.Code >= 500 || w.Code >= 400 && said["error"] == "" {
				t.Fatalf("%s answered %d %s", path, w.Code, w.Body)
			}
			token, _ := said["access_token"].(string)
			if token != "" && s.tokenOwner(token) == 0 && !s.isAppToken(token) {
				t.Fatalf("%s gave the token %q, which nobody has", path, token)
			}
		}
	})
}
