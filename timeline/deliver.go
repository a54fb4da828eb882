package timeline

import (
	"context"
	"time"
)

const (
	// fanoutWorkers is how many there are; the knob fanout_workers says how many
	// of them may be busy.
	fanoutWorkers = 64
	// deliverTries is how often a batch is offered to a store that fails, and
	// deliverPause how long a worker waits before the second time; it doubles.
	deliverTries = 6
	deliverPause = 50 * time.Millisecond
)

// startWorkers starts the workers; shut ends them.
func (s *Service) startWorkers() {
	for range fanoutWorkers {
		s.fanout.working.Go(func() {
			var to []int32
			for {
				d, batch, ok := s.fanout.take()
				if !ok {
					return
				}
				to = s.deliver(d, batch, to[:0])
				s.fanout.finish(d)
			}
		})
	}
}

// deliver enters a status into the home timelines of one batch, of those that are
// kept. It appends to a buffer, and gives it back.
func (s *Service) deliver(d *delivery, batch int32, to []int32) []int32 {
	k := s.knobs.Load()
	now := time.Now()
	from, until := batch*d.size, min((batch+1)*d.size, d.to.places()+1)
	own := until > d.to.places()
	if own {
		until--
	}
	var idle []int32
	for who := range d.to.part(from, until) {
		switch h := &s.people.get(who).home; {
		case !h.kept():
		case s.active(k, who, now):
			to = append(to, who)
		case h.drop():
			idle = append(idle, who)
		}
	}
	followers := len(to)
	if own && s.people.get(d.st.author).home.kept() {
		to = append(to, d.st.author)
	}
	if len(idle) > 0 {
		s.forget(idle)
	}
	if !s.handOver(d.st, to) {
		return to
	}
	s.metrics.deliveries.Add(float64(followers))
	return to
}

// handOver delivers to a store, several times if it fails. When it fails for
// good, these home timelines are no longer whole, so they are given up and will
// be rebuilt: what was acknowledged is not lost.
func (s *Service) handOver(st *status, to []int32) bool {
	if len(to) == 0 {
		return true
	}
	ctx, pause := context.Background(), deliverPause
	for range deliverTries {
		if err := s.ask(ctx, func(ctx context.Context) error { return s.store.deliver(ctx, st, to) }); err == nil {
			return true
		}
		if s.isClosed() {
			break // whoever has this store next rebuilds them
		}
		s.linger(pause)
		pause *= 2
	}
	for _, who := range to {
		s.people.get(who).home.drop()
	}
	s.forget(to)
	return false
}

// active says whether somebody's home timeline is kept: when they are among those
// who are active from the start, or read a moment ago.
func (s *Service) active(k *Knobs, who int32, now time.Time) bool {
	if !k.ActiveOnly || k.ActiveShare >= 1 || s.regular(k, who) {
		return true
	}
	return now.Unix()-s.people.get(who).home.read.Load() < int64(activeFor/time.Second)
}

// regular says whether somebody is among those who are active from the start.
func (s *Service) regular(k *Knobs, who int32) bool {
	return float64(mix(s.opts.Seed^0x616374697665+uint64(who))>>11) < k.ActiveShare*(1<<53)
}
