package runs

import "fmt"

// A Change is how a run compares with another in one measure. The zero Change is
// CannotTell, so that a comparison that was forgotten never counts as the same.
type Change int

// All changes there are.
const (
	CannotTell Change = iota // the evidence does not decide
	Better                   // by more than the tolerance, and not by chance
	Same                     // within the tolerance
	Worse                    // by more than the tolerance, and not by chance
)

var changeNames = [...]string{"cannot be told", "better", "same", "worse"}

func (c Change) String() string {
	if c < 0 || int(c) >= len(changeNames) {
		return changeNames[CannotTell]
	}
	return changeNames[c]
}

// MarshalText writes better, same, worse or cannot be told.
func (c Change) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (c *Change) UnmarshalText(text []byte) error {
	for i, name := range changeNames {
		if string(text) == name {
			*c = Change(i)
			return nil
		}
	}
	return fmt.Errorf("change %q: want better, same, worse or cannot be told", text)
}
