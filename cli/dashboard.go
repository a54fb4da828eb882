package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"gameday/harness"
	"gameday/reports"
	"gameday/runs"
)

// A dashboard shows the plays of one call in browsers while they go on. The zero
// dashboard shows them to nobody.
type dashboard struct {
	url    string
	live   *reports.Live
	server *http.Server
	letGo  context.CancelFunc // of those who look
}

// serveDashboard listens where the configuration says. If nobody chose the address,
// it does so only for who sits at a terminal.
func (r *runner) serveDashboard() (*dashboard, error) {
	at := r.config.Dashboard.Listen
	if at == off || !r.config.dashboardChosen && (r.quiet || !isTerminal(r.stderr)) {
		return &dashboard{}, nil
	}
	say := r.stderr
	if r.quiet {
		say = io.Discard
	}
	l, err := listenFor(at, say)
	if err != nil {
		return nil, fmt.Errorf("the dashboard: %w", err)
	}
	d := startDashboard(l, at, r.stderr)
	fmt.Fprintf(say, "dashboard at %s\n", d.url)
	return d, nil
}

// startDashboard serves at a listener, by the name in the address that was said.
func startDashboard(l net.Listener, said string, stderr io.Writer) *dashboard {
	ctx, letGo := context.WithCancel(context.Background())
	d := &dashboard{url: "http://" + l.Addr().String() + "/", live: reports.NewLive(said), letGo: letGo}
	d.server = &http.Server{
		Handler: d.live, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
		BaseContext: func(net.Listener) context.Context { return ctx }, ErrorLog: log.New(stderr, "gameday: ", 0),
	}
	go func() {
		if err := d.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			complain(stderr, fmt.Errorf("serving the dashboard: %w", err))
		}
	}()
	return d
}

func (d *dashboard) begin(run *runs.Run) {
	if d.live != nil {
		d.live.Begin(run)
	}
}

func (d *dashboard) observe(m harness.Moment) {
	if d.live != nil {
		d.live.Observe(reports.Moment{At: m.At, Rates: m.Rates, InFlight: m.InFlight, Faults: m.Faults, Held: m.Lowered, Entry: m.Entry})
	}
}

func (d *dashboard) end(run *runs.Run) {
	if d.live != nil {
		d.live.End(run)
	}
}

// farewell is how long those who look have to be told of the end.
const farewell = time.Second

// Close lets those who look go, once they were told of the end.
func (d *dashboard) Close() error {
	if d.server == nil {
		return nil
	}
	told, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	go func() {
		<-told.Done()
		d.letGo()
	}()
	if d.server.Shutdown(told) == nil {
		return nil
	}
	return d.server.Close()
}
