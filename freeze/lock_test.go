package freeze

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var captured = time.Date(2027, 2, 12, 5, 0, 0, 123456789, time.FixedZone("EST", -5*3600))

// aLock is a lock of two targets, given in the wrong order.
func aLock() Lock {
	return NewLock(captured, []Locked{
		{Target: "staging", URL: "http://b", At: captured, Identity: Identity{"build": {"1.0"}, "flags": {"sha256:aa"}}, Sources: map[string]string{"build": "url /v, json version", "flags": "url /flags, body json"}},
		{Target: "api", URL: "http://a", At: captured, Identity: Identity{"build": {"7", "8"}}, Sources: map[string]string{"build": "url /v, header X-Build"}},
	})
}

// TestLockRoundTrip writes a lock, reads it, and writes it again.
func TestLockRoundTrip(t *testing.T) {
	file := filepath.Join(t.TempDir(), "freeze.lock.json")
	if err := WriteLock(file, aLock(), nil); err != nil {
		t.Fatal(err)
	}
	got, err := ReadLock(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(aLock(), got); diff != "" {
		t.Error(diff)
	}
	if got.Targets[0].Target != "api" {
		t.Error("the targets are not in order")
	}
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := WriteLock(file, NewLock(captured.Add(time.Hour), nil), before); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(file + "*"); len(left) != 1 {
		t.Errorf("there is more than the lock: %q", left)
	}
}

// TestBadLocks refuses each lock that is not what capture wrote.
func TestBadLocks(t *testing.T) {
	text, err := json.MarshalIndent(aLock(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	for i := range text {
		if _, err := ParseLock(text[:i]); err == nil {
			t.Fatalf("a lock that was cut off after %d bytes is read", i)
		}
	}
	const edited = "it was changed after it was written: its hash is of something else; take it from where it was kept, or capture again"
	for _, c := range []struct{ from, to, want string }{
		{`"version": 1`, `"version": 2`, "it has version 2; this gameday reads version 1"},
		{`"version": 1,`, ``, "it is not a lock: it has no version"},
		{`"1.0"`, `"1.1"`, edited},
		{`"api"`, `"apj"`, edited},
		{`"2027-02-12T10:00:00.123456789Z"`, `"2027-02-12T10:00:01Z"`, edited},
		{`"version": 1`, `"version": 1, "more": true`, `it is not a lock of version 1: json: unknown field "more"`},
		{`"sha256:`, `"sha256:0`, edited},
	} {
		changed := strings.Replace(string(text), c.from, c.to, 1)
		if changed == string(text) {
			t.Fatalf("%s is not there", c.from)
		}
		if _, err := ParseLock([]byte(changed)); err == nil || err.Error() != c.want {
			t.Errorf("%s for %s: %v\nwant %s", c.to, c.from, err, c.want)
		}
	}
	if _, err := ParseLock(append(text, '{')); err == nil {
		t.Error("something after the end is passed over")
	}
	if _, err := ReadLock(filepath.Join(t.TempDir(), "x.json")); err == nil || !strings.HasSuffix(err.Error(), "x.json; gameday freeze capture writes it") {
		t.Error(err)
	}
}

// TestManyWriteTheLock lets many capture at the same time: one wins, the others are
// told, and the file is whole.
func TestManyWriteTheLock(t *testing.T) {
	file := filepath.Join(t.TempDir(), "freeze.lock.json")
	var all sync.WaitGroup
	var mu sync.Mutex
	var won []Lock
	for i := range 40 {
		all.Go(func() {
			l := NewLock(captured.Add(time.Duration(i)*time.Hour), aLock().Targets)
			err := WriteLock(file, l, nil)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won = append(won, l)
			} else if !strings.Contains(err.Error(), "another capture is writing") && !strings.Contains(err.Error(), "was written by somebody else") {
				t.Error(err)
			}
		})
	}
	all.Wait()
	got, err := ReadLock(file)
	if err != nil || len(won) != 1 {
		t.Fatalf("%d won, %v", len(won), err)
	}
	if diff := cmp.Diff(won[0], got); diff != "" {
		t.Error(diff)
	}
}

// TestLockLeftBehind keeps a lock whose draft was left by somebody who was killed.
func TestLockLeftBehind(t *testing.T) {
	file := filepath.Join(t.TempDir(), "l.json")
	if err := os.WriteFile(file+".new", []byte("half"), 0o644); err != nil {
		t.Fatal(err)
	}
	want := "another capture is writing " + file + "; if none is running, remove " + file + ".new"
	if err := WriteLock(file, aLock(), nil); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	if half, err := os.ReadFile(file + ".new"); err != nil || string(half) != "half" {
		t.Error("the draft of another was touched")
	}
}

// FuzzLock sees that whatever is read as a lock is written as the same lock.
func FuzzLock(f *testing.F) {
	text, err := json.Marshal(aLock())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"version":1,"captured":"2027-02-12T00:00:00Z","targets":null,"hash":""}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := ParseLock(data)
		if err != nil {
			return
		}
		again, err := json.Marshal(l)
		if err != nil {
			t.Fatal(err)
		}
		if second, err := ParseLock(again); err != nil || second.Hash != l.Hash || !bytes.Contains(again, []byte(l.Hash)) {
			t.Errorf("%s: %v", data, err)
		}
	})
}
