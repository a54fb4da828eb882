package scenarios

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"time"
)

// A Schedule is a scenario at a scale, with every request of every crowd in its
// place. Everything about load follows from it: how long to wait for the next
// request, which worker sends it, how late it was, and which phase it counts in.
//
// A Schedule is safe for concurrent use.
type Schedule struct {
	Scenario *Scenario
	Scale    Scale
	Crowds   []*Timetable // in the order of the scenario
}

// NewSchedule lays out a valid scenario. The same scenario (with its seed) and
// scale give the same schedule on every machine.
func NewSchedule(s *Scenario, scale Scale) *Schedule {
	out := &Schedule{Scenario: s, Scale: scale}
	for i := range s.Crowds {
		out.Crowds = append(out.Crowds, newTimetable(s, i, scale))
	}
	return out
}

// Phase is when phase i begins and ends, after the start.
func (s *Schedule) Phase(i int) (begin, end time.Duration) {
	for _, p := range s.Scenario.Phases[:i] {
		begin += p.For
	}
	return begin, begin + s.Scenario.Phases[i].For
}

// Count is how many requests of a crowd are due in a phase.
func (s *Schedule) Count(crowd, phase int) uint64 {
	begin, end := s.Phase(phase)
	t := s.Crowds[crowd]
	return t.Before(end) - t.Before(begin)
}

// Requests is how many requests of all crowds are due.
func (s *Schedule) Requests() uint64 {
	var n uint64
	for _, t := range s.Crowds {
		n += t.Count()
	}
	return n
}

// Peak is the highest rate of all crowds together, in requests per second: of
// the curves, or counted over any whole second if that is more.
func (s *Schedule) Peak() float64 {
	var most float64
	for _, c := range s.Crowds {
		for _, p := range c.curve { // the sum of straight pieces peaks where one of them bends
			most = max(most, s.Rate(p.start), s.rateBefore(p.end))
		}
	}
	for i := range s.Crowds[0].Seconds() {
		var n uint64
		for _, c := range s.Crowds {
			n += c.Second(i)
		}
		most = max(most, float64(n))
	}
	return most
}

// Rate is the rate of all crowds together at t seconds after the start.
func (s *Schedule) Rate(t float64) float64 {
	var sum float64
	for _, c := range s.Crowds {
		sum += c.curve.rate(t)
	}
	return sum
}

// rateBefore is the rate just before t.
func (s *Schedule) rateBefore(t float64) float64 {
	return s.Rate(t - 1e-9)
}

// Hash is the SHA-256, in hexadecimals, of every request's due time, crowd,
// action and draw. Two plays with the same hash pressed the same requests.
func (s *Schedule) Hash() string {
	h := sha256.New()
	var buf [32 << 10]byte
	for c, t := range s.Crowds {
		at := 0
		for n := range t.Count() {
			r := t.At(n)
			b := buf[at:]
			binary.LittleEndian.PutUint64(b, uint64(r.Due))
			binary.LittleEndian.PutUint32(b[8:], uint32(c))
			binary.LittleEndian.PutUint32(b[12:], uint32(r.Action))
			binary.LittleEndian.PutUint64(b[16:], r.Draw)
			if at += 24; at+24 > len(buf) {
				h.Write(buf[:at])
				at = 0
			}
		}
		h.Write(buf[:at])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// A Share is one worker's part of a load: of every Of requests the one at Index.
// The zero Share is the whole load.
type Share struct{ Index, Of uint64 }

// Nth is the number, in the whole load, of the k-th request of the share.
func (s Share) Nth(k uint64) uint64 {
	if s.Of == 0 {
		return k
	}
	return k*s.Of + s.Index
}
