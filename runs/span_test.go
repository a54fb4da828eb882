package runs

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// A span reads back as the same nanosecond, however long it is.
func TestSpanRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	const days = 240 * time.Hour
	spans := []time.Duration{0, 1, -1, 999999999, time.Second, -500 * ms, days, math.MaxInt64, math.MinInt64, 1<<53 + 1}
	for range 5000 {
		spans = append(spans, time.Duration(rng.Int64N(int64(days))), time.Duration(rng.Uint64()))
	}
	for d := range logUniform(rng, 5000, 1, days) {
		spans = append(spans, d, d.Round(time.Second))
	}
	for _, d := range spans {
		b, err := json.Marshal(Span(d))
		if err != nil {
			t.Fatal(err)
		}
		var got Span
		if err := json.Unmarshal(b, &got); err != nil || time.Duration(got) != d {
			t.Fatalf("%d ns are written as %s and read as %d ns, %v", d, b, got, err)
		}
		if s := string(b); strings.Contains(s, ".") && strings.TrimRight(s, "0.") != s || strings.ContainsAny(s, "eE") {
			t.Fatalf("%d ns are written as %s", d, s)
		}
	}
}

func TestSpanText(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0": 0, "-0": 0, "10": 10 * time.Second, "0.5": 500 * ms, "1e-3": ms, "1.5E1": 15 * time.Second, "0.0000000004": 0, "0.0000000006": 1, "-2.25": -2250 * ms, "1e9": 1e18,
	} {
		var got Span
		if err := json.Unmarshal([]byte(text), &got); err != nil || time.Duration(got) != want {
			t.Errorf("%s is read as %s, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{`"5"`, `"5s"`, "null", "true", "[]", "{}", "1e10", "-1e10", "1e400", "9223372036.854775808", `""`} {
		var got Span
		if err := json.Unmarshal([]byte(text), &got); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s is read as %s, %v; want an error in one line", text, got, err)
		}
	}
	for _, text := range []string{"NaN", "Inf", "", "-", "1s", "five"} {
		var got Span
		if err := got.UnmarshalJSON([]byte(text)); err == nil {
			t.Errorf("%q is read as %s", text, got)
		}
	}
}

func TestVerdictText(t *testing.T) {
	for v, want := range map[Verdict]string{Unclear: `"unclear"`, Pass: `"pass"`, Fail: `"fail"`, -1: `"unclear"`, 3: `"unclear"`} {
		if got := text(t, v); got != want {
			t.Errorf("verdict %d is written as %s, want %s", int(v), got, want)
		}
		var got Verdict
		if err := json.Unmarshal([]byte(want), &got); err != nil || got.String() != v.String() {
			t.Errorf("%s is read as %s, %v", want, got, err)
		}
	}
	for _, wrong := range []string{`"Pass"`, `""`, `1`, `true`, `"pass "`, `{}`} {
		v := Fail
		if err := json.Unmarshal([]byte(wrong), &v); err == nil || v != Fail {
			t.Errorf("%s is read as %s", wrong, v)
		}
	}
}
