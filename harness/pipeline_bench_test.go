package harness

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"gameday/runs"
	"gameday/scenarios"
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

// An instant wire answers at once.
type instant struct{}

func (instant) carry(c targets.Call, _ time.Time, _ bool) (reply, error) {
	if c.Learn != nil {
		return reply{status: 200, json: true, body: []byte(`{"id":"1"}`)}, nil
	}
	return reply{status: 200, json: true}, nil
}

func (instant) cut() {}

// BenchmarkPipeline is what a request costs besides its wire: schedule, pacer,
// Vegeta, call, and book.
func BenchmarkPipeline(b *testing.B) {
	s := night(b, fmt.Sprintf(`
name: night
asks: How much is it?
seed: 1
population: {accounts: 2}
crowds: [{name: all, rate: %d/s, arrivals: poisson, do: [home 80, user 7, status 6, like 4, boost 1, post 2]}]
phases: [{name: all, for: 1s}]
`, b.N))
	target := targets.Target{Name: "t", URL: "http://127.0.0.1:1", Dialect: targets.DialectMastodon}
	api, _, err := target.Open(b.Context(), targets.Opening{
		Accounts: []targets.Account{{ID: "1", Token: "t"}}, Hot: 1, Actions: s.Crowds[0].Do,
		Transport: fake(func(r *http.Request) *http.Response {
			if strings.Contains(r.URL.Path, "timelines") {
				return answer(200, "application/json", `[{"id":"1"}]`)
			}
			return answer(200, "application/json", `{"id":"1","version":"x"}`)
		}),
	})
	if err != nil {
		b.Fatal(err)
	}
	schedule := scenarios.NewSchedule(s, 1)
	p := &play{Harness: &Harness{Scale: 1}, schedule: schedule, wire: instant{}, api: api, run: &runs.Run{Scenario: s, Phases: phases(schedule)}}
	b.ReportAllocs()
	b.ResetTimer()
	if err := p.begin(); err != nil {
		b.Fatal(err)
	}
	p.start = p.start.Add(-time.Second) // all is due at once
	p.press(b.Context())
}
