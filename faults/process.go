package faults

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

func processKeys(Fault) []string { return []string{"on", "do"} }

var processActs = []string{"pause", "kill", "restart"}

func processMistakes(f Fault) []Mistake {
	var found []Mistake
	if f.On == "" {
		found = append(found, Mistake{"on", "missing; want the name of a process of the target"})
	}
	if !slices.Contains(processActs, f.Do) {
		found = append(found, Mistake{"do", fmt.Sprintf("%q: want one of %s", f.Do, strings.Join(processActs, ", "))})
	}
	return found
}

func processFits(f Fault, s Site) []Mistake {
	var has []string
	for _, p := range s.Processes {
		has = append(has, p.Name)
		if p.Name == f.On && p.PID != 0 && p.Restart == nil && f.Do != "pause" {
			return []Mistake{{"do", fmt.Sprintf("%s: nobody could start %s again", f.Do, p.Name)}}
		}
	}
	return lacks("process", f.On, has)
}

func processPlaces(f Fault) []string { return []string{"the process " + f.On} }

// look is how often something that takes a moment is looked at.
const look = 5 * time.Millisecond

// prepareProcess breaks a process that gameday started, or that the target names:
// there is no other way to say which.
func prepareProcess(ctx context.Context, f Fault, k *Keeper) (breakage, error) {
	p, ok := k.process(f.On)
	if !ok {
		return breakage{}, fmt.Errorf("the target has no process %q", f.On)
	}
	id, err := p.now()
	if err != nil {
		return breakage{}, fmt.Errorf("process %s: %w", f.On, err)
	}
	if f.Do == "pause" {
		return breakage{
			undo:   processUndo{Paused: id},
			inject: id.pause,
			mend:   id.resume,
			bites:  func(context.Context) (bool, error) { return id.paused() },
		}, nil
	}
	return p.gone(f.Do == "restart", id), nil
}

// gone is the breakage of a process that is killed, and of one that is started
// again at once.
func (p *process) gone(restart bool, id identity) breakage {
	var restarted atomic.Bool // and not yet called mended
	mend := func(ctx context.Context) error {
		ctx, cancel := limited(ctx)
		defer cancel()
		if now, err := p.now(); err != nil || !now.alive() {
			if err := p.again(ctx, id); err != nil {
				return fmt.Errorf("process %s: %w", p.Name, err)
			}
		}
		restarted.Store(false)
		return nil
	}
	b := breakage{mend: mend}
	if p.PIDFile != "" {
		b.undo = processUndo{Killed: id, File: absolute(p.PIDFile), Start: p.Start}
	}
	b.inject = func(ctx context.Context) error {
		if err := id.kill(ctx); err != nil {
			return fmt.Errorf("process %s: %w", p.Name, err)
		}
		if !restart {
			return nil
		}
		err := mend(ctx)
		restarted.Store(err == nil)
		return err
	}
	b.bites = func(context.Context) (bool, error) {
		now, err := p.now()
		alive := err == nil && now.alive()
		if restart && !alive {
			return false, fmt.Errorf("process %s was to be restarted, and is not there", p.Name)
		}
		if restart {
			return restarted.Load() && now != id, nil
		}
		return !alive, nil
	}
	return b
}

// processUndo is what another process needs to mend it.
type processUndo struct {
	Paused identity `json:"paused,omitzero"`
	Killed identity `json:"killed,omitzero"`
	File   string   `json:"pid_file,omitempty"`
	Start  []string `json:"start,omitempty"`
	Run    identity `json:"run,omitzero"` // that gameday started, with its group
}

func undoProcess(ctx context.Context, undo json.RawMessage) error {
	var u processUndo
	if err := json.Unmarshal(undo, &u); err != nil {
		return fmt.Errorf("reading how to mend it: %w", err)
	}
	switch {
	case u.Run != identity{}:
		return u.Run.end(ctx)
	case u.Paused != identity{}:
		return u.Paused.resume(ctx)
	}
	p := &process{Process: Process{Name: u.File, PIDFile: u.File, Start: u.Start}}
	return p.gone(false, u.Killed).mend(ctx)
}

// An identity is a process that no other takes the place of: the pid, and when it
// was started, which tells it from a later one of the same pid.
type identity struct {
	PID   int    `json:"pid"`
	Start string `json:"start"`
}

// dead and stopped are states of a process; there are others.
const (
	dead    = 'Z' // ended, and not yet waited for
	stopped = 'T'
)

// alive reports whether the process is still there, and has not ended.
func (id identity) alive() bool {
	state, start, err := inspect(id.PID)
	return err == nil && start == id.Start && state != dead
}

// paused reports whether the process is stopped.
func (id identity) paused() (bool, error) {
	state, start, err := inspect(id.PID)
	if err != nil || start != id.Start || state == dead {
		return false, fmt.Errorf("process %d has ended", id.PID)
	}
	return state == stopped, nil
}

// pause stops the process, and waits until it is.
func (id identity) pause(ctx context.Context) error {
	return id.send(ctx, signalStop, "did not stop", func() (bool, error) { return id.paused() })
}

// resume lets the process go on, and waits until it does. One that is gone is
// stopped no more.
func (id identity) resume(ctx context.Context) error {
	err := id.send(ctx, signalContinue, "did not go on", func() (bool, error) {
		still, err := id.paused()
		return !still, err
	})
	if err != nil && !id.alive() {
		return nil
	}
	return err
}

// kill ends the process at once, and waits until it has.
func (id identity) kill(ctx context.Context) error {
	return id.send(ctx, syscall.SIGKILL, "did not end", func() (bool, error) { return !id.alive(), nil })
}

// send signals the process, and no other that has its pid by now, and waits until
// it shows.
func (id identity) send(ctx context.Context, s syscall.Signal, failed string, shows func() (bool, error)) error {
	ctx, cancel := limited(ctx)
	defer cancel()
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	if err := id.signal(s); err != nil {
		return fmt.Errorf("process %d: %w", id.PID, err)
	}
	for tick := time.NewTicker(look); ; {
		if done, err := shows(); done || err != nil {
			tick.Stop()
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			tick.Stop()
			return fmt.Errorf("process %d %s: %w", id.PID, failed, context.Cause(ctx))
		}
	}
}

// errEnded says that a process is not there any more.
var errEnded = errors.New("has ended")
