package harness

import (
	"net/http"
	"testing"
	"time"

	"gameday/targets"
)

// BenchmarkLean is what a call costs us but for the kernel: writing it and reading
// the answer of a service that answers at once.
func BenchmarkLean(b *testing.B) {
	for name, says := range map[string]string{
		"length": "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Sat, 21 Nov 2026 20:00:00 GMT\r\nContent-Type: application/octet-stream\r\nContent-Length: 50\r\nConnection: keep-alive\r\n\r\nfifty bytes of body, no more and no less, I say so",
		"chunks": "HTTP/1.1 200 OK\r\nDate: Sat, 21 Nov 2026 20:00:00 GMT\r\nContent-Type: application/json; charset=utf-8\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n32\r\nfifty bytes of body, no more and no less, I say so\r\n0\r\n\r\n",
	} {
		b.Run(name, func(b *testing.B) {
			p := &played{piece: 1 << 20}
			l := wireTo(b, "http://127.0.0.1:1")
			c := newLeanConn(l, p)
			call := &targets.Call{Method: http.MethodGet, Path: "/api/v1/timelines/home", Token: "0123456789abcdef", JSON: true}
			deadline := time.Now().Add(time.Hour)
			b.ReportAllocs()
			for b.Loop() {
				p.says = []byte(says)
				if _, keep, err := c.exchange(call, deadline); err != nil || !keep {
					b.Fatal(keep, err)
				}
			}
		})
	}
}
