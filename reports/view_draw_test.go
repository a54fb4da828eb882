package reports

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"gameday/runs"
	"gameday/scenarios"

	"github.com/google/go-cmp/cmp"
)

// Every column must be what the record says, added up by its own means.
func TestColumnsAreTheRecord(t *testing.T) {
	for name, r := range map[string]*runs.Run{
		"night": night(t), "killed": killed(t), "silent": silent(t), "storm": storm(t), "wide": wideNight{long: 350, short: 60, fault: true, lowered: true}.play(t),
	} {
		v := NewView(r)
		if name == "wide" && v.Step == 1 {
			t.Error("the wide night has bins of a second")
		}
		bins := 0
		for i := range r.Tallies {
			bins = max(bins, r.Tallies[i].Second/v.Step+1)
		}
		for i := range v.Series {
			s := &v.Series[i]
			of := func(t *runs.Tally) bool {
				return (s.Crowd == "" || s.Crowd == t.Crowd) && (s.Action == "" || s.Action == t.Action)
			}
			who := fmt.Sprintf("%s: %q %q", name, s.Crowd, s.Action)
			all := r.Sum(of)
			compareTotals(t, who, s.All, &all)
			for c, column := range s.counts() {
				if len(*column) != bins {
					t.Fatalf("%s: column %d has %d bins, want %d", who, c, len(*column), bins)
				}
			}
			for bin := 0; bin < bins; bin += 1 + bins/40 {
				sum := r.Sum(func(t *runs.Tally) bool { return of(t) && t.Second/v.Step == bin })
				compareTotals(t, fmt.Sprintf("%s: bin %d", who, bin), s.bin(bin), &sum)
				if i == 0 {
					compareHeat(t, fmt.Sprintf("%s: bin %d", name, bin), &v.Heat, v.Heat.Rows[bin], &sum.Response)
				}
			}
		}
		compareCauses(t, name, v, r)
	}
}

// bin is what a series has in one bin.
func (s *viewSeries) bin(i int) viewTotals {
	return viewTotals{
		s.Offered[i], s.Good[i], s.Failed[i], s.Attempts[i], s.Held[i], s.Late[i], s.Waited[i],
		amount(s.P50[i]), amount(s.P99[i]), amount(s.P999[i]), amount(s.Service50[i]), amount(s.Service99[i]), amount(s.Lag[i]),
	}
}

// compareTotals compares numbers of a View with those of a tally.
func compareTotals(t *testing.T, who string, got viewTotals, sum *runs.Tally) {
	t.Helper()
	quantile := func(q float64, service bool) amount {
		of := *sum
		if service {
			of.Response = of.Service
		}
		d, answered := of.Quantile(q)
		if !answered {
			return missing
		}
		return amount(d.Seconds())
	}
	want := viewTotals{
		sum.Offered, sum.Good, sum.Failures(), sum.Attempts, sum.Held, sum.Late, sum.Waited,
		quantile(0.5, false), quantile(0.99, false), quantile(0.999, false), quantile(0.5, true), quantile(0.99, true), missing,
	}
	if sum.Offered > 0 {
		want.Lag = amount(time.Duration(sum.MaxLag).Seconds())
	}
	if w, g := string(encode(t, want)), string(encode(t, got)); w != g {
		t.Errorf("%s: %s, want %s", who, g, w)
	}
}

// compareHeat checks that every answer is in the bucket in which it belongs.
func compareHeat(t *testing.T, who string, heat *viewHeat, row heatRow, h *runs.Histogram) {
	t.Helper()
	want := map[int64]int64{}
	for i, n := range h.Buckets() {
		upper := runs.UpperBound(i).Seconds()
		at := slices.IndexFunc(heat.Bounds, func(bound float64) bool { return upper <= bound*(1+1e-9) })
		if at < 0 {
			t.Fatalf("%s: %v is above all bounds", who, upper)
		}
		want[int64(heat.First+at)] += int64(n)
	}
	got := map[int64]int64{}
	for i := 0; i < len(row); i += 2 {
		if i > 0 && row[i] <= row[i-2] {
			t.Errorf("%s: the buckets are in no order: %v", who, row)
		}
		got[row[i]] = row[i+1]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: the heat differs from the histogram (-want +got):\n%s", who, diff)
	}
}

func compareCauses(t *testing.T, name string, v *View, r *runs.Run) {
	t.Helper()
	sum := r.Sum(nil)
	got := map[string]uint64{}
	for i, c := range v.Causes {
		if i > 0 && c.Total > v.Causes[i-1].Total {
			t.Errorf("%s: the causes are in no order: %v", name, v.Causes)
		}
		for b := 0; b < len(c.PerBin); b += 2 {
			got[c.Cause] += c.PerBin[b+1]
			want := r.Sum(func(t *runs.Tally) bool { return uint64(t.Second/v.Step) == c.PerBin[b] })
			if c.PerBin[b+1] != want.Failed[c.Cause] {
				t.Errorf("%s: %d %s in bin %d, want %d", name, c.PerBin[b+1], c.Cause, c.PerBin[b], want.Failed[c.Cause])
			}
		}
		if c.Total != sum.Failed[c.Cause] || c.Total != got[c.Cause] {
			t.Errorf("%s: %d %s, %d in bins, want %d", name, c.Total, c.Cause, got[c.Cause], sum.Failed[c.Cause])
		}
	}
	if len(got) != len(sum.Failed) {
		t.Errorf("%s: causes %v, want %v", name, got, sum.Failed)
	}
}

