package cli

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strconv"
	"sync"

	"gameday/faults"
	"gameday/scenarios"
	"gameday/targets"
	"gameday/timeline"
)

// An embeddedService is the timeline service of one play. It can be killed and started again,
// at the same address and with the same people, though not with what they posted.
type embeddedService struct {
	scenario *scenarios.Scenario
	stderr   io.Writer
	token    string // of its control
	knobs    string // file, empty: the defaults

	mu    sync.Mutex
	child *child
}

// startEmbedded starts this very binary as a timeline service with the
// scenario's population and knobs, and waits until it listens.
func startEmbedded(ctx context.Context, s *scenarios.Scenario, stderr io.Writer) (*embeddedService, error) {
	g := &embeddedService{scenario: s, stderr: stderr, token: rand.Text()}
	if err := g.writeKnobs(); err != nil {
		return nil, err
	}
	err := g.start(ctx, "127.0.0.1:0", "127.0.0.1:0")
	if err != nil {
		g.stop()
		return nil, err
	}
	return g, nil
}

// writeKnobs leaves the scenario's knobs in a file, as JSON is YAML too.
func (g *embeddedService) writeKnobs() error {
	if len(g.scenario.Knobs) == 0 {
		return nil
	}
	text, err := json.Marshal(g.scenario.Knobs)
	if err != nil {
		return fmt.Errorf("the knobs of the embedded service: %w", err)
	}
	file, err := os.CreateTemp("", "gameday-knobs-*.yaml")
	if err != nil {
		return fmt.Errorf("the knobs of the embedded service: %w", err)
	}
	g.knobs = file.Name()
	_, err = file.Write(text)
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("the knobs of the embedded service: %w", err)
	}
	return nil
}

func (g *embeddedService) start(ctx context.Context, listen, control string) error {
	p := g.scenario.Population
	args := []string{"timeline", "--listen", listen, "--control", control, "--until-eof",
		"--accounts", strconv.Itoa(p.Accounts),
		"--followers", strconv.FormatFloat(p.Followers, 'f', -1, 64),
		"--seed", strconv.FormatUint(g.scenario.Seed, 10)}
	if g.knobs != "" {
		args = append(args, "--knobs", g.knobs)
	}
	c, err := startChild(ctx, g.stderr, "the embedded service", 2, []string{controlToken + "=" + g.token}, args...)
	if err != nil {
		return err
	}
	yield(c.cmd)
	g.child = c
	return nil
}

// restart starts the service again where it was, once it is gone.
func (g *embeddedService) restart(ctx context.Context) (pid int, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	was := g.child
	select {
	case <-was.gone:
	case <-ctx.Done():
		return 0, fmt.Errorf("the embedded service has not ended: %w", context.Cause(ctx))
	}
	if err := g.start(ctx, host(was.urls[0]), host(was.urls[1])); err != nil {
		return 0, err
	}
	return g.child.cmd.Process.Pid, nil
}

// site is what of the service can be broken. The link listens wherever there is
// room.
func (g *embeddedService) site() faults.Site {
	return faults.Site{
		Links:     []faults.Link{{Name: "front", Listen: "127.0.0.1:0", Upstream: host(g.child.urls[0])}},
		Processes: []faults.Process{{Name: "timeline", PID: g.child.cmd.Process.Pid, Restart: g.restart}},
		Control:   faults.Control{URL: g.child.urls[1], Secret: g.token},
	}
}

func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Host
}

// stop ends the service and waits until it is gone.
func (g *embeddedService) stop() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.child != nil {
		g.child.stop()
	}
	if g.knobs != "" {
		os.Remove(g.knobs)
	}
}

// everybody are the accounts of the embedded service.
func everybody(s *scenarios.Scenario) []targets.Account {
	all := make([]targets.Account, s.Population.Accounts)
	for i := range all {
		all[i] = targets.Account{ID: strconv.Itoa(i + 1), Token: timeline.Token(s.Seed, i+1)}
	}
	return all
}
