package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gameday/ready"
)

// TestCommandChecks holds what a command's answer comes to.
func TestCommandChecks(t *testing.T) {
	for _, c := range []struct {
		script string
		want   ready.Reply
		says   string // all of it, or how it begins
	}{
		{"exit 0", ready.Yes, "It exited 0."},
		{"echo one; echo two; echo", ready.Yes, "It exited 0: two"},
		{"echo oh no >&2; exit 1", ready.No, "It exited 1: oh no"},
		{"exit 2", ready.Unknown, "It exited 2, which is neither yes, 0, nor no, 1."},
		{"exit 127", ready.Unknown, "It exited 127"},
		{"kill -9 $$", ready.Unknown, "It could not be run to its end: signal: killed."},
		{"yes | head -c 100000; exit 1", ready.No, "It exited 1: y"},
		{"head -c 100000 /dev/zero | tr '\\0' x", ready.Yes, "It exited 0: " + strings.Repeat("x", 199) + "…"},
	} {
		x := check{Command: []string{"sh", "-c", c.script}}
		got := x.ask(t.Context())
		if got.Reply != c.want || !strings.HasPrefix(got.Why, c.says) || len(got.Why) > 300 {
			t.Errorf("%s: got %s, %q; want %s, %q", c.script, got.Reply, got.Why, c.want, c.says)
		}
		if age := time.Since(got.At); age < 0 || age > time.Minute {
			t.Errorf("%s: it was made at %s", c.script, got.At)
		}
	}
	x := check{Command: []string{filepath.Join(t.TempDir(), "nosuch")}}
	if got := x.ask(t.Context()); got.Reply != ready.Unknown || !strings.HasPrefix(got.Why, "It could not be run to its end: ") {
		t.Errorf("a program that is not there: %+v", got)
	}
}

// A command that takes too long is ended, with all that it started, and answers
// nothing.
func TestCommandCheckInTime(t *testing.T) {
	mark := filepath.Join(t.TempDir(), "mark")
	x := check{Command: []string{"sh", "-c", fmt.Sprintf("(sleep 3; touch %s) & wait; exit 0", mark)}, Timeout: 100 * time.Millisecond}
	began := time.Now()
	got := x.ask(t.Context())
	if got.Reply != ready.Unknown || got.Why != "It did not answer within 100ms." {
		t.Errorf("got %s, %q", got.Reply, got.Why)
	}
	if took := time.Since(began); took > 2500*time.Millisecond {
		t.Errorf("it took %s", took)
	}
	<-time.After(3*time.Second - time.Since(began) + 200*time.Millisecond)
	if _, err := os.Stat(mark); err == nil {
		t.Error("what it started went on")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got := (&check{Command: []string{"true"}}).ask(ctx); got.Reply != ready.Unknown {
		t.Errorf("after a signal it says %+v", got)
	}
}

// answerQuery answers an instant query by what is asked.
func answerQuery(w http.ResponseWriter, r *http.Request) {
	samples := map[string]string{
		"two": `[{"metric":{"a":"x"},"value":[1,"0.5"]},{"metric":{"a":"y"},"value":[1,"0.7"]}]`, "none": "[]",
		"nan": `[{"metric":{},"value":[1,"NaN"]}]`, "inf": `[{"metric":{},"value":[1,"+Inf"]}]`,
	}
	result, ok := samples[r.FormValue("query")]
	if !ok || r.URL.Path != "/api/v1/query" {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"status":"error","errorType":"bad_data","error":"no"}`)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"status":"success","data":{"resultType":"vector","result":%s}}`, result)
}

// TestQueryChecks holds what a query's answer comes to: all of it must be wanted,
// and there must be some.
func TestQueryChecks(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(answerQuery))
	defer server.Close()
	for _, c := range []struct {
		query, want string
		reply       ready.Reply
		says        string
	}{
		{"two", ">= 0.5", ready.Yes, "0.5, 0.7 is >= 0.5."},
		{"two", "< 0.7", ready.No, "0.7 is not < 0.7."},
		{"none", "< 1", ready.Unknown, "nothing was found"},
		{"nan", "< 1", ready.Unknown, "no number"},
		{"inf", "> 1", ready.Unknown, `"+Inf" is not a number`},
		{"wrong(", "> 1", ready.Unknown, "refuses the query"},
	} {
		x := check{URL: server.URL, Query: c.query}
		if err := x.Want.UnmarshalText([]byte(c.want)); err != nil {
			t.Fatal(err)
		}
		if got := x.ask(t.Context()); got.Reply != c.reply || !strings.Contains(got.Why, c.says) {
			t.Errorf("%s %s: got %s, %q; want %s, %q", c.query, c.want, got.Reply, got.Why, c.reply, c.says)
		}
	}
}

// TestFetchChecks holds what is found at an address.
func TestFetchChecks(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/state", func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(map[string]any{"phase": "ready", "lag": 0.25, "shards": []any{map[string]any{"up": true}, map[string]any{"up": false}}})
	})
	mux.HandleFunc("/html", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<h1>Sign in</h1>") })
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	server := httptest.NewServer(mux)
	defer server.Close()
	for _, c := range []struct {
		path, json, want string
		reply            ready.Reply
		says             string
	}{
		{"/state", "phase", "== ready", ready.Yes, "ready is == ready."},
		{"/state", "phase", "!= ready", ready.No, "ready is not != ready."},
		{"/state", "lag", "< 1", ready.Yes, "0.25 is < 1."},
		{"/state", "phase", "< 1", ready.Unknown, `"ready" is not a number`},
		{"/state", "shards.*.up", "== true", ready.No, "false is not == true."},
		{"/state", "nosuch", "== 1", ready.Unknown, "holds no nosuch"},
		{"/html", "phase", "== ready", ready.Unknown, "cannot be told"},
		{"/nosuch", "phase", "== ready", ready.Unknown, "cannot be told"},
		{"/slow", "phase", "== ready", ready.Unknown, "did not answer within 300ms"},
	} {
		x := check{URL: server.URL + c.path, JSON: c.json, Timeout: 300 * time.Millisecond}
		if err := x.Want.UnmarshalText([]byte(c.want)); err != nil {
			t.Fatal(err)
		}
		if got := x.ask(t.Context()); got.Reply != c.reply || !strings.Contains(got.Why, c.says) {
			t.Errorf("%s %s %s: got %s, %q; want %s, %q", c.path, c.json, c.want, got.Reply, got.Why, c.reply, c.says)
		}
	}
}
