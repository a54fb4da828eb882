package runs

import (
	"bytes"
	"encoding/json"
	"iter"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// logUniform yields n durations whose logarithms are spread evenly.
func logUniform(r *rand.Rand, n int, from, to time.Duration) iter.Seq[time.Duration] {
	return func(yield func(time.Duration) bool) {
		for range n {
			if !yield(time.Duration(float64(from) * math.Pow(float64(to)/float64(from), r.Float64()))) {
				return
			}
		}
	}
}

// distributions returns n durations each of shapes that latencies have.
func distributions(seed uint64, n int) map[string][]time.Duration {
	r := rand.New(rand.NewPCG(seed, 0))
	all := map[string][]time.Duration{
		"log-uniform": slices.Collect(logUniform(r, n, time.Microsecond, time.Hour)),
		"constant":    slices.Repeat([]time.Duration{1234567 * time.Nanosecond}, n),
		"one":         {42 * time.Millisecond},
	}
	for range n {
		hit := time.Duration(300e3 * math.Exp(r.NormFloat64()/3))
		if r.IntN(20) == 0 {
			hit = time.Duration(80e6 * math.Exp(r.NormFloat64()/5))
		}
		all["bimodal"] = append(all["bimodal"], hit)
		all["heavy tail"] = append(all["heavy tail"], time.Duration(1e6*math.Pow(1-r.Float64(), -1/1.2))) // Pareto
		all["a third zero"] = append(all["a third zero"], max(0, time.Duration(r.IntN(3e6))-1e6))
		all["microseconds"] = append(all["microseconds"], time.Microsecond+time.Duration(r.IntN(2000)))
	}
	return all
}

func histogramOf(ds ...time.Duration) *Histogram {
	var h Histogram
	for _, d := range ds {
		h.Record(d)
	}
	return &h
}

func histogramJSON(t testing.TB, h *Histogram) string {
	t.Helper()
	b, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestZeroHistogram(t *testing.T) {
	var h Histogram
	for _, q := range []float64{0, 0.5, 1, math.NaN()} {
		if got := h.Quantile(q); got != 0 {
			t.Errorf("Quantile(%v) = %v, want 0", q, got)
		}
	}
	if h.Count() != 0 || h.Sum() != 0 || h.Min() != 0 || h.Max() != 0 || h.Zeros() != 0 || len(bucketsOf(&h)) != 0 {
		t.Errorf("the zero histogram is not empty: %+v", h)
	}
	h.Merge(&Histogram{})
	if got, want := histogramJSON(t, &h), `{"count":0,"sum":0,"min":0,"max":0,"buckets":[]}`; got != want {
		t.Errorf("it encodes as %s, want %s", got, want)
	}
	if err := json.Unmarshal([]byte(histogramJSON(t, &h)), &h); err != nil || !reflect.DeepEqual(h, Histogram{}) {
		t.Errorf("it decodes as %+v, %v", h, err)
	}
}

func TestTotalsAreExact(t *testing.T) {
	for name, ds := range distributions(3, 5000) {
		var sum time.Duration
		for _, d := range ds {
			sum += d
		}
		h := histogramOf(ds...)
		if h.Count() != uint64(len(ds)) || h.Sum() != sum || h.Min() != slices.Min(ds) || h.Max() != slices.Max(ds) {
			t.Errorf("%s: count %d sum %d min %d max %d, want %d %d %d %d", name, h.Count(), h.Sum(), h.Min(), h.Max(),
				len(ds), sum, slices.Min(ds), slices.Max(ds))
		}
	}
	below := histogramOf(-time.Second, 0, 5, math.MinInt64)
	if below.Count() != 4 || below.Zeros() != 3 || below.Sum() != 5 || below.Min() != 0 || below.Max() != 5 || below.Quantile(0.75) != 0 {
		t.Errorf("zeros and less: %s", histogramJSON(t, below))
	}
	if h := histogramOf(math.MaxInt64, 1, 2, math.MaxInt64); h.Sum() != math.MaxInt64 || h.Count() != 4 {
		t.Errorf("a sum that overflows: %s", histogramJSON(t, h))
	}
}

func TestMergeInAnyOrderAndGrouping(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 4))
		all := slices.Collect(logUniform(r, 1+r.IntN(500), 1, 200*365*24*time.Hour)) // long enough for sums to overflow
		want := histogramJSON(t, histogramOf(all...))
		all = append(all, 0)
		want0 := histogramJSON(t, histogramOf(all...))
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })

		parts := []*Histogram{{}}
		for _, d := range all {
			if r.IntN(8) == 0 {
				parts = append(parts, &Histogram{})
			}
			parts[r.IntN(len(parts))].Record(d)
		}
		for len(parts) > 1 { // join two at random until one is left
			i := 1 + r.IntN(len(parts)-1)
			j := r.IntN(i)
			before := histogramJSON(t, parts[i])
			parts[j].Merge(parts[i])
			if after := histogramJSON(t, parts[i]); after != before {
				t.Fatalf("seed %d: Merge changed its argument from %s to %s", seed, before, after)
			}
			parts = slices.Delete(parts, i, i+1)
		}
		if got := histogramJSON(t, parts[0]); got != want0 {
			t.Fatalf("seed %d: merged to\n%s, want\n%s", seed, got, want0)
		}
		if want == want0 {
			t.Fatalf("seed %d: a zero more made no difference", seed)
		}
	}
}

