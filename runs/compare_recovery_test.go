package runs

import (
	"fmt"
	"testing"
	"time"
)

// recovered is a recovery as far as a comparison looks at it.
func recovered(verdict Outcome, took float64) Recovery {
	rec := Recovery{Trigger: Trigger{Kind: Fault, Name: "store", Phase: "p0"}, Verdict: verdict, Recover: exact(took)}
	if took < 0 {
		rec.Recover = atLeast(-took, "then the schedule ends")
	}
	return rec
}

func TestCompareRecoveries(t *testing.T) {
	none := []Recovery(nil)
	of := func(v Outcome, took float64) []Recovery { return []Recovery{recovered(v, took)} }
	for _, tt := range []struct {
		base, head []Recovery
		want       Change
		needed     bool
		why        string
	}{
		{of(Recovered, 10), of(Recovered, 10), Same, true, "It took 10s, and takes 10s."},
		{of(Recovered, 1), of(Recovered, 3), Same, true, "It took 1s, and takes 3s."},
		{of(Recovered, 1), of(Recovered, 4), Worse, true, "It took 1s, and takes 4s."},
		{of(Recovered, 20), of(Recovered, 24), Same, true, "It took 20s, and takes 24s."},
		{of(Recovered, 20), of(Slow, 31), Worse, true, "It took 20s, and takes 31s."},
		{of(Slow, 31), of(Recovered, 29), Same, true, "It took 31s, and takes 29s."},
		{of(Slow, 50), of(Recovered, 20), Better, true, "It took 50s, and takes 20s."},
		{of(Recovered, 20), of(Degraded, -60), Worse, true, "It was recovered, and is degraded."},
		{of(Degraded, -60), of(MetastableSuspected, -60), Worse, true, "It was degraded, and is metastable-suspected."},
		{of(OutagePersists, -60), of(Recovered, 5), Better, true, "It was outage-persists, and is recovered."},
		{of(Degraded, -60), of(Degraded, -50), Same, true, "It was degraded, and is degraded."},
		{of(NotTriggered, 0), of(NotTriggered, 0), Same, false, "Nothing hurt the service in either run."},
		{of(Recovered, 5), of(Inconclusive, 0), CannotTell, true, "In the head it is inconclusive: "},
		{of(Inconclusive, 0), of(Recovered, 5), CannotTell, false, "In the base it was inconclusive: "},
		{of(Recovered, 5), of(Aborted, 0), CannotTell, true, "In the head it is aborted: "},
		{of(Recovered, 5), none, CannotTell, true, "In the head there was none."},
		{none, of(Recovered, 5), CannotTell, false, "In the base there was none."},
	} {
		rows := recoveryRows(&Run{Recovery: tt.base}, &Run{Recovery: tt.head})
		if len(rows) != 1 {
			t.Fatalf("%d rows, want 1", len(rows))
		}
		r := rows[0]
		if r.Verdict != tt.want || r.Needed != tt.needed || r.Why != tt.why || r.Phase != "p0" || r.Trigger != "fault store" {
			t.Errorf("%+v; want %s, needed %t, %s", r, tt.want, tt.needed, tt.why)
		}
	}
}

// Triggers of one name are compared in their order.
func TestCompareRecoveriesOfOneName(t *testing.T) {
	a := []Recovery{recovered(Recovered, 1), recovered(Recovered, 20)}
	b := []Recovery{recovered(Recovered, 20), recovered(Recovered, 1)}
	rows := recoveryRows(&Run{Recovery: a}, &Run{Recovery: b})
	if len(rows) != 2 || rows[0].Verdict != Worse || rows[1].Verdict != Better || rows[1].Trigger != "fault store (2)" {
		t.Errorf("%+v", rows)
	}
}

// A recovery that got worse fails a comparison in which all else is the same.
func TestWorseRecoveryFails(t *testing.T) {
	base, head := usual.play(t, 1), usual.play(t, 1)
	base.Recovery, head.Recovery = []Recovery{recovered(Recovered, 2)}, []Recovery{recovered(Slow, 40)}
	want := fmt.Sprintf("1 of 97 comparisons got worse, the first recovers of fault store in p0: It took %s, and takes %s.", 2*time.Second, 40*time.Second)
	if c := Compare(base, head, DefaultTolerance); c.Verdict != Fail || c.Why != want {
		t.Errorf("%s: %s", c.Verdict, c.Why)
	}
}
