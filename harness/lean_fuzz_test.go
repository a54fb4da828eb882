package harness

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gameday/targets"
)

// A played conn plays back what a server says, in pieces of so many bytes, and
// then ends. It takes whatever is written to it.
type played struct {
	net.Conn // nil: what is not below is not called
	says     []byte
	piece    int
}

func (p *played) Read(b []byte) (int, error) {
	if len(p.says) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.says[:min(len(p.says), p.piece)])
	p.says = p.says[n:]
	return n, nil
}

func (p *played) Write(b []byte) (int, error)   { return len(b), nil }
func (*played) SetDeadline(time.Time) error     { return nil }
func (*played) Close() error                    { return nil }
func (*played) SetReadDeadline(time.Time) error { return nil }

// byNetHTTP is what net/http makes of an answer: also whether the connection
// could be used again, and whether more has come than the answer.
func byNetHTTP(says []byte, call *targets.Call) (a reply, keep, more bool, err error) {
	in := bufio.NewReaderSize(bytes.NewReader(says), len(says)+16)
	for range leanHints {
		res, err := http.ReadResponse(in, &http.Request{Method: call.Method})
		if err != nil {
			return a, false, false, err
		}
		if res.StatusCode >= 100 && res.StatusCode < 200 && res.StatusCode != http.StatusSwitchingProtocols {
			continue
		}
		a, err = readAnswer(res, call)
		return a, !res.Close && res.StatusCode >= 200, in.Buffered() > 0, err
	}
	return a, false, false, errTooManyHints
}

// byLean is what we make of it.
func byLean(says []byte, piece int, call *targets.Call) (reply, bool, error) {
	base := &url.URL{Scheme: "http", Host: "there"}
	c := newLeanConn(newLean(base, "gameday/test", nil), &played{says: says, piece: piece})
	return c.exchange(call, time.Now().Add(time.Hour))
}

// sameAsNetHTTP gives both the same bytes, ours in pieces.
func sameAsNetHTTP(t *testing.T, says []byte, piece int, method string, json bool) {
	t.Helper()
	call := &targets.Call{Method: method, Path: "/", JSON: json, Learn: func([]byte) error { return nil }}
	want, keep, more, wrong := byNetHTTP(says, call)
	got, kept, err := byLean(says, piece, call)
	if (err != nil) != (wrong != nil) {
		t.Fatalf("ours: error %v; net/http: %v", err, wrong)
	}
	if err != nil {
		if kept {
			t.Fatalf("a connection is kept after %v", err)
		}
		// What breaks off in the middle net/http at times calls malformed.
		if ours, theirs := causeOf(err), causeOf(wrong); ours != theirs && ours != causeReset && !errors.Is(err, errTooLarge) {
			t.Fatalf("ours: %v, %s; net/http: %v, %s", err, ours, wrong, theirs)
		}
		return
	}
	got.body, want.body = append([]byte{}, got.body...), append([]byte{}, want.body...)
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(reply{})); diff != "" {
		t.Fatalf("net/http and we see different answers:\n%s", diff)
	}
	if more && piece >= len(says) && len(says) <= leanBuffer && kept {
		t.Fatal("more came than the answer, and the connection is kept")
	}
	if !more && kept != keep {
		t.Fatalf("the connection is kept: %v; net/http: %v", kept, keep)
	}
}

