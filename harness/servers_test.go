package harness

import (
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/quic-go/quic-go/http3"

	"gameday/targets"
)

// tells answers with the version of HTTP that it was asked in, and what was
// accepted of it.
var tells = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	io.WriteString(w, r.Proto+r.Header.Get("Accept-Encoding"))
})

// secureServer serves HTTP/1.1 over TLS, and HTTP/2 if conf says so.
func secureServer(t testing.TB, conf *tls.Config, handler http.Handler) string {
	t.Helper()
	s := httptest.NewUnstartedServer(handler)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.EnableHTTP2 = len(conf.NextProtos) > 0 && conf.NextProtos[0] == "h2"
	s.TLS = conf
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL
}

// h2cServer serves HTTP/2 without TLS, and nothing else.
func h2cServer(t testing.TB, handler http.Handler) string {
	t.Helper()
	s := httptest.NewUnstartedServer(handler)
	s.Config.Protocols = new(http.Protocols)
	s.Config.Protocols.SetUnencryptedHTTP2(true)
	s.Start()
	t.Cleanup(s.Close)
	return s.URL
}

// h3Server serves HTTP/3.
func h3Server(t testing.TB, conf *tls.Config, handler http.Handler) string {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	s := &http3.Server{Handler: handler, TLSConfig: http3.ConfigureTLSConfig(conf)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Serve(conn)
	}()
	t.Cleanup(func() { s.Close(); conn.Close(); <-done })
	return "https://" + conn.LocalAddr().String()
}

// serve starts a server that speaks what a transport over TLS speaks.
func serve(t testing.TB, transport string, conf *tls.Config, handler http.Handler) string {
	t.Helper()
	conf = conf.Clone()
	switch transport {
	case targets.TransportH3:
		return h3Server(t, conf, handler)
	case targets.TransportH2:
		conf.NextProtos = []string{"h2", "http/1.1"}
	}
	return secureServer(t, conf, handler)
}

// overTLS are the transports that go over TLS.
var overTLS = []string{targets.TransportHTTP1, targets.TransportNet, targets.TransportH2, targets.TransportH3}

// listenTLS serves connections over TLS on loopback with f until the test is over.
func listenTLS(t testing.TB, conf *tls.Config, f func(net.Conn)) string {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", conf)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				f(c)
			}()
		}
	}()
	return "https://" + l.Addr().String()
}
