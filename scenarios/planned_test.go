package scenarios

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestPlanned(t *testing.T) {
	s := &Scenario{
		Crowds: []Crowd{{Name: "a", Rate: 100, Arrivals: Bursty}, {Name: "b", Rate: 10}},
		Phases: []Phase{
			{For: 2 * time.Second},
			{For: 4 * time.Second, Load: []Level{{Crowd: "a", To: 3, In: 2 * time.Second}}},
			{For: 1500 * time.Millisecond, Load: []Level{{Crowd: "a"}, {Crowd: "b", From: 2, To: 2}}},
		},
	}
	want := []float64{110, 110, 160, 260, 310, 310, 20, 20}
	if diff := cmp.Diff(want, s.Planned(), cmpopts.EquateApprox(0, 1e-9)); diff != "" {
		t.Errorf("planned (-want +got):\n%s", diff)
	}
	for _, phases := range [][]Phase{nil, {{For: -1}}, {{For: math.MaxInt64}}, {{For: MaxDuration + 1}}} {
		if got := (&Scenario{Crowds: s.Crowds, Phases: phases}).Planned(); got != nil {
			t.Errorf("%v has a plan of %d seconds", phases, len(got))
		}
	}
}

// The plan is what the schedule draws from, so that together they come to the
// same number of requests.
func TestPlannedIsTheSchedule(t *testing.T) {
	for _, name := range Shipped() {
		s, err := Load(name)
		if err != nil {
			t.Fatal(err)
		}
		for i := range s.Crowds {
			s.Crowds[i].Arrivals = Even
		}
		var sum float64
		for _, rate := range s.Planned() { // all last whole seconds
			sum += rate
		}
		if got := float64(NewSchedule(s, 1).Requests()); math.Abs(got-sum) > float64(len(s.Crowds)) {
			t.Errorf("%s: %v requests planned, %v in the schedule", name, sum, got)
		}
	}
}
