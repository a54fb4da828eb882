package cli

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"gameday/freeze"
	"gameday/ready"
)

// TestFrozenNow holds what the lock, what runs now, and the overrides come to.
func TestFrozenNow(t *testing.T) {
	build := "4.2.1"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if build == "" {
			http.Error(w, "ouch", http.StatusInternalServerError)
			return
		}
		fmt.Fprintf(w, `{"build": %q, "config": "7"}`, build)
	}))
	defer server.Close()
	text := "targets: [{name: staging, url: '" + server.URL + "', dialect: http, identity: [{kind: build, url: /, json: build}, {kind: config, url: /, json: config}]}]\n" +
		"freeze: {windows: [{name: sb, start: '2020-01-01T00:00:00Z', end: '2999-01-01T00:00:00Z'}], overrides: [{window: sb, reason: repair, approved_by: Ada," +
		" from: '2020-01-01T00:00:00Z', until: '2999-01-01T00:00:00Z', allow: {target: staging, kind: build, revision: 4.2.9}}]}\n"
	c, err := read(t, text)
	if err != nil {
		t.Fatal(err)
	}
	about := []ready.Target{{Name: "staging", URL: server.URL}}
	seen := c.look(t.Context(), c.Targets[0], time.Time{})
	locked := freeze.Locked{Target: "staging", URL: server.URL, At: time.Now(), Identity: seen.Identity, Sources: seen.Sources}
	lock := func(l freeze.Locked) {
		os.Remove(c.Freeze.Lock)
		if err := freeze.WriteLock(c.Freeze.Lock, freeze.NewLock(time.Now(), []freeze.Locked{l}), nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, x := range []struct {
		build    string
		lock     func()
		want     ready.Reply
		exempted []string
		says     string
		trouble  string
	}{
		{build: "4.2.1", want: ready.Yes, says: "It runs what was frozen."},
		{build: "4.2.2", want: ready.Violated, says: "It changed since it was frozen: build has 4.2.2 no longer has 4.2.1."},
		{build: "4.2.9", want: ready.Yes, exempted: []string{"build"}, says: "An override allows what changed: build has 4.2.9"},
		{build: "", want: ready.Unknown, says: "It cannot be told: build: "},
		{build: "4.2.1", lock: func() { os.Remove(c.Freeze.Lock) }, trouble: "there is no freeze.lock.json"},
		{build: "4.2.1", lock: func() { os.WriteFile(c.Freeze.Lock, []byte(`{"version":1}`), 0o644) }, trouble: "freeze.lock.json: it was changed after it was written"},
		{build: "4.2.1", lock: func() { l := locked; l.URL = "http://127.0.0.1:1"; lock(l) }, want: ready.Yes, trouble: "captured at http://127.0.0.1:1"},
		{build: "4.2.1", lock: func() { l := locked; l.Target = "prod"; lock(l) }, says: "It cannot be told: all: the lock does not have it"},
	} {
		lock(locked)
		if x.lock != nil {
			x.lock()
		}
		build = x.build
		frozen, now, err := c.frozenNow(t.Context(), about)
		if err != nil {
			t.Fatal(err)
		}
		n := now["staging"]
		if n.Honoured != x.want || !strings.HasPrefix(n.Why, x.says) || !slices.Equal(n.Exempted, x.exempted) {
			t.Errorf("%q: got %s, %q, exempted %v; want %s, %q", x.build, n.Honoured, n.Why, n.Exempted, x.want, x.says)
		}
		if f := frozen["staging"]; !strings.Contains(f.Trouble, x.trouble) || (f.Trouble == "") != (x.trouble == "") {
			t.Errorf("%q: the lock's trouble is %q, want %q", x.build, f.Trouble, x.trouble)
		}
		if x.build == "" && len(n.Identity) > 0 {
			t.Errorf("what could not be read is known: %v", n.Identity)
		}
	}
}
