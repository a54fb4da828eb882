package scenarios

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// someStop is a sound condition on the play itself.
func someStop(r *rand.Rand) Stop {
	s := Stop{Limit: 1e-3 + 99*r.Float64(), For: time.Second + time.Duration(r.Int64N(int64(time.Hour)))}
	switch r.IntN(3) {
	case 0:
		s.Measure, s.Compare = Success, []string{"<", "<="}[r.IntN(2)]
	case 1:
		s.Measure, s.Compare = Errors, []string{">", ">="}[r.IntN(2)]
	case 2:
		s = Stop{Measure: Elapsed, Compare: []string{">", ">="}[r.IntN(2)], Limit: float64(1 + r.IntN(86400))}
	}
	return s
}

func TestStopsSurviveText(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 9))
	for range 500 {
		s := someStop(r)
		if found := s.Validate("f", "stop[0]"); len(found) > 0 {
			t.Fatal(found)
		}
		text, err := s.MarshalText()
		var again Stop
		if err != nil || again.UnmarshalText(text) != nil || again != s {
			t.Fatalf("%s, %v is %+v, and was %+v", text, err, again, s)
		}
	}
	if text, err := (Stop{Query: "up"}).MarshalText(); err == nil {
		t.Errorf("a query is %q", text)
	}
	if got, want := (Stop{Query: "up", Want: "> 0.5", For: time.Minute}).String(), "up is not > 0.5 for 1m"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestStopText(t *testing.T) {
	for text, want := range map[string]string{
		"success < 50% for 10s":       "",
		"success<0.5%for 10s":         wantStop,
		"success<0.5% for 10s":        "",
		"success <= 0% for 1s":        "",
		"errors >= 100% for 24h":      "",
		"duration >= 24h":             "",
		"":                            wantStop,
		"success":                     wantStop,
		"success < 50%":               "want for how long, from 1s to 24h, such as for 10s",
		"success < 50% for":           wantStop,
		"success < 50% in 10s":        wantStop,
		"success < 50% for 10":        `"10": want a duration, such as 20s or 1m30s`,
		"success < 50% for 999ms":     "want for how long, from 1s to 24h, such as for 10s",
		"success < 50% for 25h":       "want for how long, from 1s to 24h, such as for 10s",
		"success < 0.5 for 10s":       `"0.5": want a percentage up to 100%, such as 99.9%`,
		"success < 101% for 10s":      `"101%": want a percentage up to 100%, such as 99.9%`,
		"success > 50% for 10s":       `">": a play ends when success is low; want < or <=`,
		"success within 50% for 1s":   `"within": a play ends when success is low; want < or <=`,
		"success < 0% for 10s":        "it would end every play, or none; want a limit between 0% and 100%",
		"success <= 100% for 10s":     "it would end every play, or none; want a limit between 0% and 100%",
		"errors > 100% for 10s":       "it would end every play, or none; want a limit between 0% and 100%",
		"errors >= 0% for 10s":        "it would end every play, or none; want a limit between 0% and 100%",
		"errors < 20% for 10s":        `"<": a play ends when there is too much; want > or >=`,
		"errors <> 20% for 10s":       `"<>": a play ends when there is too much; want > or >=`,
		"goodput < 50% for 10s":       `"goodput" is no measure to stop by; want success, errors or duration`,
		"readers success < 5% for 1s": `"readers success" is no measure to stop by; want success, errors or duration`,
		"duration > 10":               `"10": want a duration, such as 20s or 1m30s`,
		"duration > 10m for 1s":       "a duration is over at once; want it without for",
		"duration < 10m":              `"<": a play ends when there is too much; want > or >=`,
		"duration > 0s":               "want a duration from 1s to 24h",
		"duration > 25h":              "want a duration from 1s to 24h",
		"duration > 1.5s":             "",
	} {
		var s Stop
		err := s.UnmarshalText([]byte(text))
		got := ""
		if err != nil {
			_, got, _ = strings.Cut(err.Error(), `": `)
		}
		if got != want || (err != nil) != (s == Stop{}) {
			t.Errorf("%q says %q and is %+v, want %q", text, got, s, want)
		}
	}
}

