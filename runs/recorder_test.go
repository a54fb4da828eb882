package runs

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// prometheusBuckets returns the zeros and the buckets of a real native histogram that observed ds.
func prometheusBuckets(t testing.TB, ds ...time.Duration) (uint64, map[int]uint64) {
	t.Helper()
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "h", NativeHistogramBucketFactor: 1.022})
	for _, d := range ds {
		h.Observe(d.Seconds())
	}
	var m dto.Metric
	if err := h.Write(&m); err != nil {
		t.Fatal(err)
	}
	if got := m.Histogram.GetSchema(); got != 5 {
		t.Fatalf("the client uses schema %d, want 5", got)
	}
	buckets := map[int]uint64{}
	index, count, deltas := 0, int64(0), m.Histogram.PositiveDelta
	for _, span := range m.Histogram.PositiveSpan {
		index += int(span.GetOffset())
		for range span.GetLength() {
			count, deltas = count+deltas[0], deltas[1:]
			if count > 0 {
				buckets[index] = uint64(count)
			}
			index++
		}
	}
	return m.Histogram.GetZeroCount(), buckets
}

func bucketsOf(h *Histogram) map[int]uint64 {
	buckets := map[int]uint64{}
	for i, n := range h.Buckets() {
		buckets[i] = n
	}
	return buckets
}

func TestBucketsArePrometheus(t *testing.T) {
	for name, ds := range distributions(1, 20_000) {
		ds = append(ds, 0, 0, 1, math.MaxInt64)
		var r Recorder
		for _, d := range ds {
			r.Record(d)
		}
		h := r.Histogram()
		zeros, buckets := prometheusBuckets(t, ds...)
		if h.Zeros() != zeros {
			t.Errorf("%s: %d zeros, Prometheus has %d", name, h.Zeros(), zeros)
		}
		if diff := cmp.Diff(buckets, bucketsOf(&h)); diff != "" {
			t.Errorf("%s: buckets differ (-Prometheus +ours):\n%s", name, diff)
		}
	}
}

// At every bound of every bucket that a Duration can fall in, a nanosecond below and above it.
func TestBucketBoundsArePrometheus(t *testing.T) {
	checked := 0
	for i := firstBucket; i <= lastBucket; i++ {
		bound := math.Exp2(float64(i)/32) * 1e9
		for _, near := range []float64{math.Floor(bound) - 1, math.Floor(bound), math.Ceil(bound), math.Ceil(bound) + 1} {
			if near < 1 || near >= math.MaxInt64 {
				continue
			}
			d := time.Duration(near)
			_, want := prometheusBuckets(t, d)
			if got := bucketOf(d); want[got] != 1 {
				t.Errorf("%d ns is in bucket %d, Prometheus has it in %v", d, got, want)
			}
			checked++
		}
	}
	if checked < 4*2000 {
		t.Errorf("only %d bounds were checked", checked)
	}
}

func TestUpperBound(t *testing.T) {
	for i := firstBucket; i < lastBucket; i++ {
		d := UpperBound(i)
		if in, next := bucketOf(d), bucketOf(d+1); in > i || next <= i {
			t.Errorf("UpperBound(%d) = %d ns, in bucket %d; 1 ns more is in %d", i, d, in, next)
		}
	}
	for i, want := range map[int]time.Duration{
		math.MinInt: 0, zeroBucket: 0, firstBucket: 1, -32: 500 * time.Millisecond, 0: time.Second, 32: 2 * time.Second,
		1: 1021897148, lastBucket: math.MaxInt64, math.MaxInt: math.MaxInt64,
	} {
		if got := UpperBound(i); got != want {
			t.Errorf("UpperBound(%d) = %d, want %d", i, got, want)
		}
	}
}

func TestRecorderIsAHistogram(t *testing.T) {
	var r Recorder // used again and again: Reset must leave nothing
	for name, ds := range distributions(2, 5000) {
		var want Histogram
		for i, d := range ds {
			if i%100 == 0 {
				d = time.Duration(-i) // zeros and less
			}
			r.Record(d)
			want.Record(d)
		}
		got := r.Histogram()
		if !got.Equal(want) || r.Count() != want.Count() {
			t.Errorf("%s: recorder and histogram differ (-histogram +recorder):\n%s", name, cmp.Diff(bucketsOf(&want), bucketsOf(&got)))
		}
		r.Record(time.Minute)
		if !got.Equal(want) {
			t.Errorf("%s: recording on changed a histogram taken before", name)
		}
		r.Reset()
		if h := r.Histogram(); !reflect.DeepEqual(h, Histogram{}) || r.Count() != 0 || r.counts != (Recorder{}).counts {
			t.Errorf("%s: Reset left %+v", name, h)
		}
	}
}

// A count of the dense array has 32 bits; the recorder goes on beyond them.
func TestRecorderCountsBeyond32Bits(t *testing.T) {
	var r Recorder
	var all dense
	const n = math.MaxUint32 - 1
	for _, d := range []time.Duration{0, time.Millisecond} {
		r.totals.add(totals{n, n * d, d, d})
		r.counts[bucketOf(d)-zeroBucket] = n
		all.record(totals{n, n * d, d, d}, bucketOf(d))
	}
	want := all.histogram()
	for _, d := range []time.Duration{0, time.Millisecond, time.Second, time.Millisecond, 0, 3} {
		r.Record(d)
		want.Record(d)
		if got := r.Histogram(); !got.Equal(want) || r.Count() != want.Count() {
			t.Fatalf("after %v: %v, want %v", d, got, want)
		}
	}
	r.Reset()
	if h := r.Histogram(); !h.Equal(Histogram{}) {
		t.Errorf("Reset left %+v", h)
	}
}

func TestRecorderIsLean(t *testing.T) {
	if size := reflect.TypeFor[Recorder]().Size(); size > 10_000 {
		t.Errorf("a recorder takes %d bytes", size)
	}
	var r Recorder
	d := time.Duration(1)
	if n := testing.AllocsPerRun(1000, func() { r.Record(d); d = d * 17 / 16 }); n != 0 {
		t.Errorf("Record allocates %v times", n)
	}
}

func BenchmarkRecord(b *testing.B) {
	ds := slices.Collect(logUniform(rand.New(rand.NewPCG(1, 1)), 4096, time.Microsecond, time.Hour))
	var r Recorder
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		r.Record(ds[i%len(ds)])
	}
}

func BenchmarkReset(b *testing.B) {
	ds := slices.Collect(logUniform(rand.New(rand.NewPCG(1, 1)), 64, 50*time.Microsecond, 10*time.Second))
	var r Recorder
	b.ReportAllocs()
	for b.Loop() {
		for _, d := range ds {
			r.Record(d)
		}
		r.Reset()
	}
}
