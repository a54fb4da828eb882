package freeze

import (
	"fmt"
	"strings"
	"time"
)

// An Answer says whether a change from At to Through meets a freeze.
type Answer struct {
	Frozen  bool      `json:"frozen"`
	At      time.Time `json:"at"`
	Through time.Time `json:"through"`        // At and the runway
	Windows []Window  `json:"windows"`        // those met, in the calendar's order, each with its level; never nil
	Until   time.Time `json:"until,omitzero"` // if frozen: when the same change, with the same runway, first meets no window; zero: not in two years
}

// String returns a line such as
//
//	frozen: "super-bowl" (full) until 2027-02-15T12:00:00-05:00
//
// It names when a window starts if that is still to come.
func (a Answer) String() string {
	if !a.Frozen {
		return "not frozen"
	}
	var met []string
	for _, w := range a.Windows {
		note := string(w.Level)
		if w.Start.After(a.At) {
			note += ", from " + w.Start.Format(time.RFC3339)
		}
		met = append(met, fmt.Sprintf("%q (%s)", w.Name, note))
	}
	until := "without an end in the next two years"
	if !a.Until.IsZero() {
		until = "until " + a.Until.Format(time.RFC3339)
	}
	return fmt.Sprintf("frozen: %s %s", strings.Join(met, ", "), until)
}
