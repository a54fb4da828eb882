package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// A bench is where tools are run, one at a time.
type bench struct {
	nginx    *nginx
	work     string
	pause    time.Duration // before each run, for what the one before left behind
	grace    time.Duration // after its load, in which a tool must end or is killed
	progress func(format string, args ...any)
}

// try runs a tool once. Whatever befalls the tool is an outcome; an error is that
// nginx failed, or that ctx ended.
func (b *bench) try(ctx context.Context, t *tool, path string, l load) (outcome, error) {
	sleep(ctx, b.pause)
	if err := b.nginx.answers(ctx); err != nil {
		return outcome{}, err
	}
	l.url = b.nginx.url
	dir, err := os.MkdirTemp(b.work, t.program.name+"-")
	if err != nil {
		return outcome{}, fmt.Errorf("making a folder for %s: %w", t.name, err)
	}
	defer os.RemoveAll(dir)
	if t.files != nil {
		for name, text := range t.files(l) {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
				return outcome{}, fmt.Errorf("writing what %s reads: %w", t.name, err)
			}
		}
	}
	o, err := b.press(ctx, t, path, dir, l)
	if ctx.Err() != nil {
		return o, ctx.Err()
	}
	return o, err
}

// press runs the tool, while nginx stands still if the load says so, and reads
// what it says.
func (b *bench) press(ctx context.Context, t *tool, path, dir string, l load) (outcome, error) {
	o := outcome{load: l}
	limited, cancel := context.WithTimeout(ctx, l.lasts+b.grace)
	defer cancel()
	still := make(chan error, 1)
	go func() { still <- standStill(limited, l.haltAfter, l.haltFor, b.nginx.halt, b.nginx.goOn) }()
	end := capture(pinned(limited, toolCore, append([]string{path}, t.args(l)...)...), dir)
	late := errors.Is(limited.Err(), context.DeadlineExceeded)
	cancel()
	if err := <-still; err != nil {
		return o, err
	}
	o.memory, o.atMost = end.memory, end.atMost
	if late {
		o.trouble = fmt.Sprintf("it was still at it %v after its %v were over", b.grace, l.lasts)
		return o, nil
	}
	out, complaints := end.out, end.complaints
	if t.tell != nil {
		// A command that says in its exit code how the run went has not failed.
		out = capture(pinned(ctx, toolCore, append([]string{path}, t.tell...)...), dir).out
	}
	var err error
	o.report, err = t.read(l, out, complaints)
	err = cmp.Or(err, t.check(o.report))
	if err != nil {
		o.trouble = err.Error()
		if end.failed != nil {
			o.trouble = fmt.Sprintf("%v: %s", end.failed, cmp.Or(lastLine(complaints), lastLine(out)))
		}
	}
	return o, nil
}

// An ending is what a command left when it ended.
type ending struct {
	out, complaints []byte // what it wrote to its two outputs
	memory          uint64 // the most it had resident, in bytes
	atMost          bool   // memory is only an upper bound
	failed          error  // it could not be started, or exited with another code than 0
}

// capture runs a command in dir. It writes to files, so that nobody has to read
// along while it runs.
func capture(cmd *exec.Cmd, dir string) ending {
	cmd.Dir = dir
	paths := [2]string{filepath.Join(dir, "stdout"), filepath.Join(dir, "stderr")}
	for i, to := range [2]*io.Writer{&cmd.Stdout, &cmd.Stderr} {
		f, err := os.Create(paths[i])
		if err != nil {
			return ending{failed: err}
		}
		defer f.Close()
		*to = f
	}
	forgetPeak()
	if err := cmd.Start(); err != nil {
		return ending{failed: err}
	}
	floor := ownPeak()
	e := ending{failed: cmd.Wait()}
	e.memory = max(peak(cmd.ProcessState), floor)
	e.atMost = e.memory == floor
	e.out, _ = os.ReadFile(paths[0]) // what cannot be read is missed by whoever reads it
	e.complaints, _ = os.ReadFile(paths[1])
	return e
}
