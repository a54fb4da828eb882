// Package runs is what happened: the record of a play, plain data that can be
// saved, added up from the work of many, judged again a year later and printed
// in any format.
//
// A [Run] is the sum of the entries of its journal ([Run.Add]), whether they come
// from a play that goes on or from the file of one that was killed. [Judge] turns
// it into a verdict.
package runs

import (
	"time"

	"gameday/freeze"
	"gameday/scenarios"
)

// Schema is the version of the record that this package writes.
const Schema = 1

// A Run is the record of one play of a scenario.
type Run struct {
	Schema       int                 `json:"schema"`
	ID           string              `json:"id"`      // 20270214T233000Z-superbowl
	Gameday      string              `json:"gameday"` // the version that played it
	Scenario     *scenarios.Scenario `json:"scenario"`
	Target       Target              `json:"target"`
	Identity     freeze.Identity     `json:"identity,omitempty"` // what exactly was running there as it began
	Scale        scenarios.Scale     `json:"scale"`
	Seed         uint64              `json:"seed"`
	Schedule     string              `json:"schedule,omitempty"` // hash of every request; see scenarios.Schedule.Hash
	Began        time.Time           `json:"began"`
	Ended        time.Time           `json:"ended,omitzero"` // zero in the record of a play that was killed
	Host         Host                `json:"host"`
	Selftest     *Selftest           `json:"selftest,omitempty"`      // the host's newest
	DuringFreeze string              `json:"during_freeze,omitempty"` // why it was played in a freeze window
	Aborted      string              `json:"aborted,omitempty"`       // why it ended early

	Verdict  Verdict   `json:"verdict"`
	Why      string    `json:"why"`      // the verdict in a sentence
	Findings []Finding `json:"findings"` // one for each promise and phase

	// Recovery is what became of the service after each spike and fault, in order of
	// time; RecoveryRules are the limits it is judged by, nil: DefaultRules.
	Recovery      []Recovery     `json:"recovery,omitempty"`
	RecoveryRules *RecoveryRules `json:"recovery_rules,omitempty"`

	Phases    []Phase   `json:"phases"`
	Tallies   []Tally   `json:"tallies"`            // in order of phase, second, crowd and action
	Examples  []Example `json:"examples,omitempty"` // the first of each cause of failure, in order of cause
	Marks     []Mark    `json:"marks"`              // in order of time
	Witness   Witness   `json:"witness"`
	Generator Generator `json:"generator"`
}

// NewID is the name of a run that begins at t: 20270214T233000Z-superbowl.
func NewID(t time.Time, scenario string) string {
	return t.UTC().Format("20060102T150405Z") + "-" + scenario
}

// A Target is the service that was pressed.
type Target struct {
	Name    string `json:"name"`
	URL     string `json:"url"`
	Dialect string `json:"dialect"`
	// Transport is how requests travelled: http1, net, h2, h2c or h3; auto for one
	// of the tester's own.
	Transport string `json:"transport,omitempty"`
}

// A Host is the machine that pressed.
type Host struct {
	Name string `json:"name"`
	OS   string `json:"os"`
	Arch string `json:"arch"`
	CPUs int    `json:"cpus"` // that the generator may use
	Go   string `json:"go"`
}

// A Phase is a phase as it was laid out.
type Phase struct {
	Name  string            `json:"name"`
	Begin Span              `json:"begin"` // after the start
	End   Span              `json:"end"`
	Due   map[string]uint64 `json:"due"` // requests in the schedule, by crowd
}

// A Witness is what the small, careful client saw that checks whether the
// service told the truth.
type Witness struct {
	// Absent is why nobody watched; empty if somebody did.
	Absent string `json:"absent,omitempty"`
	// Posts were acknowledged; Seen of them could be read by a follower.
	Posts uint64 `json:"posts"`
	Seen  uint64 `json:"seen"`
	// Failed are posts and reads that were refused: no lie, but nothing learned.
	Failed uint64 `json:"failed"`
	// Fresh is the time from a post's acknowledgement until a follower could read
	// it, by the phase in which it was acknowledged.
	Fresh []Histogram `json:"fresh"`
	// Lies are acknowledged posts that vanished or came twice, each in a sentence;
	// the first few. Lied counts them all.
	Lies []string `json:"lies,omitempty"`
	Lied uint64   `json:"lied"`
}

// maxLies is how many lies are kept in words.
const maxLies = 20

// A Span is a time.Duration that JSON holds in seconds.
type Span time.Duration

// MarshalJSON writes seconds, to the nanosecond.
func (s Span) MarshalJSON() ([]byte, error) {
	return appendSeconds(nil, time.Duration(s)), nil
}

// UnmarshalJSON reads seconds.
func (s *Span) UnmarshalJSON(data []byte) error {
	d, err := parseSeconds(string(data))
	*s = Span(d)
	return err
}

func (s Span) String() string { return time.Duration(s).String() }
