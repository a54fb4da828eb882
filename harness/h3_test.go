package harness

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"

	"gameday/targets"
)

// TestH3Connections opens as many connections as the requests under way need and
// no more, uses them again, and leaves none behind.
func TestH3Connections(t *testing.T) {
	const most = 3
	a := newAuthority(t)
	var mu sync.Mutex
	ports := map[string]int{} // requests by the connection they came on
	come, release := make(chan struct{}, most*h3Streams), make(chan struct{})
	address := h3Server(t, &tls.Config{Certificates: []tls.Certificate{a.issue(t, nil)}}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		ports[r.RemoteAddr]++
		mu.Unlock()
		come <- struct{}{}
		<-release
	}))
	h, err := newH3(&tls.Config{RootCAs: a.pool()}, most*h3Streams)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.CloseIdleConnections)
	var all sync.WaitGroup
	ask := func(n int) {
		for range n {
			all.Go(func() {
				if _, _, err := get(t, h, address, patience); err != nil {
					t.Error(err)
				}
			})
		}
		for range n {
			<-come
		}
	}
	for n, requests := range []int{h3Streams / 2, h3Streams / 2, 1, 2*h3Streams - 1} { // connections: 1, 1, 2, 3
		ask(requests)
		mu.Lock()
		if got, want := len(ports), []int{1, 1, 2, 3}[n]; got != want {
			t.Errorf("step %d: %d connections, want %d", n, got, want)
		}
		mu.Unlock()
	}
	close(release)
	all.Wait()
	ask(most * h3Streams)
	all.Wait()
	for port, n := range ports {
		if n < h3Streams {
			t.Errorf("%s: %d requests", port, n)
		}
	}
	if len(ports) != most {
		t.Errorf("%d connections, want %d", len(ports), most)
	}
	conns := slices.Clone(h.conns)
	h.CloseIdleConnections()
	for _, c := range conns {
		if c.client.Context().Err() == nil || !closed(c.socket.Conn) {
			t.Error("a connection is left")
		}
	}
	if len(h.conns) != 0 {
		t.Errorf("%d connections are left", len(h.conns))
	}
}

// closed reports whether nothing can be read any more.
func closed(conn net.PacketConn) bool {
	return conn.SetReadDeadline(time.Now()) != nil
}

// TestH3Leaves moves from a server that is about to stop to the next, with not a
// request lost, and takes a new connection for one that was idle too long.
func TestH3Leaves(t *testing.T) {
	a := newAuthority(t)
	conf := http3.ConfigureTLSConfig(&tls.Config{Certificates: []tls.Certificate{a.issue(t, nil)}})
	conn, err := net.ListenUDP("udp", loopback(0))
	if err != nil {
		t.Fatal(err)
	}
	tr := &quic.Transport{Conn: conn}
	t.Cleanup(func() { tr.Close(); conn.Close() })
	address := "https://" + conn.LocalAddr().String()
	entered, slowly := make(chan struct{}), make(chan struct{})
	release := sync.OnceFunc(func() { close(slowly) })
	start := func(name string) (*http3.Server, *quic.EarlyListener) {
		l, err := tr.ListenEarly(conf, nil)
		if err != nil {
			t.Fatal(err)
		}
		s := &http3.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/slow" {
				close(entered)
				<-slowly
			}
			io.Copy(w, r.Body)
			io.WriteString(w, name)
		})}
		go s.ServeListener(l)
		t.Cleanup(func() { s.Close() })
		return s, l
	}
	h, err := newH3(&tls.Config{RootCAs: a.pool()}, 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.CloseIdleConnections)
	old, l := start("old")
	slow := make(chan string, 1)
	go func() {
		body, _, err := get(t, h, address+"/slow", patience)
		if err != nil {
			body = err.Error()
		}
		slow <- body
	}()
	<-entered
	l.Close()
	start("new")
	t.Cleanup(release) // before the servers close
	stopped := make(chan error, 1)
	go func() { stopped <- old.Shutdown(t.Context()) }()
	for body := ""; body != "andnew"; { // the old one may answer until it says that it leaves
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader("and"))
		if err != nil {
			t.Fatal(err)
		}
		res, err := h.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		all, err := io.ReadAll(res.Body)
		res.Body.Close()
		cancel()
		if body = string(all); err != nil || body != "andold" && body != "andnew" {
			t.Fatalf("%q, %v", body, err)
		}
	}
	release()
	if got := <-slow; got != "old" {
		t.Errorf("the request that was under way got %q", got)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

// TestH3Idle takes a new connection where the old one was idle for too long.
func TestH3Idle(t *testing.T) {
	a := newAuthority(t)
	address := h3Server(t, &tls.Config{Certificates: []tls.Certificate{a.issue(t, nil)}}, tells)
	h := roundTripper(t, targets.TransportH3, address, &tls.Config{RootCAs: a.pool()}).(*h3)
	h.quic.MaxIdleTimeout = 100 * time.Millisecond
	for range 2 {
		if got, _, err := get(t, h, address, patience); err != nil || got != "HTTP/3.0" {
			t.Fatalf("%q, %v", got, err)
		}
		<-h.conns[0].client.Context().Done()
	}
}
