package runs

import (
	"fmt"
	"strings"
)

// An Outcome is the verdict on one recovery. The zero Outcome is Inconclusive, so
// that a judgement that was forgotten never counts as recovered.
type Outcome int

// All outcomes there are.
const (
	Inconclusive        Outcome = iota // the evidence does not decide
	Recovered                          // goodput was back before the deadline
	Slow                               // it came back, but after the deadline
	Degraded                           // it did not come back, but stayed above a collapse
	Draining                           // it collapsed, and works off its backlog
	MetastableSuspected                // it collapsed, and cannot come back by itself
	MetastableConfirmed                // it was good again only after load was lowered for a while
	OutagePersists                     // not even a trickle of load was served well
	NotTriggered                       // nothing hurt the service, so nothing was proved
	Aborted                            // the play was ended before the end of the watch
)

var outcomeNames = [...]string{
	"inconclusive", "recovered", "slow", "degraded", "draining", "metastable-suspected", "metastable-confirmed",
	"outage-persists", "not-triggered", "aborted",
}

func (o Outcome) String() string {
	if o < 0 || int(o) >= len(outcomeNames) {
		return outcomeNames[Inconclusive]
	}
	return outcomeNames[o]
}

// MarshalText writes the name.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads the name.
func (o *Outcome) UnmarshalText(text []byte) error {
	for i, name := range outcomeNames {
		if string(text) == name {
			*o = Outcome(i)
			return nil
		}
	}
	return fmt.Errorf("recovery %q: want one of %s", text, strings.Join(outcomeNames[:], ", "))
}
