package cli

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"gameday/harness"
)

// A metricsServer lets Prometheus scrape the plays of one call.
type metricsServer struct {
	figures *harness.Metrics
	server  *http.Server // nil: nobody listens
}

// serveMetrics listens where the configuration says.
func (r *runner) serveMetrics() (*metricsServer, error) {
	m := &metricsServer{figures: harness.NewMetrics()}
	say := r.stderr
	if r.quiet {
		say = io.Discard
	}
	var err error
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

// Close stops listening.
func (m *metricsServer) Close() error {
	if m.server == nil {
		return nil
	}
	return m.server.Close()
}
