package harness

import (
	"bufio"
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"gameday/targets"
)

// The frames of HTTP/2 (RFC 9113, 6) that the servers here send.
const (
	frameData     = 0
	frameHeaders  = 1
	frameReset    = 3
	frameSettings = 4
	frameGoAway   = 7
)

// writeFrame writes a frame, whose payload is a row of numbers of 32 bits.
func writeFrame(w io.Writer, kind byte, stream uint32, payload ...uint32) {
	b := []byte{0, 0, byte(4 * len(payload)), kind, 0}
	b = binary.BigEndian.AppendUint32(b, stream)
	for _, n := range payload {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	w.Write(b)
}

// http2Conn greets a client and calls f for its first request.
func http2Conn(c net.Conn, f func(c net.Conn, stream uint32)) {
	in := bufio.NewReader(c)
	preface := make([]byte, len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
	if _, err := io.ReadFull(in, preface); err != nil {
		return
	}
	writeFrame(c, frameSettings, 0)
	for {
		var head [9]byte
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return
		}
		length := int(head[0])<<16 | int(head[1])<<8 | int(head[2])
		if _, err := in.Discard(length); err != nil {
			return
		}
		if head[3] == frameHeaders {
			f(c, binary.BigEndian.Uint32(head[5:]))
			return
		}
	}
}

// hangUp resets what is beneath a connection over TLS.
func hangUp(c net.Conn) {
	if over, ok := c.(*tls.Conn); ok {
		c = over.NetConn()
	}
	reset(c)
}

// TestCausesHTTP2 holds what is made of each way in which HTTP/2 fails.
func TestCausesHTTP2(t *testing.T) {
	a := newAuthority(t)
	conf := &tls.Config{RootCAs: a.pool()}
	server := &tls.Config{Certificates: []tls.Certificate{a.issue(t, nil)}, NextProtos: []string{"h2"}}
	stream := func(code uint32) func(net.Conn, uint32) {
		return func(c net.Conn, stream uint32) { writeFrame(c, frameReset, stream, code); io.Copy(io.Discard, c) }
	}
	for name, tt := range map[string]struct {
		serve func(net.Conn, uint32)
		cause string
	}{
		"never answers":          {func(c net.Conn, _ uint32) { io.Copy(io.Discard, c) }, causeTimeout},
		"stream, internal error": {stream(2), causeReset},
		"stream, flow control":   {stream(3), causeProtocol},
		"stream, cancelled":      {stream(8), causeReset},
		"stream, calm down":      {stream(0xb), causeReset},
		"stream, insecure":       {stream(0xc), causeTLS},
		"stream, want HTTP/1.1":  {stream(0xd), causeProtocol},
		"stream, refused":        {stream(7), causeTimeout}, // net/http asks again and again
		"goes away, at once": {func(c net.Conn, _ uint32) {
			writeFrame(c, frameGoAway, 0, 0, 0xb)
			io.Copy(io.Discard, c)
		}, causeReset},
		"goes away, in the middle": {func(c net.Conn, stream uint32) { writeFrame(c, frameGoAway, 0, stream, 0) }, causeReset},
		"hangs up":                 {func(c net.Conn, _ uint32) {}, causeReset},
		"resets":                   {func(c net.Conn, _ uint32) { hangUp(c) }, causeReset},
		"breaks the rules":         {func(c net.Conn, _ uint32) { writeFrame(c, frameData, 0, 1); io.Copy(io.Discard, c) }, causeProtocol},
		"half a frame":             {func(c net.Conn, _ uint32) { c.Write([]byte{0, 1, 0}) }, causeReset},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wait := patience
			if tt.cause == causeTimeout {
				wait = 700 * time.Millisecond
			}
			address := listenTLS(t, server, func(c net.Conn) { http2Conn(c, tt.serve) })
			_, _, err := get(t, roundTripper(t, targets.TransportH2, address, conf), address, wait)
			if err == nil || causeOf(err) != tt.cause {
				t.Errorf("%v, want cause %s", err, tt.cause)
			}
		})
	}
	t.Run("refused, and not to be repeated", func(t *testing.T) {
		address := listenTLS(t, server, func(c net.Conn) { http2Conn(c, stream(7)) })
		rt := roundTripper(t, targets.TransportH2, address, conf)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, io.MultiReader(strings.NewReader("once")))
		if err != nil {
			t.Fatal(err)
		}
		if _, err = rt.RoundTrip(req); err == nil || causeOf(err) != causeReset {
			t.Errorf("%v, want cause %s", err, causeReset)
		}
	})
	t.Run("no answer to a ping", func(t *testing.T) {
		address := listenTLS(t, server, func(c net.Conn) { http2Conn(c, func(c net.Conn, _ uint32) { io.Copy(io.Discard, c) }) })
		rt := roundTripper(t, targets.TransportH2, address, conf)
		rt.(*http.Transport).HTTP2 = &http.HTTP2Config{SendPingTimeout: 50 * time.Millisecond, PingTimeout: 50 * time.Millisecond}
		if _, _, err := get(t, rt, address, patience); err == nil || causeOf(err) != causeTimeout {
			t.Errorf("%v, want cause %s", err, causeTimeout)
		}
	})
}

