package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"gameday/scenarios"
	"gameday/timeline"
)

func timelineCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "timeline",
		Short: "Run the reference timeline service by itself",
		Long: "Runs the reference timeline service: Mastodon's client API over a made-up population, in memory.\n" +
			"It prints its address, and a token to try it with.",
		Args: arguments(0, 0),
	}
	f := c.Flags()
	listen := f.String("listen", "127.0.0.1:8080", "address to listen on")
	accounts := f.Int("accounts", scenarios.DefaultPopulation.Accounts, "people in the population")
	followers := f.Float64("followers", scenarios.DefaultPopulation.Followers, "rank exponent of the follower counts")
	seed := f.Uint64("seed", 0, "of the population")
	untilEOF := f.Bool("until-eof", false, "end when standard input ends")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if *accounts == 0 || *followers == 0 {
			return errors.New("--accounts and --followers: want more than zero") // which the service takes for its defaults
		}
		o := timeline.Options{Accounts: *accounts, Followers: *followers, Seed: *seed, Version: "4.3.0+gameday." + version()}
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		if *untilEOF {
			go func() {
				io.Copy(io.Discard, c.InOrStdin())
				stop()
			}()
		}
		return serveTimeline(ctx, *listen, o, c.OutOrStdout(), c.ErrOrStderr())
	}
	return c
}

// serveTimeline serves until ctx ends, then finishes what it has begun.
func serveTimeline(ctx context.Context, listen string, o timeline.Options, stdout, stderr io.Writer) error {
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	service, err := timeline.New(o)
	if err != nil {
		l.Close()
		return err
	}
	server := &http.Server{
		Handler: service, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
	}
	fmt.Fprintf(stdout, "timeline%shttp://%s\n", listening, l.Addr())
	fmt.Fprintf(stdout, "account 1 signs in with the token %s\n", timeline.Token(o.Seed, 1))
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	select {
	case err := <-served:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(drain); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		fmt.Fprintf(stderr, "gameday: ending the timeline service: %v\n", err)
	}
	return service.Close()
}
