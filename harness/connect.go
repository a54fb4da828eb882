package harness

import (
	"cmp"
	"context"
	"net/http"

	"gameday/targets"
)

// A way is how requests travel to a target in one play.
type way struct {
	transport string            // its name
	wire      wire              // for the load
	questions http.RoundTripper // for what is asked before it
}

// connect finds out how requests travel to the target.
func (h *Harness) connect(ctx context.Context, t targets.Target, p *play) (w way, err error) {
	if h.Transport != nil {
		return way{cmp.Or(t.Transport, targets.TransportAuto), newOverHTTP(h.Transport, h.Transport, p.base, p.agent), h.Transport}, nil
	}
	conf, err := t.TLSConfig()
	if err != nil {
		return w, err
	}
	if w.transport, err = choose(ctx, t, p.base, conf); err != nil {
		return w, err
	}
	kind := w.transport
	if kind == targets.TransportHTTP1 {
		kind = targets.TransportNet
		w.wire = newLean(p.base, p.agent, dialer(p.base, conf))
	}
	if w.questions, err = newRoundTripper(kind, conf, h.Safety.maxInFlight()); err != nil {
		return w, err
	}
	if w.wire == nil {
		once, err := newRoundTripper(kind, conf, h.Safety.maxInFlight())
		if err != nil {
			return w, err
		}
		if t, ok := once.(*http.Transport); ok {
			t.DisableKeepAlives = true
		} else {
			once = w.questions // HTTP/3 makes no connection for a single call
		}
		w.wire = newOverHTTP(w.questions, once, p.base, p.agent)
	}
	return w, nil
}

// close ends what is on its way, and closes what connections are ours.
func (w way) close(h *Harness) {
	w.wire.cut()
	if own, ok := w.questions.(interface{ CloseIdleConnections() }); ok && h.Transport == nil {
		own.CloseIdleConnections()
	}
}
