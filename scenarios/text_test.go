package scenarios

import (
	"encoding"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// A form is a type with a text: *Rate, *Level and so on.
type form interface {
	comparable
	fmt.Stringer
}

// read is what a text says.
func read[T form, P interface {
	*T
	encoding.TextUnmarshaler
}](text string) (T, error) {
	var v T
	err := P(&v).UnmarshalText([]byte(text))
	return v, err
}

// roundTrips fails unless v is read back from its own text.
func roundTrips[T form, P interface {
	*T
	encoding.TextUnmarshaler
}](t *testing.T, v T) {
	t.Helper()
	again, err := read[T, P](v.String())
	if err != nil {
		t.Fatalf("%#v writes %q, which is refused: %v", v, v, err)
	}
	if again != v || again.String() != v.String() {
		t.Fatalf("%#v writes %q, which reads as %#v and writes %q", v, v, again, again)
	}
	if !utf8.ValidString(v.String()) {
		return // JSON holds only text
	}
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("%#v has no JSON: %v", v, err)
	}
	var text string
	if err := json.Unmarshal(data, &text); err != nil || text != v.String() {
		t.Fatalf("%q is %s in JSON", v, data)
	}
	if err := json.Unmarshal(data, &again); err != nil || again != v {
		t.Fatalf("%q is %s in JSON, which reads as %q and %v", v, data, again, err)
	}
}

// A reading is a text, and what it reads as: written again, or refused. All
// refusals of a form name the text; says is what stands behind it.
type reading struct {
	text, writes, says string
}

func readings[T form, P interface {
	*T
	encoding.TextUnmarshaler
}](t *testing.T, table []reading) {
	t.Helper()
	seen := map[string]bool{}
	for _, c := range table {
		if seen[c.text] || (c.writes == "") == (c.says == "") {
			t.Fatalf("the line %+v stands twice, or does not say what it wants", c)
		}
		seen[c.text] = true
		v, err := read[T, P](c.text)
		switch {
		case c.says != "" && err == nil:
			t.Errorf("%q reads as %q, want it refused", c.text, v)
		case c.says != "" && err.Error() != fmt.Sprintf("%q: %s", c.text, c.says):
			t.Errorf("%q is refused with\n%s\nwant\n%q: %s", c.text, err, c.text, c.says)
		case c.says == "" && err != nil:
			t.Errorf("%q is refused: %v", c.text, err)
		case c.says == "" && v.String() != c.writes:
			t.Errorf("%q writes %q, want %q", c.text, v, c.writes)
		}
		if err == nil {
			roundTrips[T, P](t, v)
		} else if v != *new(T) {
			t.Errorf("%q is refused, and yet leaves %#v", c.text, v)
		}
	}
}

var digits400 = strings.Repeat("9", 400)

func TestRateText(t *testing.T) {
	const want = "want requests per second, such as 200/s"
	table := []reading{
		{"200/s", "200/s", ""}, {"12000/m", "200/s", ""}, {"3600/h", "1/s", ""}, {"0/s", "0/s", ""},
		{"0.5/s", "0.5/s", ""}, {".5/s", "0.5/s", ""}, {"5./s", "5/s", ""}, {"007/s", "7/s", ""},
		{"5 /s", "5/s", ""}, {" 5 / s ", "5/s", ""}, {"\t5/s\n", "5/s", ""}, {"1/m", "0.016666666666666666/s", ""},
		{"1000000000000000000000/s", "1000000000000000000000/s", ""},
		{"0." + strings.Repeat("0", 400) + "1/s", "0/s", ""},
	}
	for _, text := range []string{
		"", "fast", "200", "/s", "200/", "200/d", "200/S", "200/s/s", "200s", "200 rps", "1e3/s", "0x1p4/s", "NaN/s", "nan/s", "+Inf", "+Inf/s",
		"Infinity/s", "-5/s", "+5/s", "-0/s", "1_000/s", "1,000/s", "1.2.3/s", "./s", "٣/s", "３/s", "½/s", "5\x00/s", "\xff/s", digits400 + "/s", "1 0/s",
	} {
		table = append(table, reading{text, "", want})
	}
	readings[Rate](t, table)
}

