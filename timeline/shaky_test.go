package timeline

import (
	"context"
	"runtime"
	"sync/atomic"
)

// shaky does some things later than others.
type shaky struct {
	store
	calls atomic.Uint64
}

func (h *shaky) dawdle() {
	for range mix(h.calls.Add(1)) % 2000 {
		runtime.Gosched()
	}
}

func (h *shaky) deliver(ctx context.Context, st *status, to []int32) error {
	h.dawdle()
	return h.store.deliver(ctx, st, to)
}

func (h *shaky) fill(ctx context.Context, who int32, issue uint32, ids []uint64) error {
	h.dawdle()
	return h.store.fill(ctx, who, issue, ids)
}

func (h *shaky) drop(ctx context.Context, who []int32) error {
	h.dawdle()
	return h.store.drop(ctx, who)
}
