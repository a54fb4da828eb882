package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"gameday/scenarios"
	"gameday/targets"
)

// defaultOut is where run folders go.
const defaultOut = "reports/out"

func runCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "run [SCENARIO ...]",
		Short: "Play scenarios and judge the service",
		Long: "Plays scenarios one after another, the shipped ones by name and your own by file, and judges the service.\n" +
			"Without a name it plays superbowl, without --target against a timeline service that it starts itself.\n\n" +
			"Exits 0 pass, 1 fail, 2 not started, 3 unclear, 4 ended early, 5 frozen.",
		RunE: func(c *cobra.Command, names []string) error {
			if len(names) == 0 {
				names = []string{"superbowl"}
			}
			r, err := newRunner(c, names)
			if err != nil {
				return err
			}
			return r.runAll()
		},
	}
	f := c.Flags()
	f.String("target", "", "a target's name in the configuration, a URL, or embedded (default embedded)")
	f.String("scale", "", "share of the real night (default 1%)")
	f.Uint64("seed", 0, "play another night of the same kind (default: the scenario's)")
	f.String("out", defaultOut, "folder in which each play gets one of its own")
	f.Int("keep", 0, "how many runs stay in the out folder, the newest; 0: all")
	f.String("metrics", "", "address for Prometheus to scrape, or off (default 127.0.0.1:9464)")
	f.String("dashboard", "", "address to show the play at in a browser, or off (default 127.0.0.1:7777, on a terminal)")
	f.Bool("quiet", false, "only the verdict, and no progress")
	baselineFlags(f)
	f.String("during-freeze", "", "play although changes are frozen, for this reason, which goes into the record")
	return c
}

// A runner plays scenarios for one call of the command.
type runner struct {
	config         *Config
	scenarios      []*scenarios.Scenario
	target         targets.Target
	external       bool // not the embedded service
	accounts       []targets.Account
	out            string
	keep           int // runs in out; 0: all
	quiet          bool
	baseline       *baseline
	reason         string // for playing in a freeze
	stdin          io.Reader
	stdout, stderr io.Writer
}

// newRunner checks everything that can be checked before anything is started.
func newRunner(c *cobra.Command, names []string) (*runner, error) {
	config, err := loadConfig(c.Flags())
	wrong := []error{err}
	r := &runner{config: config, stdin: c.InOrStdin(), stdout: c.OutOrStdout(), stderr: c.ErrOrStderr()}
	f := c.Flags()
	r.out, _ = f.GetString("out")
	r.quiet, _ = f.GetBool("quiet")
	r.reason, _ = f.GetString("during-freeze")
	seed, _ := f.GetUint64("seed")
	if r.keep, _ = f.GetInt("keep"); r.keep < 0 {
		wrong = append(wrong, fmt.Errorf("--keep %d: want how many runs are to stay, or 0 for all", r.keep))
	}
	for _, name := range names {
		s, err := scenarios.Load(name)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		if f.Changed("seed") {
			s.Seed = seed
		}
		r.scenarios = append(r.scenarios, s)
	}
	if config != nil {
		wrong = append(wrong, r.findTarget())
	}
	wrong = append(wrong, r.findBaseline(f))
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	frozen := false
	for i, s := range r.scenarios {
		if err := config.checkOutages(scenarios.File(names[i]), s, r.target); err != nil {
			return nil, err
		}
		inFreeze, err := r.allowed(s)
		if err != nil {
			return nil, err
		}
		frozen = frozen || inFreeze
	}
	if !frozen {
		r.reason = "" // there was no need for one
	}
	return r, nil
}

// findTarget takes the target from the configuration and reads its accounts.
func (r *runner) findTarget() (err error) {
	if r.target, r.external, err = r.config.target(); err != nil || r.target.Accounts == "" {
		return err
	}
	if r.accounts, err = targets.LoadAccounts(r.target.Accounts); err != nil {
		return fmt.Errorf("target %s: %w", r.target.Name, err)
	}
	return nil
}

// allowed refuses what safety or a freeze forbids. It reports whether the play
// meets a freeze all the same.
func (r *runner) allowed(s *scenarios.Scenario) (frozen bool, err error) {
	at := "http://127.0.0.1" // where the embedded service will be
	if r.external {
		at = r.target.URL
	}
	if err := r.config.Safety.Check(at, scenarios.NewSchedule(s, r.config.Scale)); err != nil {
		return false, err
	}
	answer, err := r.config.biting(r.target, at).Check(time.Now(), s.Duration())
	if err != nil {
		return false, err
	}
	if answer.Frozen && strings.TrimSpace(r.reason) == "" {
		return true, &exit{exitFrozen, fmt.Errorf("%s: no rehearsal of %s now; --during-freeze REASON overrides", answer, s.Name)}
	}
	return answer.Frozen, nil
}

// runAll plays one scenario after another and returns the worst outcome.
func (r *runner) runAll() error {
	ctx, stop := untilSignal()
	defer stop()
	go new(garbage).keep(ctx)
	if err := mendLeftovers(ctx, r.out, r.stderr); err != nil {
		return &exit{exitUsage, err}
	}
	metrics, err := r.serveMetrics()
	if err != nil {
		return err
	}
	defer metrics.Close()
	dashboard, err := r.serveDashboard()
	if err != nil {
		return err
	}
	defer dashboard.Close()
	worst := exitPass
	for i, s := range r.scenarios {
		if i > 0 && !r.quiet {
			fmt.Fprintln(r.stdout)
		}
		code, err := r.runOne(ctx, s, metrics, dashboard)
		if err != nil {
			return err
		}
		if worse(code, worst) {
			worst = code
		}
		if code == exitAborted {
			break
		}
	}
	if worst != exitPass {
		return &exit{code: worst}
	}
	return nil
}

// untilSignal returns a context that ends with the first signal to stop, and has
// its name for a cause. A second one ends gameday at once.
func untilSignal() (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		defer signal.Stop(signals)
		select {
		case s := <-signals:
			cancel(fmt.Errorf("the signal %q was received", s))
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}

// worse orders what plays exit with: ended early, fail, unclear, pass.
func worse(a, b int) bool {
	order := map[int]int{exitPass: 0, exitUnclear: 1, exitFail: 2, exitAborted: 3}
	return order[a] > order[b]
}

// errBeforeStart is of a signal that came before the play could begin.
var errBeforeStart = &exit{exitAborted, errors.New("ended before the start")}