// The planned rate is that of the schedule, at the scale that was played.
func TestWanted(t *testing.T) {
	v := NewView(wideNight{long: 350, short: 60}.play(t))
	if want := 1170 / v.Step; len(v.Wanted) != want {
		t.Fatalf("%d bins of the plan, want %d", len(v.Wanted), want)
	}
	for bin, rate := range v.Wanted {
		want := 140.0
		if from := bin * v.Step; from >= 350+60+350 && from < 350+60+350+60 {
			want = 420
		}
		if math.Abs(rate-want) > 1e-6 {
			t.Errorf("bin %d: %v, want %v", bin, rate, want)
		}
	}
}

// What happened is drawn where it happened.
func TestBands(t *testing.T) {
	r := wideNight{long: 90, short: 20, fault: true, lowered: true}.play(t)
	want := `[{"kind":"fault","name":"slow-store","from":90,"to":109,"seen":91,"clear":110,"back":120},` +
		`{"kind":"intervention","name":"load to 2%","from":130,"to":140,"seen":null,"clear":null,"back":null},` +
		`{"kind":"spike","name":"overtime","from":200,"to":220,"seen":null,"clear":220,"back":null}]`
	if got := string(encode(t, NewView(r).Bands)); got != want {
		t.Errorf("the bands are\n%s, want\n%s", got, want)
	}
	r.Recovery = nil // nobody judged it: the same, but for when it was back
	want = strings.Replace(want, `"back":120`, `"back":null`, 1)
	if got := string(encode(t, NewView(r).Bands)); got != want {
		t.Errorf("the bands of an unjudged run are\n%s, want\n%s", got, want)
	}
	r.Marks = slices.DeleteFunc(r.Marks, func(m runs.Mark) bool { return m.Kind == runs.MarkRestored })
	if got := string(encode(t, NewView(r).Bands[1])); !strings.Contains(got, `"kind":"intervention"`) || !strings.Contains(got, `"to":null`) {
		t.Errorf("load that was never brought back: %s", got)
	}
}

// A record of long ago lacks what later ones have.
func TestViewOfAnOldRun(t *testing.T) {
	var old map[string]any
	if err := json.Unmarshal([]byte(smallRun), &old); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"identity", "schedule", "ended", "host", "examples", "marks", "witness", "generator", "findings", "verdict", "why", "aborted"} {
		delete(old, key)
	}
	r, err := runs.ReadRun(strings.NewReader(string(encode(t, old))))
	if err != nil {
		t.Fatal(err)
	}
	v := NewView(r)
	if v.Verdict != "unclear" || v.Why != "Nobody has judged this run." || v.Lasts != 2 || v.At != 1 || len(v.Series) != 5 || len(v.Causes) != 1 || v.Causes[0].Example != nil {
		t.Errorf("the View is %s", encode(t, v))
	}
	checkHTML(t, write(t, HTML, r))
}

// A scenario of thousands of phases and promises still gives a page.
func TestThousandsOfPhases(t *testing.T) {
	r := long(t)
	for i := range 20_000 {
		name := "phase-" + strconv.Itoa(i)
		r.Scenario.Phases = append(r.Scenario.Phases, scenarios.Phase{Name: name, For: time.Second})
		r.Phases = append(r.Phases, runs.Phase{Name: name, Begin: at(400 + i), End: at(401 + i)})
		r.Findings = append(r.Findings, runs.Finding{Expect: "p99 <= 1s", Limit: "<= 1s", Phase: name, Why: strings.Repeat("for a reason ", 9)})
	}
	page := write(t, HTML, r)
	checkHTML(t, page)
	if len(page) > 3_000_000 {
		t.Errorf("the page has %d bytes", len(page))
	}
	if v := NewView(r); v.More != len(r.Findings)-mostPromises || len(v.Promises) != mostPromises || len(v.Phases) != 20_400 {
		t.Errorf("%d promises and %d more, %d phases", len(v.Promises), v.More, len(v.Phases))
	}
}

// FuzzAmount checks that any number can be read back, as exactly as is promised.
func FuzzAmount(f *testing.F) {
	for _, v := range []float64{0, math.Copysign(0, -1), 1, -1, 0.00012345, 0.99996, 1.2344, 3599.9996, 1e15, 1e300, math.Inf(1), math.NaN(), math.SmallestNonzeroFloat64} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v float64) {
		data := encode(t, amounts{v, v})
		var back amounts
		if err := json.Unmarshal(data, &back); err != nil || len(back) != 2 {
			t.Fatalf("%v became %s: %v", v, data, err)
		}
		one := string(encode(t, amount(v)))
		if want := "[" + one + "," + one + "]"; string(data) != want {
			t.Errorf("a list is %s, want %s", data, want)
		}
		switch got := back[0]; {
		case math.IsNaN(v) || math.IsInf(v, 0):
			if !math.IsNaN(got) {
				t.Errorf("%v became %v", v, got)
			}
		case math.Abs(got-v) > max(0.00050001, math.Abs(v)*0.00050001) || math.Abs(v) < 1 && math.Abs(got-v) > math.Abs(v)*0.00050001+1e-300:
			t.Errorf("%v became %v", v, got)
		case len(one) > 22:
			t.Errorf("%v takes %d characters: %s", v, len(one), one)
		}
	})
}
