package scenarios

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// expectation is the expectation of a text.
func expectation(text string) Expectation {
	var e Expectation
	if err := e.UnmarshalText([]byte(text)); err != nil {
		panic(err)
	}
	return e
}

func expectations(texts ...string) []Expectation {
	var all []Expectation
	for _, text := range texts {
		all = append(all, expectation(text))
	}
	return all
}

func TestExpectationReads(t *testing.T) {
	for text, want := range map[string]Expectation{
		"success >= 99.9%":                {Measure: Success, Compare: ">=", Limit: 99.9},
		"errors<1%":                       {Measure: Errors, Compare: "<", Limit: 1},
		"posters goodput > 0%":            {Of: "posters", Measure: Goodput, Compare: ">", Limit: 0},
		"p99 <= 100ms":                    {Measure: Latency, Quantile: 99, Compare: "<=", Limit: 0.1},
		"readers p99.99 <= 1m30s":         {Of: "readers", Measure: Latency, Quantile: 99.99, Compare: "<=", Limit: 90},
		"home service p99.9 < 1s":         {Of: "home", Service: true, Measure: Latency, Quantile: 99.9, Compare: "<", Limit: 1},
		"service max <= 24h":              {Service: true, Measure: Latency, Quantile: 100, Compare: "<=", Limit: 86400},
		"fresh p99 <= 5s":                 {Measure: Fresh, Quantile: 99, Compare: "<=", Limit: 5},
		"fresh max <= 1ns":                {Measure: Fresh, Quantile: 100, Compare: "<=", Limit: 1e-9},
		"readers lag p50 <= 10ms":         {Of: "readers", Measure: Lag, Quantile: 50, Compare: "<=", Limit: 0.01},
		"\treaders  p99  <=\t 100ms ":     {Of: "readers", Measure: Latency, Quantile: 99, Compare: "<=", Limit: 0.1},
		"attempts <= 1.2x":                {Measure: Attempts, Compare: "<=", Limit: 1.2},
		"readers attempts>1x":             {Of: "readers", Measure: Attempts, Compare: ">", Limit: 1},
		"recovers within 30s":             {Measure: Recovers, Compare: Within, Limit: 30},
		" readers  recovers within\t1m ":  {Of: "readers", Measure: Recovers, Compare: Within, Limit: 60},
		"budget <= 5%":                    {Measure: Budget, Compare: "<=", Limit: 5},
		"goodput >= 90% of baseline":      {Measure: Plateau, Compare: ">=", Limit: 90},
		"home goodput>=120%  of baseline": {Of: "home", Measure: Plateau, Compare: ">=", Limit: 120},
		"of goodput >= 90%":               {Of: "of", Measure: Goodput, Compare: ">=", Limit: 90},
		"readers success >= 99.9999999%":  {Of: "readers", Measure: Success, Compare: ">=", Limit: 99.9999999},
	} {
		got, err := read[Expectation](text)
		if err != nil {
			t.Errorf("%q is refused: %v", text, err)
		} else if got != want {
			t.Errorf("%q reads as\n%#v, want\n%#v", text, got, want)
		} else {
			roundTrips(t, got)
		}
	}
}

