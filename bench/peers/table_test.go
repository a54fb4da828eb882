package main

import (
	"strings"
	"testing"
	"time"
)

// TestTable writes a row of every kind and looks for what each must say.
func TestTable(t *testing.T) {
	at := func(rate int, r report) outcome {
		return outcome{report: r, load: load{rate: rate, lasts: 5 * time.Second}, memory: 25 << 20}
	}
	frozen := outcome{report: report{sent: 30_000, good: 30_000, p99: 4700 * ms}, load: full.freeze}
	small := at(0, report{sent: 780_000, good: 780_000, p99: 461 * µs})
	small.atMost = true
	rows := []row{
		{tool: gameday, version: "abc", beside: [2]float64{150_049, 99_900}, rate: 40_000, at: at(40_000, report{sent: 200_000, good: 200_000, p99: 3 * ms, admits: "0% late"}),
			nextRate: 50_000, next: at(50_000, report{sent: 250_000, good: 240_000, p99: ms, admits: "9% late", doubt: "unclear"}), frozen: frozen},
		{tool: vegeta, version: "v1", rate: 3_000, at: at(3_000, report{sent: 15_000, good: 15_000, p99: ms}),
			nextRate: 4_000, next: outcome{trouble: "it was still at it"}, frozen: frozen},
		{tool: vegetaCapped, version: "v1", rate: 120_000, at: at(120_000, report{sent: 600_000, good: 600_000, p99: ms}),
			frozen: outcome{report: report{sent: 25_000, good: 25_000, p99: 2 * ms}}},
		{tool: k6, version: "v2", nextRate: 2_000, next: at(2_000, report{sent: 10, good: 10, p99: ms}), frozen: outcome{trouble: "a | b"}},
		{tool: hey, missing: "403 Forbidden"},
		{tool: h2loadPaced, version: "v4", rate: 4_000, at: at(4_000, report{sent: 20_000, good: 20_000, admits: "no percentiles"}),
			frozen: outcome{report: report{sent: 30_000, good: 30_000, admits: "no percentiles"}}},
		{tool: wrk, version: "v3", at: small, frozen: frozen},
		{tool: h2load, version: "v4", at: outcome{trouble: "it broke"}, frozen: frozen},
	}
	text := (&table{date: time.Date(2027, 2, 14, 0, 0, 0, 0, time.UTC), host: "a machine", nginx: "1.22", plan: full, rows: rows}).markdown()
	for _, want := range []string{
		"on 14 February 2027: a machine. nginx 1.22",
		"gameday abc, vegeta v1, k6 v2, h2load v4, wrk v3.",
		"| gameday | open | 40,000/s | 1.0 × | 3ms | 25 MB | 0% late | 50,000/s: 48,000/s made, p99 1ms, 10,000 failed, 9% late, unclear | 150,000/s, 99,900/s |",
		"| vegeta | open | 3,000/s | 13 × | 1ms | 25 MB | nothing | 4,000/s: it was still at it | — |",
		"| vegeta -max-workers | paced | 120,000/s or more | 0.3 × | 1ms | 25 MB | nothing | — | — |",
		"| k6 | paced | none of these | — | — | — | — | 2,000/s: 2/s made, p99 1ms |",
		"| hey | paced | not installed: 403 Forbidden | — |",
		"| h2load --rps | paced | 4,000/s or more | 10 × | — | 25 MB | no percentiles | — |",
		"| wrk | closed | —, makes 156,000/s in its closed loop | — | 461µs | at most 25 MB | nothing | — | — |",
		"| h2load | closed | it broke | — |",
		"Of the 30,000 people who\ncome in that time 5,000 come while it stands still, so 1 in 100 waits 4.7s or longer",
		"| gameday | 50 | 4.7s | 100% | 30,000 | 100% | nothing |",
		"| vegeta | no limit | 4.7s | 100% |",
		"| vegeta -max-workers | 50 | 2ms | 0.0426% | 25,000 | 83.3% | nothing |",
		"| hey | 50 | not installed | — | — | — | — |",
		`| k6 | 50 | a \| b | — | — | — | — |`,
		"| h2load --rps | 50 | none | — | 30,000 | 100% | no percentiles |",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
	columns := 0
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "|") {
			columns = 0
			continue
		}
		n := strings.Count(line, "|") - strings.Count(line, `\|`)
		if columns != 0 && n != columns {
			t.Errorf("%d columns, want %d: %s", n-1, columns-1, line)
		}
		columns = n
	}
}

// TestTableAlone: without gameday there is nothing to compare with.
func TestTableAlone(t *testing.T) {
	tb := table{plan: short, rows: []row{{tool: wrk, at: outcome{trouble: "x"}}, {tool: hey, rate: 2_000}}}
	if text := tb.markdown(); !strings.Contains(text, "| hey | paced | 2,000/s or more | — |") {
		t.Error(text)
	}
}

func TestNumbers(t *testing.T) {
	for n, want := range map[uint64]string{0: "0", 999: "999", 1000: "1,000", 25_000: "25,000", 1_234_567: "1,234,567"} {
		if got := thousands(n); got != want {
			t.Errorf("%d is %q", n, got)
		}
	}
	for n, want := range map[float64]string{0: "0", 0.4: "0", 2.6: "3", 849.3: "849", 12_345: "12,300", 999_999: "1,000,000"} {
		if got := roughly(n); got != want {
			t.Errorf("%v is %q, want %q", n, got, want)
		}
	}
	for n, want := range map[float64]string{0.25: "0.2 ×", 1: "1.0 ×", 9.94: "9.9 ×", 9.96: "10 ×", 120: "120 ×"} {
		if got := times(n); got != want {
			t.Errorf("%v is %q, want %q", n, got, want)
		}
	}
}
