package cli

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"gameday/runs"
)

// ask asks a site for a path, as it stands.
func ask(t testing.TB, site http.Handler, method, path string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, "http://127.0.0.1:7777/", nil)
	target, query, _ := strings.Cut(path, "?")
	r.URL.Path, r.URL.RawPath, r.URL.RawQuery, r.RequestURI, r.Host = target, "", query, path, "127.0.0.1:7777"
	w := httptest.NewRecorder()
	site.ServeHTTP(w, r)
	return w.Result()
}

func body(t testing.TB, res *http.Response) string {
	t.Helper()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A folder of runs is listed, with what is wrong in it, and each run has its page.
func TestSite(t *testing.T) {
	out := t.TempDir()
	now := time.Now().UTC().Truncate(time.Second)
	passed := filepath.Base(kept(t, out, quick(t, "quick"), now.Add(-2*time.Hour), func(r *runs.Run) { runs.Judge(r) }))
	before := filepath.Base(kept(t, out, quick(t, "quick"), now.Add(-3*time.Hour), func(r *runs.Run) { runs.Judge(r) }))
	spoilt := filepath.Base(kept(t, out, quick(t, "spoilt"), now.Add(-4*time.Hour), nil))
	if err := os.WriteFile(filepath.Join(out, spoilt, runs.RunFile), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	playing := filepath.Base(kept(t, out, quick(t, "playing"), now.Add(-time.Second), nil))
	if err := startOver(filepath.Join(out, playing), ""); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(out, "notes"), 0o755); err != nil {
		t.Fatal(err)
	}
	site := newSite(out)
	index := body(t, ask(t, site, "GET", "/"))
	for _, want := range []string{
		"✓ pass", `<a href="/runs/` + passed + `/">quick</a>`, "2h ago", "staging", "All 2 promises were kept.", "? unreadable", "▸ playing",
		"These folders are no runs: notes.", "the last 2 runs", "goodput", before + ": 100%",
	} {
		if !strings.Contains(index, want) {
			t.Errorf("the index does not say %q:\n%s", want, index)
		}
	}
	for path, want := range map[string]struct {
		code int
		says string
	}{
		"/runs/" + passed + "/":                             {200, "All 2 promises were kept."},
		"/runs/" + passed + "/run.json":                     {200, `{"schema":1,`},
		"/runs/" + passed + "/report.txt":                   {404, "There is no such run, or no longer."},
		"/runs/" + playing + "/":                            {200, "It is being played now."},
		"/runs/" + spoilt + "/":                             {500, "not a run of gameday: unexpected end of JSON input"},
		"/runs/" + runs.NewID(now, "nosuch") + "/":          {404, "There is no such run, or no longer."},
		"/runs/notes/":                                      {404, "There is no such run, or no longer."},
		"/runs/latest/":                                     {404, "There is no such run, or no longer."},
		"/nosuch":                                           {404, "There is no such page."},
		"/runs/":                                            {404, "There is no such page."},
		"/runs/" + passed + "/deep/er":                      {404, "There is no such page."},
		"/style.css":                                        {200, "prefers-color-scheme: dark"},
		"/runs/" + passed + "/" + "selftest.json":           {404, "There is no such run"},
		"/runs/" + passed + "/" + strings.Repeat("a", 9000): {404, "There is no such run"},
	} {
		res := ask(t, site, "GET", path)
		if text := body(t, res); res.StatusCode != want.code || !strings.Contains(text, want.says) {
			t.Errorf("%.80s: %d, want %d and %q:\n%.600s", path, res.StatusCode, want.code, want.says, text)
		}
	}
	if got := ask(t, site, "GET", "/runs/"+playing+"/").Header.Get("Refresh"); got != "5" {
		t.Errorf("the page of a run that is being played refreshes %q", got)
	}
	if err := os.WriteFile(filepath.Join(out, passed, pageFile), []byte("<h1>kept</h1>"), 0o644); err != nil {
		t.Fatal(err)
	}
	res := ask(t, site, "GET", "/runs/"+passed+"/")
	if text := body(t, res); text != "<h1>kept</h1>" || !strings.Contains(res.Header.Get("Content-Security-Policy"), "sandbox allow-scripts") {
		t.Errorf("the page that is there: %q, %v", text, res.Header)
	}
}

// A folder that is not there yet is empty, and one that is a file is said.
func TestSiteOfNothing(t *testing.T) {
	out := filepath.Join(t.TempDir(), "nosuch")
	for path, code := range map[string]int{"/": 200, "/runs/20270214T233000Z-a/": 404, "/runs/20270214T233000Z-a/run.json": 404} {
		if res := ask(t, newSite(out), "GET", path); res.StatusCode != code {
			t.Errorf("%s: %s", path, res.Status)
		}
	}
	if text := body(t, ask(t, newSite(out), "GET", "/")); !strings.Contains(text, "There are none yet.") {
		t.Errorf("got %s", text)
	}
	if res := ask(t, newSite("site_test.go"), "GET", "/"); res.StatusCode != 500 {
		t.Errorf("a file for a folder: %s", res.Status)
	}
}

// Nothing but files of runs can be had, whatever is asked and wherever links lead.
func TestSiteStaysInside(t *testing.T) {
	top := t.TempDir()
	out := filepath.Join(top, "out")
	name := filepath.Base(kept(t, out, quick(t, "quick"), time.Now().Add(-time.Hour), nil))
	secret := filepath.Join(top, "secret")
	for _, path := range []string{secret, filepath.Join(out, "run.json"), filepath.Join(out, name, "other.txt")} {
		if err := os.WriteFile(path, []byte("secret"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{pageFile: secret, "report.txt": "../../secret", "report.md": "report.md", "junit.xml": "/dev/zero"} {
		if err := os.Symlink(to, filepath.Join(out, name, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(out, name, runs.JournalFile), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(top, filepath.Join(out, "20270214T233000Z-away")); err != nil {
		t.Fatal(err)
	}
	site := newSite(out)
	run := "/runs/" + name
	for _, path := range []string{
		run + "/report.txt", run + "/report.md", run + "/junit.xml", run + "/journal.jsonl", run + "/other.txt", run + "/report.html",
		run + "/../run.json", run + "/../../secret", "/../secret", "/runs/../../secret", "/runs/../run.json", "//run.json", run + "//etc/passwd",
		"/runs/20270214T233000Z-away/", "/runs/20270214T233000Z-away/secret", "/runs/./run.json", run + "/run.json/", run + "/run.json\x00",
		run + `/..\..\secret`, run + "/.",
	} {
		res := ask(t, site, "GET", path)
		if text := body(t, res); strings.Contains(text, "secret</") || text == "secret" || res.StatusCode == 200 {
			t.Errorf("%q: %s:\n%.300s", path, res.Status, text)
		}
	}
	if res := ask(t, site, "GET", run+"/"); res.StatusCode != 200 || strings.Contains(body(t, res), "secret") {
		t.Errorf("a page that is a link elsewhere: %s", res.Status)
	}
}

// Encoded separators are no way out either.
func TestSiteEncodedPaths(t *testing.T) {
	top := t.TempDir()
	kept(t, filepath.Join(top, "out"), quick(t, "quick"), time.Now(), nil)
	if err := os.WriteFile(filepath.Join(top, runs.RunFile), []byte("secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(newSite(filepath.Join(top, "out")))
	defer server.Close()
	for _, path := range []string{"/runs/..%2f../run.json", "/runs/%2e%2e/run.json", "/runs/..%2f/", "/runs/%2e%2e%2f%2e%2e%2f/run.json", "/runs/..%5c/run.json", "/runs/.%00/run.json"} {
		res, err := http.Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		if text := body(t, res); res.StatusCode != 404 || strings.Contains(text, "secret") {
			t.Errorf("%s: %s: %.200s", path, res.Status, text)
		}
		res.Body.Close()
	}
}

// Runs come and go while pages are asked for: there is a page or a sentence, and
// never nothing.
func TestSiteWhileRunsGo(t *testing.T) {
	out := t.TempDir()
	site := newSite(out)
	name := runs.NewID(time.Now().Add(-time.Hour), "quick")
	over := make(chan struct{})
	var asking sync.WaitGroup
	for _, path := range []string{"/", "/runs/" + name + "/", "/runs/" + name + "/run.json"} {
		asking.Go(func() {
			for {
				res := ask(t, site, "GET", path)
				if text := body(t, res); text == "" || res.StatusCode == 500 && !strings.Contains(text, "<h1>This cannot be shown</h1>") {
					t.Errorf("%s: %s %q", path, res.Status, text)
				}
				select {
				case <-over:
					return
				default:
				}
			}
		})
	}
	for range 100 {
		kept(t, out, quick(t, "quick"), time.Now().Add(-time.Hour), func(r *runs.Run) { r.ID = name })
		if err := os.RemoveAll(filepath.Join(out, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.RemoveAll(out); err != nil {
		t.Fatal(err)
	}
	close(over)
	asking.Wait()
}

// What somebody else wrote into a record is shown, and does nothing.
func TestSiteHostile(t *testing.T) {
	out := t.TempDir()
	nasty := `</title><script>alert(1)</script>"'&{{.}}` + "\x1b[31m\u202e"
	for i := range 2 {
		kept(t, out, quick(t, "quick"), time.Now().Add(-time.Duration(i)*time.Hour), func(r *runs.Run) {
			r.Why, r.Target.Name, r.Identity = nasty, nasty, map[string][]string{nasty: {nasty}}
			r.Findings = []runs.Finding{{Expect: "p99 <= 1s", Got: nasty}, {Expect: nasty, Got: "1s"}, {Expect: "p99 <= 1s", Got: "-1h"}}
		})
	}
	if err := os.Mkdir(filepath.Join(out, `<b onclick=x>`), 0o755); err != nil {
		t.Fatal(err)
	}
	text := body(t, ask(t, newSite(out), "GET", "/"))
	if m := regexp.MustCompile(`<script|<b |\x1b|\x{202e}|\bon[a-z]+="|style="|javascript:|ZgotmplZ|NaN|Inf`).FindString(text); m != "" {
		t.Errorf("the page has %q:\n%s", m, text)
	}
}

// The goodput of a record is read again when the record is another.
func TestSiteGoodput(t *testing.T) {
	out := t.TempDir()
	site := newSite(out)
	for _, good := range []uint64{400, 300} {
		for i := range 2 {
			kept(t, out, quick(t, "quick"), time.Date(2027, 2, 14, i, 0, 0, 0, time.UTC), func(r *runs.Run) {
				r.Tallies[0].Good = good
				r.Why = fmt.Sprint(good) // so that it is of another size
			})
		}
		want := runs.Percent(float64(good) / 400)
		if text := body(t, ask(t, site, "GET", "/")); strings.Count(text, "quick: "+want+"<") != 2 {
			t.Errorf("%d of 400 are good, and the page says:\n%s", good, text)
		}
	}
}