func TestExpectationRefuses(t *testing.T) {
	const (
		measures = "want success, errors, goodput, p50 to p99.99, max, fresh p99, lag p99, attempts, recovers or budget"
		share    = "want a percentage up to 100%, such as 99.9%"
		duration = "want a duration above zero and up to 24h, such as 100ms"
		compare  = "is no comparison; want <=, <, >= or >"
		together = "recovers and within go together, such as recovers within 30s"
		times    = "want 1x to 1000x, such as 1.2x"
		plateau  = "want a percentage up to 1000% of baseline, such as 90% of baseline"
	)
	readings[Expectation](t, []reading{
		{"", "", wantExpectation}, {"success", "", wantExpectation}, {"success 99%", "", wantExpectation}, {"<= 5s", "", wantExpectation},
		{"a b p99 <= 5s", "", wantExpectation}, {"service service service p99 <= 5s", "", wantExpectation},
		{"success = 99%", "", `"=" ` + compare}, {"success => 99%", "", `"=>" ` + compare}, {"success == 99%", "", `"==" ` + compare},
		{"p99 <> 5s", "", `"<>" ` + compare}, {"p99 <<= 5s", "", `"<<=" ` + compare}, {"p99 ≤ 5s", "", wantExpectation},
		{"fast <= 5s", "", `"fast" is no measure; ` + measures}, {"within <= 60s", "", `"within" is no measure; ` + measures},
		{"readers <= 5s", "", `"readers" is no measure; ` + measures}, {"fresh <= 5s", "", `"fresh" is no measure; ` + measures},
		{"lag <= 5s", "", `"lag" is no measure; ` + measures}, {"service <= 5s", "", `"service" is no measure; ` + measures},
		{"p0 <= 5s", "", `"p0" is no measure; ` + measures}, {"p100 <= 5s", "", `"p100" is no measure; ` + measures}, {"p <= 5s", "", `"p" is no measure; ` + measures},
		{"p99.99999999999999999999 <= 5s", "", `"p99.99999999999999999999" is no measure; ` + measures},
		{"P99 <= 5s", "", `"P99" is no measure; ` + measures}, {"p9e1 <= 5s", "", `"p9e1" is no measure; ` + measures}, {"p-5 <= 5s", "", `"p-5" is no measure; ` + measures},
		{"pNaN <= 5s", "", `"pNaN" is no measure; ` + measures}, {"p٣ <= 5s", "", `"p٣" is no measure; ` + measures},
		{"service success >= 99%", "", "service goes before a latency, such as service p99"},
		{"service fresh p99 <= 5s", "", "service goes before a latency, such as service p99"},
		{"success >= 99", "", `"99": ` + share}, {"success >= 0.999", "", `"0.999": ` + share}, {"success >= 101%", "", `"101%": ` + share},
		{"success >= -1%", "", `"-1%": ` + share}, {"success >= NaN%", "", `"NaN%": ` + share}, {"success >= 99%%", "", `"99%%": ` + share},
		{"success >=", "", `"": ` + share}, {"success >= 5s", "", `"5s": ` + share}, {"success >= = 99%", "", `"= 99%": ` + share},
		{"p99 <= 100", "", `"100": ` + duration}, {"p99 <= 0s", "", `"0s": ` + duration}, {"p99 <= 0", "", `"0": ` + duration},
		{"p99 <= -5s", "", `"-5s": ` + duration}, {"p99 <= 99%", "", `"99%": ` + duration}, {"p99 <= 24h1ns", "", `"24h1ns": ` + duration},
		{"p99 <= 2562047h47m16.854775807s", "", `"2562047h47m16.854775807s": ` + duration}, {"p99 <=", "", `"": ` + duration},
		{"recovers <= 60s", "", together}, {"recovers >= 60s", "", together}, {"p99 within 60s", "", together}, {"success within 99%", "", together},
		{"recovers in 60s", "", wantExpectation}, {"recovers", "", wantExpectation}, {"within 30s", "", wantExpectation}, {"recovers within", "", `"": ` + duration},
		{"recovers within 0s", "", `"0s": ` + duration}, {"recovers within 30", "", `"30": ` + duration}, {"recovers within 30s within 30s", "", `"30s within 30s": ` + duration},
		{"recovers within <= 30s", "", `"within" is no measure; ` + measures}, {"recovers p99 within 30s", "", together}, {"a b recovers within 30s", "", wantExpectation},
		{"service recovers within 30s", "", "service goes before a latency, such as service p99"}, {"service attempts <= 2x", "", "service goes before a latency, such as service p99"},
		{"attempts <= 1.2", "", `"1.2": ` + times}, {"attempts <= 120%", "", `"120%": ` + times}, {"attempts <= 0.9x", "", `"0.9x": ` + times},
		{"attempts <= NaNx", "", `"NaNx": ` + times}, {"attempts <= 1001x", "", `"1001x": ` + times},
		{"budget <= 5", "", `"5": ` + share}, {"budget <= 101%", "", `"101%": ` + share}, {"budget <= 5% of baseline", "", `"5% of baseline": ` + share},
		{"goodput >= 90 of baseline", "", `"90 of baseline": ` + plateau}, {"goodput >= 1001% of baseline", "", `"1001% of baseline": ` + plateau},
		{"goodput >= 90% of the baseline", "", `"90% of the baseline": ` + share}, {"success >= 90% of baseline", "", `"90% of baseline": ` + share}, {"goodput >= of baseline", "", `"of baseline": ` + share},
		{"p99 <= " + digits400 + "s", "", `"` + digits400 + `s": ` + duration}, {"success >= " + digits400 + "%", "", `"` + digits400 + `%": ` + share},
	})
}

