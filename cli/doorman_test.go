package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
)

// who is a listener at an address that need not be of this machine.
type who struct {
	net.Listener
	at string
}

func (w who) Addr() net.Addr {
	at, err := net.ResolveTCPAddr("tcp", w.at)
	if err != nil {
		panic(err)
	}
	return at
}

// Only names that nobody else can own are answered to.
func TestGuardHosts(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		said, at string
		yes, no  []string
	}{
		{
			"127.0.0.1", "127.0.0.1:7777",
			[]string{"127.0.0.1:7777", "127.0.0.1", "localhost:9000", "LOCALHOST", "[::1]:7777", "127.0.0.2:1"},
			[]string{"", "evil.example", "evil.example:7777", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1:7777", "0.0.0.0:7777", "evil.example:127.0.0.1", "localhost:7777:7777", "127.0.0.1@evil.example", host + ":7777"},
		},
		{
			"0.0.0.0", "0.0.0.0:7777",
			[]string{"10.0.0.1:7777", "[2001:db8::1]:7777", "localhost", host, strings.ToUpper(host) + ":7777", "127.0.0.1"},
			[]string{"", "evil.example", "10.0.0.1.evil.example", host + ".evil.example:7777"},
		},
		{"load.example", "10.0.0.1:7777", []string{"load.example:7777", "10.0.0.1"}, []string{"other.example:7777"}},
	} {
		pages := doorman(http.HandlerFunc(good), x.said, who{at: x.at})
		for code, hosts := range map[int][]string{http.StatusOK: x.yes, http.StatusMisdirectedRequest: x.no} {
			for _, host := range hosts {
				r := httptest.NewRequest("GET", "http://127.0.0.1/", nil)
				r.Host = host
				w := httptest.NewRecorder()
				pages.ServeHTTP(w, r)
				if w.Code != code {
					t.Errorf("at %s, asked for %q: %d, want %d", x.at, host, w.Code, code)
				}
			}
		}
	}
}

// Nothing can be done but reading, and every answer says what a browser may do with
// it, also one that is a refusal.
func TestGuardMethodsAndHeaders(t *testing.T) {
	pages := doorman(newSite(t.TempDir()), "127.0.0.1", who{at: "127.0.0.1:7777"})
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get", "PROPFIND"} {
		for _, path := range []string{"/", "/runs/20270214T233000Z-a/", "/style.css", "/nosuch"} {
			res := ask(t, pages, method, path)
			reads := method == "GET" || method == "HEAD"
			if (res.StatusCode == http.StatusMethodNotAllowed) == reads || !reads && res.Header.Get("Allow") != "GET, HEAD" {
				t.Errorf("%s %s: %s", method, path, res.Status)
			}
			for name, value := range map[string]string{
				"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Content-Security-Policy": pagePolicy,
				"Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
			} {
				if got := res.Header.Values(name); len(got) != 1 || got[0] != value {
					t.Errorf("%s %s: %s is %q", method, path, name, got)
				}
			}
			if res.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s %s: others may read it", method, path)
			}
		}
	}
	for _, policy := range []string{pagePolicy, reportPolicy} {
		for _, rule := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"} {
			if !strings.Contains(policy, rule) {
				t.Errorf("the policy has no %s: %s", rule, policy)
			}
		}
	}
}

// servingPages serves until the test ends, and returns where.
func servingPages(t *testing.T, pages http.Handler) string {
	t.Helper()
	l, _, err := listenNear("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- servePages(ctx, l, pages, io.Discard) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the end: %v", err)
		}
	})
	return l.Addr().String()
}

// Who sends too much before asking is turned away.
func TestServeHugeHeader(t *testing.T) {
	at := servingPages(t, newSite(t.TempDir()))
	for _, text := range []string{
		"GET / HTTP/1.1\r\nHost: " + at + "\r\nX: " + strings.Repeat("x", 1<<17) + "\r\n\r\n", "GET /" + strings.Repeat("x", 1<<17) + " HTTP/1.1\r\n\r\n",
		"\x00\x01\x02\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
	} {
		c, err := net.Dial("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		c.SetDeadline(time.Now().Add(10 * time.Second))
		go io.WriteString(c, text)
		line, _ := bufio.NewReader(c).ReadString('\n')
		if !strings.HasPrefix(line, "HTTP/1.1 4") && !strings.HasPrefix(line, "HTTP/1.1 5") && line != "" {
			t.Errorf("%.30q is answered with %q", text, line)
		}
		c.Close()
	}
}

// The end waits for nobody who is slow: neither to ask nor to read.
func TestServeEndsWithSlowClients(t *testing.T) {
	l, _, err := listenNear("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	begun := make(chan struct{}, 1)
	pages := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun <- struct{}{}
		for {
			if _, err := w.Write(make([]byte, 1<<16)); err != nil {
				return
			}
		}
	})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- servePages(ctx, l, pages, io.Discard) }()
	for _, text := range []string{"GET / HT", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"} {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := io.WriteString(c, text); err != nil {
			t.Fatal(err)
		}
	}
	<-begun
	stop()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("the end: %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("it does not end")
	}
}

// A port that is taken gives way to the next that is free; an address that cannot be
// does not.
func TestListenNear(t *testing.T) {
	first, taken, err := listenNear("127.0.0.1:0")
	if err != nil || taken {
		t.Fatal(taken, err)
	}
	defer first.Close()
	at := first.Addr().(*net.TCPAddr)
	second, taken, err := listenNear(at.String())
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if got := second.Addr().(*net.TCPAddr); !taken || got.Port <= at.Port || got.Port > at.Port+nextPorts || !got.IP.Equal(at.IP) {
		t.Errorf("beside %s: %s, taken %v", at, got, taken)
	}
	third, _, err := listenNear(":0")
	if err != nil {
		t.Fatal(err)
	}
	defer third.Close()
	if !local(third) {
		t.Errorf("without a host it listens at %s", third.Addr())
	}
	for _, address := range []string{"", "here", "127.0.0.1", "127.0.0.1:", "127.0.0.1:-1", "127.0.0.1:65536", "127.0.0.1:http", "[::1", "192.0.2.1:0", "127.0.0.1:+1"} {
		if l, _, err := listenNear(address); err == nil {
			l.Close()
			t.Errorf("%q: listens at %s", address, l.Addr())
		}
	}
}

// Whoever lets others in is told.
func TestListenForOthers(t *testing.T) {
	var said strings.Builder
	l, err := listenFor("0.0.0.0:0", &said)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if want := fmt.Sprintf("anybody who can reach %s can read the runs\n", l.Addr()); said.String() != want {
		t.Errorf("said %q, want %q", said.String(), want)
	}
}
