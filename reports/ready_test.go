package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"gameday/freeze"
	"gameday/ready"
	"gameday/runs"

	"github.com/google/go-cmp/cmp"
)

// asked is when the tests ask whether it can go ahead.
var asked = time.Date(2027, 2, 13, 12, 0, 0, 0, time.UTC)

// eve is the event and all that is known on the eve of it: a go.
func eve(t testing.TB) (ready.Event, ready.Evidence) {
	t.Helper()
	staging := ready.Target{Name: "staging", URL: "https://timeline.staging.example"}
	running := freeze.Identity{"build": {"4.2.1"}, "config": {"9a3b1f"}}
	r := night(t)
	r.Tallies, r.Scale, r.Verdict, r.Why = nil, 1.2, runs.Pass, "All 12 promises were kept."
	r.Began, r.Ended = asked.Add(-21*time.Hour), asked.Add(-20*time.Hour)
	e := ready.Event{
		Name: "super-bowl", Date: time.Date(2027, 2, 14, 18, 30, 0, 0, time.FixedZone("", -5*3600)), Targets: []ready.Target{staging},
		Require: []ready.Requirement{{Scenario: r.Scenario, Scale: 1}}, MaxAge: 72 * time.Hour, Headroom: 1.2, Checks: []string{"backups", "error-budget"},
	}
	k := ready.Evidence{
		Runs: []ready.Run{{Run: *r, Path: "reports/out/20270212T160000Z-touchdown/report.html"}},
		Lock: "freeze.lock.json", Frozen: map[string]ready.Frozen{"staging": {Captured: asked.Add(-50 * time.Hour), Identity: running}},
		Now: map[string]ready.Now{"staging": {At: asked, Honoured: ready.Yes, Why: "It runs what was frozen.", Identity: running}},
		Checks: map[string]ready.Result{
			"backups":      {At: asked, Reply: ready.Yes, Why: "It exited 0: the last backup is 2 hours old."},
			"error-budget": {At: asked, Reply: ready.Yes, Why: "0.7 is > 0.5."},
		},
	}
	return e, k
}

// decisions are one of each kind, and one that means harm.
func decisions(t testing.TB) map[string]ready.Answer {
	t.Helper()
	all := map[string]ready.Answer{}
	decide := func(name string, change func(e *ready.Event, k *ready.Evidence)) {
		e, k := eve(t)
		change(&e, &k)
		a := ready.Decide(e, k, asked)
		a.Gameday = "0.1.0"
		all[name] = a
	}
	decide("go", func(*ready.Event, *ready.Evidence) {})
	decide("waived", func(e *ready.Event, k *ready.Evidence) {
		k.Checks["backups"] = ready.Result{At: asked, Reply: ready.No, Why: "It exited 1: the last backup is 30 hours old."}
		e.Waivers = []ready.Waiver{{Question: "check/backups", Reason: "the store is read-only since Friday, and the backup of Friday is whole", Owner: "Ada Lovelace", Expires: asked.Add(20 * time.Hour)}}
	})
	decide("no-go", func(e *ready.Event, k *ready.Evidence) {
		k.Runs[0].Identity = freeze.Identity{"build": {"4.2.0"}, "config": {"9a3b1f"}}
		k.Runs[0].Scale = 1
		delete(k.Checks, "backups")
	})
	decide("unknown", func(e *ready.Event, k *ready.Evidence) { k.Now, k.Runs = nil, nil })
	decide("violated", func(e *ready.Event, k *ready.Evidence) {
		n := k.Now["staging"]
		n.Honoured, n.Why, n.Identity = ready.Violated, "It changed since it was frozen: build 4.2.1 went, 4.2.2 was added.", freeze.Identity{"build": {"4.2.2"}, "config": {"9a3b1f"}}
		k.Now["staging"] = n
	})
	decide("hostile", plantHarm)
	return all
}

// harm is text that a browser or a terminal might take for more than text.
const harm = "</td><script>alert(1)</script>\x1b[31m\u202e\"'&{{.}}<img src=x onerror=alert(2)>\n\x00"