// TestCausesOverTLS holds what each transport over TLS makes of what goes wrong
// before and in an answer.
func TestCausesOverTLS(t *testing.T) {
	a := newAuthority(t)
	conf := &tls.Config{RootCAs: a.pool()}
	good := &tls.Config{Certificates: []tls.Certificate{a.issue(t, nil)}}
	tcp := func(f func(net.Conn)) func(*testing.T, string) string {
		return func(t *testing.T, transport string) string {
			if transport == targets.TransportH3 {
				return ""
			}
			return strings.Replace(listenAll(t, f), "http", "https", 1)
		}
	}
	handler := func(f http.HandlerFunc) func(*testing.T, string) string {
		return func(t *testing.T, transport string) string { return serve(t, transport, good, f) }
	}
	for name, tt := range map[string]struct {
		serve func(t *testing.T, transport string) string // empty: not over this one
		cause string
	}{
		"nobody there":              {func(t *testing.T, transport string) string { return closedPort(t, transport) }, causeRefused},
		"silent in the handshake":   {tcp(func(c net.Conn) { io.Copy(io.Discard, c) }), causeTimeout},
		"hangs up in the handshake": {tcp(func(c net.Conn) {}), causeReset},
		"resets in the handshake":   {tcp(hangUp), causeReset},
		"speaks no TLS":             {tcp(func(c net.Conn) { io.WriteString(c, "220 smtp.example ESMTP\r\n"); io.Copy(io.Discard, c) }), causeTLS},
		"an alert":                  {tcp(func(c net.Conn) { c.Write([]byte{21, 3, 3, 0, 2, 2, 80}); io.Copy(io.Discard, c) }), causeTLS},
		"never answers":             {handler(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), causeTimeout},
		"panics":                    {handler(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), causeReset},
		"panics in the answer": {handler(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9")
			io.WriteString(w, "half")
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}), causeReset},
	} {
		for _, transport := range overTLS {
			t.Run(name+" over "+transport, func(t *testing.T) {
				t.Parallel()
				address := tt.serve(t, transport)
				if address == "" {
					return
				}
				wait := patience
				if tt.cause == causeTimeout {
					wait = 500 * time.Millisecond
				}
				began := time.Now()
				_, _, err := get(t, roundTripper(t, transport, address, conf), address, wait)
				if err == nil || causeOf(err) != tt.cause {
					t.Errorf("%v, want cause %s", err, tt.cause)
				}
				if took := time.Since(began); took > wait+20*time.Second {
					t.Errorf("took %s, want at most %s", took, wait)
				}
			})
		}
	}
}

// TestLargeHeaders refuses an answer whose header is larger than a megabyte, over
// every transport of net/http and quic-go.
func TestLargeHeaders(t *testing.T) {
	a := newAuthority(t)
	conf := &tls.Config{RootCAs: a.pool()}
	good := &tls.Config{Certificates: []tls.Certificate{a.issue(t, nil)}}
	for _, transport := range []string{targets.TransportNet, targets.TransportH2, targets.TransportH3} {
		for size, want := range map[int]string{maxHeaderBytes / 2: "", maxHeaderBytes + 1<<16: causeProtocol} {
			address := serve(t, transport, good, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				for range size >> 10 {
					w.Header().Add("X-Large", strings.Repeat("x", 1<<10-10))
				}
			}))
			_, _, err := get(t, roundTripper(t, transport, address, conf), address, patience)
			if (err != nil) != (want != "") || err != nil && causeOf(err) != want {
				t.Errorf("%s, %d bytes of header: %v, want cause %q", transport, size, err, want)
			}
		}
	}
}

// listenAll serves connections on loopback with f, from the first.
func listenAll(t *testing.T, f func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
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
	return "http://" + l.Addr().String()
}

// closedPort is an address where nobody listens; over QUIC, that is silence.
func closedPort(t *testing.T, transport string) string {
	if transport == targets.TransportH3 {
		return ""
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	return "https://" + l.Addr().String()
}
