package selftest

import (
	"bufio"
	"context"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"gameday/runs"
)

// serve starts the server and returns its URL.
func serve(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- Serve(ctx, l) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return "http://" + l.Addr().String()
}

func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	res, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(mustRequest(t, url))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(data)
}

func mustRequest(t *testing.T, url string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The server takes as long as it should, and says how long that was.
func TestServer(t *testing.T) {
	url := serve(t)
	for path, want := range map[string]int{"/": 200, "/arrive?a": 200, "/nowhere": 404, "/freeze/1s": 400} {
		if status, _ := get(t, url+path); status != want {
			t.Errorf("%s is answered %d, want %d", path, status, want)
		}
	}
	for range 5 {
		get(t, url+"/spread?b")
	}
	get(t, url+"/freeze/0s/200ms/10ms?c")
	get(t, url+"/freeze/0s/200ms/10ms?c")
	b := &bench{Test: &Test{URL: url}}
	for play, most := range map[string][]time.Duration{
		"a": {0}, "b": {Spread(0), Spread(1), Spread(2), Spread(3), Spread(4)}, "c": {200 * time.Millisecond, 10 * time.Millisecond}, "d": nil,
	} {
		visits, err := b.visits(t.Context(), play)
		if err != nil || len(visits) != len(most) {
			t.Fatalf("play %s: %v, %v; want %d visits", play, visits, err, len(most))
		}
		for i, v := range visits {
			if v.Took < most[i] || i == 0 && v.At != 0 || i > 0 && v.At <= visits[i-1].At {
				t.Errorf("play %s: visit %d is %+v, want %s", play, i, v, most[i])
			}
		}
		if again, err := b.visits(t.Context(), play); err != nil || len(again) != 0 {
			t.Errorf("play %s is not forgotten: %v, %v", play, again, err)
		}
	}
}

func FuzzReadRequest(f *testing.F) {
	f.Add("GET /a?1 HTTP/1.1\r\nHost: x\r\n\r\nGET")
	f.Add("POST / HTTP/1.1\r\n\r\n")
	f.Add("GET")
	f.Fuzz(func(t *testing.T, text string) {
		path, err := readRequest(bufio.NewReader(strings.NewReader(text)))
		if err == nil && (!strings.HasPrefix(text, "GET "+path) || strings.Contains(path, " ")) {
			t.Errorf("%q asks for %q", text, path)
		}
	})
}

// quick is a plan for those who only want to see that it works.
var quick = Plan{Pacing: 300 * time.Millisecond, Percentiles: time.Second, Freeze: 3 * time.Second, Step: 200 * time.Millisecond, Steps: 2}

// TestRun tests this host in a hurry. What comes of it depends on the host, but
// everything is checked, and has its reason.
func TestRun(t *testing.T) {
	var said []string
	test := Test{URL: serve(t), Version: "0.1.0", Plan: quick, Say: func(s string) { said = append(said, s) }}
	s, err := test.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range s.Checks {
		names = append(names, c.Name)
		if c.Asks == "" || c.Limit == "" || c.Unit == "" || math.IsNaN(c.Value) || (c.Why == "") != (c.Verdict == runs.Pass) || c.Got == "" && c.Verdict != runs.Unclear {
			t.Errorf("%+v", c)
		}
	}
	const want = "pacing even, arrivals even, pacing poisson, arrivals poisson, arithmetic, " +
		"service p50, service p90, service p99, service p99.9, service p99.99, response, freeze, top rate, memory"
	if got := strings.Join(names, ", "); got != want {
		t.Errorf("checked %s", got)
	}
	again := *s
	again.Conclude()
	if s.Verdict != again.Verdict || s.Host.Name == "" || s.At.IsZero() || len(said) != 5 {
		t.Errorf("%+v, said %q", s, said)
	}
}

func TestRunEnds(t *testing.T) {
	cause := errors.New("somebody pressed Ctrl-C")
	ctx, cancel := context.WithCancelCause(t.Context())
	test := Test{URL: serve(t), Plan: Whole, Say: func(string) { time.AfterFunc(50*time.Millisecond, func() { cancel(cause) }) }}
	began := time.Now()
	if s, err := test.Run(ctx); s != nil || !errors.Is(err, cause) {
		t.Errorf("%+v, %v", s, err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %s to end", took)
	}
	test.URL = "http://127.0.0.1:1"
	if s, err := test.Run(t.Context()); s != nil || err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("without a server: %+v, %v", s, err)
	}
}
