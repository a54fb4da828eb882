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

	"github.com/spf13/cobra"
)

// defaultDashboard is where pages are to be had if nobody says.
const defaultDashboard = "127.0.0.1:7777"

func serveCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "serve",
		Short: "Serve the runs as web pages",
		Long: "Serves a page with the runs under --out, how each scenario fared lately, and a page a run.\n" +
			"Nothing can be changed there. It ends with Ctrl-C.",
		Args: arguments(0, 0),
	}
	out := c.Flags().String("out", defaultOut, "folder in which the runs are")
	listen := c.Flags().String("listen", defaultDashboard, "address to listen on; the next free port if it is taken")
	c.RunE = func(c *cobra.Command, _ []string) error {
		host, _, err := splitAddress(*listen)
		if err != nil {
			return fmt.Errorf("--listen: %w", err)
		}
		l, err := listenFor(*listen, c.ErrOrStderr())
		if err != nil {
			return err
		}
		ctx, stop := untilSignal()
		defer stop()
		fmt.Fprintf(c.OutOrStdout(), "the runs in %s are at http://%s/\n", *out, l.Addr())
		return servePages(ctx, l, doorman(newSite(*out), host, l), c.ErrOrStderr())
	}
	return c
}

// listenFor listens near an address for pages, and says so if it is not there, or if
// others can come.
func listenFor(address string, stderr io.Writer) (net.Listener, error) {
	l, taken, err := listenNear(address)
	if err != nil {
		return nil, fmt.Errorf("listening: %w", err)
	}
	if taken {
		fmt.Fprintf(stderr, "%s is taken; serving on %s\n", address, l.Addr())
	}
	if !local(l) {
		fmt.Fprintf(stderr, "anybody who can reach %s can read the runs\n", l.Addr())
	}
	return l, nil
}

// local reports whether only this machine can reach a listener.
func local(l net.Listener) bool {
	at, ok := l.Addr().(*net.TCPAddr)
	return ok && at.IP.IsLoopback()
}

// servePages serves until ctx ends, then finishes what it has begun. Who is slow to
// ask, or to read, is not waited for.
func servePages(ctx context.Context, l net.Listener, pages http.Handler, stderr io.Writer) error {
	server := &http.Server{
		Handler: pages, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: time.Minute,
		IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10, ErrorLog: log.New(stderr, "gameday: ", 0),
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	select {
	case err := <-served:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := server.Shutdown(drain); !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return server.Close()
}
