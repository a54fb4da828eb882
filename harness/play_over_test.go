package harness

import (
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"gameday/runs"
	"gameday/scenarios"
	"gameday/targets"
)

// TestPlayOver plays over each transport: every request is answered, and the
// record says how it travelled.
func TestPlayOver(t *testing.T) {
	a := newAuthority(t)
	good := &tls.Config{Certificates: []tls.Certificate{a.issue(t, nil)}}
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) })
	plain := httptest.NewServer(echo)
	t.Cleanup(plain.Close)
	for name, address := range map[string]string{
		"http1": serve(t, targets.TransportHTTP1, good, echo),
		"net":   serve(t, targets.TransportNet, good, echo),
		"h2":    serve(t, targets.TransportH2, good, echo),
		"h2c":   h2cServer(t, echo),
		"h3":    serve(t, targets.TransportH3, good, echo),
		"auto":  plain.URL,
	} {
		t.Run(name, func(t *testing.T) {
			target := targets.Target{Name: "t", URL: address, Dialect: targets.DialectHTTP, Transport: name, TLS: targets.TLS{CA: a.file}}
			if strings.HasPrefix(address, "http:") {
				target.TLS = targets.TLS{}
			}
			run, err := (&Harness{Scale: 1, Clients: scenarios.Clients{Timeout: patience}}).Play(t.Context(), night(t, `
name: night
asks: Does it get there?
seed: 1
crowds: [{name: all, rate: 200/s, do: [{name: get, path: /a}, {name: post, method: POST, path: /b, body: hello}]}]
phases: [{name: night, for: 1s}]
expect: [success >= 100%]
`), target)
			if err != nil {
				t.Fatal(err)
			}
			if want := strings.Replace(name, "auto", "http1", 1); run.Target.Transport != want {
				t.Errorf("it travelled over %s", run.Target.Transport)
			}
			if all := run.Sum(nil); all.Offered != 200 || all.Failures() != 0 || run.Findings[0].Verdict == runs.Fail {
				t.Errorf("of %d requests failed %v: %+v", all.Offered, all.Failed, run.Findings)
			}
		})
	}
}