func TestMergeCopies(t *testing.T) {
	h := histogramOf(1, 2, 3)
	var c Histogram
	c.Merge(h)
	c.Record(2)
	if want := histogramOf(1, 2, 3); !h.Equal(*want) {
		t.Errorf("recording into a copy changed the original to %s", histogramJSON(t, h))
	}
	h.Merge(h)
	if want := histogramOf(1, 1, 2, 2, 3, 3); !h.Equal(*want) {
		t.Errorf("merged with itself it is %s, want %s", histogramJSON(t, h), histogramJSON(t, want))
	}
	for i, n := range h.Buckets() {
		if i != firstBucket || n != 2 {
			t.Errorf("the first bucket is %d with %d, want %d with 2", i, n, firstBucket)
		}
		break
	}
}

// nearEnough reports whether got is as near to exact as Quantile promises.
func nearEnough(got, exact time.Duration) bool {
	return math.Abs(float64(got-exact)) <= (math.Exp2(1.0/64)-1)*float64(exact)+0.5
}

func TestQuantileError(t *testing.T) {
	for _, n := range []int{1, 2, 10, 99, 1000, 20_000} {
		for name, ds := range distributions(uint64(n), n) {
			h := histogramOf(ds...)
			slices.Sort(ds)
			for _, q := range []float64{-1, 0, 1e-9, 0.01, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 1, 2} {
				rank := int(math.Ceil(min(max(q, 0), 1) * float64(len(ds))))
				exact, got := ds[max(rank, 1)-1], h.Quantile(q)
				if !nearEnough(got, exact) {
					t.Errorf("%s, n %d: Quantile(%v) = %v, exactly %v", name, n, q, got, exact)
				}
				if got < h.Min() || got > h.Max() || (rank <= 1 || rank == len(ds)) && got != exact {
					t.Errorf("%s, n %d: Quantile(%v) = %v, exactly %v of %v to %v", name, n, q, got, exact, h.Min(), h.Max())
				}
			}
		}
	}
}

// The middle of every bucket is near enough to every Duration in it, not only to those that were drawn.
func TestMiddleOfEveryBucket(t *testing.T) {
	for i := firstBucket; i <= lastBucket; i++ {
		smallest, largest := UpperBound(i-1)+1, UpperBound(i)
		if smallest > largest {
			continue // too narrow for a whole nanosecond
		}
		m := middle(i)
		for _, d := range []time.Duration{smallest, largest} {
			if !nearEnough(m, d) {
				t.Errorf("bucket %d: %d ns stands for %d ns", i, m, d)
			}
		}
	}
}

func TestHistogramJSONRoundTrip(t *testing.T) {
	for name, ds := range distributions(5, 2000) {
		want := histogramOf(append(ds, 0)...)
		var got Histogram
		if err := json.Unmarshal([]byte(histogramJSON(t, want)), &got); err != nil || !got.Equal(*want) {
			t.Errorf("%s: %s\ncame back as %s, %v", name, histogramJSON(t, want), histogramJSON(t, &got), err)
		}
	}
	type tally struct{ Response Histogram } // a value, as a run holds it
	b, err := json.Marshal(tally{*histogramOf(0, 3, 4, 4)})
	want := `{"Response":{"count":4,"sum":11,"min":0,"max":4,"zeros":1,"buckets":[[-905,1],[-892,2]]}}`
	if string(b) != want || err != nil {
		t.Errorf("got %s, %v, want %s", b, err, want)
	}
}

