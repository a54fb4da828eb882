package runs

import (
	"cmp"
	"slices"
)

// A Mark is something that happened to the play or to the service under it.
type Mark struct {
	At    Span   `json:"at"` // after the start
	Kind  string `json:"kind"`
	Fault string `json:"fault,omitempty"` // its name, in the marks of a fault
	Text  string `json:"text"`
}

// What a Mark can be of.
const (
	MarkPhase   = "phase"   // a phase began
	MarkEnd     = "end"     // the schedule was over
	MarkAborted = "aborted" // the play was ended early
	MarkChanged = "changed" // the target is not what it was as the play began

	MarkInjected  = "fault-injected"        // a fault was put in force
	MarkConfirmed = "fault-confirmed"       // it was seen to bite
	MarkMended    = "fault-mended"          // it was taken back
	MarkClear     = "fault-clear-confirmed" // it was seen to be gone

	MarkIntervention = "intervention-began" // load was lowered to let the service recover
	MarkRestored     = "intervention-ended" // load was brought back
	MarkStop         = "stop-condition"     // a stop condition was met; the play is aborted
)

// marksInOrder are the marks of a run in order of time. A record from a file may
// have them in another.
func (r *Run) marksInOrder() []Mark {
	return slices.SortedStableFunc(slices.Values(r.Marks), func(a, b Mark) int { return cmp.Compare(a.At, b.At) })
}
