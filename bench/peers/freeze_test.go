package main

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// waits are what everybody waited who came evenly, sorted.
func waits(l load) []time.Duration {
	all := make([]time.Duration, l.wanted())
	for i := range all {
		came := time.Duration(i) * time.Second / time.Duration(l.rate)
		if into := came - l.haltAfter; into >= 0 && into < l.haltFor {
			all[i] = l.haltFor - into
		}
	}
	slices.Sort(all)
	return all
}

// TestTruth compares the formula with counting: at the rank of the quantile, they
// are no more than one arrival apart.
func TestTruth(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	loads := []load{full.freeze, short.freeze}
	for range 30 {
		l := load{rate: 10 + random.IntN(2000), lasts: time.Duration(5+random.IntN(30)) * time.Second}
		l.haltFor = time.Duration(random.Int64N(int64(l.lasts)))
		l.haltAfter = time.Duration(random.Int64N(int64(l.lasts - l.haltFor)))
		loads = append(loads, l)
	}
	for _, l := range loads {
		all := waits(l)
		for _, q := range []float64{0, 0.5, 0.9, 0.99, 0.999, 1} {
			rank := max(int(math.Ceil(q*float64(len(all))-1e-6)), 1)
			counted := all[rank-1]
			if off := truth(q, l) - counted; off.Abs() > 2*time.Second/time.Duration(l.rate) {
				t.Errorf("%+v: %v-quantile by formula %v, counted %v", l, q, truth(q, l), counted)
			}
		}
	}
	if got := truth(0.99, full.freeze).Round(time.Microsecond); got != 4700*ms {
		t.Errorf("p99 %v, want 4.7 s", got)
	}
	if got := truth(0.99, load{lasts: time.Second}); got != 0 {
		t.Errorf("p99 %v of a service that never stands still", got)
	}
}

// TestFreezePlans: those who stamp when they send must see fewer than one slow
// request in a hundred, or the two ways to measure could not be told apart.
func TestFreezePlans(t *testing.T) {
	for _, p := range []plan{full, short} {
		f := p.freeze
		flowing := float64(f.rate) * (f.lasts - f.haltFor).Seconds()
		if slow := float64(f.inFlight) / flowing; slow > 0.006 {
			t.Errorf("%.2g of the requests are slow", slow)
		}
		if f.haltAfter+f.haltFor >= f.lasts {
			t.Errorf("%+v: it still stands still when the load is over", f)
		}
	}
}

// TestStandStill: a service stands still when and for as long as it should, and
// goes on in any case.
func TestStandStill(t *testing.T) {
	const after, stands = 10 * time.Second, 5 * time.Second
	broken := errors.New("broken")
	for _, c := range []struct {
		name         string
		stands, ends time.Duration
		haltFails    error
		halted, went time.Duration // zero: never
		want         error
	}{
		{"whole", stands, time.Minute, nil, after, after + stands, nil},
		{"ended before", stands, time.Second, nil, 0, 0, nil},
		{"ended while it stood still", stands, 12 * time.Second, nil, after, 12 * time.Second, nil},
		{"never", 0, time.Minute, nil, 0, 0, nil},
		{"cannot be halted", stands, time.Minute, broken, after, 0, broken},
	} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), c.ends)
			defer cancel()
			var halted, went time.Duration
			err := standStill(ctx, after, c.stands,
				func() error { halted = time.Since(began); return c.haltFails },
				func() error { went = time.Since(began); return nil })
			if halted != c.halted || went != c.went || !errors.Is(err, c.want) {
				t.Errorf("%s: halted after %v, went on after %v, %v", c.name, halted, went, err)
			}
		})
	}
}
