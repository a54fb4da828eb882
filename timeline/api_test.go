package timeline

import (
	"bytes"
	"encoding/json"
	"maps"
	"mime/multipart"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Fields of each kind of answer, as a client of Mastodon 4 finds them.
var (
	accountFields = []string{"acct", "avatar", "avatar_static", "bot", "created_at", "discoverable", "display_name", "emojis", "fields",
		"followers_count", "following_count", "group", "header", "header_static", "id", "last_status_at", "locked", "note",
		"statuses_count", "uri", "url", "username"}
	statusFields = []string{"account", "card", "content", "created_at", "edited_at", "emojis", "favourites_count", "id",
		"in_reply_to_account_id", "in_reply_to_id", "language", "media_attachments", "mentions", "poll", "reblog", "reblogs_count",
		"replies_count", "sensitive", "spoiler_text", "tags", "uri", "url", "visibility"}
	viewerFields       = []string{"bookmarked", "favourited", "muted", "reblogged"}
	relationshipFields = []string{"blocked_by", "blocking", "domain_blocking", "endorsed", "followed_by", "following", "id", "languages",
		"muting", "muting_notifications", "note", "notifying", "requested", "requested_by", "showing_reblogs"}
	instanceFields = []string{"configuration", "contact", "description", "domain", "icon", "languages", "registrations", "rules",
		"source_url", "thumbnail", "title", "usage", "version"}
)

func join(lists ...[]string) []string {
	return slices.Sorted(slices.Values(slices.Concat(lists...)))
}

func TestFields(t *testing.T) {
	s := start(t, Options{Accounts: 50, Version: "1.2.3"})
	id := s.say(t, 1, "kick-off").ID
	for _, c := range []struct {
		method, path string
		who          int
		want         []string
	}{
		{"GET", "/api/v1/accounts/2", 0, accountFields},
		{"GET", "/api/v1/accounts/verify_credentials", 2, join(accountFields, []string{"source"})},
		{"GET", "/api/v1/statuses/" + id, 0, statusFields},
		{"GET", "/api/v1/statuses/" + id, 2, join(statusFields, viewerFields)},
		{"POST", "/api/v1/statuses/" + id + "/favourite", 2, join(statusFields, viewerFields)},
		{"POST", "/api/v1/statuses/" + id + "/reblog", 2, join(statusFields, viewerFields)},
		{"POST", "/api/v1/accounts/2/follow", 1, relationshipFields},
		{"GET", "/api/v2/instance", 0, instanceFields},
		{"GET", "/health", 0, []string{"status"}},
	} {
		r := s.request(c.who, c.method, c.path, nil)
		got := want[map[string]any](t, s, r)
		if diff := cmp.Diff(c.want, slices.Sorted(maps.Keys(got))); diff != "" {
			t.Errorf("%s %s has other fields (-want +got):\n%s", c.method, c.path, diff)
		}
	}
}

func TestHeadersOfAnAnswer(t *testing.T) {
	s := start(t, Options{Accounts: 50})
	for _, path := range []string{"/health", "/api/v1/timelines/public", "/api/v2/instance", "/api/v1/accounts/3"} {
		w := s.do(s.request(0, "GET", path, nil))
		if w.Header().Get("Content-Type") != "application/json; charset=utf-8" || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s answers %s %s", path, w.Header(), w.Body)
		}
		if head := s.do(s.request(0, "HEAD", path, nil)); head.Code != 200 || head.Header().Get("Content-Length") != w.Header().Get("Content-Length") {
			t.Errorf("HEAD %s answers %d %s", path, head.Code, head.Header())
		}
	}
}

func TestInstanceTellsTheVersion(t *testing.T) {
	s := start(t, Options{Accounts: 50, Version: "2024-02-11"})
	got := want[struct{ Version, Domain, Title string }](t, s, s.request(0, "GET", "/api/v2/instance", nil))
	if got.Version != "2024-02-11" || got.Domain != domain || got.Title == "" {
		t.Errorf("the instance is %+v", got)
	}
}

