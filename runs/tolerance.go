package runs

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// A Tolerance is the smallest difference between two runs that matters. A time has
// to differ by more than both Relative and Least.
type Tolerance struct {
	Relative float64 `json:"relative"` // of a time; 0.05 is 5 %
	Least    Span    `json:"least"`    // of a time
	Share    float64 `json:"share"`    // of errors and goodput, as a difference of shares
}

// DefaultTolerance is taken where none is said. The page on comparing in docs says
// why.
var DefaultTolerance = Tolerance{Relative: 0.05, Least: Span(time.Millisecond), Share: 0.001}

// finest is the width of a bucket, below which a histogram tells nothing apart.
const finest = 0.022

// ParseTolerance reads parts between commas, each of which replaces a default: 5%
// of a time, a time such as 1ms, and a share such as 0.1pp, percentage points.
func ParseTolerance(s string) (Tolerance, error) {
	t, seen := DefaultTolerance, map[string]bool{}
	for part := range strings.SplitSeq(s, ",") {
		part = strings.TrimSpace(part)
		kind := "time"
		switch {
		case strings.HasSuffix(part, "%"):
			kind = "%"
		case strings.HasSuffix(part, "pp"):
			kind = "pp"
		}
		if seen[kind] {
			return Tolerance{}, fmt.Errorf("tolerance %q: two of a kind; want one of each at the most, such as 5%%,1ms,0.1pp", s)
		}
		seen[kind] = true
		if err := t.set(kind, strings.TrimSuffix(part, kind)); err != nil {
			return Tolerance{}, fmt.Errorf("tolerance %q: %w", s, err)
		}
	}
	return t, nil
}

// set replaces one part.
func (t *Tolerance) set(kind, value string) error {
	if kind == "time" {
		d, err := time.ParseDuration(value)
		if err != nil || d < 0 || d > time.Hour {
			return fmt.Errorf("%q: want such as 5%%, 1ms or 0.1pp", value)
		}
		t.Least = Span(d)
		return nil
	}
	v, err := strconv.ParseFloat(value, 64)
	if err != nil || math.IsNaN(v) {
		return fmt.Errorf("%q: want a number before %s", value, kind)
	}
	if kind == "%" {
		if t.Relative = v / 100; !(t.Relative >= finest && t.Relative <= 10) {
			return fmt.Errorf("%s%%: want 2.2%%, what a histogram tells apart, to 1000%%", value)
		}
		return nil
	}
	if t.Share = v / 100; !(t.Share > 0 && t.Share <= 1) {
		return fmt.Errorf("%spp: want above 0pp, and 100pp at the most", value)
	}
	return nil
}

// String writes what ParseTolerance reads.
func (t Tolerance) String() string {
	number := func(v float64) string { return strconv.FormatFloat(math.Round(v*1e8)/1e6, 'f', -1, 64) }
	return fmt.Sprintf("%s%%,%s,%spp", number(t.Relative), time.Duration(t.Least), number(t.Share))
}

// beyond reports whether a change of a time by so much, as a natural logarithm of
// the ratio, of two times whose geometric mean is so many seconds, matters.
func (t Tolerance) beyond(change, mean float64) bool {
	by := 2 * mean * math.Sinh(math.Abs(change)/2) // head − base
	return math.Abs(change) > math.Log1p(t.Relative) && by > time.Duration(t.Least).Seconds()
}
