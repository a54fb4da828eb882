package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"
)

// An nginx is the service that is pressed, on a core of its own.
type nginx struct {
	url     string
	version string
	cmd     *exec.Cmd
	errors  string // the file it complains in
}

var nginxAddress = regexp.MustCompile(`127\.0\.0\.1:[0-9]+`)

// startNginx starts nginx as the file says, but on a free port.
func startNginx(ctx context.Context, s *shop, conf string) (*nginx, error) {
	if err := openMany(); err != nil {
		return nil, err
	}
	program, err := s.get(ctx, program{name: "nginx", deb: "nginx-light"})
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(conf)
	if err != nil {
		return nil, fmt.Errorf("reading nginx's configuration: %w", err)
	}
	if len(nginxAddress.FindAll(text, -1)) != 1 {
		return nil, fmt.Errorf("%s does not listen on exactly one address like 127.0.0.1:18080", conf)
	}
	port, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("looking for a free port: %w", err)
	}
	address := port.Addr().String()
	port.Close()
	dir := filepath.Join(s.work, "nginx")
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, fmt.Errorf("making nginx's folder: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "nginx.conf"), nginxAddress.ReplaceAll(text, []byte(address)), 0o644); err != nil {
		return nil, fmt.Errorf("writing nginx's configuration: %w", err)
	}
	n := &nginx{url: "http://" + address + "/", version: program.version, errors: filepath.Join(dir, "errors")}
	if err := n.start(program.path, dir); err != nil {
		return nil, fmt.Errorf("starting nginx: %w", err)
	}
	if err := n.answers(ctx); err != nil {
		n.stop()
		return nil, err
	}
	return n, nil
}

func (n *nginx) start(path, dir string) error {
	complaints, err := os.Create(n.errors)
	if err != nil {
		return err
	}
	defer complaints.Close()
	n.cmd = pinned(context.Background(), nginxCore, path, "-p", dir, "-c", filepath.Join(dir, "nginx.conf"))
	n.cmd.Stderr = complaints
	return n.cmd.Start()
}

// answers waits until nginx answers, five seconds at the most.
func (n *nginx) answers(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, n.url, nil)
		if err != nil {
			return err
		}
		if response, err := client.Do(request); err == nil {
			response.Body.Close()
			return nil
		}
		if !sleep(ctx, 50*time.Millisecond) {
			break
		}
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	said, _ := os.ReadFile(n.errors) // what it complained of, if it did
	return fmt.Errorf("nginx does not answer: %s", lastLine(said))
}

// halt makes nginx and its worker stand still, until goOn.
func (n *nginx) halt() error { return signalGroup(n.cmd, halt) }

func (n *nginx) goOn() error { return signalGroup(n.cmd, goOn) }

// stop ends nginx, even if it stands still.
func (n *nginx) stop() {
	_ = n.goOn() // it may be gone already
	_ = signalGroup(n.cmd, quit)
	ended := make(chan struct{})
	go func() { _ = n.cmd.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(2 * time.Second):
		_ = signalGroup(n.cmd, kill)
		<-ended
	}
}

// pinned is a command that runs on one core and in a group of its own, and is
// killed with all it started when ctx ends.
func pinned(ctx context.Context, core int, command ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "taskset", append([]string{"-c", strconv.Itoa(core)}, command...)...)
	apart(cmd)
	cmd.Cancel = func() error { return signalGroup(cmd, kill) }
	cmd.WaitDelay = time.Second
	return cmd
}

// sleep reports false if ctx ended before the time was over.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
