package runs

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// A second is what the requests that were due in it came to.
type second struct {
	offered, good, answered, failed uint64
	attempts, held                  uint64
	refused                         uint64  // of the failed, explicitly and at once
	done                            float64 // answers that were read in it, whenever they were due
}

func (s *second) add(o *second) {
	s.offered += o.offered
	s.good += o.good
	s.answered += o.answered
	s.failed += o.failed
	s.attempts += o.attempts
	s.held += o.held
	s.refused += o.refused
	s.done += o.done
}

// A series is a second after another.
type series []second

// refusals are the causes of failure that leave a service no work to do.
var refusals = []string{"429", "503", "refused"}

// newSeries adds up the tallies that want picks, of so many seconds.
func newSeries(tallies []Tally, length int, want func(*Tally) bool) series {
	var picked []*Tally
	for i := range tallies {
		if t := &tallies[i]; t.Second >= 0 && t.Second < length && (want == nil || want(t)) {
			picked = append(picked, t)
		}
	}
	// In one order, so that sums of fractions are always rounded alike.
	slices.SortStableFunc(picked, func(a, b *Tally) int { return a.Key().compare(b.Key()) })
	s := make(series, length)
	for _, t := range picked {
		one := second{offered: t.Offered, good: t.Good, answered: t.Response.Count(), failed: t.Failures(), attempts: t.Attempts, held: t.Held}
		for _, cause := range refusals {
			one.refused += t.Failed[cause]
		}
		s[t.Second].add(&one)
		s.addDone(t)
	}
	return s
}

// addDone spreads the answers of a tally over the seconds in which they were
// read. Requests are taken to be due evenly over their second, and those that
// were due later to have waited longer: so it is in a queue that grows, in which
// what a service can do shows.
func (s series) addDone(t *Tally) {
	n, before := float64(t.Response.Count()), 0.0
	spread := func(took time.Duration, count uint64) {
		after := before + float64(count)
		from, until := before/n+took.Seconds(), after/n+took.Seconds()
		until = max(until, math.Nextafter(from, math.Inf(1))) // a few of very many leave no difference
		for i := int(from); float64(i) < until && t.Second+i < len(s); i++ {
			share := (min(until, float64(i+1)) - max(from, float64(i))) / (until - from)
			s[t.Second+i].done += float64(count) * share
		}
		before = after
	}
	if zeros := t.Response.Zeros(); zeros > 0 {
		spread(0, zeros)
	}
	for i, count := range t.Response.Buckets() {
		spread(middle(i), count)
	}
}

// A bin is one second, or as many that follow each other as have enough requests.
type bin struct {
	second
	from, until int // seconds
	planned     float64
}

// share is the part of the requests that were good.
func (b *bin) share() float64 { return part(b.good, b.offered) }

// length is in seconds.
func (b *bin) length() float64 { return float64(b.until - b.from) }

// bins cuts the seconds of [from, until) into bins of at least so many requests.
// What is left at the end goes into the last.
func (s series) bins(p *plan, from, until int, least uint64) []bin {
	var all []bin
	var b bin
	from, until = max(from, 0), min(until, len(s))
	for i := from; i < until; i++ {
		if b.until == b.from {
			b = bin{from: i, until: i}
		}
		b.add(&s[i])
		b.until = i + 1
		b.planned += p.rates[i]
		if b.offered >= least {
			b.planned /= b.length()
			all = append(all, b)
			b = bin{}
		}
	}
	if n := len(all); b.until > b.from && n > 0 {
		last := &all[n-1]
		last.planned = (last.planned*last.length() + b.planned) / float64(b.until-last.from)
		last.add(&b.second)
		last.until = b.until
	}
	return all
}

// total adds up bins.
func totalOf(bins []bin) (sum second, length float64) {
	for i := range bins {
		sum.add(&bins[i].second)
		length += bins[i].length()
	}
	return sum, length
}

// median is the middle of the goodput of bins.
func median(bins []bin) float64 {
	shares := make([]float64, len(bins))
	for i := range bins {
		shares[i] = bins[i].share()
	}
	slices.SortFunc(shares, cmp.Compare[float64])
	if n := len(shares); n%2 == 1 {
		return shares[n/2]
	} else if n > 0 {
		return (shares[n/2-1] + shares[n/2]) / 2
	}
	return 0
}
