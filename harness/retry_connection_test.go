package harness

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"gameday/targets"
)

// TestNewConnection counts the connections of clients whose every first try fails:
// those who want a new one for each try again open as many, others go on with what
// they have.
func TestNewConnection(t *testing.T) {
	for _, transport := range []string{targets.TransportHTTP1, targets.TransportNet} {
		for _, fresh := range []bool{false, true} {
			t.Run(fmt.Sprint(transport, fresh), func(t *testing.T) {
				t.Parallel()
				var opened, asked atomic.Int64
				shop := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if strings.HasPrefix(r.URL.Path, "/a") && asked.Add(1)%2 == 1 {
						w.WriteHeader(http.StatusServiceUnavailable)
					}
				}))
				shop.Config.ConnState = func(_ net.Conn, s http.ConnState) {
					if s == http.StateNew {
						opened.Add(1)
					}
				}
				shop.Start()
				defer shop.Close()
				s := night(t, fmt.Sprintf(`
name: night
asks: How many connections?
seed: 3
clients: {timeout: 5s, retries: {attempts: 2, new_connection: %v}}
crowds: [{name: people, rate: 10/s, do: [{name: a, path: /a}]}]
phases: [{name: all, for: 2s}]
expect: [success >= 1%%]
`, fresh))
				run, err := (&Harness{Scale: 1}).Play(t.Context(), s, targets.Target{Name: "shop", URL: shop.URL, Dialect: targets.DialectHTTP, Transport: transport})
				if err != nil {
					t.Fatal(err)
				}
				sum := run.Sum(nil)
				if sum.Offered != 20 || sum.Attempts != 40 || len(sum.Failed) > 0 {
					t.Errorf("%d requests with %d tries, failed %v", sum.Offered, sum.Attempts, sum.Failed)
				}
				if n := opened.Load(); fresh != (n >= 20) {
					t.Errorf("%d connections", n)
				}
			})
		}
	}
}
