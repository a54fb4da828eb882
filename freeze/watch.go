package freeze

import (
	"context"
	"fmt"
	"time"
)

// A Watch verifies a freeze again and again.
type Watch struct {
	Every time.Duration
	For   time.Duration // zero: until the context ends
	Since time.Time     // from when on the past counts: the lock's capture
	// Verify asks now, and about the past since the last time that was known.
	Verify func(ctx context.Context, since time.Time) (Verification, error)
	// Show is given every verification.
	Show func(Verification)
	// Alarm is given a verification when what is violated has changed, and once more
	// at every turn until it returns no error.
	Alarm func(context.Context, Verification) error
	// Complain is given what went wrong on the way, which never ends the watch.
	Complain func(error)
}

// Run verifies at once and then every interval. It returns the worst that it saw,
// or an unknown at the end; the error is that of Verify.
func (w Watch) Run(ctx context.Context) (State, error) {
	if w.For > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, w.For)
		defer cancel()
	}
	tick := time.NewTicker(w.Every)
	defer tick.Stop()
	worst, last, since, known := Honoured, Unknown, w.Since, ""
	var pending *Verification
	for {
		asked := time.Now()
		v, err := w.Verify(ctx, since)
		if ctx.Err() != nil {
			break // it was interrupted, and knows nothing
		}
		if err != nil {
			return Unknown, err
		}
		w.Show(v)
		last = v.State
		if v.Complete() {
			since = asked // what was unknown is asked about again
		}
		if v.State != Unknown {
			worst = worst.Worse(v.State)
		}
		if now := v.violations(); now != known {
			known = now
			if now != "" {
				pending = &v
			}
		}
		if pending != nil {
			if err := w.Alarm(ctx, *pending); err != nil {
				w.Complain(fmt.Errorf("a violation could not be reported, and will be tried again: %w", err))
			} else {
				pending = nil
			}
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
			continue
		}
		break
	}
	if pending != nil { // the last time
		if err := w.Alarm(context.WithoutCancel(ctx), *pending); err != nil {
			w.Complain(fmt.Errorf("a violation could not be reported: %w", err))
		}
	}
	return worst.Worse(last), nil
}

// violations tells one set of violations from another; empty: there is none.
func (v Verification) violations() string {
	all := ""
	for _, f := range v.Findings {
		if f.State == Violated {
			all += fmt.Sprintf("%q %q %q %q %q\n", f.Target, f.Kind, f.Added, f.Gone, f.Passed)
		}
	}
	return all
}
