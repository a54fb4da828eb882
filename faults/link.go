package faults

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
)

func linkFits(f Fault, s Site) []Mistake {
	var has []string
	for _, l := range s.Links {
		has = append(has, l.Name)
	}
	return lacks("link", f.On, has)
}

// prepareLink breaks a link: a relay of ours. It ends with this process, and so
// does all that is on it.
func prepareLink(_ context.Context, f Fault, k *Keeper) (breakage, error) {
	r, ok := k.relay(f.On)
	if !ok {
		return breakage{}, fmt.Errorf("the target has no link %q", f.On)
	}
	if f.Toxic == down {
		return breakage{
			inject: func(context.Context) error { r.goDown(); return nil },
			mend:   r.comeUp,
			bites:  r.refuses,
			reach:  func() Reach { n := r.cut.Load(); return Reach{Connections: n, Hit: n} },
		}, nil
	}
	t := newToxic(f)
	return breakage{
		inject: func(context.Context) error { r.put(t, true); return nil },
		mend:   func(context.Context) error { r.put(t, false); return nil },
		bites:  func(ctx context.Context) (bool, error) { return r.probe(ctx, t) },
		reach:  func() Reach { return Reach{t.seen.Load(), t.hit.Load(), t.bytes.Load()} },
	}, nil
}

// refuses reports whether nobody is let in, by knocking.
func (r *relay) refuses(ctx context.Context) (bool, error) {
	ctx, cancel := limited(ctx)
	defer cancel()
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", r.address)
	if err == nil {
		return false, c.Close()
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		return true, nil
	}
	return false, err
}
