package harness

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"os"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	vegeta "github.com/tsenart/vegeta/v12/lib"

	"gameday/runs"
)

// slowNight is a run of thirty seconds with slow answers and some failures.
func slowNight(t *testing.T) (run *runs.Run) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		rng := make(chan *rand.Rand, 1)
		rng <- rand.New(rand.NewPCG(9, 0))
		run = playing(t, &Harness{Version: "1"}, func(r *http.Request) *http.Response {
			dice := <-rng
			took, lot := time.Duration(math.Exp(dice.NormFloat64()/3)*float64(20*time.Millisecond)), dice.IntN(1000)
			rng <- dice
			pause(r, took)
			switch lot {
			case 0:
				return answer(503, "text/plain", "")
			case 1:
				return answer(404, "text/plain", "")
			}
			return answer(200, "text/plain", "")
		}, night(t, steady))
	})
	return run
}

// results are what a run is told as.
func results(t testing.TB, r *runs.Run) []vegeta.Result {
	t.Helper()
	var b bytes.Buffer
	if err := WriteResults(&b, r); err != nil {
		t.Fatal(err)
	}
	var all []vegeta.Result
	for decode := vegeta.NewDecoder(&b); ; {
		var one vegeta.Result
		if err := decode(&one); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
}

// Counted again, second by second, the results are the record.
func TestResultsAreTheRecord(t *testing.T) {
	run := slowNight(t)
	all := results(t, run)
	type key struct {
		second        int
		crowd, action string
	}
	want, got := map[key]*runs.Tally{}, map[key]*runs.Tally{}
	add := func(to map[key]*runs.Tally, k key, one *runs.Tally) {
		if to[k] == nil {
			to[k] = &runs.Tally{}
		}
		to[k].Merge(one)
	}
	for i := range run.Tallies {
		c := &run.Tallies[i]
		one := runs.Tally{Offered: c.Offered, Failed: c.Failed}
		for d, n := range c.Response.Ranks() {
			for range n {
				one.Response.Record(d)
			}
		}
		add(want, key{c.Second, c.Crowd, c.Action}, &one)
	}
	seq, before := map[string]uint64{}, time.Time{}
	for _, one := range all {
		if one.Seq != seq[one.Attack] || one.Timestamp.Before(before) {
			t.Fatalf("%s: result %d at %s, want %d after %s", one.Attack, one.Seq, one.Timestamp, seq[one.Attack], before)
		}
		seq[one.Attack]++
		before = one.Timestamp
		c := runs.Tally{Offered: 1}
		if one.Error != "" {
			c.Failed = map[string]uint64{one.Error: 1}
		} else {
			c.Response.Record(one.Latency)
		}
		if (one.Code == 200) != (one.Error == "") {
			t.Errorf("code %d with error %q", one.Code, one.Error)
		}
		add(got, key{int(one.Timestamp.Sub(run.Began) / time.Second), one.Attack, one.URL}, &c)
	}
	if diff := gocmp.Diff(want, got); diff != "" || len(want) < 60 {
		t.Errorf("%d tallies; -want +got:\n%s", len(want), diff)
	}
	slices.SortFunc(all, func(a, b vegeta.Result) int { return cmp.Compare(a.Latency, b.Latency) })
	sum := run.Sum(nil)
	for _, q := range []float64{0.5, 0.9, 0.95, 0.99} {
		want, _ := sum.Quantile(q)
		if got := all[int(math.Ceil(q*float64(len(all))))-1].Latency; math.Abs(float64(got-want)) > 0.011*float64(want) {
			t.Errorf("the %v quantile is %s, want %s", q, got, want)
		}
	}
}

// The same run is always told alike.
func TestResultsAreTheSame(t *testing.T) {
	run := slowNight(t)
	if diff := gocmp.Diff(results(t, run), results(t, run)); diff != "" {
		t.Errorf("the same run is told otherwise: %s", diff)
	}
}

// Within a second, fast and slow answers are mixed: each half of it looks like the
// other.
func TestResultsAreMixed(t *testing.T) {
	r := &runs.Run{Tallies: []runs.Tally{{Crowd: "c", Action: "a", Offered: 1000}}, Phases: []runs.Phase{{Begin: 0, End: runs.Span(250 * time.Millisecond)}}}
	for i := range 1000 {
		r.Tallies[0].Response.Record(time.Duration(i+1) * time.Millisecond)
	}
	all := results(t, r)
	for from := 0; from < 1000; from += 100 {
		var sum time.Duration
		for _, one := range all[from : from+100] {
			sum += one.Latency
		}
		if mean := sum / 100; mean < 450*time.Millisecond || mean > 550*time.Millisecond {
			t.Errorf("results %d to %d took %s on average, want about 500ms", from, from+100, mean)
		}
	}
	if last := all[999].Timestamp.Sub(r.Began); last >= 250*time.Millisecond || last < 249*time.Millisecond {
		t.Errorf("the last of a phase of 250ms is at %s", last)
	}
}

func TestStrides(t *testing.T) {
	for n := uint64(1); n < 2000; n++ {
		seen, rank := make([]bool, n), uint64(0)
		for range n {
			if seen[rank] {
				t.Fatalf("%d ranks: %d comes twice", n, rank)
			}
			seen[rank] = true
			rank = (rank + strideOf(n)) % n
		}
	}
}

// Whatever a record says, it is told, and nothing in it steers a terminal.
func TestResultsOfOddRuns(t *testing.T) {
	nasty := "a\x1b[31m\nb\xff"
	odd := runs.Tally{Phase: -3, Second: 7, Crowd: nasty, Action: nasty, Offered: 9, Failed: map[string]uint64{nasty: 2, "": 1}, MaxLag: runs.Span(time.Second)}
	for name, c := range map[string]struct {
		run  runs.Run
		want int
	}{
		"nothing":  {runs.Run{}, 0},
		"hostile":  {runs.Run{Tallies: []runs.Tally{odd}}, 3},
		"unsorted": {runs.Run{Tallies: []runs.Tally{{Second: 3, Failed: map[string]uint64{"5xx": 1}}, {Second: 1, Failed: map[string]uint64{"5xx": 1}}}}, 2},
		"very old": {runs.Run{Began: time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), Tallies: []runs.Tally{odd}}, 3},
	} {
		all := results(t, &c.run)
		if len(all) != c.want || !slices.IsSortedFunc(all, func(a, b vegeta.Result) int { return a.Timestamp.Compare(b.Timestamp) }) {
			t.Errorf("%s: %d results, want %d: %v", name, len(all), c.want, all)
		}
		for _, one := range all {
			if one.Error == "" || one.Code != 0 || runs.Line(one.Error+one.Attack+one.URL) != one.Error+one.Attack+one.URL {
				t.Errorf("%s: %+v", name, one)
			}
		}
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestExportsToABrokenPipe(t *testing.T) {
	run := slowNight(t)
	for name, write := range map[string]func(io.Writer, *runs.Run) error{"vegeta": WriteResults, "openmetrics": WriteMetrics} {
		if err := write(brokenPipe{}, run); !errors.Is(err, os.ErrClosed) {
			t.Errorf("%s: error %v, want the writer's", name, err)
		}
	}
}

// A peakWriter keeps nothing, and knows how much of the heap was in use when
// something was written.
type peakWriter struct {
	bytes int
	heap  uint64
}

func (w *peakWriter) Write(b []byte) (int, error) {
	if w.bytes += len(b); w.bytes%(1<<18) < len(b) {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		w.heap = max(w.heap, m.HeapAlloc)
	}
	return len(b), nil
}

// Memory does not grow with the number of requests.
func TestResultsAreStreamed(t *testing.T) {
	peak := func(perSecond uint64) *peakWriter {
		run, w := &runs.Run{}, &peakWriter{}
		for i := range 3 {
			run.Tallies = append(run.Tallies, runs.Tally{Second: i, Failed: map[string]uint64{"5xx": perSecond}})
		}
		if err := WriteResults(w, run); err != nil {
			t.Fatal(err)
		}
		return w
	}
	few, many := peak(10_000), peak(100_000)
	if many.bytes < 9*few.bytes || many.heap > few.heap+1<<20 {
		t.Errorf("%d bytes with a heap of %d, then %d bytes with %d", few.bytes, few.heap, many.bytes, many.heap)
	}
}
