// Package main measures gameday beside its peers. It installs them, starts
// nginx on one core, runs each on another at rising rates and through a service
// that stands still, and writes what they said as ratios into bench/README.md.
//
//	go run ./bench/peers [-quick] [-only NAME,NAME] [-readme FILE]
//
// It wants Linux, two cores to itself, Debian's packages and Go's modules; what
// cannot be installed is left out, and the tables say so. Nothing but loopback
// is pressed. It takes less than half an hour, and exits 0 if the tables were
// made, 1 if they could not be, 2 if it was called wrongly or lacks a core.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// The cores of the two sides.
const (
	toolCore  = 0
	nginxCore = 1
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], runtime.NumCPU(), os.Stdout, os.Stderr))
}

// run does it all, on a machine with that many cores, and returns what to exit
// with. The tables go to stdout too, what it is doing to stderr.
func run(ctx context.Context, args []string, cores int, stdout, stderr io.Writer) int {
	order, err := readOrder(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err == nil && cores < 2 {
		err = errors.New("two cores are needed, one for nginx and one for who presses it; here is one")
	}
	if err != nil {
		fmt.Fprintln(stderr, "peers:", err)
		return 2
	}
	err = order.carryOut(ctx, stdout, stderr)
	if errors.Is(err, context.Canceled) {
		err = errors.New("stopped before the end; no table was written")
	}
	if err != nil {
		fmt.Fprintln(stderr, "peers:", err)
		return 1
	}
	return 0
}

// An order is what the command line asks for.
type order struct {
	plan   plan
	tools  []tool
	readme string // where the tables go; empty: bench/README.md
	trial  bool   // the tables go to no file that was not named
}

func readOrder(args []string, stderr io.Writer) (*order, error) {
	flags := flag.NewFlagSet("peers", flag.ContinueOnError)
	flags.SetOutput(stderr)
	quick := flags.Bool("quick", false, "try it out: one repetition, short steps, few rates")
	only := flags.String("only", "", "names of programs, parted by commas: "+strings.Join(programNames(), ", "))
	readme := flags.String("readme", "", "where the tables go; by default bench/README.md, and with -quick or -only nowhere")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("%q is no flag", flags.Arg(0))
	}
	picked, err := pick(*only)
	if err != nil {
		return nil, err
	}
	o := &order{plan: full, tools: picked, readme: *readme, trial: *quick || *only != ""}
	if *quick {
		o.plan = short
	}
	return o, nil
}

func (o *order) carryOut(ctx context.Context, stdout, stderr io.Writer) error {
	root, err := repository(ctx)
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "gameday-peers-")
	if err != nil {
		return fmt.Errorf("making a folder to work in: %w", err)
	}
	defer os.RemoveAll(work)
	progress := func(format string, args ...any) {
		fmt.Fprintf(stderr, time.Now().Format(time.TimeOnly)+"  "+format+"\n", args...)
	}
	b := &bench{work: work, pause: 300 * time.Millisecond, grace: 15 * time.Second, progress: progress}
	shop := &shop{root: root, work: work, progress: progress}
	if b.nginx, err = startNginx(ctx, shop, filepath.Join(root, "bench", "nginx.conf")); err != nil {
		return err
	}
	defer b.nginx.stop()
	t := table{date: time.Now(), host: thisHost(), plan: o.plan, nginx: b.nginx.version}
	if t.rows, err = b.measureAll(ctx, shop, o); err != nil {
		return err
	}
	block := t.markdown()
	fmt.Fprint(stdout, block)
	if o.readme == "" && o.trial {
		return nil
	}
	if o.readme == "" {
		o.readme = filepath.Join(root, "bench", "README.md")
	}
	return writeBlock(o.readme, block)
}

// repository is the folder of gameday's sources.
func repository(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	mod := strings.TrimSpace(string(out))
	if err != nil || filepath.Base(mod) != "go.mod" {
		return "", errors.New("it must be run in a clone of gameday, with Go installed")
	}
	return filepath.Dir(mod), nil
}
