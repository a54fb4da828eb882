package runs

import (
	"testing"
	"time"
)

// A play that goes on suspects of each case of the oracle what the verdict at the
// end is, and not before the deadline has passed; and a trickle is good only once
// the backlog is gone.
func TestSuspect(t *testing.T) {
	for _, c := range oracle(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := c.record(t, 1)
			r.Marks = nil // a play that goes on has no end
			all := seconds(toyBefore + toySpike)
			first := Span(0)
			for at := all; at <= all+seconds(min(c.watch, 70)) && first == 0; at += seconds(1) {
				if r.Suspect(at) != "" {
					first = at
				}
			}
			switch suspected := c.verdict == MetastableSuspected.String(); {
			case suspected && first < all+DefaultRules.Deadline:
				t.Errorf("suspected after %v, all was clear at %v", first, all)
			case !suspected && first != 0:
				t.Errorf("suspected after %v: %s", first, r.Suspect(first))
			}
		})
	}
}

func TestTrickle(t *testing.T) {
	c := oracle(t)[2]
	c.watch, c.lowered, c.after = 35, 180, 40
	r := c.record(t, 1)
	r.Marks = nil
	began := seconds(toyBefore + toySpike + c.watch)
	good := Span(0)
	for at := began; at < began+seconds(c.lowered) && good == 0; at += seconds(1) {
		if r.Trickle(began, at) {
			good = at - began
		}
	}
	// 90 s are too short, the oracle says; then it has to be good for five bins of 3 s.
	if good < Span(90*time.Second) || good > Span(180*time.Second) {
		t.Errorf("the trickle is good after %v", good)
	}
	if r.Trickle(began, began) || r.Trickle(began, began-1) {
		t.Error("nothing was left for no time, and yet it was served well")
	}
}
