package scenarios

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"runtime"
	"sort"
	"sync/atomic"
	"time"

	"gonum.org/v1/gonum/stat/distuv"
)

// A Request is one request of a schedule.
type Request struct {
	N      uint64        // counting from zero, within its crowd
	Due    time.Duration // after the start
	Phase  int
	Action int    // index in its crowd's Do
	Draw   uint64 // decides who acts, and on what
}

// A Timetable is when each request of one crowd is due, and what it does.
//
// It is computed, not stored: any request can be asked for in any order, in
// memory that does not grow with the length of the scenario. A Timetable is safe
// for concurrent use.
type Timetable struct {
	crowd   Crowd
	curve   curve
	key     uint64 // of everything drawn for this crowd
	ends    []time.Duration
	before  []uint64 // before[i]: requests due before second i; one longer than the seconds
	weights []float64

	// recent keeps the seconds that were asked for last, as the pacer and the
	// answers are seldom more than a few seconds apart; latest is one of them.
	recent [8]atomic.Pointer[second]
	latest atomic.Pointer[second]
}

// A second holds the requests due in one second of a timetable.
type second struct {
	index   int
	first   uint64   // number of the first request
	phase   int      // in which the second begins
	offsets []uint32 // nanoseconds into the second, rising
}

func newTimetable(s *Scenario, crowd int, scale Scale) *Timetable {
	c := s.Crowds[crowd]
	name := fnv.New64a()
	name.Write([]byte(c.Name))
	t := &Timetable{crowd: c, curve: newCurve(s, crowd, scale), key: mix(s.Seed, name.Sum64())}
	var end time.Duration
	for _, p := range s.Phases {
		end += p.For
		t.ends = append(t.ends, end)
	}
	var sum float64
	for _, a := range c.Do {
		sum += a.Weight
		t.weights = append(t.weights, sum)
	}
	seconds := int((end + time.Second - 1) / time.Second)
	t.before = make([]uint64, seconds+1)
	for i := range seconds {
		t.before[i+1] = t.before[i] + t.draw(i)
	}
	return t
}

// draw is how many requests are due in second i.
func (t *Timetable) draw(i int) uint64 {
	from, to := t.curve.due(float64(i)), t.curve.due(float64(i+1))
	if t.crowd.Arrivals == Even {
		return whole(to) - whole(from)
	}
	mean := to - from
	if mean <= 0 {
		return 0
	}
	src := rand.NewPCG(t.key, uint64(i)*2)
	if spread := float64(t.crowd.Arrivals) - 1; spread > 0 {
		// A gamma rate with this mean and variance mean·spread makes the variance
		// of the count mean·(1+spread).
		alpha := mean / spread
		if alpha == 0 {
			return 0 // it was too small for a number
		}
		mean = distuv.Gamma{Alpha: alpha, Beta: 1 / spread, Src: src}.Rand()
	}
	if mean <= 0 {
		return 0
	}
	return uint64(distuv.Poisson{Lambda: mean, Src: src}.Rand())
}

// whole is how many whole requests, numbered from zero, are due before the curve
// reaches x. The millionth forgives the rounding of the integral.
func whole(x float64) uint64 { return uint64(math.Max(0, math.Ceil(x-1e-6))) }

// Count is how many requests there are.
func (t *Timetable) Count() uint64 { return t.before[len(t.before)-1] }

// Second is how many requests are due in second i after the start.
func (t *Timetable) Second(i int) uint64 {
	if i < 0 || i+1 >= len(t.before) {
		return 0
	}
	return t.before[i+1] - t.before[i]
}

// Seconds is how many seconds the timetable has, the last perhaps not full.
func (t *Timetable) Seconds() int { return len(t.before) - 1 }

// Rate is the rate of the crowd at d after the start, in requests per second.
func (t *Timetable) Rate(d time.Duration) float64 { return t.curve.rate(d.Seconds()) }

// Peak is the highest rate that the timetable reaches: of the curve, or counted
// over any whole second if that is more.
func (t *Timetable) Peak() float64 {
	most := t.curve.peak()
	for i := range t.Seconds() {
		most = max(most, float64(t.Second(i)))
	}
	return most
}

// At returns request n. N must be below Count.
func (t *Timetable) At(n uint64) Request {
	s := t.latest.Load()
	if s == nil || n-s.first >= uint64(len(s.offsets)) {
		s = t.second(sort.Search(len(t.before)-1, func(i int) bool { return t.before[i+1] > n }), nothing)
		t.latest.Store(s)
	}
	due := time.Duration(s.index)*time.Second + time.Duration(s.offsets[n-s.first])
	phase := s.phase
	for due >= t.ends[phase] {
		phase++
	}
	action, draw := t.decide(n)
	return Request{N: n, Due: due, Phase: phase, Action: action, Draw: draw}
}