func TestStopEnds(t *testing.T) {
	for _, c := range []struct {
		stop Stop
		got  float64
		want bool
	}{
		{Stop{Measure: Success, Compare: "<", Limit: 50}, 49.9, true},
		{Stop{Measure: Success, Compare: "<", Limit: 50}, 50, false},
		{Stop{Measure: Success, Compare: "<=", Limit: 50}, 50, true},
		{Stop{Measure: Errors, Compare: ">", Limit: 20}, 20.1, true},
		{Stop{Measure: Errors, Compare: ">", Limit: 20}, 20, false},
		{Stop{Measure: Elapsed, Compare: ">", Limit: 600}, 601, true},
		{Stop{Query: "up", Want: "> 0.5"}, 0.6, false},
		{Stop{Query: "up", Want: "> 0.5"}, 0.5, true},
		{Stop{Query: "up", Want: "<= -1"}, -1, false},
		{Stop{Query: "up", Want: "<= -1"}, math.Inf(1), true},
		{Stop{Query: "up", Want: "> 0.5"}, math.NaN(), false},
		{Stop{Query: "up", Want: "half"}, 0, false},
		{Stop{Measure: Success, Compare: "<", Limit: 50}, math.NaN(), false},
	} {
		if got := c.stop.Ends(c.got); got != c.want {
			t.Errorf("%s: %v ends it: %v", c.stop, c.got, got)
		}
	}
}

// TestStopsThatNoTextSays are refused, or would be other ones when read again.
func TestStopsThatNoTextSays(t *testing.T) {
	for _, s := range []Stop{
		{}, {Measure: "up", Compare: "<", For: time.Second}, {Measure: Success, Compare: "<", Limit: math.NaN(), For: time.Second},
		{Measure: Success, Compare: "<", Limit: 50, For: time.Second, URL: "http://127.0.0.1"}, {Measure: Elapsed, Compare: ">", Limit: 1e300},
		{Measure: Elapsed, Compare: ">", Limit: 1 + 1e-12}, {URL: "http://127.0.0.1", Query: "\xff", Want: "> 1", For: time.Second},
		{Query: "up", Want: "> 1", For: time.Second, URL: "http://127.0.0.1", Compare: "<"},
	} {
		if found := s.Validate("f", "stop[0]"); len(found) == 0 {
			t.Errorf("%+v is in order", s)
		}
	}
}

// FuzzStop reads any text, and any JSON. What is read and has no mistakes is the
// same when it is written and read again.
func FuzzStop(f *testing.F) {
	for _, seed := range []string{
		"success < 50% for 10s", "errors >= 100% for 24h", "duration > 1.000000001s", "success <= 0.1 % for 1m", `{"url":"http://127.0.0.1","query":"up","want":"> 1e3","for":"1s"}`,
		`"duration > 10m"`, `{}`, `{"for":1}`, `"x"`, "duration > 10m for 0s",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var s, again Stop
		if err := s.UnmarshalText(data); err == nil {
			if found := s.Validate("f", "stop"); len(found) > 0 {
				t.Fatalf("it was read, but %v", found)
			}
			if text, err := s.MarshalText(); err != nil || again.UnmarshalText(text) != nil || again != s {
				t.Fatalf("%q is %s, %v, and then %s", data, s, err, again)
			}
		} else if s != (Stop{}) || strings.ContainsAny(err.Error(), "\n\r") {
			t.Fatalf("%v leaves %+v", err, s)
		}
		if json.Unmarshal(data, &s) != nil || len(s.Validate("f", "stop")) > 0 {
			return
		}
		written, err := json.Marshal(s)
		if err != nil || json.Unmarshal(written, &again) != nil || again != s {
			t.Fatalf("%s, %v is %+v, and was %+v", written, err, again, s)
		}
		if s.Ends(math.NaN()) {
			t.Fatalf("%s ends a play by what is not known", s)
		}
	})
}
