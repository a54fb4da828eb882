package runs

import (
	"math"
	"sync"
	"time"
)

// Recorder is a Histogram for the hot path: Record takes some nanoseconds and allocates nothing. It takes about 8 kB
// whatever it counts, so keep the Histogram and Reset the Recorder. It counts every Duration as a Histogram does.
//
// The zero Recorder is empty and ready to use. It is not safe for concurrent use, and must not be copied while in use.
type Recorder struct {
	totals                                     // of counts alone
	counts [lastBucket - zeroBucket + 1]uint32 // by index - zeroBucket
	full   Histogram                           // what was counted before a count was about to overflow
}

// Record counts d once.
func (r *Recorder) Record(d time.Duration) {
	d = max(d, 0)
	r.totals.add(totals{1, d, d, d})
	c := &r.counts[bucketOf(d)-zeroBucket]
	if *c++; *c == math.MaxUint32 {
		full := r.Histogram()
		r.Reset()
		r.full = full
	}
}

// Count returns how many durations were recorded since the last Reset.
func (r *Recorder) Count() uint64 { return r.full.count + r.count }

// Histogram returns what was recorded since the last Reset, independent of what r does from then on.
func (r *Recorder) Histogram() Histogram {
	first, counts := bucketOf(r.min), r.touched()
	if first == zeroBucket {
		first, counts = first+1, counts[1:]
	}
	h := Histogram{r.totals, uint64(r.counts[0]), pack(first, counts)}
	h.Merge(&r.full)
	return h
}

// Reset forgets everything recorded.
func (r *Recorder) Reset() {
	clear(r.touched())
	r.totals, r.full = totals{}, Histogram{}
}

// touched returns the counts between the smallest and the largest duration.
func (r *Recorder) touched() []uint32 {
	return r.counts[bucketOf(r.min)-zeroBucket : bucketOf(r.max)-zeroBucket+1]
}

const (
	firstBucket = -956            // holds 1 ns
	lastBucket  = 1060            // holds the largest Duration
	zeroBucket  = firstBucket - 1 // stands for the bucket of zeros

	mantissaBits = 52
	mantissa     = 1<<mantissaBits - 1
)

// schema5 are the bounds of schema 5 between 0.5 and 1, copied from nativeHistogramBounds in client_golang's
// prometheus/histogram.go: computed ones would differ in the last bit.
var schema5 = [...]float64{
	0.5, 0.5109485743270583, 0.5221368912137069, 0.5335702003384117,
	0.5452538663326288, 0.5571933712979462, 0.5693943173783458, 0.5818624293887887,
	0.5946035575013605, 0.6076236799902344, 0.620928906036742, 0.6345254785958666,
	0.6484197773255048, 0.6626183215798706, 0.6771277734684463, 0.6919549409819159,
	0.7071067811865475, 0.7225904034885232, 0.7384130729697496, 0.7545822137967112,
	0.7711054127039704, 0.7879904225539431, 0.805245165974627, 0.8228777390769823,
	0.8408964152537144, 0.8593096490612387, 0.8781260801866495, 0.8973545375015533,
	0.9170040432046711, 0.9370838170551498, 0.9576032806985735, 0.9785720620876999,
}

// A stretch is one of 64 equal parts of the way from a power of two to the next. The bounds are more than a stretch
// apart, so at most one lies inside, and comparing with it decides between two neighbouring buckets.
type stretch struct {
	bound uint64 // the mantissa of the first bound at or above the start of the stretch
	place int    // how many bounds lie before that one
}

var stretches = cutStretches()

func cutStretches() (cut [64]stretch) {
	for i := range cut {
		start, place := uint64(i)<<(mantissaBits-6), 0
		for place < len(schema5) && math.Float64bits(schema5[place])&mantissa < start {
			place++
		}
		cut[i] = stretch{mantissa, place}
		if place < len(schema5) {
			cut[i].bound = math.Float64bits(schema5[place]) & mantissa
		}
	}
	return cut
}

// bucketOf returns the index of the bucket of d, and zeroBucket if d is zero or less.
func bucketOf(d time.Duration) int {
	if d <= 0 {
		return zeroBucket
	}
	bits := math.Float64bits(d.Seconds())
	m := bits & mantissa
	s := &stretches[m>>(mantissaBits-6)]
	octave := int(bits>>mantissaBits) - 1023
	above := int((s.bound - m) >> 63) // 1 if m is above the bound: a branch would be guessed wrong half of the time
	return octave*len(schema5) + s.place + above
}

// UpperBound returns the largest Duration that counts in bucket i or a lower one: 2^(i/32) seconds, cut to whole
// nanoseconds. It is 0 below the bucket of a nanosecond and the largest Duration from its bucket on.
func UpperBound(i int) time.Duration { return buckets().at(i).upper }

// middle returns the Duration whose largest relative distance to those in bucket i is least: the harmonic mean of the
// smallest and the largest.
func middle(i int) time.Duration { return buckets().at(i).middle }

// A stands is where the durations of a bucket end, and what stands for them.
type stands struct{ upper, middle time.Duration }

// A scale is all buckets from the one below that of a nanosecond.
type scale struct {
	first int
	all   []stands
}

func (s *scale) at(i int) stands { return s.all[min(max(i, s.first), s.first+len(s.all)-1)-s.first] }

// buckets are looked up, as judging an hour asks for them millions of times.
var buckets = sync.OnceValue(func() *scale {
	s := &scale{first: bucketOf(1) - 1}
	for i := s.first; i <= bucketOf(math.MaxInt64); i++ {
		b := stands{upper: findUpperBound(i)}
		smallest := float64(findUpperBound(i-1) + 1)
		largest := float64(b.upper)
		b.middle = time.Duration(math.Round(2 * smallest * (largest / (smallest + largest))))
		s.all = append(s.all, b)
	}
	return s
})

func findUpperBound(i int) time.Duration {
	var d time.Duration
	for bit := time.Duration(1) << 62; bit > 0; bit >>= 1 {
		if bucketOf(d|bit) <= i {
			d |= bit
		}
	}
	return d
}