// Before is how many requests are due before d.
func (t *Timetable) Before(d time.Duration) uint64 {
	i := int(d / time.Second)
	if d <= 0 {
		return 0
	}
	if i >= t.Seconds() {
		return t.Count()
	}
	offsets := t.second(i, nothing).offsets
	into := uint32(d % time.Second)
	return t.before[i] + uint64(sort.Search(len(offsets), func(k int) bool { return offsets[k] >= into }))
}

// decide draws what request n does.
func (t *Timetable) decide(n uint64) (action int, draw uint64) {
	a := mix(t.key, 2*n)
	u := float64(a>>11) / (1 << 53) * t.weights[len(t.weights)-1]
	for action < len(t.weights)-1 && u >= t.weights[action] {
		action++
	}
	return action, mix(t.key, 2*n+1)
}

// Prepare computes second i for those who ask for its requests soon. It lets other
// goroutines run every few microseconds.
func (t *Timetable) Prepare(i int) {
	if i >= 0 && i < t.Seconds() {
		t.second(i, runtime.Gosched)
	}
}

func nothing() {}

// second returns second i, computing it if it was not asked for lately. While it
// computes, it pauses now and then.
func (t *Timetable) second(i int, pause func()) *second {
	slot := &t.recent[i%len(t.recent)]
	if s := slot.Load(); s != nil && s.index == i {
		return s
	}
	begin := time.Duration(i) * time.Second
	s := &second{index: i, first: t.before[i]}
	s.phase = sort.Search(len(t.ends)-1, func(p int) bool { return t.ends[p] > begin })
	if n := int(t.before[i+1] - t.before[i]); n > 0 {
		s.offsets = t.offsets(i, n, pause)
	}
	slot.Store(s)
	return s
}

// offsets computes when the n requests of second i are due.
func (t *Timetable) offsets(i, n int, pause func()) []uint32 {
	out := make([]uint32, n)
	begin := float64(i)
	due := t.curve.due(begin)
	left := time.Second
	if last := t.ends[len(t.ends)-1] - time.Duration(i)*time.Second; last < left {
		left = last
	}
	var draws []uint32
	var span float64
	if t.crowd.Arrivals != Even {
		draws = sortedDraws(n, rand.NewPCG(t.key, uint64(i)*2+1), pause)
		span = (t.curve.due(begin+1) - due) / (1 << 32)
	}
	at, last := 0, float64(left-1)
	for k := range out {
		if k%pauseEvery == 0 {
			pause()
		}
		x := float64(t.before[i] + uint64(k))
		if draws != nil {
			x = due + float64(float64(draws[k])*span)
		}
		for at+1 < len(t.curve) && t.curve[at+1].before <= x {
			at++
		}
		ns := float64((t.curve[at].when(x)-begin)*1e9) + 0.5
		out[k] = uint32(min(max(ns, 0), last))
	}
	return out
}

// pauseEvery is after how many requests computing a second pauses: about ten
// microseconds.
const pauseEvery = 1 << 10

// sortedDraws returns n uniform draws in rising order. Each goes straight to the
// bucket it belongs in, which leaves only neighbours to be put in order.
func sortedDraws(n int, src *rand.PCG, pause func()) []uint32 {
	draws := make([]uint32, n)
	next := make([]uint32, n+1) // first free place of each bucket
	bucket := func(v uint32) int { return int(uint64(v) * uint64(n) >> 32) }
	for i := range draws {
		if i%pauseEvery == 0 {
			pause()
		}
		v := uint32(src.Uint64() >> 32)
		draws[i] = v
		next[bucket(v)+1]++
	}
	for i := range n {
		next[i+1] += next[i]
	}
	out := make([]uint32, n)
	for i, v := range draws {
		if i%pauseEvery == 0 {
			pause()
		}
		b := bucket(v)
		out[next[b]] = v
		next[b]++
	}
	for i := 1; i < n; i++ {
		v, k := out[i], i
		for ; k > 0 && out[k-1] > v; k-- {
			out[k] = out[k-1]
		}
		out[k] = v
	}
	return out
}

// mix turns a key and a counter into 64 well-mixed bits: the output function of
// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
func mix(key, n uint64) uint64 {
	z := key + (n+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