func TestHistogramJSONMistakes(t *testing.T) {
	const good = `{"count":4,"sum":11,"min":0,"max":4,"zeros":1,"buckets":[[-905,1],[-892,2]]}`
	if err := json.Unmarshal([]byte(good), new(Histogram)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, says string }{
		{`"count":4`, `"count":5`, "count 5, but zeros and buckets hold 4"},
		{`"count":4`, `"count":-4`, "number -4"},
		{`"count":4`, `"count":"4"`, "string"},
		{`"count":4`, `"count":9007199254740993`, "at most 2^53"},
		{`"zeros":1`, `"zeros":18446744073709551615`, "at most 2^53"},
		{`"zeros":1,`, ``, "zeros and buckets hold 3"},
		{`"sum":11`, `"sum":2`, "sum 2: want 4 to 12"},
		{`"sum":11`, `"sum":13`, "sum 13: want 4 to 12"},
		{`"min":0`, `"min":-1`, "0 <= min <= max"},
		{`"min":0`, `"min":5`, "0 <= min <= max"},
		{`"min":0`, `"min":3`, "min 3 is not in the lowest bucket"},
		{`"max":4`, `"max":5`, "max 5 is not in the highest bucket"},
		{`[-905,1]`, `[-957,1]`, "bucket [-957,1]: want an index above -957 and at most 1060"},
		{`[-892,2]`, `[1061,2]`, "bucket [1061,2]: want an index above -905 and at most 1060"},
		{`[-892,2]`, `[-905,2]`, "above -905"},
		{`[-892,2]`, `[-892,0]`, "want a count from 1"},
		{`[-892,2]`, `[-892,9007199254740993]`, "want a count from 1 to 2^53"},
		{`[-892,2]`, `[-892]`, "bucket [-892]: want [index,count]"},
		{`[-892,2]`, `[-892,2,2]`, "want [index,count]"},
		{`[-892,2]`, `[-892,2.5]`, "want [index,count]"},
		{`[-892,2]`, `null`, "bucket null: want [index,count]"},
		{`[-892,2]`, `{}`, "want [index,count]"},
		{`[[-905,1],[-892,2]]`, `7`, "buckets 7: want a list of [index,count]"},
	} {
		if strings.Count(good, c.old) != 1 {
			t.Fatalf("%s is not once in %s", c.old, good)
		}
		h := *histogramOf(1)
		err := json.Unmarshal([]byte(strings.Replace(good, c.old, c.new, 1)), &h)
		if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "reading a histogram") {
			t.Errorf("%s instead of %s: error %v, want one that says %q", c.new, c.old, err, c.says)
		}
		if !h.Equal(*histogramOf(1)) {
			t.Errorf("%s instead of %s: the histogram was changed to %s", c.new, c.old, histogramJSON(t, &h))
		}
	}
}

func FuzzHistogramJSON(f *testing.F) {
	for _, ds := range distributions(6, 20) {
		f.Add([]byte(histogramJSON(f, histogramOf(ds...))))
	}
	f.Add([]byte(histogramJSON(f, histogramOf(-1, 0, 1, 2, math.MaxInt64, math.MaxInt64))))
	f.Add([]byte(` { "count" : 1 , "sum":7,"min":7, "max":7,"buckets" : [ [ -866 , 1 ] ] } `))
	f.Fuzz(func(t *testing.T, data []byte) {
		var h, again Histogram
		if json.Unmarshal(data, &h) != nil {
			return
		}
		first := histogramJSON(t, &h)
		if err := json.Unmarshal([]byte(first), &again); err != nil || !again.Equal(h) {
			t.Fatalf("%s decoded, but not what it encodes to, %s: %v", data, first, err)
		}
		if second := histogramJSON(t, &again); !bytes.Equal([]byte(first), []byte(second)) {
			t.Fatalf("encoded as %s, then as %s", first, second)
		}
		var twice Histogram
		twice.Merge(&h)
		twice.Merge(&h)
		if got := twice.Quantile(0.5); got < h.Min() || got > h.Max() || twice.Count() != 2*h.Count() {
			t.Fatalf("%s merged with itself is %s", first, histogramJSON(t, &twice))
		}
	})
}
