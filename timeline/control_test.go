package timeline

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// control makes a request of the control side with a token.
func control(s *Service, token, method, target, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if token != "" {
		r.Header.Set("Authorization", token)
	}
	w := httptest.NewRecorder()
	s.Control("secret").ServeHTTP(w, r)
	return w
}

func TestControlWantsItsToken(t *testing.T) {
	s := start(t, Options{Accounts: 2})
	for _, token := range []string{"", "Bearer", "Bearer ", "Bearer secre", "Bearer secrets", "Basic secret", "secret", "Bearer " + Token(0, 1)} {
		for _, c := range []struct{ method, path string }{
			{"GET", "/knobs"}, {"PATCH", "/knobs"}, {"POST", "/cache/flush"}, {"POST", "/limiter/wipe"}, {"POST", "/limiter/restore"}, {"POST", "/streams/cut"},
		} {
			if w := control(s, token, c.method, c.path, `{"build":"broken"}`); w.Code != http.StatusUnauthorized || !json.Valid(w.Body.Bytes()) {
				t.Errorf("%s %s with %q answers %d %s", c.method, c.path, token, w.Code, w.Body)
			}
		}
	}
	r := httptest.NewRequest("GET", "/knobs", nil)
	r.Header.Set("Authorization", "Bearer ")
	w := httptest.NewRecorder()
	if s.Control("").ServeHTTP(w, r); w.Code != http.StatusUnauthorized {
		t.Errorf("an empty token lets in: %d", w.Code)
	}
	if w := control(s, "", "GET", "/healthz", ""); w.Code != http.StatusOK {
		t.Errorf("/healthz answers %d", w.Code)
	}
	if s.knobs.Load().Build != "" {
		t.Error("a knob was turned without the token")
	}
}

// TestControlIsNotPublic asks the public side for what only the control side has.
func TestControlIsNotPublic(t *testing.T) {
	s := start(t, Options{Accounts: 2})
	for _, path := range []string{"/knobs", "/cache/flush", "/limiter/wipe", "/streams/cut", "/healthz"} {
		checkRefusal(t, s.do(s.request(1, "POST", path, nil)), 404, "Record not found")
	}
}

func TestControlTurnsKnobs(t *testing.T) {
	s := start(t, Options{Accounts: 2, Version: "1"})
	hash := value(s.scrape(t), "timeline_config_hash")
	w := control(s, "Bearer secret", "PATCH", "/knobs", `{"build":"2","flags":["new-ranker"],"rank_delay":"1s"}`)
	var told map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &told); err != nil || w.Code != 200 || told["build"] != "2" || told["rank_delay"] != "1s" || len(told) != len(allKnobs) {
		t.Fatalf("turning answers %d %s: %v", w.Code, w.Body, err)
	}
	if again := control(s, "Bearer secret", "GET", "/knobs", ""); again.Body.String() != w.Body.String() {
		t.Errorf("reading the knobs answers %s", again.Body)
	}
	got := s.scrape(t)
	if value(got, "timeline_config_hash") == hash || value(got, "timeline_build_info", "version", "2") != 1 ||
		value(got, "timeline_flag_info", "flag", "new-ranker") != 1 || value(got, "timeline_knob_changes_total") != 1 {
		t.Errorf("metrics do not tell what was turned: %v", got["timeline_build_info"])
	}
	if v := want[struct{ Version string }](t, s, s.request(0, "GET", "/api/v2/instance", nil)).Version; v != "2" {
		t.Errorf("the instance says it is %s", v)
	}
	if w := control(s, "Bearer secret", "PATCH", "/knobs", `{"build":"3","shed":"all"}`); w.Code != 422 || !strings.Contains(w.Body.String(), `"key": "shed"`) {
		t.Errorf("a mistake answers %d %s", w.Code, w.Body)
	}
	if s.knobs.Load().Build != "2" {
		t.Error("a refused change changed something")
	}
}

func TestControlRefuses(t *testing.T) {
	s := start(t, Options{Accounts: 2})
	for _, c := range []struct {
		method, target, body string
		code                 int
	}{
		{"GET", "/nonsense", "", 404},
		{"PUT", "/knobs", "{}", 405},
		{"PATCH", "/knobs", strings.Repeat(" ", maxBody+1), 400},
		{"PATCH", "/knobs", "", 422},
		{"POST", "/cache/flush?shard=16", "", 422},
		{"POST", "/cache/flush?shard=-1", "", 422},
		{"POST", "/cache/flush?shard=x", "", 422},
		{"POST", "/limiter/wipe?as=gone", "", 422},
		{"POST", "/limiter/wipe?for=60", "", 422},
		{"POST", "/limiter/wipe?for=-1s", "", 422},
	} {
		if w := control(s, "Bearer secret", c.method, c.target, c.body); w.Code != c.code {
			t.Errorf("%s %s answers %d %s, want %d", c.method, c.target, w.Code, w.Body, c.code)
		}
	}
}
