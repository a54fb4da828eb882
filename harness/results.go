package harness

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"sort"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"gameday/runs"
)

// WriteResults writes the requests of a run as Vegeta's stream of results, in its
// own encoding (gob), in order of time: attack is the crowd, URL the action, seq
// counts the requests of a crowd from 0. A success has code 200, a failure code 0
// and its cause for an error.
//
// A record knows how many took how long in each second, but not which. So the
// results of a second are spread evenly over it, fast and slow ones mixed, always
// in the same way. A latency is a response time, from when the request was due, as
// exact as the buckets of the record: within 1.09 %, the smallest and the largest
// of a second exact. How long failures took is not known: they count as slower
// than any answer, as in the verdict, with the greatest response time or lag of
// the run.
//
// Memory does not grow with the number of requests. Errors are those of to.
func WriteResults(to io.Writer, r *runs.Run) error {
	var tallies []*runs.Tally
	var failed time.Duration
	for i := range r.Tallies {
		t := &r.Tallies[i]
		tallies = append(tallies, t)
		failed = max(failed, t.Response.Max(), time.Duration(t.MaxLag))
	}
	slices.SortStableFunc(tallies, func(a, b *runs.Tally) int {
		return cmp.Or(cmp.Compare(a.Phase, b.Phase), cmp.Compare(a.Second, b.Second))
	})
	out := bufio.NewWriterSize(to, 1<<16)
	encode, seq := vegeta.NewEncoder(out), map[string]uint64{}
	for len(tallies) > 0 {
		var lanes []*lane
		first := tallies[0]
		for len(tallies) > 0 && tallies[0].Phase == first.Phase && tallies[0].Second == first.Second {
			lanes = append(lanes, newLane(r, tallies[0], failed))
			tallies = tallies[1:]
		}
		for l := nextLane(lanes); l != nil; l = nextLane(lanes) {
			result := l.result(r.Began)
			result.Seq = seq[l.crowd]
			seq[l.crowd]++
			if err := encode(result); err != nil {
				return fmt.Errorf("writing results: %w", err)
			}
			l.step()
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("writing results: %w", err)
	}
	return nil
}

// A lane is the requests of one tally, one after another in order of time. Each
// has a rank: the answered in order of their time, then the failed.
type lane struct {
	crowd, action string
	from, length  time.Duration // where they are spread
	kinds         []kind
	count         uint64
	done          uint64
	rank, stride  uint64 // of the next, and from one to the next
	due           time.Duration
}

// A kind is requests of the same fate, up to a rank.
type kind struct {
	before  uint64 // the first rank behind
	latency time.Duration
	cause   string // empty: answered
}

func newLane(r *runs.Run, t *runs.Tally, failed time.Duration) *lane {
	l := &lane{crowd: runs.Line(t.Crowd), action: runs.Line(t.Action)}
	until := time.Duration(t.Second+1) * time.Second
	l.from = until - time.Second
	if t.Phase >= 0 && t.Phase < len(r.Phases) {
		p := &r.Phases[t.Phase]
		l.from, until = max(l.from, time.Duration(p.Begin)), min(until, time.Duration(p.End))
	}
	l.length = max(until-l.from, 0)
	for latency, n := range t.Response.Ranks() {
		l.count += n
		l.kinds = append(l.kinds, kind{l.count, latency, ""})
	}
	for _, cause := range slices.Sorted(maps.Keys(t.Failed)) {
		l.count += t.Failed[cause]
		l.kinds = append(l.kinds, kind{l.count, failed, cmp.Or(runs.Line(cause), "failed")})
	}
	l.stride = strideOf(l.count)
	l.due = l.dueOf(0)
	return l
}

// strideOf is a stride that meets each of n ranks once, and neighbours in time far
// apart: near the golden section, as in Fibonacci hashing (Knuth, 6.4).
func strideOf(n uint64) uint64 {
	stride := max(1, uint64(float64(n)*(math.Sqrt(5)-1)/2))
	for commonDivisor(stride, n) > 1 {
		stride++
	}
	return stride
}

func commonDivisor(a, b uint64) uint64 {
	for b > 0 {
		a, b = b, a%b
	}
	return a
}

func (l *lane) dueOf(i uint64) time.Duration {
	return l.from + time.Duration(float64(l.length)*(float64(i)+0.5)/float64(max(l.count, 1)))
}

// step goes to the next request.
func (l *lane) step() {
	l.done++
	l.rank = (l.rank + l.stride) % l.count
	l.due = l.dueOf(l.done)
}

// result is the next request as Vegeta would have it.
func (l *lane) result(began time.Time) *vegeta.Result {
	k := &l.kinds[sort.Search(len(l.kinds), func(i int) bool { return l.rank < l.kinds[i].before })]
	result := &vegeta.Result{Attack: l.crowd, URL: l.action, Timestamp: began.Add(l.due).UTC(), Latency: k.latency, Code: 200}
	if k.cause != "" {
		result.Code, result.Error = 0, k.cause
	}
	return result
}

// nextLane is the lane whose next request is due first; nil if all are done.
func nextLane(lanes []*lane) *lane {
	var next *lane
	for _, l := range lanes {
		if l.done < l.count && (next == nil || l.due < next.due) {
			next = l
		}
	}
	return next
}
