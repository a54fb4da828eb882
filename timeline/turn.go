package timeline

// build is the build the service reports.
func (s *Service) build(k *Knobs) string {
	if k.Build != "" {
		return k.Build
	}
	return s.opts.Version
}

// Turn sets knobs from a JSON object, such as {"fanout":"pull"}: all of them, or
// none and every mistake there is.
func (s *Service) Turn(patch []byte) []KnobMistake {
	s.turning.Lock()
	defer s.turning.Unlock()
	k, found := s.knobs.Load().patched(patch)
	if len(found) > 0 {
		return found
	}
	s.knobs.Store(&k)
	s.gate.turned()
	s.fanout.turned(&k)
	s.homes.places.resize(k.RebuildWorkers)
	s.metrics.turns.Inc()
	return nil
}

// Streams is how many streams may be open at once.
func (s *Service) Streams() int { return s.knobs.Load().MaxStreams }
