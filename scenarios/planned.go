package scenarios

import "time"

// Planned is the load as it was meant: the rate of all crowds together in each
// second, at scale 100 % and without the chance of arrivals, in requests per
// second. It is nil for a scenario that is not valid because of its length.
func (s *Scenario) Planned() []float64 {
	length := s.Duration()
	if length <= 0 || length > MaxDuration {
		return nil
	}
	rates := make([]float64, (length+time.Second-1)/time.Second)
	for crowd := range s.Crowds {
		c := newCurve(s, crowd, 1)
		for i := range rates {
			from, to := float64(i), min(float64(i+1), length.Seconds())
			rates[i] += (c.due(to) - c.due(from)) / (to - from)
		}
	}
	return rates
}
