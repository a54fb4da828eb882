package freeze

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
)

// a turn is a verification of one finding.
func turn(s State, added ...string) Verification {
	return Verification{At: time.Now(), State: s, Findings: []Finding{{Target: "t", Kind: "build", State: s, Added: added}}}
}

// TestWatch plays an evening: each turn comes when it should, asks about the past
// since the last that was known, and alarms once for each new violation, again and
// again until somebody has heard it.
func TestWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		turns := []Verification{
			turn(Honoured), turn(Unknown), turn(Unknown), turn(Violated, "1.1"), turn(Violated, "1.1"),
			turn(Honoured), turn(Violated, "1.2"), turn(Violated, "1.3"), turn(Exempted),
		}
		deaf := map[int]bool{6: true, 7: true} // turns at which nobody hears
		var asked, alarms, complaints, said []string
		n := -1
		w := Watch{
			Every: 30 * time.Second, For: 4*time.Minute + time.Second/2, Since: began.Add(-time.Hour),
			Verify: func(_ context.Context, since time.Time) (Verification, error) {
				n++
				asked = append(asked, fmt.Sprintf("%s since %s", time.Since(began), since.Sub(began)))
				<-time.After(time.Second)
				return turns[n], nil
			},
			Show: func(v Verification) { said = append(said, v.State.String()) },
			Alarm: func(_ context.Context, v Verification) error {
				if deaf[n] {
					return errors.New("nobody listens")
				}
				alarms = append(alarms, fmt.Sprintf("%d %v", n, v.Findings[0].Added))
				return nil
			},
			Complain: func(err error) { complaints = append(complaints, err.Error()) },
		}
		state, err := w.Run(t.Context())
		if err != nil || state != Violated || time.Since(began) > w.For+time.Second {
			t.Errorf("%s, %v after %s", state, err, time.Since(began))
		}
		// The turn at 4m is cut short by the end, where the last alarm is heard at last.
		want := []string{"0s since -1h0m0s", "30s since 0s", "1m0s since 0s", "1m30s since 0s", "2m0s since 1m30s", "2m30s since 2m0s", "3m0s since 2m30s", "3m30s since 3m0s", "4m0s since 3m30s"}
		heard := []string{"3 [1.1]", "8 [1.3]"}
		if diff := cmp.Diff(want, asked) + cmp.Diff(heard, alarms); diff != "" || len(said) != 8 || len(complaints) != 2 {
			t.Errorf("%s %q %q", diff, said, complaints)
		}
		if want := "a violation could not be reported, and will be tried again: nobody listens"; complaints[0] != want {
			t.Errorf("%q, want %q", complaints[0], want)
		}
	})
}

// TestWatchEnds says what a watch ends with.
func TestWatchEnds(t *testing.T) {
	for _, c := range []struct {
		turns []State
		want  State
	}{
		{[]State{Honoured, Honoured}, Honoured},
		{[]State{Honoured, Exempted, Honoured}, Exempted},
		{[]State{Unknown, Honoured}, Honoured}, // the past was asked about again
		{[]State{Honoured, Unknown}, Unknown},
		{[]State{Violated, Honoured, Unknown}, Violated},
		{nil, Unknown},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			n := 0
			w := Watch{Every: time.Minute, Show: func(Verification) {}, Alarm: func(context.Context, Verification) error { return nil },
				Verify: func(context.Context, time.Time) (Verification, error) {
					if n == len(c.turns) {
						cancel()
						return Verification{}, nil
					}
					n++
					return turn(c.turns[n-1], "x"), nil
				}}
			if got, err := w.Run(ctx); got != c.want || err != nil {
				t.Errorf("%v ends %s, %v; want %s", c.turns, got, err, c.want)
			}
		})
	}
	w := Watch{Every: time.Minute, Verify: func(context.Context, time.Time) (Verification, error) {
		return Verification{}, errors.New("no calendar")
	}}
	if _, err := w.Run(t.Context()); err == nil {
		t.Error("an error of the verification is passed over")
	}
}

// values are what a scrape of the exporter gives.
func values(t *testing.T, e *Exporter) map[string]float64 {
	t.Helper()
	r := prometheus.NewPedanticRegistry()
	if err := r.Register(e); err != nil {
		t.Fatal(err)
	}
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]float64{}
	for _, f := range families {
		for _, m := range f.Metric {
			name := f.GetName()
			for _, l := range m.Label {
				name += " " + l.GetName() + "=" + l.GetValue()
			}
			all[strings.TrimPrefix(name, "gameday_freeze_")] = m.Gauge.GetValue()
		}
	}
	return all
}

// TestExporter reads the metrics as time goes by.
func TestExporter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		unix := func(d time.Duration) float64 { return float64(now.Add(d).Unix()) }
		e := NewExporter(Calendar{
			{Name: "a", Start: now.Add(time.Hour), End: now.Add(2 * time.Hour)},
			{Name: "b", Start: now.Add(-time.Hour), End: now.Add(time.Minute)},
		})
		check := func(want map[string]float64) {
			t.Helper()
			if diff := cmp.Diff(want, values(t, e)); diff != "" {
				t.Error(diff)
			}
		}
		check(map[string]float64{"active window=a": 0, "active window=b": 1, "next_transition_timestamp_seconds": unix(time.Minute)})
		e.Observe(turn(Violated, "1.1"))
		time.Sleep(30 * time.Minute)
		e.Observe(Verification{At: time.Now(), State: Unknown, Findings: []Finding{{Target: "t", Kind: "build", State: Exempted}, {Target: "t", Kind: "config"}}})
		check(map[string]float64{
			"active window=a": 0, "active window=b": 0, "next_transition_timestamp_seconds": unix(time.Hour),
			"drift kind=build target=t": 0, "last_verified_timestamp_seconds": unix(0),
		})
		time.Sleep(40 * time.Minute)
		e.Observe(turn(Violated, "1.1"))
		check(map[string]float64{
			"active window=a": 1, "active window=b": 0, "next_transition_timestamp_seconds": unix(2 * time.Hour),
			"drift kind=build target=t": 1, "last_verified_timestamp_seconds": unix(70 * time.Minute),
		})
		time.Sleep(time.Hour)
		e.Observe(turn(Honoured))
		check(map[string]float64{
			"active window=a": 0, "active window=b": 0,
			"drift kind=build target=t": 0, "last_verified_timestamp_seconds": unix(130 * time.Minute),
		})
	})
}