func TestScaleText(t *testing.T) {
	const want = "want a share of the real night above 0% and up to 1000%, such as 1%"
	table := []reading{
		{"1%", "1%", ""}, {"100%", "100%", ""}, {"1000%", "1000%", ""}, {"0.5%", "0.5%", ""}, {"7 %", "7%", ""}, {"10%", "10%", ""},
		{"99.99999999%", "99.99999999%", ""}, {"0.00001%", "0.00001%", ""}, {"33.333333333333337%", "33.333333333333337%", ""},
		{"0.000000000000123456789%", "0.000000000000123456789%", ""}, {"1.10%", "1.1%", ""},
	}
	for _, text := range []string{
		"", "%", "1", "0%", "0.0%", "-1%", "1000.1%", "1e1%", "NaN%", "Inf%", "1%%", "1% ", "one%", digits400 + "%", "0." + strings.Repeat("0", 400) + "1%",
	} {
		table = append(table, reading{text, "", want})
	}
	readings[Scale](t, table)
	for text, want := range map[string]Scale{"1%": 0.01, "100%": 1, "7%": 0.07, "1000%": 10} {
		if got, err := read[Scale](text); got != want || err != nil {
			t.Errorf("%s is %v and %v, want %v", text, float64(got), err, float64(want))
		}
	}
}

func TestArrivalsText(t *testing.T) {
	const (
		want  = "want even, poisson, bursty, or bursty with an index of dispersion, such as bursty 20"
		index = "want an index of dispersion above 1, such as bursty 20"
	)
	readings[Arrivals](t, []reading{
		{"even", "even", ""}, {"poisson", "poisson", ""}, {"bursty", "bursty", ""}, {"bursty 60", "bursty", ""},
		{"bursty 20", "bursty 20", ""}, {" bursty\t1.5 ", "bursty 1.5", ""}, {"bursty 1.0000000000000002", "bursty 1.0000000000000002", ""},
		{"", "", want}, {"Even", "", want}, {"even 2", "", want}, {"poisson 1", "", want}, {"bursty 2 3", "", want}, {"20", "", want}, {"steady", "", want},
		{"bursty 1", "", index}, {"bursty 0", "", index}, {"bursty -2", "", index}, {"bursty NaN", "", index}, {"bursty 1e9", "", index},
		{"bursty x", "", index}, {"bursty " + digits400, "", index}, {"bursty 1.00000000000000001", "", index},
	})
}

func TestLevelText(t *testing.T) {
	table := []reading{
		{"readers 1.5x", "readers 1.5x", ""}, {"readers 3x to 1x", "readers 3x to 1x", ""}, {"readers 3x in 5s", "readers 3x in 5s", ""},
		{"readers 1x to 1x", "readers 1x", ""}, {"readers 0x", "readers 0x", ""}, {"readers 0x to 0.0x", "readers 0x", ""}, {"readers 1x to 0x", "readers 1x to 0x", ""},
		{" readers\t2x  in 1m30s ", "readers 2x in 1m30s", ""}, {"to 1x to 2x", "to 1x to 2x", ""}, {"readers 2x in 60s", "readers 2x in 1m", ""},
		{"in 2x in 1ns", "in 2x in 1ns", ""},
	}
	for _, text := range []string{
		"", "readers", "readers 2", "readers x", "readers -1x", "readers 1e3x", "readers NaNx", "readers Infx", "readers 1X", "readers 1×",
		"readers 3x to -1x", "readers 3x to 1", "readers 3x to", "1.5x in 0s", "readers 1.5x in 0s", "readers 1x in -5s", "readers 1x in 0.1ns", "readers 1x in 5", "readers 1x in",
		"readers 1x from 2x", "readers 1x to 2x in 5s", "readers 1x by 5s", "a b 1x", "readers " + digits400 + "x", "readers 1x in " + digits400 + "s",
		"readers ٣x", "readers 1x,",
	} {
		table = append(table, reading{text, "", wantLevel})
	}
	readings[Level](t, table)
}

func TestActionText(t *testing.T) {
	table := []reading{
		{"home 80", "home 80", ""}, {"home", "home 1", ""}, {" home\t0.5 ", "home 0.5", ""}, {"home 080", "home 80", ""}, {"80", "80 1", ""}, {"home 0", "home 0", ""},
	}
	for _, text := range []string{"", " ", "home 80 20", "home -1", "home x", "home 1e3", "home NaN", "home +Inf", "home 80%", "home " + digits400} {
		table = append(table, reading{text, "", "want an action and its weight, such as home 80"})
	}
	readings[Action](t, table)
}