// FuzzLean gives net/http and us the same bytes: both see the same answer, or
// none, and keep or drop the connection alike.
func FuzzLean(f *testing.F) {
	const ok = "HTTP/1.1 200 OK\r\n"
	for _, says := range []string{
		"", "HTTP/1.1", "HTTP/1.1 200\r\n\r\n", ok + "\r\n", ok + "Content-Length: 2\r\n\r\nok", ok + "Content-Length: 2\r\n\r\nok and more",
		ok + "Content-Length: 5\r\n\r\nok", ok + "content-length:2 \r\nCONNECTION:Close\r\n\r\nok", ok + "Content-Length: 2\r\nContent-Length: 2\r\n\r\nok",
		ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", ok + "Transfer-Encoding: Chunked\r\nConnection: keep-alive\r\n\r\n2\r\nok\r\n00A\r\n0123456789\r\n0\r\n\r\n",
		ok + "Transfer-Encoding: chunked\r\n\r\n2;x=y\r\nok\r\n0\r\nX: y\r\n\r\n", ok + "Transfer-Encoding: chunked\r\n\r\n2\nok\r\n0\r\n\r\n",
		ok + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n2\r\nok\r\n0\r\n\r\n", ok + "Transfer-Encoding: gzip, chunked\r\n\r\n",
		ok + "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}", ok + "Content-Type: application/activity+json; charset=utf-8\r\nContent-Length: 2\r\n\r\n{}",
		ok + "Content-Type: text/html\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
		"HTTP/1.1 302 Found\r\nLocation: /there\r\nLocation: /else\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 304 \r\nContent-Length: 7\r\n\r\n",
		"HTTP/1.1 100 Continue\r\n\r\n" + ok + "Content-Length: 0\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok",
		ok + "X: a\r\n b\r\nContent-Length: 0\r\n\r\n", ok + "X : a\r\nContent-Length: 0\r\n\r\n", ok + "X: a\x00b\r\nContent-Length: 0\r\n\r\n", ok + "X:\r\nContent-Length: 0\r\n\r\n",
		ok + "Content-Length: +2\r\n\r\nok", ok + "Content-Length: 99999999999999999999\r\n\r\n", ok + "Content-Length:\r\n\r\n", ok + "Trailer: X\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		ok + "Connection: close, keep-alive\r\nContent-Length: 0\r\n\r\n", ok + "Connection: keep-alive\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 700\r\nContent-Length:1\r\n\r\n",
		"HTTP/1.1 2x0 OK\r\n\r\n", "HTTP/1.1 +20 OK\r\n\r\n", "HTTP/2 200 OK\r\n\r\n", "\r\nHTTP/1.1 200 OK\r\n\r\n", ok + " X: y\r\n\r\n", ok + ": y\r\n\r\n", ok + "\n", ok + "X: y\n\n",
	} {
		f.Add([]byte(says), uint16(len(says)), byte(0))
		f.Add([]byte(says), uint16(1), byte(1))
		f.Add([]byte(says), uint16(7), byte(6))
	}
	f.Fuzz(func(t *testing.T, says []byte, piece uint16, how byte) {
		method := [...]string{http.MethodGet, http.MethodHead, http.MethodPost}[how>>1%3]
		sameAsNetHTTP(t, says, int(piece)+1, method, how&1 == 1)
	})
}

// TestLeanTakesLargeAnswers of known length and in chunks, in pieces of any size.
func TestLeanTakesLargeAnswers(t *testing.T) {
	for _, size := range []int{0, 1, leanBuffer - 40, leanBuffer, leanBuffer + 1, leanLarge - 100, leanLarge, leanLarge + 1, 3 * leanLarge} {
		body := bytes.Repeat([]byte("0123456789abcdef"), size/16+1)[:size]
		var chunks, plain bytes.Buffer
		fmt.Fprintf(&plain, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", size, body)
		fmt.Fprintf(&chunks, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
		for rest := body; len(rest) > 0; {
			n := min(len(rest), 3000)
			fmt.Fprintf(&chunks, "%x\r\n%s\r\n", n, rest[:n])
			rest = rest[n:]
		}
		chunks.WriteString("0\r\n\r\n")
		for _, piece := range []int{1000, 4096, 1 << 20} {
			sameAsNetHTTP(t, plain.Bytes(), piece, http.MethodGet, false)
			sameAsNetHTTP(t, chunks.Bytes(), piece, http.MethodGet, false)
			sameAsNetHTTP(t, plain.Bytes(), piece, http.MethodGet, true) // is not JSON: read, not kept
		}
	}
}
