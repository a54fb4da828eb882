package runs

import (
	"bytes"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"
)

// Whatever is packed comes out again, and the same counts, found elsewhere in a
// larger array or in one of another width, have the same bytes.
func TestPackedBucketsComeBack(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 7))
	var widths [4]int
	for range 400 {
		all := make([]uint64, lastBucket-firstBucket+1)
		for range rng.IntN(6) { // runs of all lengths and of all sizes
			at, length, size := rng.IntN(len(all)), 1+rng.IntN(1<<rng.IntN(12)), 1+rng.IntN(53)
			for i := at; i < min(at+length, len(all)); i++ {
				all[i] = 1 + rng.Uint64N(1<<size)
			}
		}
		h := Histogram{buckets: pack(firstBucket, all)}
		got, last := make([]uint64, len(all)), zeroBucket
		for i, n := range h.Buckets() {
			if i <= last || n == 0 {
				t.Fatalf("bucket %d with %d behind bucket %d", i, n, last)
			}
			got[i-firstBucket], last = n, i
		}
		if !slices.Equal(got, all) {
			t.Fatalf("packed %v, got %v", all, got)
		}
		for r := range h.buckets.runs() {
			widths[r.width]++
		}
		if from, to := span(all); !bytes.Equal(h.buckets, pack(firstBucket+from, all[from:to])) {
			t.Fatalf("%v has other bytes between %d and %d", all, from, to)
		}
	}
	for w, n := range widths {
		if n < 50 {
			t.Errorf("only %d runs have counts of %d bytes", n, 1<<w)
		}
	}
}

// span is where the counts begin and end that are not zero.
func span(counts []uint64) (from, to int) {
	for to = len(counts); to > 0 && counts[to-1] == 0; {
		to--
	}
	for from < to && counts[from] == 0 {
		from++
	}
	return from, to
}

// Nothing takes nothing, and counts of 32 bits are packed as those of 64.
func TestPackedEnds(t *testing.T) {
	if p := pack(firstBucket, []uint32{0, 0}); p != nil {
		t.Errorf("nothing is packed as %v", p)
	}
	a, b := pack(-5, []uint32{0, 300, 0, 7}), pack(-4, []uint64{300, 0, 7, 0})
	if !bytes.Equal(a, b) {
		t.Errorf("%v and %v are of the same counts", a, b)
	}
	h := Histogram{buckets: a}
	for i, n := range h.Buckets() {
		if i != -4 || n != 300 {
			t.Errorf("the first bucket is %d with %d", i, n)
		}
		break
	}
}

// spreads are recorders of a second's answers each, half of them between 1.2 and
// 3.2 ms and one of a thousand above 17 ms, and how many buckets they use.
func spreads(n, answers int) (all []*Recorder, used int) {
	rng := rand.New(rand.NewPCG(57, 3))
	for range n {
		r := &Recorder{}
		for range answers {
			r.Record(time.Duration(2e6 * math.Exp(0.7*rng.NormFloat64())))
		}
		h := r.Histogram()
		for range h.Buckets() {
			used++
		}
		all = append(all, r)
	}
	return all, used / n
}

// An hour of ten actions takes little memory, and so does a second of it.
func TestAnHourIsSmall(t *testing.T) {
	recorders, used := spreads(50, 1000)
	if used < 150 {
		t.Fatalf("a histogram uses %d buckets", used)
	}
	size := 0
	for _, r := range recorders {
		size += len(r.Histogram().buckets)
	}
	if per := float64(size) / float64(len(recorders)*used); per > 2 {
		t.Errorf("a bucket takes %.2f bytes", per)
	}
	before := live()
	var r Run
	for second := range 3600 {
		e := &Entry{}
		for action := range 10 {
			from := recorders[(second+action*7)%len(recorders)]
			e.Tallies = append(e.Tallies, Tally{
				Second: second, Crowd: "readers", Action: string(rune('a' + action)), Offered: 1000, Good: 1000, Attempts: 1000,
				Response: from.Histogram(), Service: from.Histogram(),
			})
		}
		r.Add(e)
	}
	grown := live() - before
	t.Logf("%d buckets used, %.2f bytes each; the hour takes %.1f MB", used, float64(size)/float64(len(recorders)*used), float64(grown)/1e6)
	if grown > 40e6 {
		t.Errorf("an hour takes %d bytes", grown)
	}
	if n := r.Sum(nil).Offered; n != 36_000_000 {
		t.Errorf("it holds %d requests", n)
	}
}

// live is the size of the heap that is in use.
func live() int {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// What a generator does every second for each tally leaves little behind: one
// piece of memory for each of the two histograms.
func TestSecondsLeaveLittleBehind(t *testing.T) {
	recorders, _ := spreads(2, 1000)
	if n := testing.AllocsPerRun(100, func() { recorders[0].Histogram() }); n != 1 {
		t.Errorf("taking a histogram allocates %v times", n)
	}
	var r Run
	e := &Entry{Tallies: []Tally{{Crowd: "readers", Action: "home", Response: recorders[0].Histogram(), Service: recorders[1].Histogram()}}}
	r.Add(e)
	if n := testing.AllocsPerRun(100, func() { r.Add(e) }); n > 2 {
		t.Errorf("adding late answers allocates %v times", n)
	}
}

func BenchmarkRecorderHistogram(b *testing.B) {
	recorders, _ := spreads(1, 1000)
	b.ReportAllocs()
	for b.Loop() {
		recorders[0].Histogram()
	}
}
