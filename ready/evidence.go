package ready

import (
	"time"

	"gameday/freeze"
	"gameday/runs"
)

// Evidence is all that is known. What is left out of it is not known.
type Evidence struct {
	Runs   []Run             // in any order
	Lock   string            // where the lock is
	Frozen map[string]Frozen // by target: what the lock holds
	Now    map[string]Now    // by target: what was found when the lock was verified
	Checks map[string]Result // by name
}

// A Run is the record of a rehearsal; of it only what stands before its findings
// is read, and the verdict as it was judged anew.
type Run struct {
	runs.Run
	Path string // of what a person opens to see it
	// Trouble is why the record could not be read or judged. What is known of it
	// then may be no more than its name says: a run without a URL may have been
	// against any target, one without a scenario of any.
	Trouble string
}

// Frozen is what the lock holds of a target.
type Frozen struct {
	Captured time.Time
	Identity freeze.Identity
	Trouble  string // why that is not known
}

// Now is what a target runs now, and what the freeze makes of that.
type Now struct {
	At       time.Time
	Honoured Reply    // Yes, Violated, or Unknown
	Exempted []string // kinds that may differ from what is frozen: an override allows it, or no window watches them
	Why      string
	Identity freeze.Identity
}

// A Result is what came of a check.
type Result struct {
	At    time.Time
	Reply Reply // Yes, No, or Unknown
	Why   string
}

// when is the time of a run: its end, or its beginning if it has none.
func (r *Run) when() time.Time {
	if r.Ended.IsZero() {
		return r.Began
	}
	return r.Ended
}

// name is that of the scenario; empty if it is not known.
func (r *Run) name() string {
	if r.Scenario == nil {
		return ""
	}
	return r.Scenario.Name
}
