package ready

import (
	"fmt"
	"strings"
	"time"

	"gameday/runs"
)

// A Reply answers one question. The zero Reply is Unknown, so that a question that
// was forgotten is never a yes.
type Reply int

// The replies.
const (
	Unknown  Reply = iota // nobody can say
	Yes                   // it is known to be so
	No                    // it is known not to be so, or not enough
	Violated              // the freeze was broken
	Waived                // no, and somebody answers for it
)

var replyNames = [...]string{"unknown", "yes", "no", "violated", "waived"}

func (r Reply) String() string {
	if r < 0 || int(r) >= len(replyNames) {
		return replyNames[Unknown]
	}
	return replyNames[r]
}

// MarshalText writes unknown, yes, no, violated or waived.
func (r Reply) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (r *Reply) UnmarshalText(text []byte) error {
	for i, name := range replyNames {
		if string(text) == name {
			*r = Reply(i)
			return nil
		}
	}
	return fmt.Errorf("answer %q: want one of %s", text, strings.Join(replyNames[:], ", "))
}

// A Decision is what all the answers come to.
type Decision string

// The decisions. Any other, such as the zero Decision, is NotKnown.
const (
	Go       Decision = "go"       // every question was answered yes, or waived
	NoGo     Decision = "no-go"    // one was answered no
	NotKnown Decision = "unknown"  // none was answered no, but of one nobody can say
	Broken   Decision = "violated" // the freeze was violated, whatever else
)

// A Question is one thing that must be known, and the answer.
type Question struct {
	ID       string    `json:"id"`    // for waivers: superbowl/staging/age
	About    string    `json:"about"` // what questions belong together: "superbowl against staging"
	Asks     string    `json:"asks"`
	Reply    Reply     `json:"answer"`
	Why      string    `json:"why"`                // a sentence
	Evidence string    `json:"evidence,omitempty"` // a path
	At       time.Time `json:"at,omitzero"`        // of the evidence
	Age      runs.Span `json:"age,omitzero"`       // of the evidence
	Waiver   *Waiver   `json:"waiver,omitempty"`   // that counts, if Reply is Waived
}

// An Answer is go or no-go, with every question that led to it.
type Answer struct {
	Event     string     `json:"event"`
	Date      time.Time  `json:"date"`
	At        time.Time  `json:"at"` // when it was asked
	Targets   []Target   `json:"targets"`
	Decision  Decision   `json:"decision"`
	Why       string     `json:"why"`              // the decision in a sentence
	Until     time.Time  `json:"until,omitzero"`   // of a go: when the first of its evidence expires, or the event begins
	Questions []Question `json:"questions"`        // in the order of the event
	Gameday   string     `json:"gameday,omitzero"` // the version that answered
}

// conclude sets the decision that the questions come to. There is no score: the
// worst answer decides.
func (a *Answer) conclude() {
	by := map[Reply][]Question{}
	for _, q := range a.Questions {
		by[q.Reply] = append(by[q.Reply], q)
	}
	of := func(r Reply, says string) string {
		q := by[r][0]
		return fmt.Sprintf("%d of %d questions %s, the first %s: %s", len(by[r]), len(a.Questions), says, q.ID, q.Why)
	}
	known := len(by[Yes]) + len(by[Waived])
	switch {
	case len(by[Violated]) > 0:
		a.Decision, a.Why = Broken, by[Violated][0].Why
	case len(by[No]) > 0:
		a.Decision, a.Why = NoGo, of(No, "are answered no")
	case len(by[Unknown]) > 0:
		a.Decision, a.Why = NotKnown, of(Unknown, "cannot be answered")
	case known == 0 || known != len(a.Questions):
		a.Decision, a.Why = NotKnown, "Nothing was asked, so nothing is known."
	case len(by[Waived]) > 0:
		a.Decision, a.Why = Go, fmt.Sprintf("%d of %d questions are answered yes, %d waived.", len(by[Yes]), known, len(by[Waived]))
	default:
		a.Decision, a.Why = Go, fmt.Sprintf("All %d questions are answered yes.", known)
	}
	if a.Decision != Go {
		a.Until = time.Time{}
	}
}
