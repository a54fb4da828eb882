package harness

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"gameday/runs"
	"gameday/scenarios"
	"gameday/targets"
	"gameday/timeline"
)

// listen serves connections on loopback with f until the test is over. The first
// connection is the question before the start: it gets an answer.
func listen(t *testing.T, f func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for n := 0; ; n++ {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				if n == 0 {
					http.ReadRequest(bufio.NewReader(c))
					io.WriteString(c, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
					return
				}
				f(c)
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

// harm serves connections whose requests for /good it answers well, and lets f
// answer the first other one.
func harm(t *testing.T, f func(net.Conn)) string {
	t.Helper()
	return listen(t, func(c net.Conn) {
		for in := bufio.NewReader(c); ; {
			req, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			if req.URL.Path != "/good" {
				f(c)
				return
			}
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood")
		}
	})
}

// says answers once.
func says(answer string) func(net.Conn) { return func(c net.Conn) { io.WriteString(c, answer) } }

// and does two things one after the other.
func and(f, g func(net.Conn)) func(net.Conn) { return func(c net.Conn) { f(c); g(c) } }

// silent reads, and says nothing more.
func silent(c net.Conn) { io.Copy(io.Discard, c) }

// forever writes s until the other side has had enough.
func forever(s string, every time.Duration) func(net.Conn) {
	return func(c net.Conn) {
		for {
			if _, err := io.WriteString(c, s); err != nil {
				return
			}
			time.Sleep(every)
		}
	}
}

// reset closes c so that the other side sees a reset rather than an end.
func reset(c net.Conn) {
	c.(*net.TCPConn).SetLinger(0)
	c.Close()
}

// TestServersThatMeanHarm plays against each kind for a second. The play goes on,
// keeps its schedule for the requests that are answered well, counts the cause
// with an example, and ends on time.
func TestServersThatMeanHarm(t *testing.T) {
	head := "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
	for name, tt := range map[string]struct {
		serve   func(net.Conn)
		cause   string
		example string // its words
	}{
		"never answers":           {silent, causeTimeout, "i/o timeout"},
		"a byte at a time":        {and(says(head+"Content-Length: 100\r\n\r\n"), forever("x", 50*time.Millisecond)), causeTimeout, "i/o timeout"},
		"a header byte at a time": {forever("H", 50*time.Millisecond), causeTimeout, "i/o timeout"},
		"an endless body":         {and(says(head+"\r\n"), forever(strings.Repeat("x", 1<<20), 0)), causeTooLarge, "larger than any that is wanted"},
		"endless chunks":          {and(says(head+"Transfer-Encoding: chunked\r\n\r\n"), forever("10000\r\n"+strings.Repeat("x", 1<<16)+"\r\n", 0)), causeTooLarge, "larger than any that is wanted"},
		"headers without end":     {and(says(head), forever("X: "+strings.Repeat("y", 1000)+"\r\n", 0)), causeProtocol, "header of the answer is too large"},
		"garbage":                 {says("220 smtp.example ESMTP\r\n"), causeProtocol, "smtp.example"},
		"half an answer":          {says(head + "Content-Length: 100\r\n\r\nhalf"), causeReset, "unexpected EOF"},
		"a reset":                 {reset, causeReset, "reset by peer"},
		"closes at once":          {func(net.Conn) {}, causeReset, "EOF"},
		"redirects in a loop":     {says("HTTP/1.1 302 Found\r\nLocation: /a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), causeRedirect, "more than 5 times"},
		"redirects to nowhere":    {says("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"), causeRedirect, "sent on to"},
		"100-continue, no more":   {and(says("HTTP/1.1 100 Continue\r\n\r\n"), silent), causeTimeout, "i/o timeout"},
		"404":                     {says("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnone"), cause4xx, "none"},
		"429":                     {says("HTTP/1.1 429 Too Many Requests\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nslow\r\n2\r\ner\r\n0\r\n\r\n"), cause429, "slower"},
		"500":                     {says("HTTP/1.1 500 Oh No\r\nConnection: close\r\n\r\nthe \x1b[31mdatabase\n is gone"), cause5xx, "the \ufffd[31mdatabase is gone"},
		"503":                     {says("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"), cause503, ""},
		"a status there is none":  {says("HTTP/1.1 999 Hm\r\nContent-Length: 0\r\n\r\n"), causeProtocol, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := night(t, `
name: night
asks: Does the play go on?
seed: 1
crowds:
  - {name: bad, rate: 20/s, do: [{name: a, path: /a}]}
  - {name: good, rate: 20/s, do: [{name: g, path: /good}]}
phases: [{name: night, for: 1s}]
expect: [success >= 99%]
`)
			began := time.Now()
			h := &Harness{Scale: 1, Clients: scenarios.Clients{Timeout: 10 * time.Second}} // 16 MB take their time on a busy machine
			if tt.cause == causeTimeout {
				h.Clients.Timeout = 700 * time.Millisecond
			}
			run, err := h.Play(t.Context(), s, targets.Target{Name: "bad", URL: harm(t, tt.serve), Dialect: targets.DialectHTTP})
			if err != nil {
				t.Fatal(err)
			}
			bad := run.Sum(func(t *runs.Tally) bool { return t.Crowd == "bad" })
			if bad.Offered != 20 || bad.Failed[tt.cause] != 20 {
				t.Errorf("of %d requests failed %v, want 20 for %s", bad.Offered, bad.Failed, tt.cause)
			}
			if good := run.Sum(func(t *runs.Tally) bool { return t.Crowd == "good" }); good.Offered != 20 || good.Failures() != 0 {
				t.Errorf("of %d good requests failed %v", good.Offered, good.Failed)
			}
			if len(run.Examples) != 1 || run.Examples[0].Cause != tt.cause || run.Examples[0].Crowd != "bad" || !strings.Contains(run.Examples[0].Says, tt.example) {
				t.Errorf("examples %+v, want one of %s: %q", run.Examples, tt.cause, tt.example)
			}
			if run.Verdict == runs.Pass {
				t.Errorf("verdict %s", run.Verdict)
			}
			if took := time.Since(began); took > 15*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if m.HeapInuse > 300<<20 {
		t.Errorf("%d MB of heap in use", m.HeapInuse>>20)
	}
}

// busy reports whether this machine had too much else to do for a verdict.
func busy(run *runs.Run) bool {
	return run.Verdict == runs.Unclear && strings.Contains(run.Why, "did not keep up") && run.Generator.Starved > 0
}

// TestRefused plays against a service that dies in mid-play: the run is written,
// and the verdict is fail.
func TestRefused(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {}))
	time.AfterFunc(time.Second, func() {
		server.CloseClientConnections()
		server.Close()
	})
	s := night(t, `
name: night
asks: Does it live?
seed: 1
crowds: [{name: all, rate: 100/s, do: [{name: a, path: /a}]}]
phases: [{name: alive, for: 500ms}, {name: dead, for: 1500ms}]
expect: [success >= 90%]
`)
	run, err := (&Harness{Scale: 1}).Play(t.Context(), s, targets.Target{Name: "mortal", URL: server.URL, Dialect: targets.DialectHTTP})
	if err != nil {
		t.Fatal(err)
	}
	all := run.Sum(nil)
	if all.Offered != 200 || all.Failed[causeRefused] < 80 {
		t.Errorf("of %d requests failed %v, want about 100 of 200 refused", all.Offered, all.Failed)
	}
	if !busy(run) && (run.Findings[0].Verdict != runs.Pass || run.Findings[1].Verdict != runs.Fail || run.Verdict != runs.Fail) {
		t.Errorf("%+v", run.Findings)
	}
}

// TestRedirects follows one within the host, and none to another: that host was
// never allowed.
func TestRedirects(t *testing.T) {
	var pressed atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { pressed.Add(1) }))
	defer other.Close()
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {})
	mux.Handle("/base/in", http.RedirectHandler("/base/landed", http.StatusFound))
	mux.Handle("/base/out", http.RedirectHandler(other.URL, http.StatusFound))
	mux.Handle("/base/up", http.RedirectHandler("/elsewhere", http.StatusFound))
	server := httptest.NewServer(mux)
	defer server.Close()
	s := night(t, `
name: night
asks: Where does it go?
seed: 1
crowds:
  - {name: inside, rate: 10/s, do: [{name: in, path: /in}]}
  - {name: outside, rate: 10/s, do: [{name: out, path: /out}]}
  - {name: upward, rate: 10/s, do: [{name: up, path: /up}]}
phases: [{name: night, for: 1s}]
`)
	run, err := (&Harness{Scale: 1}).Play(t.Context(), s, targets.Target{Name: "t", URL: server.URL + "/base/", Dialect: targets.DialectHTTP})
	if err != nil {
		t.Fatal(err)
	}
	for crowd, want := range map[string]uint64{"inside": 0, "outside": 10, "upward": 10} {
		sum := run.Sum(func(t *runs.Tally) bool { return t.Crowd == crowd })
		if sum.Failed[causeRedirect] != want || sum.Offered != 10 {
			t.Errorf("%s: of %d failed %v, want %d redirected elsewhere", crowd, sum.Offered, sum.Failed, want)
		}
	}
	if pressed.Load() != 0 {
		t.Errorf("another host got %d requests", pressed.Load())
	}
}

// TestTargetsThatCannotBePlayed are refused before a request of the scenario is
// sent, in one sentence.
func TestTargetsThatCannotBePlayed(t *testing.T) {
	s, err := scenarios.Load("steady")
	if err != nil {
		t.Fatal(err)
	}
	html := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, "<html>")
	}))
	defer html.Close()
	closed := httptest.NewServer(nil)
	closed.Close()
	accounts := []targets.Account{{ID: "1", Token: "a"}, {ID: "2", Token: "b"}}
	for _, tt := range []struct {
		url, dialect string
		accounts     []targets.Account
		scale        scenarios.Scale
		want         string
	}{
		{closed.URL, targets.DialectMastodon, accounts, 0.01, "the connection was refused"},
		{html.URL, targets.DialectMastodon, accounts, 0.01, `"text/html" where JSON was wanted`},
		{html.URL, targets.DialectMastodon, nil, 0.01, "accounts: missing"},
		{html.URL, targets.DialectHTTP, accounts, 0.01, `has no action "home"`},
		{"http://timeline.example", targets.DialectMastodon, accounts, 0.01, "safety.hosts"},
		{html.URL, targets.DialectMastodon, accounts, 2, "over safety.max_rate, 50000/s"},
	} {
		run, err := (&Harness{Scale: tt.scale, Accounts: tt.accounts}).Play(t.Context(), s, targets.Target{Name: "t", URL: tt.url, Dialect: tt.dialect})
		if run != nil || err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: run %v, error %v; want %q", tt.url, run != nil, err, tt.want)
		}
	}
}

