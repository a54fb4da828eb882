package harness

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gameday/runs"
	"gameday/scenarios"
	"gameday/targets"
)

// TestStopByQuery asks a Prometheus: a budget that is used up ends the play, once it
// has been so for as long as the condition says; one that does not answer, or that
// answers with what is no number, ends nothing.
func TestStopByQuery(t *testing.T) {
	for name, tt := range map[string]struct {
		says string // for the value, from the second on
		ends bool
	}{
		"the budget is used up": {"0.1", true},
		"there is enough":       {"0.9", false},
		"it is not known":       {"NaN", false},
		"no answer":             {"", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int64
			prometheus := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				says := "0.9"
				if asked.Add(1) > 1 {
					says = tt.says
				}
				if says == "" {
					w.WriteHeader(http.StatusServiceUnavailable)
					return
				}
				w.Header().Set("Content-Type", "application/json")
				fmt.Fprintf(w, `{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[%d,%q]}]}}`, time.Now().Unix(), says)
			}))
			defer prometheus.Close()
			shop := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
			defer shop.Close()
			s := night(t, `
name: night
asks: Does it end?
seed: 3
crowds: [{name: people, rate: 20/s, do: [{name: a, path: /a}]}]
phases: [{name: all, for: 6s}]
expect: [success >= 1%]
`)
			s.Stop = []scenarios.Stop{{URL: prometheus.URL, Query: "slo:budget_left:ratio", Want: "> 0.5", For: time.Second}}
			run, err := (&Harness{Scale: 1}).Play(t.Context(), s, targets.Target{Name: "shop", URL: shop.URL, Dialect: targets.DialectHTTP})
			if err != nil {
				t.Fatal(err)
			}
			stopped := false
			for _, m := range run.Marks {
				stopped = stopped || m.Kind == runs.MarkStop
			}
			if stopped != tt.ends || strings.Contains(run.Aborted, "slo:budget_left:ratio is not > 0.5 for 1s") != tt.ends {
				t.Errorf("stopped %v, aborted %q", stopped, run.Aborted)
			}
			if asked.Load() < 2 {
				t.Errorf("asked %d times", asked.Load())
			}
		})
	}
}