func TestDurationText(t *testing.T) {
	for text, want := range map[string]string{
		"20s": "20s", "90s": "1m30s", "60s": "1m", "3600s": "1h", "1h10m": "1h10m", "600s": "10m", "36000s": "10h", "0": "0s", "0s": "0s",
		"1h0m5s": "1h0m5s", "0.5s": "500ms", "1ns": "1ns", "1.5µs": "1.5µs", "1.5us": "1.5µs", "+5s": "5s", "24h": "24h",
	} {
		d, err := parseDuration(text)
		if err != nil || durationText(d) != want {
			t.Errorf("%q reads as %q and %v, want %q", text, durationText(d), err, want)
		}
	}
	for _, text := range []string{"", "20", "s", "-5s", "5 s", " 5s", "1e3s", "NaNs", "Infs", "5 minutes", "1d", "٣s", digits400 + "s", "9223372036854775808ns"} {
		d, err := parseDuration(text)
		if want := fmt.Sprintf("%q: want a duration, such as 20s or 1m30s", text); err == nil || err.Error() != want {
			t.Errorf("%q reads as %s and %v, want %s", text, d, err, want)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 10_000 {
		d := time.Duration(r.Int64N(1 << (1 + r.IntN(62))))
		for _, d := range []time.Duration{d, d.Truncate(time.Second), d.Truncate(time.Minute), d.Truncate(time.Hour)} {
			if again, err := parseDuration(durationText(d)); again != d || err != nil {
				t.Fatalf("%d ns writes %q, which reads as %d ns and %v", d, durationText(d), again, err)
			}
		}
	}
}

// someNumber is a number that a text may hold: whole, short or with all its bits.
func someNumber(r *rand.Rand) float64 {
	switch r.IntN(4) {
	case 0:
		return float64(r.IntN(100))
	case 1:
		return float64(r.IntN(100_000)) / 100
	case 2:
		return r.Float64()
	}
	v := math.Float64frombits(r.Uint64() >> 1)
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 1
	}
	return v
}

func someLevel(r *rand.Rand) Level {
	l := Level{Crowd: []string{"readers", "to", "in", "ß", "x"}[r.IntN(5)], To: someNumber(r)}
	switch r.IntN(3) {
	case 0:
		l.From = l.To
	case 1:
		l.From = someNumber(r)
	default:
		l.In = 1 + time.Duration(r.Int64N(1<<(1+r.IntN(62))))
	}
	return l
}

func TestTextsReadBack(t *testing.T) {
	r := rand.New(rand.NewPCG(48, 57))
	for range 2000 {
		roundTrips[Rate](t, Rate(someNumber(r)))
		roundTrips[Level](t, someLevel(r))
		roundTrips[Action](t, Action{Name: "home", Weight: someNumber(r)})
		if v := someNumber(r); v > 1 {
			roundTrips[Arrivals](t, Arrivals(v))
		}
		if v := Scale(someNumber(r)); v > 0 && v <= 10 {
			roundTrips[Scale](t, v)
		}
		roundTrips[Scale](t, Scale(10*(1-r.Float64())))
	}
	for _, a := range []Arrivals{Even, Poisson, Bursty} {
		roundTrips[Arrivals](t, a)
	}
}

func bounded(v float64) bool { return v >= 0 && !math.IsInf(v, 0) }

// fuzzText checks of any text that it is refused without a trace, or reads as
// something sound that reads back from its own text.
func fuzzText[T form, P interface {
	*T
	encoding.TextUnmarshaler
}](f *testing.F, sound func(T) bool, seeds ...string) {
	for _, s := range append(seeds, "", " ", "\x00", "\xff", "٣", "NaN", "+Inf", "1e3/s", "0x1p4/s", digits400) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := read[T, P](text)
		if err != nil {
			if v != *new(T) || strings.Contains(err.Error(), "\n") {
				t.Fatalf("%q is refused by %q, and leaves %#v", text, err, v)
			}
			return
		}
		if !sound(v) {
			t.Fatalf("%q is accepted as %#v", text, v)
		}
		roundTrips[T, P](t, v)
	})
}

func FuzzRate(f *testing.F) {
	fuzzText(f, func(r Rate) bool { return bounded(float64(r)) }, "200/s", "12000/m", "3600/h", "5 /s", "-5/s", "NaN/s", digits400+"/s", "0.1/h")
}

func FuzzScale(f *testing.F) {
	fuzzText(f, func(s Scale) bool { return s > 0 && s <= 10 }, "1%", "99.99999999%", "0.00001%", "1000%", "33.333333333333336%")
}

func FuzzArrivals(f *testing.F) {
	fuzzText(f, func(a Arrivals) bool { return a == Even || a >= Poisson && bounded(float64(a)) }, "even", "poisson", "bursty", "bursty 20", "bursty 1.5", "bursty 1")
}

func FuzzLevel(f *testing.F) {
	fuzzText(f, func(l Level) bool {
		return l.Crowd != "" && bounded(l.From) && bounded(l.To) && l.In >= 0 && (l.In == 0 || l.From == 0)
	}, "readers 1.5x", "readers 3x to 1x", "readers 3x in 5s", "readers 1.5x in 0s", "readers 3x to -1x", "to 1x to 1x")
}

func FuzzAction(f *testing.F) {
	fuzzText(f, func(a Action) bool { return a.Name != "" && bounded(a.Weight) && !a.Plain() }, "home 80", "home", "post 0.5", "home -1")
}
