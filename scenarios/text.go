package scenarios

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// A Rate is a number of requests per second. Its text is "200/s"; "12000/m" and
// "3600/h" are understood too.
type Rate float64

// UnmarshalText reads a rate. Rates are finite and not negative.
func (r *Rate) UnmarshalText(text []byte) error {
	number, unit, _ := strings.Cut(string(text), "/")
	per := map[string]float64{"s": 1, "m": 60, "h": 3600}[strings.TrimSpace(unit)]
	v, err := parseNumber(number)
	if err != nil || per == 0 {
		return fmt.Errorf("%q: want requests per second, such as 200/s", text)
	}
	*r = Rate(v / per)
	return nil
}

// MarshalText writes the rate per second.
func (r Rate) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

func (r Rate) String() string { return formatNumber(float64(r)) + "/s" }

// A Scale is the share of the real night that is played: 1 is the real night.
// Its text is "1%".
type Scale float64

// UnmarshalText reads a scale above 0 % and up to 1000 %.
func (s *Scale) UnmarshalText(text []byte) error {
	number, isPercent := strings.CutSuffix(string(text), "%")
	_, err := parseNumber(number)
	v, _ := strconv.ParseFloat(strings.TrimSpace(number)+"e-2", 64)
	if err != nil || !isPercent || v <= 0 || v > 10 {
		return fmt.Errorf("%q: want a share of the real night above 0%% and up to 1000%%, such as 1%%", text)
	}
	*s = Scale(v)
	return nil
}

// MarshalText writes the scale in percent.
func (s Scale) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// String writes the scale in percent, exactly: it reads back as the same number.
func (s Scale) String() string {
	whole, part, _ := strings.Cut(formatNumber(float64(s)), ".")
	part += "00" // the point moves two digits to the right: a product would round
	text := strings.TrimLeft(whole+part[:2], "0") + "." + part[2:]
	text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	if text == "" || text[0] == '.' {
		text = "0" + text
	}
	return text + "%"
}

// Arrivals says how the requests of a crowd are spread within its rate, as the
// index of dispersion of the counts per second: variance over mean.
//
// The zero value is Even. Any value above 1 is a gamma-modulated Poisson
// process: each second's rate is drawn from a gamma distribution about the
// curve's, so that counts vary as much as the index says.
type Arrivals float64

// The arrivals that have a name.
const (
	Even    Arrivals = 0 // each request exactly when the curve's integral reaches the next whole number
	Poisson Arrivals = 1 // people who know nothing of each other
	// Bursty is the dispersion of the World Cup 1998 site's per-minute log during
	// a match: about sixty times Poisson's.
	Bursty Arrivals = 60
)

// UnmarshalText reads "even", "poisson", "bursty" or "bursty 20".
func (a *Arrivals) UnmarshalText(text []byte) error {
	f := strings.Fields(string(text))
	switch {
	case len(f) == 1 && f[0] == "even":
		*a = Even
	case len(f) == 1 && f[0] == "poisson":
		*a = Poisson
	case len(f) == 1 && f[0] == "bursty":
		*a = Bursty
	case len(f) == 2 && f[0] == "bursty":
		v, err := parseNumber(f[1])
		if err != nil || v <= 1 {
			return fmt.Errorf("%q: want an index of dispersion above 1, such as bursty 20", text)
		}
		*a = Arrivals(v)
	default:
		return fmt.Errorf("%q: want even, poisson, bursty, or bursty with an index of dispersion, such as bursty 20", text)
	}
	return nil
}

// MarshalText writes the name.
func (a Arrivals) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

func (a Arrivals) String() string {
	switch a {
	case Even:
		return "even"
	case Poisson:
		return "poisson"
	case Bursty:
		return "bursty"
	}
	return "bursty " + formatNumber(float64(a))
}

// A Level is how hard a crowd presses during a phase, as a multiple of its rate.
type Level struct {
	Crowd string
	// To is the multiple at the end of the phase.
	To float64
	// From is the multiple at the start, if In is zero: the load moves evenly
	// from From to To over the whole phase.
	From float64
	// In, if not zero, is how long the load takes to move evenly to To from where
	// the phase before left it; it then holds.
	In time.Duration
}

const wantLevel = "want a crowd and its multiple, such as readers 1.5x, readers 3x to 1x, or readers 3x in 5s"

// UnmarshalText reads "readers 1.5x", "posters 3.5x to 1x" or "posters 3.5x in 5s".
func (l *Level) UnmarshalText(text []byte) error {
	wrong := fmt.Errorf("%q: %s", text, wantLevel)
	f := strings.Fields(string(text))
	if len(f) != 2 && len(f) != 4 {
		return wrong
	}
	first, err := parseMultiple(f[1])
	if err != nil {
		return wrong
	}
	switch {
	case len(f) == 2:
		*l = Level{Crowd: f[0], From: first, To: first}
	case f[2] == "to":
		to, err := parseMultiple(f[3])
		if err != nil {
			return wrong
		}
		*l = Level{Crowd: f[0], From: first, To: to}
	case f[2] == "in":
		in, err := parseDuration(f[3])
		if err != nil || in <= 0 {
			return wrong
		}
		*l = Level{Crowd: f[0], To: first, In: in}
	default:
		return wrong
	}
	return nil
}

// MarshalText writes the load as it is read.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

func (l Level) String() string {
	switch {
	case l.In > 0:
		return fmt.Sprintf("%s %sx in %s", l.Crowd, formatNumber(l.To), durationText(l.In))
	case l.From != l.To:
		return fmt.Sprintf("%s %sx to %sx", l.Crowd, formatNumber(l.From), formatNumber(l.To))
	}
	return fmt.Sprintf("%s %sx", l.Crowd, formatNumber(l.To))
}

func parseMultiple(s string) (float64, error) {
	number, ok := strings.CutSuffix(s, "x")
	if !ok {
		return 0, fmt.Errorf("%q has no x", s)
	}
	return parseNumber(number)
}

// parseNumber reads a plain decimal number, finite and not negative: no
// exponents, hexadecimals or underscores, which nobody means in a scenario.
func parseNumber(s string) (float64, error) {
	s = strings.TrimSpace(s)
	if strings.Trim(s, "0123456789.") != "" {
		return 0, fmt.Errorf("%q is not a number", s)
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(v, 0) {
		return 0, fmt.Errorf("%q is not a number", s)
	}
	return v, nil
}

func formatNumber(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func parseDuration(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q: want a duration, such as 20s or 1m30s", s)
	}
	return d, nil
}

// durationText is d as people write it: 1m rather than 1m0s.
func durationText(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
