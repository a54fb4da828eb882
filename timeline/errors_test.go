package timeline

import (
	"encoding/json"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const formType = "application/x-www-form-urlencoded"

// refusals is every way a request can be wrong. The token "1" stands for
// account 1, "" for none, anything else is sent as the header itself.
var refusals = []struct {
	name, method, target, token, kind, body string
	code                                    int
	says                                    string
}{
	{"home without token", "GET", "/api/v1/timelines/home", "", "", "", 401, "The access token is invalid"},
	{"home with wrong token", "GET", "/api/v1/timelines/home", "Bearer nonsense", "", "", 401, "The access token is invalid"},
	{"home with wrong scheme", "GET", "/api/v1/timelines/home", "Basic " + Token(0, 1), "", "", 401, "The access token is invalid"},
	{"home with empty token", "GET", "/api/v1/timelines/home", "Bearer ", "", "", 401, "The access token is invalid"},
	{"self without token", "GET", "/api/v1/accounts/verify_credentials", "", "", "", 401, "The access token is invalid"},
	{"public with wrong token", "GET", "/api/v1/timelines/public", "Bearer 1-0", "", "", 401, "The access token is invalid"},
	{"post without token", "POST", "/api/v1/statuses", "", formType, "status=x", 401, "The access token is invalid"},
	{"like without token", "POST", "/api/v1/statuses/1/favourite", "", "", "", 401, "The access token is invalid"},
	{"follow without token", "POST", "/api/v1/accounts/2/follow", "", "", "", 401, "The access token is invalid"},
	{"unknown path", "GET", "/api/v1/nonsense", "1", "", "", 404, "Record not found"},
	{"root", "GET", "/", "", "", "", 404, "Record not found"},
	{"path below a route", "GET", "/api/v1/statuses/1/2/favourite", "", "", "", 404, "Record not found"},
	{"trailing slash", "GET", "/health/", "", "", "", 404, "Record not found"},
	{"empty id", "GET", "/api/v1/accounts/", "", "", "", 404, "Record not found"},
	{"unknown status", "GET", "/api/v1/statuses/12345", "", "", "", 404, "Record not found"},
	{"status that is no number", "GET", "/api/v1/statuses/x", "", "", "", 404, "Record not found"},
	{"status beyond 64 bits", "GET", "/api/v1/statuses/99999999999999999999999", "", "", "", 404, "Record not found"},
	{"unknown account", "GET", "/api/v1/accounts/51", "", "", "", 404, "Record not found"},
	{"account 0", "GET", "/api/v1/accounts/0", "", "", "", 404, "Record not found"},
	{"account with leading zero", "GET", "/api/v1/accounts/01", "", "", "", 404, "Record not found"},
	{"wall of unknown account", "GET", "/api/v1/accounts/51/statuses", "", "", "", 404, "Record not found"},
	{"like of unknown status", "POST", "/api/v1/statuses/7/favourite", "1", "", "", 404, "Record not found"},
	{"unlike of unknown status", "POST", "/api/v1/statuses/7/unfavourite", "1", "", "", 404, "Record not found"},
	{"boost of unknown status", "POST", "/api/v1/statuses/7/reblog", "1", "", "", 404, "Record not found"},
	{"unboost of unknown status", "POST", "/api/v1/statuses/7/unreblog", "1", "", "", 404, "Record not found"},
	{"follow of unknown account", "POST", "/api/v1/accounts/51/follow", "1", "", "", 404, "Record not found"},
	{"follow of self", "POST", "/api/v1/accounts/1/follow", "1", "", "", 403, "This action is not allowed"},
	{"unfollow of self", "POST", "/api/v1/accounts/1/unfollow", "1", "", "", 403, "This action is not allowed"},
	{"wrong method for home", "POST", "/api/v1/timelines/home", "1", "", "", 405, "Method not allowed"},
	{"wrong method for posting", "GET", "/api/v1/statuses", "1", "", "", 405, "Method not allowed"},
	{"wrong method for a status", "DELETE", "/api/v1/statuses/1", "1", "", "", 405, "Method not allowed"},
	{"wrong method for health", "PUT", "/health", "", "", "", 405, "Method not allowed"},
	{"limit that is no number", "GET", "/api/v1/timelines/public?limit=ten", "", "", "", 400, "limit must be a whole number"},
	{"limit of a sign", "GET", "/api/v1/timelines/public?limit=-", "", "", "", 400, "limit must be a whole number"},
	{"max_id that is no id", "GET", "/api/v1/timelines/public?max_id=-1", "", "", "", 400, "max_id must be the id of a status"},
	{"since_id that is no id", "GET", "/api/v1/accounts/1/statuses?since_id=x", "", "", "", 400, "since_id must be the id of a status"},
	{"min_id that is no id", "GET", "/api/v1/timelines/home?min_id=1.5", "1", "", "", 400, "min_id must be the id of a status"},
	{"query that cannot be read", "GET", "/api/v1/timelines/public?limit=%zz", "", "", "", 400, "Error occurred while parsing request parameters"},
	{"post without body", "POST", "/api/v1/statuses", "1", "", "", 422, "Validation failed: Text can't be blank"},
	{"post of space", "POST", "/api/v1/statuses", "1", formType, "status=+%0A+", 422, "Validation failed: Text can't be blank"},
	{"post over the limit", "POST", "/api/v1/statuses", "1", formType, "status=" + strings.Repeat("%C3%A9", 501), 422, "Validation failed: Text character limit of 500 exceeded"},
	{"post that is not UTF-8", "POST", "/api/v1/statuses", "1", formType, "status=%ff", 422, "Validation failed: Text must be UTF-8"},
	{"JSON that is not UTF-8", "POST", "/api/v1/statuses", "1", "application/json", "{\"status\":\"\xff\"}", 422, "Validation failed: Text must be UTF-8"},
	{"form that cannot be read", "POST", "/api/v1/statuses", "1", formType, "status=%zz", 400, "Error occurred while parsing request parameters"},
	{"JSON that cannot be read", "POST", "/api/v1/statuses", "1", "application/json", `{"status":`, 400, "Error occurred while parsing request parameters"},
	{"JSON of another type", "POST", "/api/v1/statuses", "1", "application/json", `{"status":7}`, 400, "Error occurred while parsing request parameters"},
	{"JSON twice", "POST", "/api/v1/statuses", "1", "application/json", `{"status":"a"}{}`, 400, "Error occurred while parsing request parameters"},
	{"multipart that cannot be read", "POST", "/api/v1/statuses", "1", "multipart/form-data; boundary=b", "x", 400, "Error occurred while parsing request parameters"},
	{"body of another kind", "POST", "/api/v1/statuses", "1", "text/plain", "status=x", 415, "The body must be a form or JSON"},
	{"content type that cannot be read", "POST", "/api/v1/statuses", "1", "a/b/c; =", "x", 415, "The body must be a form or JSON"},
	{"reply to unknown status", "POST", "/api/v1/statuses", "1", formType, "status=x&in_reply_to_id=7", 404, "The post you are trying to reply to does not appear to exist"},
	{"unknown visibility", "POST", "/api/v1/statuses", "1", formType, "status=x&visibility=private", 422, "Validation failed: Visibility must be public or unlisted"},
	{"scheduled post", "POST", "/api/v1/statuses", "1", formType, "status=x&scheduled_at=2030-01-01", 422, "Validation failed: scheduled_at is not supported by this service"},
	{"scheduled post in JSON", "POST", "/api/v1/statuses", "1", "application/json", `{"status":"x","scheduled_at":"2030"}`, 422, "Validation failed: scheduled_at is not supported by this service"},
	{"post with media", "POST", "/api/v1/statuses", "1", formType, "status=x&media_ids[]=1", 422, "Validation failed: media_ids is not supported by this service"},
	{"post with media in JSON", "POST", "/api/v1/statuses", "1", "application/json", `{"status":"x","media_ids":["1"]}`, 422, "Validation failed: media_ids is not supported by this service"},
	{"post with poll", "POST", "/api/v1/statuses", "1", formType, "status=x&poll[options][]=1", 422, "Validation failed: poll is not supported by this service"},
	{"post with poll in JSON", "POST", "/api/v1/statuses", "1", "application/json", `{"status":"x","poll":{}}`, 422, "Validation failed: poll is not supported by this service"},
	{"ranking by another algorithm", "GET", "/api/v1/timelines/home?algorithm=best", "1", "", "", 400, "algorithm must be latest or ranked"},
	{"thread of unknown status", "GET", "/api/v1/statuses/7/context", "", "", "", 404, "Record not found"},
	{"looking up nobody", "GET", "/api/v1/accounts/lookup", "", "", "", 404, "Record not found"},
	{"looking up somebody elsewhere", "GET", "/api/v1/accounts/lookup?acct=user1@example.com", "", "", "", 404, "Record not found"},
	{"looking up a number", "GET", "/api/v1/accounts/lookup?acct=1", "", "", "", 404, "Record not found"},
	{"relationships without token", "GET", "/api/v1/accounts/relationships?id[]=2", "", "", "", 401, "The access token is invalid"},
	{"relationships of too many", "GET", "/api/v1/accounts/relationships?" + strings.Repeat("id[]=2&", 81), "1", "", "", 400, "At most 80 accounts can be asked for at once"},
	{"stream without token", "GET", "/api/v1/streaming/user", "", "", "", 401, "The access token is invalid"},
	{"stream with wrong token", "GET", "/api/v1/streaming/public", "Bearer x", "", "", 401, "The access token is invalid"},
	{"wrong method for a stream", "POST", "/api/v1/streaming/user", "1", "", "", 405, "Method not allowed"},
	{"application without name", "POST", "/api/v1/apps", "", formType, "redirect_uris=x", 422, "Validation failed: Application name can't be blank"},
	{"application without redirect", "POST", "/api/v1/apps", "", "application/json", `{"client_name":"x"}`, 422, "Validation failed: Redirect URI can't be blank"},
	{"application that is not UTF-8", "POST", "/api/v1/apps", "", formType, "client_name=%ff&redirect_uris=x", 422, "Validation failed: Text must be UTF-8"},
	{"application in another kind", "POST", "/api/v1/apps", "", "text/plain", "x", 415, "The body must be a form or JSON"},
	{"application in JSON that cannot be read", "POST", "/api/v1/apps", "", "application/json", `[]`, 400, "Error occurred while parsing request parameters"},
	{"authorizing nothing", "GET", "/oauth/authorize", "", "", "", 400, "response_type must be code"},
	{"authorizing nobody's client", "GET", "/oauth/authorize?response_type=code", "", "", "", 400, "client_id is missing"},
	{"authorizing nobody", "GET", "/oauth/authorize?response_type=code&client_id=x&username=user51", "", "", "", 400, "username must be that of an account, such as user1"},
	{"wrong method for a token", "GET", "/oauth/token", "", "", "", 405, "Method not allowed"},
	{"body over 1 MB", "POST", "/api/v1/statuses", "1", formType, "status=" + strings.Repeat("x", 1<<20), 413, "The request body is larger than 1 MB"},
	{"like with body over 1 MB", "POST", "/api/v1/statuses/1/favourite", "1", formType, strings.Repeat("x", 1<<20+1), 413, "The request body is larger than 1 MB"},
}

func TestRefusals(t *testing.T) {
	s := start(t, Options{Accounts: 50})
	before := s.account(t, 1).Statuses
	seen := make(map[string]bool)
	for _, c := range refusals {
		if seen[c.name] || c.code < 400 || c.says == "" {
			t.Errorf("the row %q is there twice, or refuses nothing", c.name)
		}
		seen[c.name] = true
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest(c.method, c.target, strings.NewReader(c.body))
			if c.kind != "" {
				r.Header.Set("Content-Type", c.kind)
			}
			switch c.token {
			case "":
			case "1":
				r.Header.Set("Authorization", "Bearer "+Token(0, 1))
			default:
				r.Header.Set("Authorization", c.token)
			}
			checkRefusal(t, s.do(r), c.code, c.says)
		})
	}
	if n := s.account(t, 1).Statuses; n != before {
		t.Errorf("refused posts were published: account 1 has %d, want %d", n, before)
	}
}

