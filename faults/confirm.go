package faults

import (
	"context"
	"fmt"
	"time"
)

// injected is the hold on a fault whose injection has ended well.
func (k *Keeper) injected(ctx context.Context, name string) (*hold, error) {
	k.mu.Lock()
	h := k.holds[name]
	k.mu.Unlock()
	if h == nil {
		return nil, fmt.Errorf("%s was never injected", name)
	}
	select {
	case <-h.ready:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if h.err != nil || h.b.bites == nil {
		return nil, fmt.Errorf("%s was not injected: %w", name, h.err)
	}
	return h, nil
}

// Bites looks whether the fault of that name is in force, which it can also prove
// not to be after it was mended. An error says why that cannot be told.
func (k *Keeper) Bites(ctx context.Context, name string) (bool, error) {
	h, err := k.injected(ctx, name)
	if err != nil {
		return false, err
	}
	bites, err := h.b.bites(ctx)
	if err != nil {
		return false, fmt.Errorf("whether %s is in force: %w", name, err)
	}
	return bites, nil
}

// Await looks until the fault of that name bites, or until it does not any more,
// but no longer than ctx. It returns at once when that is so already.
func (k *Keeper) Await(ctx context.Context, name string, bites bool) error {
	for tick := time.NewTicker(10 * look); ; {
		seen, err := k.Bites(ctx, name)
		if err == nil && seen == bites {
			tick.Stop()
			return nil
		}
		select {
		case <-tick.C:
			continue
		case <-ctx.Done():
			tick.Stop()
		}
		if err == nil {
			err = fmt.Errorf("%s %s", name, map[bool]string{true: "does not bite", false: "still bites"}[bites])
		}
		return err
	}
}

// Reach is how much the fault of that name has touched so far. It reports false
// for kinds that do not count.
func (k *Keeper) Reach(name string) (Reach, bool) {
	h, err := k.injected(context.Background(), name)
	if err != nil || h.b.reach == nil {
		return Reach{}, false
	}
	return h.b.reach(), true
}
