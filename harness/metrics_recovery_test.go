package harness

import (
	"testing"
	"time"

	"gameday/runs"
)

// The time to recover is there for each trigger once, the longest of one name,
// and not at all for one that the service did not always recover from.
func TestRecoveryMetric(t *testing.T) {
	recovery := func(kind, name string, verdict runs.Outcome, seconds float64) runs.Recovery {
		return runs.Recovery{Trigger: runs.Trigger{Kind: kind, Name: name}, Verdict: verdict, Recover: runs.Figure{Is: runs.Exact, Value: seconds}}
	}
	m := NewMetrics()
	run := &runs.Run{ID: "x", Scenario: night(t, steady), Ended: time.Unix(1, 0), Recovery: []runs.Recovery{
		recovery(runs.Fault, "slow-store", runs.Recovered, 4), recovery(runs.Fault, "slow-store", runs.Slow, 44), recovery(runs.Fault, "slow-store", runs.Recovered, 7),
		recovery(runs.Spike, "slow-store", runs.Recovered, 0), recovery(runs.Spike, "rush", runs.MetastableSuspected, 70),
		recovery(runs.Fault, "twice", runs.Aborted, 0), recovery(runs.Fault, "twice", runs.Recovered, 3),
	}}
	m.Begin(run)
	if all := gathered(t, m); all["gameday_recovery_seconds spike slow-store"] != nil {
		t.Error("there is a recovery before the end")
	}
	m.End(run)
	all := gathered(t, m)
	for key, want := range map[string]float64{"gameday_recovery_seconds fault slow-store": 44, "gameday_recovery_seconds spike slow-store": 0} {
		if all[key] == nil || all[key].GetGauge().GetValue() != want {
			t.Errorf("%s is %v, want %v", key, all[key], want)
		}
	}
	for _, key := range []string{"gameday_recovery_seconds spike rush", "gameday_recovery_seconds fault twice"} {
		if all[key] != nil {
			t.Errorf("%s is %v, want none", key, all[key])
		}
	}
}
