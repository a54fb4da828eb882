package main

import (
	"testing"
	"time"
)

// kept is an outcome that holds a thousand a second, by a little.
func kept() outcome {
	return outcome{
		load:   load{rate: 1000, lasts: 10 * time.Second},
		report: report{sent: 10_000, good: 9_991, took: 10 * time.Second, p99: heldP99},
	}
}

func TestHeld(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*outcome)
		want  bool
	}{
		{"kept", func(*outcome) {}, true},
		{"says no p99", func(o *outcome) { o.p99 = 0 }, true},
		{"does not say how long", func(o *outcome) { o.took = 0 }, true},
		{"just as many", func(o *outcome) { o.sent, o.good = 9_900, 9_900 }, true},
		{"a little longer", func(o *outcome) { o.took = 10050 * ms }, true},
		{"admits to something", func(o *outcome) { o.admits = "much" }, true},
		{"too few", func(o *outcome) { o.sent, o.good = 9_899, 9_899 }, false},
		{"too long", func(o *outcome) { o.took = 10150 * ms }, false},
		{"too slow", func(o *outcome) { o.p99 += 1 }, false},
		{"too many errors", func(o *outcome) { o.sent, o.good = 10_010, 9_999 }, false},
		{"all errors", func(o *outcome) { o.good = 0 }, false},
		{"nothing", func(o *outcome) { o.report = report{} }, false},
		{"doubtful", func(o *outcome) { o.doubt = "unclear" }, false},
		{"in trouble", func(o *outcome) { o.trouble = "killed" }, false},
	} {
		o := kept()
		c.spoil(&o)
		if got := o.held(); got != c.want {
			t.Errorf("%s: held is %v", c.name, got)
		}
		if o.says() == "" {
			t.Errorf("%s: says nothing", c.name)
		}
	}
}

// TestMiddle: an outcome that held is in the middle if and only if more than half
// of them held, and then its p99 is their median.
func TestMiddle(t *testing.T) {
	make := func(p99 time.Duration) outcome { o := kept(); o.p99 = p99; return o }
	good1, good2, good3 := make(1), make(2), make(3)
	slow1, slow2 := make(heldP99+1), make(heldP99+2)
	lost := outcome{trouble: "killed", report: report{p99: 1}}
	for i, c := range []struct {
		of   []outcome
		want outcome
	}{
		{[]outcome{good3}, good3},
		{[]outcome{good3, good1, good2}, good2},
		{[]outcome{good3, slow2, good1}, good3},
		{[]outcome{slow2, good1, slow1}, slow1},
		{[]outcome{lost, good1, good2}, good2},
		{[]outcome{lost, slow1, good2}, slow1},
		{[]outcome{slow2, slow1}, slow1},
		{[]outcome{lost, slow1}, slow1},
		{[]outcome{lost}, lost},
	} {
		if got := middle(c.of); got != c.want {
			t.Errorf("%d: %+v, want %+v", i, got, c.want)
		}
	}
}
