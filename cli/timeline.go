package cli

import (
	"context"
	"crypto/rand"
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

// controlToken is the variable with the token of the control listener.
const controlToken = "GAMEDAY_CONTROL_TOKEN"

// served says where and as what the timeline service is to run.
type served struct {
	listen         string
	control        string // empty: no control listener
	controlAnyhost bool
	options        timeline.Options
}

func timelineCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "timeline",
		Short: "Run the reference timeline service by itself",
		Long: "Runs the reference timeline service: Mastodon's client API over a made-up population.\n" +
			"It prints its address, and a token to try it with.\n\n" +
			"With --control it can be broken and mended while it runs, by who has the token in " + controlToken + ";\n" +
			"if there is none, one is made up and printed.",
		Args: arguments(0, 0),
	}
	f := c.Flags()
	s := served{}
	f.StringVar(&s.listen, "listen", "127.0.0.1:8080", "address to listen on")
	accounts := f.Int("accounts", scenarios.DefaultPopulation.Accounts, "people in the population")
	followers := f.Float64("followers", scenarios.DefaultPopulation.Followers, "rank exponent of the follower counts")
	seed := f.Uint64("seed", 0, "of the population")
	knobs := f.String("knobs", "", "file with the knobs of the service, such as timeline.yaml")
	store := f.String("store", "", "where everything is kept, such as redis://127.0.0.1:6379/0 (in memory)")
	f.StringVar(&s.control, "control", "", "loopback address to control the service at (nowhere)")
	f.BoolVar(&s.controlAnyhost, "control-any-host", false, "let --control be another address than loopback")
	untilEOF := f.Bool("until-eof", false, "end when standard input ends")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if *accounts == 0 || *followers == 0 {
			return errors.New("--accounts and --followers: want more than zero") // which the service takes for its defaults
		}
		s.options = timeline.Options{Accounts: *accounts, Followers: *followers, Seed: *seed, Store: *store, Version: "4.3.0+gameday." + version()}
		if *knobs != "" {
			var err error
			if s.options.Knobs, err = loadKnobs(*knobs); err != nil {
				return err
			}
		}
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		if *untilEOF {
			go func() {
				io.Copy(io.Discard, c.InOrStdin())
				stop()
			}()
		}
		return s.serve(ctx, c.OutOrStdout(), c.ErrOrStderr())
	}
	return c
}

// serve serves until ctx ends, then finishes what it has begun.
func (s *served) serve(ctx context.Context, stdout, stderr io.Writer) error {
	l, err := net.Listen("tcp", s.listen)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	defer l.Close()
	var control net.Listener
	if s.control != "" {
		if control, err = listenControl(s.control, s.controlAnyhost); err != nil {
			return err
		}
		defer control.Close()
	}
	service, err := timeline.New(s.options)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "timeline%shttp://%s\n", listening, l.Addr())
	fmt.Fprintf(stdout, "account 1 signs in with the token %s\n", timeline.Token(s.options.Seed, 1))
	if control != nil {
		token := os.Getenv(controlToken)
		fmt.Fprintf(stdout, "control listening on http://%s\n", control.Addr())
		if token == "" {
			token = rand.Text()
			fmt.Fprintf(stdout, "control token is %s\n", token)
		}
		server := &http.Server{Handler: service.Control(token), ReadTimeout: 10 * time.Second, IdleTimeout: time.Minute}
		defer server.Close()
		go server.Serve(control)
	}
	if most := openFiles(); most > 0 && most < uint64(service.Streams()+spareFiles) {
		fmt.Fprintf(stderr, "gameday: this process may open %d files, so at most %d of %d streams at once; raise the limit (ulimit -n)\n",
			most, max(0, int(most)-spareFiles), service.Streams())
	}
	return service.Serve(ctx, l)
}

// listenControl listens at an address that only this machine can reach, unless
// anything else is wanted.
func listenControl(address string, anyHost bool) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("--control: %w", err)
	}
	if at, ok := l.Addr().(*net.TCPAddr); !anyHost && (!ok || !at.IP.IsLoopback()) {
		l.Close()
		return nil, fmt.Errorf("--control %s: others could reach that; want a loopback address, or --control-any-host", address)
	}
	return l, nil
}

// spareFiles is how many files are open besides streams, about.
const spareFiles = 256