// someExpectation is any expectation that a text can say about one of the names.
func someExpectation(r *rand.Rand, names ...string) Expectation {
	e := Expectation{Compare: []string{"<=", "<", ">=", ">"}[r.IntN(4)]}
	e.Measure = []string{Success, Errors, Goodput, Latency, Fresh, Lag, Attempts, Recovers, Budget, Plateau}[r.IntN(10)]
	if e.Measure == Recovers {
		e.Compare = Within
	}
	if len(names) > 0 && e.Measure != Fresh {
		e.Of = names[r.IntN(len(names))]
	}
	switch {
	case e.Measure == Attempts:
		e.Limit = min(MaxAttempts, max(1, someNumber(r)))
		return e
	case e.isPercent():
		e.Limit = min(100, someNumber(r))
		return e
	}
	limit := 1 + time.Duration(r.Int64N(int64(MaxDuration)>>r.IntN(45)))
	e.Limit = limit.Seconds()
	if e.Measure == Recovers {
		return e
	}
	e.Service = e.Measure == Latency && r.IntN(2) == 0
	if e.Quantile = 100; r.IntN(4) > 0 {
		e.Quantile = math.Nextafter(100*r.Float64(), 50)
	}
	return e
}

func TestExpectationsReadBack(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 48))
	for range 5000 {
		e := someExpectation(r, "readers", "home", "")
		roundTrips(t, e)
		if (e.hasQuantile() || e.Measure == Recovers) && e.Duration().Seconds() != e.Limit {
			t.Fatalf("%q: the limit is %v and %v s", e, e.Duration(), e.Limit)
		}
	}
}

func FuzzExpectation(f *testing.F) {
	fuzzText(f, func(e Expectation) bool {
		switch e.Measure {
		case Success, Errors, Goodput, Budget, Plateau, Attempts:
			return bounded(e.Limit) && e.Limit <= 1000 && e.Quantile == 0 && !e.Service && e.Compare != Within
		case Recovers:
			return e.Duration() > 0 && e.Duration() <= MaxDuration && e.Quantile == 0 && !e.Service && e.Compare == Within
		}
		return e.Limit > 0 && e.Duration() > 0 && e.Duration() <= MaxDuration && e.Quantile > 0 && e.Quantile <= 100 && (!e.Service || e.Measure == Latency)
	}, "success >= 99.9%", "readers p99 <= 100ms", "home service p99.9 < 1s", "fresh p99 <= 5s", "lag p99 <= 10ms", "fresh max <= 24h",
		"recovers within 30s", "readers recovers within 1m", "attempts <= 1.2x", "budget <= 5%", "goodput >= 90% of baseline", "within within within", "goodput >= 90% of baseline of baseline",
		"service service p99 <= 5s", "p99 <> 5s", "success >= 101%", "errors<1 %", "max p99 > 1ns")
}

