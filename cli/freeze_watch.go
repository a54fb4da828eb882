package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gameday/freeze"
)

func freezeWatchCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "watch",
		Short: "Verify again and again, and tell Prometheus, a webhook or a command",
		Long: "Verifies the freeze at every interval, until it is interrupted. What came and went in between is seen where a\n" +
			"target has a Prometheus server for a source. A violation is sent as JSON to a webhook and to the standard input\n" +
			"of a command; the webhook's URL may also stand in " + webhookVariable + ".\n\n" +
			"Exits 0 honoured or exempted all the time, 5 violated at any time, 3 if at the end not all of it is known.",
		Args: arguments(0, 0),
	}
	askWhich(c)
	f := c.Flags()
	lock := f.String("lock", "", "file of freeze capture (default freeze.lock.json)")
	every := f.Duration("every", 30*time.Second, "interval")
	length := f.Duration("for", 0, "how long to watch (default: until interrupted)")
	webhook := f.String("webhook", "", "URL that a violation is posted to")
	command := f.String("command", "", "shell command that is run on a violation")
	asJSON := f.Bool("json", false, "a line of JSON for every verification")
	f.String("metrics", "", "address for Prometheus to scrape, or off (default 127.0.0.1:9464)")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if *every < time.Second/10 || *length < 0 {
			return errors.New("--every and --for: want an interval of at least 100ms, and a length of zero or more")
		}
		v, err := newVerifier(c, *lock)
		if err != nil {
			return err
		}
		a := alarm{url: *webhook, command: *command, output: c.ErrOrStderr()}
		if a.url == "" {
			a.url = os.Getenv(webhookVariable)
		}
		if err := a.check(); err != nil {
			return err
		}
		state, err := v.watch(*every, *length, a, *asJSON)
		if err != nil {
			return err
		}
		if code := exitOfFreeze(state); code != exitPass {
			return &exit{code: code}
		}
		return nil
	}
	return c
}

// webhookVariable holds the URL of the webhook, which may be a secret.
const webhookVariable = "GAMEDAY_FREEZE_WEBHOOK"

// watch verifies until it is over or interrupted, and returns the worst.
func (v *verifier) watch(every, length time.Duration, a alarm, asJSON bool) (freeze.State, error) {
	stdout, stderr := v.command.OutOrStdout(), v.command.ErrOrStderr()
	exporter := freeze.NewExporter(v.config.windows)
	server, err := v.config.serveMetrics(exporter.Handler(), stderr, stderr)
	if err != nil {
		return freeze.Unknown, err
	}
	if server != nil {
		defer server.Close()
	}
	ctx, stop := untilSignal()
	defer stop()
	said := ""
	w := freeze.Watch{
		Every: every, For: length, Since: v.lock.Captured, Alarm: a.raise,
		Verify:   v.verify,
		Complain: func(err error) { complain(stderr, err) },
		Show: func(now freeze.Verification) {
			exporter.Observe(now)
			if asJSON {
				json.NewEncoder(stdout).Encode(now)
				return
			}
			text := strings.Builder{}
			tellVerification(&text, now)
			if text.String() != said { // nothing new is no news
				said = text.String()
				fmt.Fprintf(stdout, "%s\n%s", now.At.Format(time.RFC3339), said)
			}
		},
	}
	return w.Run(ctx)
}
