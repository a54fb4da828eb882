package faults

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// control is the reference service's control, as far as its shape goes.
type control struct {
	mu    sync.Mutex
	knobs map[string]any
	wiped string
	calls []string
}

func (c *control) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r.Header.Get("Authorization") != "Bearer s3cret" {
		w.WriteHeader(http.StatusUnauthorized)
		io.WriteString(w, "{\n  \"error\": \"want the control token as bearer\"\n}\n")
		return
	}
	c.calls = append(c.calls, r.Method+" "+r.URL.RequestURI())
	switch r.Method + " " + r.URL.Path {
	case "PATCH /knobs":
		var some map[string]any
		if json.NewDecoder(r.Body).Decode(&some) != nil || some["fanout_workers"] == "many" {
			w.WriteHeader(http.StatusUnprocessableEntity)
			io.WriteString(w, `{"mistakes":[{"key":"fanout_workers","says":"\"many\": want a whole number"}]}`)
			return
		}
		for name, value := range some {
			c.knobs[name] = value
		}
	case "POST /limiter/wipe":
		c.wiped = r.URL.Query().Get("as")
	case "POST /limiter/restore":
		c.wiped = ""
	}
	json.NewEncoder(w).Encode(c.knobs)
}

func newControl(t *testing.T) (*control, Control) {
	c := &control{knobs: map[string]any{"store_delay": "0s", "fanout_workers": 4.0, "flags": []string{"a"}}}
	s := httptest.NewServer(c)
	t.Cleanup(s.Close)
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("s3cret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return c, Control{URL: s.URL, Token: token}
}

func onControl(t *testing.T) (Site, func(*Keeper) bool) {
	c, at := newControl(t)
	return Site{Control: at}, func(*Keeper) bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.knobs["store_delay"] != "0s" || c.knobs["fanout_workers"] != 4.0 || c.wiped != ""
	}
}

// TestServiceCalls sees which calls the acts make.
func TestServiceCalls(t *testing.T) {
	c, at := newControl(t)
	k := open(t, Site{Control: at})
	for _, f := range []Fault{
		{Name: "a", Kind: "service", Do: "flush"},
		{Name: "b", Kind: "service", Do: "flush", Shards: []int{0, 3}},
		{Name: "c", Kind: "service", Do: "wipe"},
		{Name: "d", Kind: "service", Do: "cut"},
	} {
		keep(t, k, f)
		mend(t, k, f.Name)
	}
	want := "POST /cache/flush, POST /cache/flush?shard=0, POST /cache/flush?shard=3, POST /limiter/wipe, POST /limiter/restore, POST /streams/cut"
	if got := strings.Join(c.calls, ", "); got != want {
		t.Errorf("called\n%s, want\n%s", got, want)
	}
}

func TestServiceRefusals(t *testing.T) {
	c, at := newControl(t)
	k := open(t, Site{Control: at})
	for name, tt := range map[string]struct {
		knobs map[string]any
		want  string
	}{
		"no such knob": {map[string]any{"warp": 9}, `the service has no knob "warp"`},
		"bad value":    {map[string]any{"fanout_workers": "many"}, `answered 422: {"mistakes":[{"key":"fanout_workers","says":"\"many\": want a whole number"}]}`},
	} {
		err := k.Keep(t.Context(), Fault{Name: "x", Kind: "service", Knobs: tt.knobs})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
	keep(t, k, Fault{Name: "same", Kind: "service", Knobs: map[string]any{"fanout_workers": 4}})
	if _, err := k.Bites(t.Context(), "same"); err == nil || !strings.Contains(err.Error(), "the knob fanout_workers was 4 before the fault already") {
		t.Errorf("turning a knob to where it is: %v", err)
	}
	keep(t, k, Fault{Name: "slow", Kind: "service", Knobs: map[string]any{"store_delay": "1s"}})
	c.mu.Lock()
	c.knobs["store_delay"] = "7s"
	c.mu.Unlock()
	if _, err := k.Bites(t.Context(), "slow"); err == nil || !strings.Contains(err.Error(), "somebody else has turned the knobs") {
		t.Errorf("a knob that somebody else turned: %v", err)
	}
	stranger := open(t, Site{Control: Control{URL: at.URL, Secret: "wrong"}})
	err := stranger.Keep(t.Context(), Fault{Name: "x", Kind: "service", Do: "cut"})
	if err == nil || !strings.Contains(err.Error(), "answered 401: {\"error\":\"want the control token as bearer\"}") {
		t.Errorf("with a wrong token: %v", err)
	}
}
