package harness

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"

	"gameday/targets"
)

// quicServer serves HTTP/3 on a transport of its own, and returns what stops it
// without a word.
func quicServer(t *testing.T, tr *quic.Transport, at *net.UDPAddr, conf *tls.Config, q *quic.Config, handler http.HandlerFunc) (address string, vanish func()) {
	t.Helper()
	conn, err := net.ListenUDP("udp", at)
	if err != nil {
		t.Fatal(err)
	}
	tr.Conn = conn
	l, err := tr.ListenEarly(conf, q)
	if err != nil {
		t.Fatal(err)
	}
	s := &http3.Server{Handler: handler}
	go s.ServeListener(l)
	vanish = func() { tr.Close(); conn.Close() }
	t.Cleanup(func() { s.Close(); vanish() })
	return "https://" + conn.LocalAddr().String(), vanish
}

// loopback is a port on loopback; the zero one is any.
func loopback(port int) *net.UDPAddr { return &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port} }

// TestCausesQUIC holds what is made of each way in which QUIC fails.
func TestCausesQUIC(t *testing.T) {
	a := newAuthority(t)
	conf := &tls.Config{RootCAs: a.pool()}
	server := http3.ConfigureTLSConfig(&tls.Config{Certificates: []tls.Certificate{a.issue(t, nil)}})
	other := server.Clone()
	other.GetConfigForClient, other.NextProtos = nil, []string{"doq"}
	for name, tt := range map[string]struct {
		start func(t *testing.T, h *h3, waits http.HandlerFunc) (address string, later func()) // later: while the request waits
		cause string
	}{
		"silent": {func(t *testing.T, h *h3, waits http.HandlerFunc) (string, func()) {
			conn, err := net.ListenUDP("udp", loopback(0))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { conn.Close() })
			h.quic.HandshakeIdleTimeout = 100 * time.Millisecond
			return "https://" + conn.LocalAddr().String(), nil
		}, causeTimeout},
		"vanishes": {func(t *testing.T, h *h3, waits http.HandlerFunc) (string, func()) {
			h.quic.MaxIdleTimeout = 300 * time.Millisecond
			return quicServer(t, &quic.Transport{}, loopback(0), server, nil, waits)
		}, causeTimeout},
		"starts again": {func(t *testing.T, h *h3, waits http.HandlerFunc) (string, func()) {
			key := &quic.StatelessResetKey{1}
			address, vanish := quicServer(t, &quic.Transport{StatelessResetKey: key}, loopback(0), server, nil, waits)
			at, err := net.ResolveUDPAddr("udp", address[len("https://"):])
			if err != nil {
				t.Fatal(err)
			}
			return address, func() {
				vanish()
				quicServer(t, &quic.Transport{StatelessResetKey: key}, at, server, nil, waits)
				h.RoundTrip(httptest.NewRequest(http.MethodGet, address, nil).WithContext(t.Context())) // which it does not expect
			}
		}, causeReset},
		"closes": {func(t *testing.T, h *h3, waits http.HandlerFunc) (string, func()) {
			conn, err := net.ListenUDP("udp", loopback(0))
			if err != nil {
				t.Fatal(err)
			}
			s := &http3.Server{TLSConfig: server, Handler: waits}
			go s.Serve(conn)
			t.Cleanup(func() { s.Close(); conn.Close() })
			return "https://" + conn.LocalAddr().String(), func() { s.Close() }
		}, causeReset},
		"refuses": {func(t *testing.T, h *h3, waits http.HandlerFunc) (string, func()) {
			refuse := func(ctx context.Context, _ *quic.ClientInfo) (context.Context, error) { return nil, errors.New("full") }
			return quicServer(t, &quic.Transport{ConnContext: refuse}, loopback(0), server, nil, waits)
		}, causeRefused},
		"another protocol": {func(t *testing.T, h *h3, waits http.HandlerFunc) (string, func()) {
			return quicServer(t, &quic.Transport{}, loopback(0), other, nil, waits)
		}, causeProtocol},
		"another version": {func(t *testing.T, h *h3, waits http.HandlerFunc) (string, func()) {
			return quicServer(t, &quic.Transport{}, loopback(0), server, &quic.Config{Versions: []quic.Version{quic.Version2}}, waits)
		}, causeProtocol},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := roundTripper(t, targets.TransportH3, "", conf).(*h3)
			entered := make(chan struct{}, 10)
			address, later := tt.start(t, h, func(_ http.ResponseWriter, r *http.Request) {
				entered <- struct{}{}
				<-r.Context().Done()
			})
			failed := make(chan error, 1)
			go func() {
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
				if err == nil {
					var res *http.Response
					if res, err = h.RoundTrip(req); err == nil {
						io.Copy(io.Discard, res.Body)
						res.Body.Close()
						err = errors.New("it was answered")
					}
				}
				failed <- err
			}()
			if later != nil && (tt.cause == causeTimeout || tt.cause == causeReset) {
				select {
				case <-entered:
					later()
				case err := <-failed:
					t.Fatal(err)
				}
			}
			err := <-failed
			if causeOf(err) != tt.cause || errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v, want cause %s", err, tt.cause)
			}
		})
	}
}
