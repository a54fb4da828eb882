package faults

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A process is one of the site's, with what is known of it.
type process struct {
	Process
	keeper *Keeper // where what gameday starts is written down

	mu   sync.Mutex
	id   identity      // of one that was handed in, or that gameday started
	own  *exec.Cmd     // that gameday started; nil: none
	over chan struct{} // closed when own has ended
	note *note         // that it runs
}

// now is the process that has the name at the moment.
func (p *process) now() (identity, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.PIDFile == "" {
		if p.id == (identity{}) {
			return p.id, errEnded
		}
		return p.id, nil
	}
	info, err := os.Stat(p.PIDFile)
	if err != nil {
		return identity{}, fmt.Errorf("its pid file: %w", err)
	}
	data, err := os.ReadFile(p.PIDFile)
	if err != nil {
		return identity{}, fmt.Errorf("its pid file: %w", err)
	}
	pid, err := strconv.Atoi(string(bytes.TrimSpace(data)))
	if err != nil {
		return identity{}, fmt.Errorf("its pid file %s holds %q; want a pid", p.PIDFile, firstWords(data))
	}
	id, err := identify(pid)
	if err != nil {
		return identity{}, err
	}
	// A process writes its file after it has started; what started later has got
	// the pid of one that is gone.
	if at, known := begun(id); known && at.After(info.ModTime().Add(2*time.Second)) {
		return identity{}, fmt.Errorf("process %d was started after %s was written: it is another one", pid, p.PIDFile)
	}
	return id, nil
}

func firstWords(data []byte) string { return strings.TrimPrefix(firstLine(string(data)), ": ") }

// identify is the process that has a pid, if it may be broken at all.
func identify(pid int) (identity, error) {
	if pid <= 1 || pid == os.Getpid() {
		return identity{}, fmt.Errorf("process %d is not one to break", pid)
	}
	state, start, err := inspect(pid)
	if err == nil && state == dead {
		err = fmt.Errorf("process %d has ended", pid)
	}
	return identity{pid, start}, err
}

// again starts the process again, or waits for somebody else who does, after old
// has ended.
func (p *process) again(ctx context.Context, old identity) error {
	switch {
	case len(p.Run) > 0:
		return p.run()
	case p.PIDFile == "":
		if p.Restart == nil {
			return errors.New("nobody can start it again")
		}
		pid, err := p.Restart(ctx)
		if err != nil {
			return fmt.Errorf("starting it again: %w", err)
		}
		id, err := identify(pid)
		if err != nil {
			return fmt.Errorf("starting it again: %w", err)
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.id = id
		return nil
	case len(p.Start) > 0:
		if o, err := runStep(ctx, Step{Run: p.Start}); err != nil || !o.ok {
			if err == nil {
				err = errors.New(o.said)
			}
			return fmt.Errorf("starting it again: %s: %w", p.Start[0], err)
		}
	}
	for tick := time.NewTicker(look); ; {
		if id, err := p.now(); err == nil && id != old && id.alive() {
			tick.Stop()
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			tick.Stop()
			return fmt.Errorf("it stays away: %s names no new process: %w", p.PIDFile, context.Cause(ctx))
		}
	}
}

// run starts the command that is the process.
func (p *process) run() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	cmd := exec.Command(p.Run[0], p.Run[1:]...)
	said := &head{}
	cmd.Stdout, cmd.Stderr = said, said
	apart(cmd)
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting %s: %w", p.Run[0], err)
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		cmd.Wait()
	}()
	id, err := identify(cmd.Process.Pid)
	if err != nil {
		cmd.Process.Kill()
		<-over
		return fmt.Errorf("starting %s: %w%s", p.Run[0], err, said.line())
	}
	p.id, p.own, p.over = id, cmd, over
	n, err := p.keeper.journal.breaks("run-"+p.Name, "process", processUndo{Run: id})
	if err != nil {
		return errors.Join(err, p.stopLocked(context.Background()))
	}
	before := p.note
	p.note = n
	return before.over()
}

// stop ends the process if gameday started it.
func (p *process) stop(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stopLocked(ctx)
}

func (p *process) stopLocked(ctx context.Context) error {
	if p.own == nil {
		return nil
	}
	if err := p.id.end(ctx); err != nil {
		return fmt.Errorf("process %s: %w", p.Name, err)
	}
	<-p.over
	err := p.note.over()
	p.own, p.note = nil, nil
	return err
}
