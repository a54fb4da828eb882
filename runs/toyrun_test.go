package runs

import (
	"encoding/csv"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"gameday/scenarios"
)

// An oracleCase is a row of the oracle: how a toy is pressed, and the verdict.
type oracleCase struct {
	name           string
	base, spike    float64 // requests a second, and times as many for ten seconds
	clients        toyClients
	toy            toy
	watch          int    // seconds
	from, to       string // of the time to recover, in seconds; empty: never
	drain          string // seconds; two numbers: from-to
	omega, gcr     float64
	verdict        string
	lowered, after int // seconds of 1 % of the load behind the watch, and of all of it behind that
}

// The stretches of a night with a toy, in seconds.
const toyBefore, toySpike = 60, 10

// toyGood is the latency promise: what a client waits for is not what is good.
const toyGood = 750 * time.Millisecond

// oracle reads the rows.
func oracle(t testing.TB) []oracleCase {
	t.Helper()
	file, err := os.Open("testdata/recovery-oracle.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	in := csv.NewReader(file)
	in.Comment = '#'
	rows, err := in.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	number := func(s string) float64 {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	var all []oracleCase
	for _, row := range rows[1:] {
		c := oracleCase{
			name: row[0], base: number(row[1]), spike: number(row[2]), watch: int(number(row[5])),
			from: row[6], to: row[7], drain: row[8], omega: number(row[9]), gcr: number(row[10]), verdict: row[11],
			clients: toyClients{timeout: time.Second, backoff: 400 * time.Millisecond, refused: 50 * time.Millisecond},
		}
		switch row[3] {
		case "budget 10%":
			c.clients.retries, c.clients.budget = 3, 0.1
		default:
			c.clients.retries = int(number(row[3]))
		}
		switch row[4] {
		case "unbounded":
		case "lifo":
			c.toy.newest = true
		default:
			c.toy.bound = int(number(row[4]))
		}
		all = append(all, c)
	}
	if len(all) != 8 {
		t.Fatalf("the oracle has %d rows, want 8", len(all))
	}
	return all
}

// record plays the night of a case, one of many by its seed.
func (c *oracleCase) record(t testing.TB, seed uint64) *Run {
	t.Helper()
	length := c.watch + c.lowered + c.after
	text := fmt.Sprintf(`
name: toy
asks: Does it come back?
seed: %d
crowds: [{name: people, rate: %g/s, arrivals: poisson, do: [home]}]
phases:
  - {name: base, for: %ds}
  - {name: spike, for: %ds, load: [people %gx], expect: [recovers within 30s]}
  - {name: after, for: %ds, load: [people 1x]}
`, seed, c.base, toyBefore, toySpike, c.spike, length)
	s, err := scenarios.Read("toy.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	began := time.Date(2027, 2, 14, 23, 30, 0, 0, time.UTC)
	rules := DefaultRules
	rules.Patience = Span(c.clients.timeout+c.clients.backoff) * Span(1+c.clients.retries)
	r := &Run{Schema: Schema, ID: "toy", Scenario: s, Scale: 1, Seed: seed, Began: began, Ended: began.Add(s.Duration()), RecoveryRules: &rules}
	var at time.Duration
	for _, p := range s.Phases {
		r.Phases = append(r.Phases, Phase{p.Name, Span(at), Span(at + p.For), map[string]uint64{"people": 0}})
		at += p.For
	}
	from := toyBefore + toySpike + c.watch
	world := toyWorld{toyClients: c.clients, toy: c.toy, every: time.Millisecond}
	fillIn(r, world.play(toyLoad(seed, c.rates(from, from+c.lowered, from+c.lowered+c.after))))
	r.Add(&Entry{Marks: []Mark{{At: Span(at), Kind: MarkEnd}}})
	if c.lowered > 0 {
		for i := from; i < from+c.lowered; i++ {
			r.Add(&Entry{Tallies: []Tally{{Phase: 2, Second: i, Crowd: "people", Action: "home", Held: uint64(c.base * 0.99)}}})
			r.Phases[2].Due["people"] += uint64(c.base * 0.99)
		}
		r.Add(&Entry{Marks: []Mark{
			{At: seconds(from), Kind: MarkIntervention, Text: "load to 1%"},
			{At: seconds(from + c.lowered), Kind: MarkRestored, Text: "the trickle is good"},
		}})
	}
	return r
}

// rates are the requests a second, which are a hundredth between two seconds.
func (c *oracleCase) rates(from, to, end int) []float64 {
	rates := make([]float64, end)
	for i := range rates {
		rates[i] = c.base
		switch {
		case i >= toyBefore && i < toyBefore+toySpike:
			rates[i] *= c.spike
		case i >= from && i < to:
			rates[i] /= 100
		}
	}
	return rates
}

// fillIn adds requests to a record, as a harness would that counts each with the
// second in which it was due.
func fillIn(r *Run, asks []*toyAsk) {
	recorders := map[int]*Recorder{}
	tallies := map[int]*Tally{}
	for _, a := range asks {
		second := int(a.due / time.Second)
		t := tallies[second]
		if t == nil {
			t = &Tally{Phase: r.phaseAt(Span(a.due)), Second: second, Crowd: "people", Action: "home", Failed: map[string]uint64{}}
			tallies[second], recorders[second] = t, &Recorder{}
		}
		t.Offered++
		t.Attempts += uint64(a.attempts)
		r.Phases[t.Phase].Due["people"]++
		if a.failed != "" {
			t.Failed[a.failed]++
			continue
		}
		recorders[second].Record(a.answered)
		if a.answered <= toyGood {
			t.Good++
		}
	}
	for second, t := range tallies {
		t.Response = recorders[second].Histogram()
		t.Service = t.Response
		r.Add(&Entry{Tallies: []Tally{*t}})
	}
}

// within reports whether v lies in a band such as "225-228", or at "25.0", give or
// take a share.
func within(t testing.TB, band string, v, giveOrTake float64) bool {
	t.Helper()
	from, to, isBand := strings.Cut(band, "-")
	if !isBand {
		to = from
	}
	least, err := strconv.ParseFloat(from, 64)
	if err != nil {
		t.Fatal(err)
	}
	most, err := strconv.ParseFloat(to, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v >= least*(1-giveOrTake) && v <= most*(1+giveOrTake)
}