// checkRefusal checks that an answer is a JSON refusal and nothing else.
func checkRefusal(t testing.TB, w *httptest.ResponseRecorder, code int, says string) {
	t.Helper()
	if w.Code != code {
		t.Errorf("answered %d, want %d", w.Code, code)
	}
	if kind := w.Header().Get("Content-Type"); kind != "application/json; charset=utf-8" {
		t.Errorf("the content type is %q", kind)
	}
	var got map[string]string
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatalf("answered %s: %v", w.Body, err)
	}
	if len(got) != 1 || got["error"] != says {
		t.Errorf("answered %s, want the error %q", w.Body, says)
	}
	if code == http.StatusMethodNotAllowed && w.Header().Get("Allow") == "" {
		t.Error("a wrong method is refused without saying which is allowed")
	}
}

// TestBodyOfUnknownLength sends more than 1 MB without announcing it.
func TestBodyOfUnknownLength(t *testing.T) {
	s := start(t, Options{Accounts: 2})
	r := httptest.NewRequest("POST", "/api/v1/statuses", strings.NewReader("status="+strings.Repeat("x", 2<<20)))
	r.ContentLength = -1
	r.Header.Set("Authorization", "Bearer "+Token(0, 1))
	checkRefusal(t, s.do(r), http.StatusRequestEntityTooLarge, "The request body is larger than 1 MB")
}

func TestOptionsThatMakeNoSense(t *testing.T) {
	inf := math.Inf(1)
	for _, o := range []Options{
		{Accounts: 1}, {Accounts: -5}, {Accounts: maxAccounts + 1},
		{Followers: -1}, {Followers: inf}, {Followers: inf - inf}, {Accounts: 100_000, Followers: 0.001},
		{Cap: -1}, {Cap: keptStatuses + 1}, {Version: "\xff"},
	} {
		if s, err := New(o); err == nil {
			s.Close()
			t.Errorf("options %+v were accepted", o)
		}
	}
}
