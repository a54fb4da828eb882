package harness

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"syscall"
	"time"

	"gameday/targets"
)

const (
	// maxHeaderBytes is how large the header of an answer may be.
	maxHeaderBytes = 1 << 20
	// deadAfter is when a connection is given up: a handshake that takes as long,
	// or, where requests share a connection, one over which nothing came for as
	// long although something was due. Longer, and the outage that a client sees
	// outlasts the service's.
	deadAfter = 10 * time.Second
)

// errNotH2 is of a server that agrees to TLS, but not to HTTP/2 over it.
var errNotH2 = errors.New("it does not speak HTTP/2 over TLS; want transport: auto")

// newRoundTripper returns the transport of that name, for requests to one target:
// net, h2, h2c or h3. Those over TLS take conf, which is not changed. None uses a
// proxy, compression, or another version of HTTP than its name says. There is
// room for inFlight requests at once.
//
// It has CloseIdleConnections, after which nothing is left of it once all bodies
// of answers are closed.
func newRoundTripper(transport string, conf *tls.Config, inFlight int) (http.RoundTripper, error) {
	t := &http.Transport{
		DialContext:            dialPatient,
		TLSClientConfig:        conf.Clone(),
		TLSHandshakeTimeout:    deadAfter,
		MaxIdleConnsPerHost:    inFlight,
		IdleConnTimeout:        90 * time.Second,
		DisableCompression:     true,
		MaxResponseHeaderBytes: maxHeaderBytes,
		Protocols:              new(http.Protocols),
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: deadAfter / 2, PingTimeout: deadAfter / 2},
	}
	switch transport {
	case targets.TransportNet:
		t.Protocols.SetHTTP1(true)
	case targets.TransportH2C:
		t.Protocols.SetUnencryptedHTTP2(true)
	case targets.TransportH2:
		t.Protocols.SetHTTP2(true)
		if t.TLSClientConfig == nil {
			t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
		}
		// A server that does not know ALPN agrees to nothing, and net/http would
		// speak HTTP/1.1 to it.
		t.TLSClientConfig.VerifyConnection = func(s tls.ConnectionState) error {
			if s.NegotiatedProtocol != "h2" {
				return errNotH2
			}
			return nil
		}
	case targets.TransportH3:
		return newH3(conf, inFlight)
	default:
		return nil, fmt.Errorf("no transport %q to be made here", transport)
	}
	return t, nil
}

// choose returns the transport for a target at base: the one that it names, or
// what auto means for it. For that, a target with https is asked what it speaks,
// with one handshake; conf is not changed. The error is of a target that cannot be
// reached, in plain words.
func choose(ctx context.Context, t targets.Target, base *url.URL, conf *tls.Config) (transport string, err error) {
	switch {
	case t.Transport != "" && t.Transport != targets.TransportAuto:
		return t.Transport, nil
	case base.Scheme == "http":
		return targets.TransportHTTP1, nil
	}
	ctx, cancel := context.WithTimeout(ctx, targets.AskTimeout)
	defer cancel()
	conn, err := connect(ctx, hostPort(base), secure(base, conf, "h2", "http/1.1"))
	if err != nil {
		return "", t.Unreachable(err)
	}
	defer conn.Close()
	if s, ok := conn.(*tls.Conn); ok && s.ConnectionState().NegotiatedProtocol == "h2" {
		return targets.TransportH2, nil
	}
	return targets.TransportHTTP1, nil
}

// dialer returns what makes connections for HTTP/1.1 to base: over TCP, and over
// TLS for https. The context ends the dialling and the handshake. It is safe for
// concurrent use; conf is not changed, and may be nil.
func dialer(base *url.URL, conf *tls.Config) func(context.Context) (net.Conn, error) {
	address, conf := hostPort(base), secure(base, conf, "http/1.1")
	return func(ctx context.Context) (net.Conn, error) { return connect(ctx, address, conf) }
}

// connect makes a connection, over TLS if conf is not nil.
func connect(ctx context.Context, address string, conf *tls.Config) (net.Conn, error) {
	if conf == nil {
		var d net.Dialer
		return d.DialContext(ctx, "tcp", address)
	}
	conn, err := dialPatient(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	over := tls.Client(conn, conf)
	if err := over.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	return over, nil
}

// A patient connection reads what the other side said last although it has hung
// up. A server refuses a client's certificate after the client thinks that all is
// well, and closes: what is written then fails, while the reason lies there to be
// read.
type patient struct{ *net.TCPConn }

// Write succeeds although the other side has hung up. The next Read fails.
func (c patient) Write(b []byte) (int, error) {
	n, err := c.TCPConn.Write(b)
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) {
		return len(b), nil
	}
	return n, err
}

func dialPatient(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: deadAfter}
	conn, err := d.DialContext(ctx, network, address)
	if tcp, ok := conn.(*net.TCPConn); ok {
		return patient{tcp}, nil
	}
	return conn, err
}

// secure returns a copy of conf for connections to base that offer protocols; nil
// for http.
func secure(base *url.URL, conf *tls.Config, protocols ...string) *tls.Config {
	if base.Scheme == "http" {
		return nil
	}
	conf = conf.Clone()
	if conf == nil {
		conf = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if conf.ServerName == "" {
		conf.ServerName = base.Hostname()
	}
	conf.NextProtos = protocols
	return conf
}

// hostPort is the address to dial for base.
func hostPort(base *url.URL) string {
	port := base.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[base.Scheme]
	}
	return net.JoinHostPort(base.Hostname(), port)
}