func plantHarm(e *ready.Event, k *ready.Evidence) {
	e.Name, e.Targets[0].Name, e.Checks = harm, harm, []string{harm}
	e.Waivers = []ready.Waiver{{Question: "check/" + harm, Reason: harm, Owner: harm, Expires: asked.Add(time.Hour)}}
	k.Runs[0].Path, k.Runs[0].Why, k.Lock = "javascript:alert(3)//"+harm, harm, harm
	k.Runs[0].Scenario.Name, k.Runs[0].Identity = harm, freeze.Identity{"build": {harm}}
	k.Frozen = map[string]ready.Frozen{harm: {Trouble: harm}}
	k.Now = map[string]ready.Now{harm: {Why: harm}}
	k.Checks = map[string]ready.Result{harm: {At: asked, Reply: ready.No, Why: harm}}
}

// TestReadyGolden holds what is written of each answer, in text and HTML.
func TestReadyGolden(t *testing.T) {
	for name, a := range decisions(t) {
		for _, f := range ReadyFormats {
			file := filepath.Join("testdata", "ready-"+name+"."+f.Name)
			got := writeReady(t, f.Write, a)
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("%s differs (-want +got); -update writes it anew:\n%s", file, diff)
			}
		}
	}
}

func writeReady(t testing.TB, write func(io.Writer, *ready.Answer) error, a ready.Answer) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := write(&out, &a); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Whatever names and reasons hold, they are shown as text.
func TestReadyIsSafe(t *testing.T) {
	a := decisions(t)["hostile"]
	page := string(writeReady(t, ReadyHTML, a))
	for _, bad := range []string{"<script", "<img", `href="javascript:`, "\x1b", "\x00", "\u202e"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	if n := strings.Count(page, "&lt;script&gt;"); n < 10 {
		t.Errorf("the harm is shown %d times only", n)
	}
	if text := string(writeReady(t, ReadyText, a)); strings.ContainsAny(text, "\x1b\x00\u202e\r") {
		t.Errorf("the text would steer a terminal:\n%q", text)
	}
	var back ready.Answer
	if err := json.Unmarshal(writeReady(t, ReadyJSON, a), &back); err != nil || back.Event != a.Event {
		t.Errorf("the JSON reads as %q: %v", back.Event, err)
	}
}

// The page needs nothing besides itself, says its decision in words, and has all
// that the text has.
func TestReadyPage(t *testing.T) {
	for name, a := range decisions(t) {
		page := string(writeReady(t, ReadyHTML, a))
		if loads := regexp.MustCompile(`(?i)<(link|script|img|iframe)|url\(|@import|\bsrc=`).FindString(page); loads != "" && name != "hostile" {
			t.Errorf("%s: the page loads something: %s", name, loads)
		}
		for _, want := range []string{"<h1>", decision(a.Decision), "prefers-color-scheme: dark", "@media print", "Signature"} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: the page has no %s", name, want)
			}
		}
		if rows := strings.Count(page, `<th scope="row">`); rows != len(a.Questions) {
			t.Errorf("%s: the page has %d questions, want %d", name, rows, len(a.Questions))
		}
	}
}

func TestReadyTextFitsATerminal(t *testing.T) {
	for name, a := range decisions(t) {
		for i, line := range strings.Split(string(writeReady(t, ReadyText, a)), "\n") {
			if i > 0 && !strings.Contains(line, "reports/out") && name != "hostile" && utf8.RuneCountInString(line) > textWidth {
				t.Errorf("%s: wider than %d columns: %s", name, textWidth, line)
			}
		}
	}
}

// Only a go may look like one.
func TestOnlyAGoLooksLikeOne(t *testing.T) {
	for _, d := range []ready.Decision{"", "GO", "yes", "nonsense", ready.NotKnown, ready.NoGo, ready.Broken} {
		a := ready.Answer{Decision: d}
		if text := string(writeReady(t, ReadyText, a)); strings.HasPrefix(text, "GO") {
			t.Errorf("%q is written as %q", d, text)
		}
		if page := string(writeReady(t, ReadyHTML, a)); strings.Contains(page, `<p class="decision go">`) {
			t.Errorf("%q looks like a go", d)
		}
	}
}

func TestFindReady(t *testing.T) {
	for _, f := range ReadyFormats {
		if got, err := FindReady(f.Name); err != nil || got.Name != f.Name {
			t.Errorf("%s: %v, %v", f.Name, got.Name, err)
		}
	}
	_, err := FindReady("junit")
	if want := `no format "junit"; there are text, json, html`; fmt.Sprint(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
