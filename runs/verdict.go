package runs

import "fmt"

// A Verdict is what a run proved. The zero Verdict is Unclear, so that a
// judgement that was forgotten never counts as a pass.
type Verdict int

// The three verdicts.
const (
	Unclear Verdict = iota // the evidence does not decide
	Pass                   // every promise was kept, and the evidence is enough to say so
	Fail                   // a promise was broken
)

var verdictNames = [...]string{"unclear", "pass", "fail"}

func (v Verdict) String() string {
	if v < 0 || int(v) >= len(verdictNames) {
		return verdictNames[Unclear]
	}
	return verdictNames[v]
}

// MarshalText writes unclear, pass or fail.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads unclear, pass or fail.
func (v *Verdict) UnmarshalText(text []byte) error {
	for i, name := range verdictNames {
		if string(text) == name {
			*v = Verdict(i)
			return nil
		}
	}
	return fmt.Errorf("verdict %q: want pass, fail or unclear", text)
}

// A Finding is what became of one promise in one phase.
type Finding struct {
	Expect  string  `json:"expect"` // as in the scenario: "readers p99 <= 100ms"
	Phase   string  `json:"phase"`
	Crowd   string  `json:"crowd,omitempty"` // or action; empty: everybody
	Limit   string  `json:"limit"`           // "<= 100ms"
	Got     string  `json:"got"`             // "92.1ms"; empty if there is nothing to tell
	Verdict Verdict `json:"verdict"`
	Why     string  `json:"why"` // in a sentence, if the verdict is not pass
}
