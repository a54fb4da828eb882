package runs

// A sum adds up tallies many times as fast as [Tally.Merge] does. It takes about
// 32 kB. The zero sum is empty and ready to use.
type sum struct {
	Tally             // but for its histograms
	response, service dense
}

func (s *sum) add(t *Tally) {
	s.Tally.mergeCounts(t)
	s.response.add(&t.Response)
	s.service.add(&t.Service)
}

// take returns what was added since it was last called.
func (s *sum) take() Tally {
	t := s.Tally
	t.Response, t.Service = s.response.histogram(), s.service.histogram()
	s.response.reset()
	s.service.reset()
	s.Tally = Tally{}
	return t
}

// Sum adds up the tallies that want picks; nil picks all.
func (r *Run) Sum(want func(*Tally) bool) Tally { return total(r.Tallies, want) }

// total adds up the tallies that want picks; nil picks all.
func total(tallies []Tally, want func(*Tally) bool) Tally {
	var s sum
	for i := range tallies {
		if t := &tallies[i]; want == nil || want(t) {
			s.add(t)
		}
	}
	return s.take()
}

// SumByPhase adds up the seconds of each phase: one tally for each crowd and
// action, in the order in which the record first has them.
func (r *Run) SumByPhase() [][]Tally {
	parts := map[Key][]*Tally{}
	order := make([][]Key, len(r.Phases))
	for i := range r.Tallies {
		t := &r.Tallies[i]
		if t.Phase < 0 || t.Phase >= len(r.Phases) {
			continue
		}
		key := t.Key()
		key.Second = 0
		if parts[key] == nil {
			order[t.Phase] = append(order[t.Phase], key)
		}
		parts[key] = append(parts[key], t)
	}
	var s sum
	sums := make([][]Tally, len(r.Phases))
	for phase, keys := range order {
		for _, key := range keys {
			for _, t := range parts[key] {
				s.add(t)
			}
			s.Phase, s.Crowd, s.Action = phase, key.Crowd, key.Action
			sums[phase] = append(sums[phase], s.take())
		}
	}
	return sums
}
