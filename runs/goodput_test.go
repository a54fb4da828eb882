package runs

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
)

// What is read quickly is what the whole record comes to, also where causes of
// failure are called as the counts are.
func TestReadGoodput(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 30 {
		r := night(t, "", "")
		r.Why, r.Scenario.Story = `"tallies":[{"offered":1,"good":1}]`, `,"offered":7,"good":7`
		for second := range rnd.IntN(5) {
			tally := Tally{Second: second, Crowd: "readers", Action: "home", Failed: map[string]uint64{`a,"offered`: 1, "good": 2, "offered": 3, "zz": 4}}
			tally.Good = rnd.Uint64N(1000)
			tally.Offered = tally.Good + 10
			r.Tallies = append(r.Tallies, tally)
		}
		var text bytes.Buffer
		if err := r.Write(&text); err != nil {
			t.Fatal(err)
		}
		good, offered, err := ReadGoodput(iotest.HalfReader(&text))
		if want := r.Sum(nil); err != nil || good != want.Good || offered != want.Offered {
			t.Errorf("%d of %d are good, %v; want %d of %d", good, offered, err, want.Good, want.Offered)
		}
	}
}

func TestReadGoodputTrouble(t *testing.T) {
	ouch := errors.New("ouch")
	if _, _, err := ReadGoodput(iotest.ErrReader(ouch)); !errors.Is(err, ouch) {
		t.Errorf("got %v", err)
	}
	for _, text := range []string{"", "{}", strings.Repeat("x", 1<<19), `,"offered":-1,"good":3,"x":`, `,"offered":"3","good":3,"x":`, `,"offered":3,"good":`} {
		if good, offered, err := ReadGoodput(strings.NewReader(text)); good != 0 || offered != 0 || err != nil {
			t.Errorf("%.30s: %d of %d, %v", text, good, offered, err)
		}
	}
}

// FuzzReadBrief reads any record or journal: there is a run or an error, and the
// run is one of this schema.
func FuzzReadBrief(f *testing.F) {
	f.Add(`{"schema":1,"scenario":{"name":"x"},"scale":"1%","verdict":"pass","findings":[],"tallies":`)
	f.Add(`{"run":{"schema":1,"scenario":{"name":"x"},"scale":"1%"}}` + "\n")
	f.Add(`{"schema":1,"schema":2}`)
	f.Fuzz(func(t *testing.T, text string) {
		brief, err := ReadBrief(strings.NewReader(text))
		began, wrong := ReadBeginning(strings.NewReader(text))
		if (brief == nil) == (err == nil) || (began == nil) == (wrong == nil) {
			t.Errorf("got %+v, %v and %+v, %v", brief, err, began, wrong)
		}
		for _, r := range []*Run{brief, began} {
			if r != nil && (r.Schema != Schema || r.Scenario == nil || !(r.Scale > 0)) {
				t.Errorf("got %+v", r)
			}
		}
		if _, _, err := ReadGoodput(strings.NewReader(text)); err != nil {
			t.Error(err)
		}
	})
}
