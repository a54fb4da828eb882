package harness

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gameday/faults"
	"gameday/runs"
	"gameday/scenarios"
	"gameday/targets"
)

// broken plays a scenario with faults that are files in a folder: there while they
// are in force. It returns what is left of them too.
func broken(t *testing.T, ctx context.Context, h *Harness, names, phases, more string) (*runs.Run, []string) {
	t.Helper()
	dir := t.TempDir()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if _, err := os.Stat(filepath.Join(dir, "a")); err == nil {
			w.WriteHeader(503)
		}
	}))
	defer server.Close()
	var list string
	for _, name := range strings.Fields(names) {
		if name == "fails" {
			list += `
  - {name: fails, kind: command, inject: {run: ["false"]}, confirm: {run: ["true"]}, mend: {run: ["true"]}}`
			continue
		}
		at := filepath.Join(dir, name)
		list += fmt.Sprintf("\n  - {name: %s, kind: command, inject: {run: [touch, %q]}, confirm: {run: [test, -e, %q]}, mend: {run: [rm, -f, %q]}}", name, at, at, at)
	}
	s := night(t, fmt.Sprintf(`
name: night
asks: Is it mended?
seed: 3
crowds: [{name: people, rate: 200/s, do: [{name: a, path: /a}]}]
faults: %s
phases: %s
expect: [success >= 1%%]
%s`, list, phases, more))
	keeper, err := faults.Open(faults.Site{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer keeper.Close()
	h.Scale, h.Keeper = 1, keeper
	run, err := h.Play(ctx, s, targets.Target{Name: "shop", URL: server.URL, Dialect: targets.DialectHTTP})
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		left = append(left, e.Name())
	}
	return run, append(left, keeper.InForce()...)
}

// faultMarks are the marks of faults and stop conditions, in order.
func faultMarks(r *runs.Run) (kinds []string) {
	for _, m := range r.Marks {
		if m.Kind != runs.MarkPhase && m.Kind != runs.MarkEnd && m.Kind != runs.MarkAborted {
			kinds = append(kinds, strings.TrimSpace(strings.TrimPrefix(m.Kind, "fault-")+" "+m.Fault))
		}
	}
	return kinds
}

// TestOutage breaks and mends on the clock of the load. A fault that two phases
// that follow each other name stays in force across the border.
func TestOutage(t *testing.T) {
	run, left := broken(t, t.Context(), &Harness{}, "a b", `
  - {name: before, for: 1s}
  - {name: one, for: 1s, faults: [a, b]}
  - {name: two, for: 1s, faults: [b]}
  - {name: after, for: 1s}`, "")
	if len(left) > 0 {
		t.Errorf("left in force: %v", left)
	}
	at := map[string]time.Duration{}
	for _, m := range run.Marks {
		if m.Fault != "" {
			at[strings.TrimPrefix(m.Kind, "fault-")+" "+m.Fault] = time.Duration(m.At)
		}
	}
	if len(at) != 8 || len(faultMarks(run)) != 8 {
		t.Fatalf("marks: %v", faultMarks(run))
	}
	for name, want := range map[string]time.Duration{"injected a": time.Second, "injected b": time.Second, "mended a": 2 * time.Second, "mended b": 3 * time.Second} {
		if got := at[name]; got < want || got > want+700*time.Millisecond {
			t.Errorf("%s after %v, want %v", name, got, want)
		}
	}
	for _, name := range []string{"a", "b"} {
		if at["injected "+name] > at["confirmed "+name] || at["confirmed "+name] > at["mended "+name] || at["mended "+name] > at["clear-confirmed "+name] {
			t.Errorf("out of order: %v", at)
		}
	}
	var failed uint64
	for i := range run.Tallies {
		if t := &run.Tallies[i]; t.Phase == 1 {
			failed += t.Failed[cause503]
		}
	}
	if failed < 50 || run.Sum(nil).Attempts != 800 {
		t.Errorf("%d of the requests under the fault failed; %d tries", failed, run.Sum(nil).Attempts)
	}
}

