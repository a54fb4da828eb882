// Package timeline is the reference timeline service: Mastodon's client API over a
// population whose followers obey a power law, in memory or in a Redis. Rehearsals
// are played against it when there is no other target, so it fails as real ones
// do, but truthfully: an acknowledged post is never lost, counts are exact, pages
// neither lose nor repeat a status, and a refusal says what was wrong.
//
// A post is pushed into the home timelines of its author's followers by workers
// behind a bounded queue, or gathered when they read, as [Knobs] say. All state is
// bounded: the newest timeline_cap entries of each timeline and the newest 262,144
// statuses are kept. A status that fell out answers 404 and is skipped in pages.
package timeline

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"
)

const (
	maxAccounts = 5_000_000
	maxEdges    = 1 << 28
	// openPatience is how long opening the store may take.
	openPatience = 30 * time.Second
)

// Options say how large a service to build. The zero value is 100,000 accounts
// with the follower law of Twitter in 2010.
type Options struct {
	// Accounts is the number of people, at least 2; zero means 100,000. Their
	// ids are "1" to "N", and id r is the r-th most followed.
	Accounts int
	// Followers is the rank exponent e of the follower law, followers(r) =
	// min(N-1, N*r^-e), positive; zero means 0.784 (Kwak et al., WWW 2010).
	Followers float64
	// Seed chooses who follows whom, and the tokens. Any value is valid.
	Seed uint64
	// Cap is the knob timeline_cap at the start; zero means what Knobs say.
	Cap int
	// Knobs are those at the start; nil means [DefaultKnobs].
	Knobs *Knobs
	// Store is where statuses, timelines and counts are kept: empty for memory,
	// or redis://host:port/database.
	Store string
	// Version is the build the service reports; empty means "dev".
	Version string
}

// withDefaults fills the zero values.
func (o Options) withDefaults() Options {
	if o.Accounts == 0 {
		o.Accounts = 100_000
	}
	if o.Followers == 0 {
		o.Followers = 0.784
	}
	knobs := DefaultKnobs()
	if o.Knobs != nil {
		knobs = *o.Knobs
	}
	if o.Cap != 0 {
		knobs.TimelineCap = o.Cap
	}
	o.Knobs, o.Cap = &knobs, knobs.TimelineCap
	if o.Version == "" {
		o.Version = "dev"
	}
	return o
}

// check says what makes no sense in options whose zero values are filled.
func (o Options) check() error {
	switch {
	case o.Accounts < 2 || o.Accounts > maxAccounts:
		return fmt.Errorf("accounts is %d, must be 2 to %d", o.Accounts, maxAccounts)
	case !(o.Followers > 0) || math.IsInf(o.Followers, 0):
		return fmt.Errorf("followers is %v, must be a positive exponent", o.Followers)
	case !utf8.ValidString(o.Version):
		return fmt.Errorf("version is %q, must be UTF-8", o.Version)
	case o.Cap < 1 || o.Cap > keptStatuses:
		return fmt.Errorf("cap is %d, must be 1 to %d", o.Cap, keptStatuses)
	}
	if found := o.Knobs.Validate(); len(found) > 0 {
		return fmt.Errorf("knob %s: %s", found[0].Key, found[0].Says)
	}
	edges := 0
	for r := 1; r <= o.Accounts; r++ {
		if edges += followersOf(r, o.Accounts, o.Followers); edges > maxEdges {
			return fmt.Errorf("%d accounts with a follower exponent of %v make more than %d edges", o.Accounts, o.Followers, maxEdges)
		}
	}
	return nil
}

// Service is a timeline service and an [http.Handler]. Make one with [New]. All
// its methods are safe for concurrent use.
type Service struct {
	opts     Options
	knobs    atomic.Pointer[Knobs] // as they are now
	people   *population
	kept     *ring // the newest statuses, as far as this process has met them
	store    store
	local    bool // the store is a memory
	fanout   *fanout
	unpushed atomic.Uint64 // id of the newest status that was not pushed
	homes    rebuilds
	ranker   ranker
	rows     *rowLocks
	keys     *keyring
	metrics  *metrics
	edge

	life   sync.RWMutex  // held while something is published
	closed bool          // guarded by life
	over   chan struct{} // closed when the service is
}

// New builds a service with its population and its first posts. It errors when
// the options make no sense. The service runs workers until it is closed.
func New(o Options) (*Service, error) {
	return newService(o, keptStatuses)
}

// newService is New with a store of kept statuses, a power of two.
func newService(o Options, kept int) (*Service, error) {
	o = o.withDefaults()
	if err := o.check(); err != nil {
		return nil, fmt.Errorf("timeline options: %w", err)
	}
	s := &Service{opts: o, people: newPopulation(o), kept: newRing(kept), keys: newKeyring(), rows: newRowLocks(), over: make(chan struct{})}
	s.knobs.Store(o.Knobs)
	last, err := s.openStore()
	if err != nil {
		return nil, fmt.Errorf("opening the store: %w", err)
	}
	s.startEdge()
	s.homes.places.limit = o.Knobs.RebuildWorkers
	s.ranker.busy = make(chan struct{}, rankingsAtOnce)
	s.fanout = newFanout(o.Knobs, last, func(st *status, took time.Duration) {
		s.metrics.freshness.Observe(took.Seconds())
		s.news.add(homeNews, st)
	})
	if s.metrics, err = newMetrics(s); err != nil {
		return nil, fmt.Errorf("registering metrics: %w", err)
	}
	s.startWorkers()
	return s, nil
}

// openStore opens the store, with the first posts in it, and says which id is the
// newest there.
func (s *Service) openStore() (last uint64, err error) {
	if s.opts.Store != "" {
		ctx, cancel := context.WithTimeout(context.Background(), openPatience)
		defer cancel()
		r, err := openRedis(ctx, s.opts.Store, s.opts, &s.knobs, s.people, s.kept)
		if err != nil {
			return 0, err
		}
		s.store = r
		return r.clock.last, nil
	}
	m := newMemory(&s.knobs, s.people, s.kept)
	k := s.knobs.Load()
	m.enterFirst(s.people.first(), s.people, func(who int32) bool { return !k.ActiveOnly || s.regular(k, who) })
	s.store, s.local = m, true
	return m.clock.last, nil
}

// Close refuses posts from now on, waits until every acknowledged one is in its
// followers' timelines, and stops the workers. Reads of a memory still work
// afterwards. Closing again does no more than wait.
func (s *Service) Close() error {
	s.life.Lock()
	again := s.closed
	s.closed = true
	s.life.Unlock()
	s.fanout.shut()
	s.fanout.working.Wait()
	if again {
		return nil
	}
	s.news.end()
	close(s.over)
	s.homes.working.Wait()
	s.ranker.working.Wait()
	return s.store.close()
}

func (s *Service) isClosed() bool {
	s.life.RLock()
	defer s.life.RUnlock()
	return s.closed
}

// statuses is how many statuses are kept.
func (s *Service) statuses() int64 { return s.kept.held.Load() }

// linger waits, unless the service is closed.
func (s *Service) linger(d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-s.over:
	}
}

var _ http.Handler = (*Service)(nil)
