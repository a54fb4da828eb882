package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"runtime"

	"github.com/spf13/cobra"

	"gameday/reports"
	"gameday/runs"
	"gameday/selftest"
)

// selftestPlan is how long the selftest measures. Tests shorten it.
var selftestPlan = selftest.Whole

func selftestCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "selftest",
		Short: "Prove that this host can measure",
		Long: "Holds what gameday reports on this host against a small server of known behaviour: pacing, percentiles, a freeze,\n" +
			"the top rate, and memory. It takes under a minute, and wants the host for itself. Runs with the same --out carry\n" +
			"the newest outcome in their record.\n\n" +
			"Exits 0 this host can measure, 1 it cannot, 3 unclear, 4 ended early.",
		Args: arguments(0, 0),
	}
	out := c.Flags().String("out", defaultOut, "folder in which "+runs.SelftestFile+" is kept")
	format := c.Flags().String("format", "text", "text or json")
	c.RunE = func(c *cobra.Command, _ []string) error {
		write := reports.Selftest
		switch *format {
		case "text":
		case "json":
			write = func(w io.Writer, s *runs.Selftest) error { return s.Write(w) }
		default:
			return fmt.Errorf("--format %q: want text or json", *format)
		}
		ctx, stop := untilSignal()
		defer stop()
		if err := os.MkdirAll(*out, 0o755); err != nil {
			return fmt.Errorf("making the out folder: %w", err)
		}
		s, err := testHost(ctx, c.ErrOrStderr())
		if err != nil {
			return err
		}
		if err := errors.Join(write(c.OutOrStdout(), s), s.Save(*out)); err != nil {
			return err
		}
		if s.Verdict != runs.Pass {
			return &exit{code: exitOf(s.Verdict)}
		}
		return nil
	}
	return c
}

// testHost tests this host against a server in a process of its own.
func testHost(ctx context.Context, stderr io.Writer) (*runs.Selftest, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go new(garbage).keep(ctx)
	server, err := startChild(ctx, stderr, "the selftest's server", 1, nil, "selftest-server")
	if err != nil {
		return nil, err
	}
	defer server.stop()
	t := selftest.Test{
		URL: server.url, PID: server.cmd.Process.Pid, Version: version(), Plan: selftestPlan,
		Say: func(what string) { fmt.Fprintln(stderr, what) },
	}
	s, err := t.Run(ctx)
	if ctx.Err() != nil {
		return nil, &exit{exitAborted, fmt.Errorf("ended early: %w", context.Cause(ctx))}
	}
	return s, err
}

// selftestServerCommand is what the selftest starts as its server.
func selftestServerCommand() *cobra.Command {
	return &cobra.Command{
		Use: "selftest-server", Short: "Be the server of the selftest, until standard input ends", Hidden: true,
		Args: arguments(0, 0),
		RunE: func(c *cobra.Command, _ []string) error {
			runtime.GOMAXPROCS(selftest.Threads)
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return fmt.Errorf("listening: %w", err)
			}
			ctx, stop := context.WithCancel(context.Background())
			go func() {
				io.Copy(io.Discard, c.InOrStdin())
				stop()
			}()
			fmt.Fprintf(c.OutOrStdout(), "selftest%shttp://%s\n", listening, l.Addr())
			return selftest.Serve(ctx, l)
		},
	}
}

// addSelftest puts the newest selftest of this host into the record of a run, if
// there is one under out. Whatever is wrong with it is no trouble of the run's.
func addSelftest(run *runs.Run, out string, stderr io.Writer) {
	s, err := runs.LoadSelftest(out)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		complain(stderr, fmt.Errorf("the selftest is left out of the record: %w", err))
	case !s.Host.Same(run.Host):
		complain(stderr, fmt.Errorf("the selftest in %s is left out of the record: it is of another host, %s with %d CPUs", out, s.Host.Name, s.Host.CPUs))
	default:
		run.Selftest = s
	}
}