func TestExpectationsOfAPhase(t *testing.T) {
	s := &Scenario{
		Expect: expectations("success >= 99.9%", "readers p99 <= 100ms", "home service p99.9 < 1s", "fresh max <= 5s"),
	}
	for name, c := range map[string]struct{ own, want []Expectation }{
		"nothing of its own": {nil, s.Expect},
		"another limit, another comparison": {expectations("success > 50%"),
			expectations("readers p99 <= 100ms", "home service p99.9 < 1s", "fresh max <= 5s", "success > 50%")},
		"another subject adds": {expectations("posters success >= 50%"),
			append(expectations("success >= 99.9%", "readers p99 <= 100ms", "home service p99.9 < 1s", "fresh max <= 5s"), expectation("posters success >= 50%"))},
		"another quantile adds":   {expectations("readers p50 <= 1s"), append(append([]Expectation{}, s.Expect...), expectation("readers p50 <= 1s"))},
		"response is not service": {expectations("home p99.9 < 1s"), append(append([]Expectation{}, s.Expect...), expectation("home p99.9 < 1s"))},
		"errors are not success":  {expectations("errors <= 50%"), append(append([]Expectation{}, s.Expect...), expectation("errors <= 50%"))},
		"all of them": {expectations("fresh max <= 60s", "home service p99.9 < 2s", "readers p99 <= 2s", "success >= 1%"),
			expectations("fresh max <= 60s", "home service p99.9 < 2s", "readers p99 <= 2s", "success >= 1%")},
	} {
		before := append([]Expectation{}, s.Expect...)
		s.Phases = []Phase{{Expect: expectations("success >= 1%")}, {Expect: c.own}}
		if diff := cmp.Diff(c.want, s.Expectations(1)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if diff := cmp.Diff(before, s.Expect); diff != "" {
			t.Errorf("%s: the scenario's own changed: %s", name, diff)
		}
	}
}

// TestSame compares Same with its meaning: the same words before the comparison.
func TestSame(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	all := expectations("success >= 1%", "success < 2%", "errors < 2%", "p99 < 1s", "p99 > 2s", "service p99 < 1s", "fresh p99 < 1s", "lag p99 < 1s", "max < 1s", "a p99 < 1s")
	for range 50 {
		all = append(all, someExpectation(r, "a", ""))
	}
	var same int
	for _, a := range all {
		for _, b := range all {
			want := a.Subject() == b.Subject() && (a.Measure == Plateau) == (b.Measure == Plateau)
			if a.Same(b) != want {
				t.Errorf("%q and %q: same is %v", a, b, !want)
			}
			if want && a != b {
				same++
			}
		}
	}
	if same == 0 {
		t.Error("no two different expectations were about the same; the test shows nothing")
	}
}

func TestHolds(t *testing.T) {
	for compare, want := range map[string][3]bool{ // below, at and above the limit
		"<=": {true, true, false}, Within: {true, true, false}, "<": {true, false, false}, ">=": {false, true, true}, ">": {false, false, true},
		"": {}, "==": {},
	} {
		e := Expectation{Measure: Success, Compare: compare, Limit: 99.9}
		if got := [3]bool{e.Holds(99.8), e.Holds(99.9), e.Holds(100)}; got != want {
			t.Errorf("%q: holds %v below, at and above its limit, want %v", compare, got, want)
		}
		if e.Holds(math.NaN()) {
			t.Errorf("%q: holds for what was not measured", compare)
		}
	}
}

func TestLimitText(t *testing.T) {
	for text, want := range map[string][3]string{ // limit, subject, quantile
		"success >= 99.90%":          {"99.9%", "success", "p0"},
		"readers errors < 100%":      {"100%", "readers errors", "p0"},
		"goodput >= 0.001%":          {"0.001%", "goodput", "p0"},
		"readers p99.90 <= 60s":      {"1m", "readers p99.9", "p99.9"},
		"home service max <= 1500ms": {"1.5s", "home service max", "max"},
		"fresh p50 <= 0.1s":          {"100ms", "fresh p50", "p50"},
		"a lag p99 <= 90m":           {"1h30m", "a lag p99", "p99"},
		"a recovers within 90s":      {"1m30s", "a recovers", "p0"},
		"attempts <= 1.20x":          {"1.2x", "attempts", "p0"},
		"budget < 5.0%":              {"5%", "budget", "p0"},
		"goodput >= 90% of baseline": {"90% of baseline", "goodput", "p0"},
	} {
		e := expectation(text)
		if got := [3]string{e.LimitText(), e.Subject(), e.QuantileName()}; got != want {
			t.Errorf("%q: limit, subject and quantile are %q, want %q", text, got, want)
		}
	}
}
