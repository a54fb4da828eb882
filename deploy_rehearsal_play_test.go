package main

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRehearsalPlays has the action build gameday and play two seconds against a
// small server, one promise kept and one broken.
func TestRehearsalPlays(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "ok") }))
	defer server.Close()
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	scenario := `
name: shop
asks: Does it answer?
crowds: [{name: buyers, rate: 50000/s, arrivals: even, do: [{name: look, path: /}]}]
phases: [{name: all, for: 2s}]
expect: [success >= 99%, p99 <= 1ns]
`
	if err := os.WriteFile(filepath.Join(dir, "shop.yaml"), []byte(scenario), 0o644); err != nil {
		t.Fatal(err)
	}
	path := "PATH=" + filepath.Join(dir, "gameday") + ":" + os.Getenv("PATH") // as GITHUB_PATH makes it
	code, out := rehearsed(t, dir, "fail", path, "SOURCE="+root, "SCENARIO=shop.yaml", "TARGET="+server.URL)
	said := outputs(dir)
	found, err := filepath.Glob(filepath.Join(said["out"], "*", "run.json"))
	if err != nil || len(found) != 1 {
		t.Fatalf("exit %d, %d runs: %s", code, len(found), out)
	}
	var run struct{ Verdict, Why string }
	text, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &run); err != nil {
		t.Fatal(err)
	}
	// A machine that is too busy to send on time makes it unclear, but never a pass.
	if code != 1 && code != 3 || verdicts[code] != run.Verdict || said["verdict"] != run.Verdict {
		t.Errorf("exit %d with %v, the record says %s: %s", code, said, run.Verdict, out)
	}
	if diff := cmp.Diff(filepath.Join(dir, "gameday")+"\n", contents(dir, "path")); diff != "" {
		t.Errorf("it is not on the PATH: %s", diff)
	}
	if !strings.Contains(out, "::error title=shop") && code == 1 || !strings.Contains(contents(dir, "summary"), "## ") {
		t.Errorf("nothing is told: %s\n%s", out, contents(dir, "summary"))
	}
	junit, err := os.ReadFile(filepath.Join(filepath.Dir(found[0]), "junit.xml"))
	if err != nil || xml.Unmarshal(junit, new(struct{})) != nil {
		t.Errorf("JUnit: %v %s", err, junit)
	}
}
