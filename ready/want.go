package ready

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A Want is what a value must be. Its text is a comparison and a limit, such as
// "<= 0.1"; other than numbers can only be == or !=, such as "== ready". The zero
// Want is met by nothing.
type Want struct {
	Compare string
	Limit   string
}

// UnmarshalText reads "<= 0.1" or "== ready".
func (w *Want) UnmarshalText(text []byte) error {
	const want = `want a comparison and a limit, such as "<= 0.1" or "== ready"`
	s := strings.TrimSpace(string(text))
	for _, compare := range []string{"<=", ">=", "==", "!=", "<", ">"} {
		limit, ok := strings.CutPrefix(s, compare)
		if !ok {
			continue
		}
		limit = strings.TrimSpace(limit)
		_, isNumber := number(limit)
		switch {
		case limit == "":
			return fmt.Errorf("%q: %s", text, want)
		case !isNumber && compare != "==" && compare != "!=":
			return fmt.Errorf("%q: %q is no number, so it can only be == or !=", text, limit)
		}
		*w = Want{compare, limit}
		return nil
	}
	return fmt.Errorf("%q: %s", text, want)
}

func (w Want) String() string { return w.Compare + " " + w.Limit }

// Holds reports whether a value is what is wanted. The error says that this cannot
// be known: the value is not a number where one is wanted, or not finite.
func (w Want) Holds(value string) (bool, error) {
	value = strings.TrimSpace(value)
	limit, wantsNumber := number(w.Limit)
	if !wantsNumber {
		switch w.Compare {
		case "==":
			return value == w.Limit, nil
		case "!=":
			return value != w.Limit && value != "", nil
		}
		return false, fmt.Errorf("%q cannot be compared by %q", value, w.String())
	}
	v, ok := number(value)
	if !ok {
		return false, fmt.Errorf("%q is not a number", value)
	}
	switch w.Compare {
	case "<":
		return v < limit, nil
	case "<=":
		return v <= limit, nil
	case ">":
		return v > limit, nil
	case ">=":
		return v >= limit, nil
	case "==":
		return v == limit, nil
	case "!=":
		return v != limit, nil
	}
	return false, fmt.Errorf("%q cannot be compared by %q", value, w.String())
}

// number reads a finite number.
func number(s string) (float64, bool) {
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil && !math.IsNaN(v) && !math.IsInf(v, 0)
}
