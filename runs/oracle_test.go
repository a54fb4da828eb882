package runs

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// toySeeds are of five nights of each case.
var toySeeds = []uint64{1, 2, 3, 4, 5}

// Every case of the oracle gets its verdict, on each of five nights, and the time
// to recover lies in its band on the middle one.
func TestOracle(t *testing.T) {
	for _, c := range oracle(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var took []float64
			for _, seed := range toySeeds {
				r := c.record(t, seed)
				Judge(r)
				if len(r.Recovery) != 1 {
					t.Fatalf("%d recoveries", len(r.Recovery))
				}
				rec := &r.Recovery[0]
				c.check(t, rec)
				if rec.Recover.Is == Exact {
					took = append(took, rec.Recover.Value)
				}
				t.Logf("seed %d: %s, back after %v s, Ω %v, backlog %v s, capacity %v", seed, rec.Verdict, rec.Recover.Value, rec.Asked.Value, rec.Drain.Value, rec.Capacity.Value)
			}
			if c.from == "" {
				if len(took) > 0 {
					t.Errorf("it recovered after %v", took)
				}
				return
			}
			slices.Sort(took)
			if len(took) != len(toySeeds) || !within(t, c.from+"-"+c.to, took[len(took)/2], 0) {
				t.Errorf("it recovered after %v, want %s to %s", took, c.from, c.to)
			}
		})
	}
}

// check compares one recovery with the oracle. What it has in numbers is of a
// capacity that is known.
func (c *oracleCase) check(t *testing.T, rec *Recovery) {
	t.Helper()
	if rec.Verdict.String() != c.verdict {
		t.Errorf("%s: %s\nwant %s", rec.Verdict, rec.Why, c.verdict)
	}
	if math.Abs(rec.Collapse.Value-c.gcr) > 0.02 {
		t.Errorf("goodput at the end %v, want %v", rec.Collapse.Value, c.gcr)
	}
	if overloaded := c.name != "no-trigger"; overloaded && math.Abs(rec.Capacity.Value-1000) > 130 {
		t.Errorf("capacity %v, want about 1000", rec.Capacity.Value)
	}
	if rec.Capacity.Is != Exact {
		return
	}
	if math.Abs(rec.Asked.Value-c.omega) > 0.07*c.omega {
		t.Errorf("Ω %v, want about %v", rec.Asked.Value, c.omega)
	}
	switch {
	case c.drain == "n/a":
		if c.toy.bound > 0 && (rec.Drain.Is != Unknown || !strings.Contains(rec.Drain.Why, "refuses")) {
			t.Errorf("it sheds, and yet should drain in %+v", rec.Drain)
		}
	case c.drain == "inf":
		if rec.Drain.Is != Endless {
			t.Errorf("it should drain in %+v, want never", rec.Drain)
		}
	case c.drain == "":
	case !within(t, c.drain, rec.Drain.Value, 0.15):
		t.Errorf("it should drain in %+v, want about %s", rec.Drain, c.drain)
	}
}

// Whoever looks at goodput alone calls a service metastable that is only slow:
// watched for long enough, it comes back.
func TestShortWatchIsNotMetastable(t *testing.T) {
	var long, short *oracleCase
	for _, c := range oracle(t) {
		switch c.name {
		case "deep-spike-short-watch":
			short = &c
		case "deep-spike-long-watch":
			long = &c
		}
	}
	a, b := short.record(t, 3), long.record(t, 3)
	Judge(a)
	Judge(b)
	brief, whole := a.Recovery[0], b.Recovery[0]
	if brief.Collapse.Value >= DefaultRules.Collapse || brief.Verdict != Draining {
		t.Errorf("of the short watch: goodput %v, %s: %s", brief.Collapse, brief.Verdict, brief.Why)
	}
	if brief.Recover.Is != AtLeast || brief.Recover.Value != 40 || whole.Recover.Value < brief.Recover.Value {
		t.Errorf("recovered after %+v and %+v", brief.Recover, whole.Recover)
	}
	if off := whole.Recover.Value / brief.Drain.Value; off < 0.8 || off > 1.2 {
		t.Errorf("the short watch expects it after %vs, the long saw it after %vs", brief.Drain.Value, whole.Recover.Value)
	}
}

// The same numbers come of a capacity that is known.
func TestKnownCapacity(t *testing.T) {
	for _, c := range oracle(t) {
		r := c.record(t, 2)
		r.RecoveryRules.Capacity = 1000
		Judge(r)
		c.check(t, &r.Recovery[0])
		if rec := r.Recovery[0]; rec.Capacity != exact(1000) {
			t.Errorf("%s: capacity %+v", c.name, rec.Capacity)
		}
	}
}

// Loads of 1 % for as long as the trickle is not good, and then everything again,
// prove that a service is metastable; for a fixed time they prove nothing.
func TestIntervention(t *testing.T) {
	for held, want := range map[int]Outcome{15: MetastableSuspected, 60: OutagePersists, 180: MetastableConfirmed} {
		t.Run(strconv.Itoa(held), func(t *testing.T) {
			t.Parallel()
			c := oracle(t)[2]
			c.lowered, c.after = held, 40
			c.watch = 35
			r := c.record(t, 1)
			Judge(r)
			if rec := r.Recovery[0]; rec.Verdict != want {
				t.Errorf("%s: %s\nwant %s", rec.Verdict, rec.Why, want)
			}
			if r.Verdict != Fail {
				t.Errorf("the run is %s: %s", r.Verdict, r.Why)
			}
		})
	}
}
