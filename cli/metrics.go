package cli

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"gameday/harness"
	"gameday/runs"
)

// A metricsServer lets Prometheus scrape the plays of one call, and pushes them.
type metricsServer struct {
	figures *harness.Metrics
	pusher  *harness.Pusher
	server  *http.Server // nil: nobody listens
}

// serveMetrics listens and pushes where the configuration says.
func (r *runner) serveMetrics() (*metricsServer, error) {
	m := &metricsServer{figures: harness.NewMetrics()}
	say := r.stderr
	if r.quiet {
		say = io.Discard
	}
	var err error
	if m.pusher, err = r.config.pusher(m.figures, r.stderr); err != nil {
		return nil, err
	}
	m.server, err = r.config.serveMetrics(m.figures.Handler(), say, r.stderr)
	return m, err
}

// serveMetrics lets Prometheus scrape what a handler answers, where the
// configuration says; nil: nowhere. If nobody chose the address and it is taken, as
// by another gameday, any free port will do.
func (c *Config) serveMetrics(handler http.Handler, say, stderr io.Writer) (*http.Server, error) {
	at := c.Metrics.Listen
	if at == off {
		return nil, nil
	}
	l, err := net.Listen("tcp", at)
	if err != nil && !c.metricsChosen {
		l, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		return nil, fmt.Errorf("listening for Prometheus at %s: %w", at, err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", handler)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			fmt.Fprintf(stderr, "gameday: serving metrics: %v\n", err)
		}
	}()
	fmt.Fprintf(say, "metrics at http://%s/metrics\n", l.Addr())
	return server, nil
}

// pusher pushes the figures where the configuration says, and tells of trouble.
func (c *Config) pusher(figures *harness.Metrics, stderr io.Writer) (*harness.Pusher, error) {
	p := &harness.Pusher{Metrics: figures, To: c.Metrics.Push, Version: version()}
	p.Say = func(trouble string) {
		fmt.Fprintf(stderr, "gameday: %s; the play goes on, and it is tried again\n", trouble)
	}
	if file := c.Metrics.PushToken; file != "" {
		token, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("metrics.push_token: %w", err)
		}
		if p.Token = strings.TrimSpace(string(token)); p.Token == "" {
			return nil, fmt.Errorf("metrics.push_token: %s is empty", file)
		}
	}
	return p, nil
}

// begin begins a play.
func (m *metricsServer) begin(run *runs.Run) {
	m.figures.Begin(run)
	m.pusher.Host = run.Host.Name
	m.pusher.Begin()
}

// end ends a play; run is nil if it could not be played to an end. What could not be
// pushed is noted in the record, and changes no verdict.
func (m *metricsServer) end(run *runs.Run) {
	if run != nil {
		m.figures.End(run)
	}
	if note := m.pusher.End(); note != "" && run != nil {
		run.Generator.Notes = append(run.Generator.Notes, note)
	}
}

// Close stops listening.
func (m *metricsServer) Close() error {
	if m.server == nil {
		return nil
	}
	return m.server.Close()
}
