package runs

import (
	"fmt"
	"math"
	"time"
)

// A Figure is one number of a recovery, or why there is none. The zero Figure is
// unknown. Times are in seconds.
type Figure struct {
	Is    Known   `json:"is"`
	Value float64 `json:"value"`         // 0 unless Is is Exact or AtLeast
	Why   string  `json:"why,omitempty"` // it is not exact
}

// Known is how much is known of a Figure.
type Known int

// All that Known can be.
const (
	Unknown Known = iota
	Exact
	AtLeast // the record ends before more could be seen
	Endless // it never ends, by its formula
)

var knownNames = [...]string{"unknown", "exact", "at-least", "endless"}

// String is one of unknown, exact, at-least and endless.
func (k Known) String() string {
	if k < 0 || int(k) >= len(knownNames) {
		return knownNames[Unknown]
	}
	return knownNames[k]
}

// MarshalText writes the name.
func (k Known) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads the name.
func (k *Known) UnmarshalText(text []byte) error {
	for i, name := range knownNames {
		if string(text) == name {
			*k = Known(i)
			return nil
		}
	}
	return fmt.Errorf("figure %q: want unknown, exact, at-least or endless", text)
}

// Duration is a Figure that is a time. Beyond 292 years it stays there.
func (f Figure) Duration() time.Duration {
	if ns := f.Value * 1e9; math.Abs(ns) < math.MaxInt64 {
		return time.Duration(ns)
	}
	return math.MaxInt64
}

// exact is a number to six decimals: more would tell of the order of sums alone.
func exact(v float64) Figure {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return unknown("there is nothing to divide by")
	case math.Abs(v) < 1e9:
		v = math.Round(v*1e6) / 1e6
	}
	return Figure{Is: Exact, Value: v}
}

// atLeast is a number that would have grown, had the record gone on.
func atLeast(v float64, why string) Figure {
	f := exact(v)
	if f.Is == Exact {
		f.Is, f.Why = AtLeast, why
	}
	return f
}

func unknown(why string) Figure { return Figure{Why: why} }
