package timeline

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// memory is the store that lives in this process. It never fails.
type memory struct {
	knobs  *atomic.Pointer[Knobs]
	people *population
	kept   *ring

	// mu makes publishing one thing at a time.
	mu     sync.Mutex
	clock  clock
	newest atomic.Uint32   // number of the newest status
	ids    []atomic.Uint64 // of the newest statuses, by their number

	homes  []feed // of account id at id-1
	walls  []feed
	public feed
}

func newMemory(knobs *atomic.Pointer[Knobs], people *population, kept *ring) *memory {
	return &memory{
		knobs: knobs, people: people, kept: kept,
		ids:   make([]atomic.Uint64, len(kept.slots)),
		homes: make([]feed, len(people.accounts)),
		walls: make([]feed, len(people.accounts)),
	}
}

// id is the id of a status by its number, 0 when it has fallen out.
func (m *memory) id(seq uint32) uint64 {
	id := m.ids[int(seq)&(len(m.ids)-1)].Load()
	// enter counts on before it overwrites: whoever reads a later id sees that.
	if m.newest.Load()-seq >= uint32(len(m.ids)) {
		return 0
	}
	return id
}

func (m *memory) publish(_ context.Context, st *status, entered func(*status)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.enter(st, time.Now())
	if of := st.reblog; of != nil {
		of.counts.boosted(st, true)
	} else if st.replyTo != nil {
		if of := m.kept.get(st.replyTo.id); of != nil {
			of.counts.answered(st.id)
		}
	}
	entered(st)
	return nil
}

// enter gives a status its id and enters it wherever it shows but at home. It is
// called with mu held, or before anybody reads.
func (m *memory) enter(st *status, at time.Time) {
	st.at = at
	st.seq, st.id = m.clock.next(at)
	st.render()
	m.newest.Store(st.seq)
	m.ids[int(st.seq)&(len(m.ids)-1)].Store(st.id)
	m.kept.put(st)
	m.walls[st.author-1].add(st.seq, 0, m.knobs.Load().TimelineCap)
	if st.public() {
		m.public.add(st.seq, 0, publicKept)
	}
}

func (m *memory) remove(_ context.Context, st *status) error {
	st.reblog.counts.boosted(st, false)
	m.kept.remove(st)
	return nil
}

func (m *memory) find(_ context.Context, ids []uint64, out []*status) ([]*status, error) {
	for _, id := range ids {
		out = append(out, m.kept.get(id))
	}
	return out, nil
}

func (m *memory) tell(_ context.Context, page []*status, viewer int32, out []told) ([]told, error) {
	rows := m.knobs.Load().LikeCounter == countRows
	for _, st := range page {
		out = append(out, st.proper().counts.tell(viewer, rows))
	}
	return out, nil
}

func (m *memory) like(_ context.Context, st *status, who int32, on bool) error {
	st.counts.like(who, on, m.knobs.Load())
	return nil
}

func (m *memory) boostOf(_ context.Context, st *status, who int32) (*status, error) {
	st.counts.mu.RLock()
	defer st.counts.mu.RUnlock()
	return st.counts.boostOf[who], nil
}

func (m *memory) answers(_ context.Context, of uint64, out []uint64) ([]uint64, error) {
	if st := m.kept.get(of); st != nil {
		st.counts.mu.RLock()
		defer st.counts.mu.RUnlock()
		out = append(out, st.counts.replyIDs...)
	}
	return out, nil
}

func (m *memory) follow(context.Context, int32, int32, bool) error {
	return nil // the population knows
}

func (m *memory) lists(_ context.Context, spans []span) error {
	limit := m.knobs.Load().TimelineCap
	for i := range spans {
		switch sp := &spans[i]; sp.of {
		case homeList:
			m.homes[sp.who-1].read(sp, limit, m.id)
		case wallList:
			m.walls[sp.who-1].read(sp, limit, m.id)
		case publicList:
			m.public.read(sp, publicKept, m.id)
		}
	}
	return nil
}

func (m *memory) deliver(_ context.Context, st *status, to []int32) error {
	limit := m.knobs.Load().TimelineCap
	for _, who := range to {
		m.homes[who-1].add(st.seq, m.people.get(who).home.issue(), limit)
	}
	return nil
}

func (m *memory) fill(_ context.Context, who int32, issue uint32, ids []uint64) error {
	seqs := make([]uint32, 0, len(ids))
	for _, id := range ids {
		if st := m.kept.get(id); st != nil {
			seqs = append(seqs, st.seq)
		}
	}
	m.homes[who-1].fill(seqs, issue, m.knobs.Load().TimelineCap)
	return nil
}

func (m *memory) drop(_ context.Context, who []int32) error {
	for _, id := range who {
		m.homes[id-1].drop(m.people.get(id).home.issue())
	}
	return nil
}

func (m *memory) close() error { return nil }