// TestA500ToEverything is data: the play goes on, and the verdict is fail.
func TestA500ToEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := night(t, `
name: night
asks: Does it work?
seed: 1
population: {accounts: 2}
crowds: [{name: all, rate: 50/s, do: [home 1, like 1, post 1]}]
phases: [{name: night, for: 1s}]
expect: [success >= 90%]
`)
		h := &Harness{
			Scale: 1, Accounts: []targets.Account{{ID: "1", Token: "a"}, {ID: "2", Token: "b"}},
			Transport: fake(func(*http.Request) *http.Response { return answer(500, "text/plain", "oh no") }),
		}
		run, err := h.Play(t.Context(), s, targets.Target{Name: "t", URL: "http://127.0.0.1:1", Dialect: targets.DialectMastodon})
		if err != nil {
			t.Fatal(err)
		}
		if all := run.Sum(nil); all.Failed[cause5xx] != 50 || run.Verdict != runs.Fail {
			t.Errorf("failed %v, verdict %s: %s", all.Failed, run.Verdict, run.Why)
		}
		if x := run.Examples; len(x) != 1 || x[0].Says != "oh no" || x[0].Status != 500 {
			t.Errorf("examples %+v", x)
		}
	})
}

// people makes a timeline service and those who can sign in there.
func people(t *testing.T, n int) (*timeline.Service, []targets.Account) {
	t.Helper()
	service, err := timeline.New(timeline.Options{Accounts: n, Followers: 0.784, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { service.Close() })
	var accounts []targets.Account
	for id := 1; id <= n; id++ {
		accounts = append(accounts, targets.Account{ID: fmt.Sprint(id), Token: timeline.Token(7, id)})
	}
	return service, accounts
}

const social = `
name: night
asks: Does it tell the truth?
seed: 1
population: {accounts: 200}
crowds: [{name: all, rate: 100/s, do: [home 5, user 1, status 1, public 1, post 3, like 2, unlike 1, boost 1, follow 1]}]
phases: [{name: first, for: 1s}, {name: second, for: 1500ms}]
expect: [success >= 97%, fresh max <= 5s]
`

// TestEveryActionOnTheTimelineService succeeds, and the witness sees its posts.
func TestEveryActionOnTheTimelineService(t *testing.T) {
	service, accounts := people(t, 200)
	server := httptest.NewServer(service)
	defer server.Close()
	run, err := (&Harness{Scale: 1, Accounts: accounts, Version: "test"}).Play(t.Context(), night(t, social), targets.Target{Name: "t", URL: server.URL, Dialect: targets.DialectMastodon})
	if err != nil {
		t.Fatal(err)
	}
	all := run.Sum(nil)
	if all.Offered != 250 || all.Failures() != 0 {
		t.Errorf("of %d requests failed %v", all.Offered, all.Failed)
	}
	if w := run.Witness; w.Posts < 3 || w.Seen != w.Posts || w.Lied != 0 || w.Failed != 0 {
		t.Errorf("witness %+v, want at least 3 posts, all seen", w)
	}
	if run.Verdict != runs.Pass && !busy(run) {
		t.Errorf("verdict %s: %s", run.Verdict, run.Why)
	}
	if len(run.Identity["build"]) == 0 {
		t.Error("the target's build is not in the record")
	}
}

// TestLies lets a proxy before a truthful service lie. Whatever the latency, the
// verdict is fail.
func TestLies(t *testing.T) {
	for name, lie := range map[string]func(w http.ResponseWriter, r *http.Request, service http.Handler){
		"is gone": func(w http.ResponseWriter, r *http.Request, service http.Handler) {
			if r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/api/v1/statuses/") && strings.HasSuffix(r.Header.Get("Authorization"), timeline.Token(7, 200)) {
				http.NotFound(w, r)
				return
			}
			service.ServeHTTP(w, r)
		},
		"under the same Idempotency-Key": func(w http.ResponseWriter, r *http.Request, service http.Handler) {
			r.Header.Del("Idempotency-Key")
			service.ServeHTTP(w, r)
		},
		"stands twice": func(w http.ResponseWriter, r *http.Request, service http.Handler) {
			if r.URL.Path != "/api/v1/timelines/home" {
				service.ServeHTTP(w, r)
				return
			}
			rec := httptest.NewRecorder()
			service.ServeHTTP(rec, r)
			body := strings.TrimSuffix(strings.TrimSpace(rec.Body.String()), "]")
			w.Header().Set("Content-Type", "application/json")
			if len(body) > 1 {
				body += "," + body[1:]
			}
			io.WriteString(w, body+"]")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			service, accounts := people(t, 200)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { lie(w, r, service) }))
			defer server.Close()
			run, err := (&Harness{Scale: 0.2, Accounts: accounts}).Play(t.Context(), night(t, social), targets.Target{Name: "t", URL: server.URL, Dialect: targets.DialectMastodon})
			if err != nil {
				t.Fatal(err)
			}
			if run.Verdict != runs.Fail || run.Witness.Lied == 0 || !strings.Contains(strings.Join(run.Witness.Lies, "\n"), name) {
				t.Errorf("verdict %s, witness %+v", run.Verdict, run.Witness)
			}
		})
	}
}