// TestOutageEnds ends plays in every way that there is. Whatever it is, all is
// mended when the play returns.
func TestOutageEnds(t *testing.T) {
	const all = `
  - {name: all, for: 30s, faults: [a, b]}`
	t.Run("Ctrl-C", func(t *testing.T) {
		ctx, stop := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { stop(errors.New("the signal was received")) })
		run, left := broken(t, ctx, &Harness{}, "a b", all, "")
		if len(left) > 0 || run.Aborted != "the signal was received" || len(faultMarks(run)) != 8 {
			t.Errorf("aborted %q, marks %v, left %v", run.Aborted, faultMarks(run), left)
		}
	})
	t.Run("a stop condition", func(t *testing.T) {
		run, left := broken(t, t.Context(), &Harness{}, "a b", all, "stop: [success < 50% for 2s]")
		if len(left) > 0 || !strings.Contains(run.Aborted, "success < 50% for 2s") {
			t.Errorf("aborted %q, left %v", run.Aborted, left)
		}
		// First it is mended, then no more load.
		kinds := faultMarks(run)
		if stop, mended := slices.Index(kinds, runs.MarkStop), slices.Index(kinds, "mended a"); stop < 0 || mended < stop {
			t.Errorf("marks %v", kinds)
		}
	})
	t.Run("a fault that cannot be injected", func(t *testing.T) {
		run, left := broken(t, t.Context(), &Harness{}, "a b fails", `
  - {name: one, for: 1s, faults: [b]}
  - {name: all, for: 30s, faults: [b, a, fails]}`, "")
		if len(left) > 0 || !strings.Contains(run.Aborted, "injecting fails") || run.Verdict == runs.Pass {
			t.Errorf("aborted %q, left %v, %s", run.Aborted, left, run.Verdict)
		}
	})
	t.Run("somebody wants all whole", func(t *testing.T) {
		var whole atomic.Bool
		time.AfterFunc(1*time.Second, func() { whole.Store(true) })
		time.AfterFunc(2*time.Second, func() { whole.Store(false) })
		var during []int
		h := &Harness{Whole: &whole, Watch: func(m Moment) { during = append(during, len(m.Faults)) }}
		run, left := broken(t, t.Context(), h, "a", `
  - {name: one, for: 4s, faults: [a]}`, "")
		want := []string{"injected a", "confirmed a", "mended a", "clear-confirmed a", "injected a", "confirmed a", "mended a", "clear-confirmed a"}
		if got := faultMarks(run); len(left) > 0 || !slices.Equal(got, want) {
			t.Errorf("marks %v, left %v", got, left)
		}
		if !slices.Contains(during, 1) || !slices.Contains(during, 0) {
			t.Errorf("in force were %v", during)
		}
	})
}

// TestNothingToBreak refuses a scenario with faults where nothing can be broken.
func TestNothingToBreak(t *testing.T) {
	s := night(t, steady)
	s.Faults = []faults.Fault{{Name: "slow", Kind: "link", On: "store", Toxic: "down"}}
	_, err := (&Harness{Scale: scenarios.Scale(1)}).Play(t.Context(), s, shop)
	if err == nil || !strings.Contains(err.Error(), "nothing of this target can be broken") {
		t.Error(err)
	}
}

// TestLink breaks a link for real: what is due under a latency takes that long, and
// what comes after it does not.
func TestLink(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	upstream := server.Listener.Addr().(*net.TCPAddr).String()
	keeper, err := faults.Open(faults.Site{Links: []faults.Link{{Name: "front", Listen: "127.0.0.1:0", Upstream: upstream}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer keeper.Close()
	s := night(t, `
name: night
asks: Is it slow?
seed: 3
crowds: [{name: people, rate: 100/s, do: [{name: a, path: /a}]}]
faults: [{name: slow, kind: link, on: front, toxic: latency, latency: 300ms}]
phases:
  - {name: before, for: 1s}
  - {name: slow, for: 2s, faults: [slow]}
  - {name: after, for: 2s}
expect: [success >= 1%]
`)
	run, err := (&Harness{Scale: 1, Keeper: keeper}).Play(t.Context(), s, targets.Target{Name: "shop", URL: "http://" + keeper.Address("front"), Dialect: targets.DialectHTTP})
	if err != nil {
		t.Fatal(err)
	}
	least := map[int]time.Duration{}
	for i := range run.Tallies {
		if t := &run.Tallies[i]; least[t.Phase] == 0 || t.Service.Quantile(0.5) < least[t.Phase] {
			least[t.Phase] = t.Service.Quantile(0.5)
		}
	}
	if least[0] > 200*time.Millisecond || least[1] < 250*time.Millisecond || least[2] > 200*time.Millisecond {
		t.Errorf("medians at the least: before %v, slow %v, after %v", least[0], least[1], least[2])
	}
	if want := []string{"injected slow", "confirmed slow", "mended slow", "clear-confirmed slow"}; !slices.Equal(faultMarks(run), want) {
		t.Errorf("marks %v", faultMarks(run))
	}
	for _, m := range run.Marks {
		if m.Kind == runs.MarkMended && !strings.Contains(m.Text, "connections") {
			t.Errorf("how far the fault reached is not told: %q", m.Text)
		}
	}
}
