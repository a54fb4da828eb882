package faults

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// A hold is a fault that is in force, was, or is about to be.
type hold struct {
	fault  Fault
	n      int // the how-manieth
	cancel context.CancelCauseFunc

	ready chan struct{} // closed when the injection has ended, after what follows is set
	b     breakage
	note  *note
	err   error

	mending sync.Mutex
	ending  bool // mending was asked for; guarded by the keeper's mu, like over
	over    bool // it is mended
}

var errClosed = errors.New("the play is over: nothing is broken any more")

// Keep sees to it that f is in force: it injects it, or finds it injected already.
// When it returns an error, or panics, what was done of f is mended. A fault of
// the same name or place but with other values is an error.
func (k *Keeper) Keep(ctx context.Context, f Fault) error {
	if found := f.Validate(); len(found) > 0 {
		return fmt.Errorf("fault %s: %s: %s", f.Name, found[0].Key, found[0].Says)
	}
	if ctx.Err() != nil {
		return fmt.Errorf("injecting %s: %w", f.Name, context.Cause(ctx))
	}
	injection, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	h, mine, err := k.claim(f, cancel)
	if err != nil {
		return fmt.Errorf("injecting %s: %w", f.Name, err)
	}
	if mine {
		err = k.inject(injection, h)
	} else {
		select {
		case <-h.ready:
			err = h.err
		case <-ctx.Done():
			err = context.Cause(ctx)
		}
	}
	if err != nil {
		return fmt.Errorf("injecting %s: %w", f.Name, err)
	}
	return nil
}

// claim finds the hold on f, or makes one, which is then the caller's to inject.
func (k *Keeper) claim(f Fault, cancel context.CancelCauseFunc) (h *hold, mine bool, err error) {
	for {
		k.mu.Lock()
		h, there := k.holds[f.Name]
		if there && !h.over && h.ending && !k.closed {
			k.mu.Unlock()
			if err := k.mend(h); err != nil {
				return nil, false, fmt.Errorf("from before it is still in force: %w", err)
			}
			continue
		}
		defer k.mu.Unlock()
		if k.closed {
			return nil, false, errClosed
		}
		if there && !h.over && h.fault.Same(f) {
			return h, false, nil
		}
		for _, other := range k.holds {
			if says := f.Overlaps(other.fault); says != "" && !other.over {
				return nil, false, errors.New(says)
			}
		}
		k.n++
		h = &hold{fault: f, n: k.n, cancel: cancel, ready: make(chan struct{})}
		k.holds[f.Name] = h
		return h, true, nil
	}
}

// inject breaks, and mends again what an error or a panic leaves.
func (k *Keeper) inject(ctx context.Context, h *hold) (err error) {
	whole := false
	defer func() {
		if !whole && err == nil { // a panic, which goes on after this
			err = errors.New("the injection panicked")
		}
		h.err = err
		close(h.ready)
		if err != nil {
			if again := k.mend(h); again != nil {
				err = fmt.Errorf("%w; and mending it: %w", err, again)
			}
		}
	}()
	kind, _ := kindOf(h.fault.Kind)
	b, err := kind.prepare(ctx, h.fault, k)
	if err == nil {
		h.b = b
		h.note, err = k.journal.breaks(h.fault.Name, h.fault.Kind, b.undo)
	}
	if err == nil {
		err = b.inject(ctx)
	}
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	whole = true
	return err
}

var errMended = errors.New("mended before it was in force")

// Mend mends the fault of that name, and stops its injection if that is under
// way. It takes no longer than the fault's time limits, can be called again, and
// asks for no context, because none that has ended may keep a fault in force. To
// mend what is not in force is no error.
func (k *Keeper) Mend(name string) error {
	k.mu.Lock()
	h := k.holds[name]
	k.mu.Unlock()
	if h == nil {
		return nil
	}
	return k.mend(h)
}

func (k *Keeper) mend(h *hold) error {
	k.mu.Lock()
	h.ending = true
	k.mu.Unlock()
	h.cancel(errMended)
	<-h.ready
	h.mending.Lock()
	defer h.mending.Unlock()
	if h.over { // only ever set below
		return nil
	}
	if h.b.mend != nil {
		if err := h.b.mend(context.Background()); err != nil {
			return fmt.Errorf("mending %s: %w", h.fault.Name, err)
		}
	}
	k.mu.Lock()
	h.over = true
	k.mu.Unlock()
	return h.note.over()
}

// MendAll mends all that is in force, the last first, whatever fails among it.
func (k *Keeper) MendAll() error {
	k.mu.Lock()
	held := k.held()
	for _, h := range held {
		h.ending = true
		h.cancel(errMended)
	}
	k.mu.Unlock()
	slices.Reverse(held)
	var failed []error
	for _, h := range held {
		if err := k.mend(h); err != nil {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// held are the holds that are not over, in their order.
func (k *Keeper) held() []*hold {
	var held []*hold
	for _, h := range k.holds {
		if !h.over {
			held = append(held, h)
		}
	}
	slices.SortFunc(held, func(a, b *hold) int { return a.n - b.n })
	return held
}