// TestStaleTimeline never shows a follower anything new: posts stay unseen, which
// counts with the time they were waited for.
func TestStaleTimeline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service, accounts := people(t, 200)
		stale := fake(func(r *http.Request) *http.Response {
			if r.URL.Path == "/api/v1/timelines/home" {
				return answer(200, "application/json", "[]")
			}
			w := httptest.NewRecorder()
			service.ServeHTTP(w, r)
			return w.Result()
		})
		run, err := (&Harness{Scale: 0.2, Accounts: accounts, Transport: stale}).Play(t.Context(), night(t, social), targets.Target{Name: "t", URL: "http://127.0.0.1:1", Dialect: targets.DialectMastodon})
		if err != nil {
			t.Fatal(err)
		}
		if w := run.Witness; w.Posts == 0 || w.Seen != 0 || w.Fresh[0].Max() < 10*time.Second {
			t.Errorf("witness %+v, want posts that were waited for in vain for 10s", w)
		}
		if f := run.Findings[len(run.Findings)-1]; f.Verdict != runs.Fail {
			t.Errorf("%+v", f)
		}
	})
}

// TestATargetThatChanges in mid-play is not what anybody rehearsed: the run is
// unclear, and names the change.
func TestATargetThatChanges(t *testing.T) {
	var build atomic.Pointer[string]
	say := func(s string) { build.Store(&s) }
	say("1.0")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Build", *build.Load())
	}))
	defer server.Close()
	s := night(t, `
name: night
asks: Is it still the same?
seed: 1
crowds: [{name: all, rate: 50/s, do: [{name: a, path: /a}]}]
phases: [{name: night, for: 1s}]
expect: [success >= 80%]
`)
	target := targets.Target{Name: "t", URL: server.URL, Dialect: targets.DialectHTTP, Identity: []targets.Source{{Kind: "build", URL: "/", Header: "X-Build"}}}
	for _, to := range []string{"1.0", "1.1"} {
		time.AfterFunc(500*time.Millisecond, func() { say(to) })
		run, err := (&Harness{Scale: 1}).Play(t.Context(), s, target)
		if err != nil {
			t.Fatal(err)
		}
		if got := run.Identity["build"]; len(got) != 1 || got[0] != "1.0" {
			t.Errorf("it began as %v", got)
		}
		changed := strings.Contains(run.Why, "build changed from 1.0 to 1.1")
		if want := to != "1.0"; changed != want || changed && run.Verdict != runs.Unclear || !changed && run.Verdict != runs.Pass && !busy(run) {
			t.Errorf("to %s: verdict %s: %s", to, run.Verdict, run.Why)
		}
	}
}
