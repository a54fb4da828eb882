package cli

import (
	"errors"
	"fmt"
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

// serveMetrics listens where the configuration says. If nobody chose the address
// and it is taken, as by another gameday, any free port will do.
func (r *runner) serveMetrics() (*metricsServer, error) {
	m := &metricsServer{figures: harness.NewMetrics()}
	at := r.config.Metrics.Listen
	if at == off {
		return m, nil
	}
	l, err := net.Listen("tcp", at)
	if err != nil && !r.config.metricsChosen {
		l, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		return nil, fmt.Errorf("listening for Prometheus at %s: %w", at, err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m.figures.Handler())
	m.server = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		if err := m.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			fmt.Fprintf(r.stderr, "gameday: serving metrics: %v\n", err)
		}
	}()
	if !r.quiet {
		fmt.Fprintf(r.stderr, "metrics at http://%s/metrics\n", l.Addr())
	}
	return m, nil
}

// Close stops listening.
func (m *metricsServer) Close() error {
	if m.server == nil {
		return nil
	}
	return m.server.Close()
}