// TestPost posts the same text in each kind of body and finds it everywhere.
func TestPost(t *testing.T) {
	var parts bytes.Buffer
	form := multipart.NewWriter(&parts)
	if err := form.WriteField("status", "Touch <down>"); err != nil {
		t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	s := start(t, Options{Accounts: 50})
	for kind, body := range map[string]string{
		"":                                  "status=Touch+%3Cdown%3E",
		"application/x-www-form-urlencoded": "status=+Touch+%3Cdown%3E%0A",
		"application/json; charset=utf-8":   `{"status":"Touch <down>","media_ids":[],"poll":null,"in_reply_to_id":null}`,
		form.FormDataContentType():          parts.String(),
	} {
		r := httptest.NewRequest("POST", "/api/v1/statuses", strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Authorization", "bearer "+Token(0, 1))
		before := time.Now().Add(-time.Millisecond)
		st := want[statusJSON](t, s, r)
		if st.Content != "<p>Touch &lt;down&gt;</p>" || st.Visibility != "public" || st.Account.ID != "1" || st.Reblog != nil || st.ReplyTo != nil {
			t.Errorf("a body of %q makes the status %+v", kind, st)
		}
		if at, err := time.Parse(time.RFC3339Nano, st.CreatedAt); err != nil || at.Before(before) || at.After(time.Now()) {
			t.Errorf("it was created at %s", st.CreatedAt)
		}
		s.settle()
		for where, who := range map[string]int{
			"/api/v1/timelines/public?limit=1": 0, "/api/v1/accounts/1/statuses?limit=1": 0, "/api/v1/timelines/home?limit=1": 1, "/api/v1/timelines/home": 2,
		} {
			if page := s.read(t, who, where); page[0].ID != st.ID {
				t.Errorf("the newest in %s of account %d is %s, want %s", where, who, page[0].ID, st.ID)
			}
		}
		if got := want[statusJSON](t, s, s.request(0, "GET", "/api/v1/statuses/"+st.ID, nil)); got.ID != st.ID || got.Content != st.Content {
			t.Errorf("the status read is %+v", got)
		}
	}
}

// TestFiveHundredCharacters posts as much as fits: characters, not bytes.
func TestFiveHundredCharacters(t *testing.T) {
	s := start(t, Options{Accounts: 2})
	if st := s.say(t, 1, strings.Repeat("é", 500)); strings.Count(st.Content, "é") != 500 {
		t.Errorf("the status is %s", st.Content)
	}
}

func TestReply(t *testing.T) {
	s := start(t, Options{Accounts: 50})
	parent := s.say(t, 1, "who wins?")
	boost := s.act(t, 3, "/api/v1/statuses/"+parent.ID+"/reblog")
	for i, answered := range []string{parent.ID, boost.ID} { // a reply to a boost answers its post
		reply := s.say(t, 2, "we do", "in_reply_to_id", answered, "visibility", "unlisted")
		if reply.ReplyTo == nil || *reply.ReplyTo != parent.ID || *reply.ReplyAccount != "1" || reply.Visibility != "unlisted" {
			t.Errorf("the reply is %+v", reply)
		}
		if got := want[statusJSON](t, s, s.request(0, "GET", "/api/v1/statuses/"+parent.ID, nil)); got.Replies != i+1 {
			t.Errorf("the post has %d replies, want %d", got.Replies, i+1)
		}
	}
}

// TestWallAndPublicFilters checks what each parameter leaves out.
func TestWallAndPublicFilters(t *testing.T) {
	s := start(t, Options{Accounts: 50})
	post := s.say(t, 7, "post").ID
	unlisted := s.say(t, 7, "unlisted", "visibility", "unlisted").ID
	reply := s.say(t, 7, "reply", "in_reply_to_id", post).ID
	boost := s.act(t, 7, "/api/v1/statuses/"+post+"/reblog").ID
	for _, c := range []struct {
		target string
		want   []string
	}{
		{"/api/v1/accounts/7/statuses?", []string{boost, reply, unlisted, post}},
		{"/api/v1/accounts/7/statuses?exclude_reblogs=true&exclude_replies=false&", []string{reply, unlisted, post}},
		{"/api/v1/accounts/7/statuses?exclude_replies=1&exclude_reblogs=0&", []string{boost, unlisted, post}},
		{"/api/v1/accounts/7/statuses?pinned=true&", []string{}},
		{"/api/v1/accounts/7/statuses?only_media=true&", []string{}},
		{"/api/v1/accounts/7/statuses?tagged=sb48&", []string{}},
		{"/api/v1/timelines/public?", []string{post}},
		{"/api/v1/timelines/public?local=true&", []string{post}},
		{"/api/v1/timelines/public?remote=true&", []string{}},
		{"/api/v1/timelines/public?only_media=true&", []string{}},
	} {
		if got := ids(s.read(t, 0, c.target+"since_id="+s.lastFirst())); !slices.Equal(got, c.want) {
			t.Errorf("%s has %v, want %v", c.target, got, c.want)
		}
	}
}

func TestAppendDate(t *testing.T) {
	for at := time.Date(1969, 12, 30, 0, 0, 0, 0, time.UTC); at.Year() < 2101; at = at.Add(25 * time.Hour) {
		if got := string(appendDate(nil, at)); got != at.Format(time.DateOnly) {
			t.Fatalf("%s is dated %s", at, got)
		}
	}
}
