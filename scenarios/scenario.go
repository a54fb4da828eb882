// Package scenarios says what to rehearse: which crowds press the service, how
// hard in each phase of the night, and what must hold all the same.
//
// A [Scenario] is read from YAML ([Load], [Read]) and turned into a [Schedule],
// which knows to the nanosecond when each request is due. Everything here but
// the reading of files is pure: the same scenario, scale and seed give the same
// schedule, byte for byte, on every machine.
package scenarios

import (
	"encoding/json"
	"time"

	"gameday/faults"
)

// A Scenario is the rehearsal of one bad night.
type Scenario struct {
	Name       string        `json:"name"`             // its file's name without .yaml
	Asks       string        `json:"asks"`             // the question it answers, in one sentence
	Story      string        `json:"story,omitempty"`  // what happened the night it is taken from
	Source     string        `json:"source,omitempty"` // where the figures were published
	Seed       uint64        `json:"seed"`             // of everything drawn: arrivals, actions, people
	Population Population    `json:"population"`
	Crowds     []Crowd       `json:"crowds"`
	Phases     []Phase       `json:"phases"`
	Expect     []Expectation `json:"expect,omitempty"` // of every phase, unless the phase says otherwise

	Knobs        map[string]any `json:"knobs,omitempty"`       // with which the embedded service starts; another target has its own
	Faults       []faults.Fault `json:"faults,omitempty"`      // what phases may put in force, by name
	Clients      Clients        `json:"clients,omitzero"`      // of every crowd that does not say its own
	Intervention Intervention   `json:"intervention,omitzero"` // what may be done about a service that does not come back
	Stop         []Stop         `json:"stop,omitempty"`        // what ends the play, besides what the configuration says
}

// A Population is the people of an embedded timeline service, and how popular
// they are. Rank 1 is the most popular.
type Population struct {
	// Accounts is how many people there are.
	Accounts int `json:"accounts"`
	// Followers is the rank exponent of the follower counts: the account of rank
	// r has Accounts·r^-Followers followers.
	Followers float64 `json:"followers"`
	// Hot is the rank exponent of attention: who is read and which post is liked
	// falls with rank as r^-Hot.
	Hot float64 `json:"hot"`
}

// DefaultPopulation is used for whatever a scenario leaves out. Followers is the
// rank form of the degree law of Kwak et al. (WWW 2010), Hot the median skew of
// production caches in the OSDI 2020 traces of Twitter.
var DefaultPopulation = Population{Accounts: 100_000, Followers: 0.784, Hot: 1.21}

// A Crowd is the people who press one kind of thing. Its requests arrive in an
// open loop: people do not wait for each other's answers.
type Crowd struct {
	Name     string   `json:"name"`
	Rate     Rate     `json:"rate"`     // at 1x and scale 100%
	Arrivals Arrivals `json:"arrivals"` // how the requests are spread within the rate
	Do       []Action `json:"do"`       // what its people do, by weight
	Clients  Clients  `json:"clients,omitzero"`
}

// A Phase is a stretch of the scenario: for how long, how hard each crowd
// presses, and what must hold.
//
// Phases divide one continuous load. No connection is dropped and no request is
// held back between two phases. A request due exactly at a border belongs to
// the later phase.
type Phase struct {
	Name   string        `json:"name"`
	For    time.Duration `json:"for"`
	Load   []Level       `json:"load,omitempty"`   // a crowd not named keeps the multiple it had
	Expect []Expectation `json:"expect,omitempty"` // replaces the scenario's of the same measure
	// Faults are the scenario's, by name, that are in force for the whole phase. One
	// that the next phase names too stays across the border: see FaultPlan.
	Faults []string `json:"faults,omitempty"`
}

// Duration is how long the whole scenario lasts.
func (s *Scenario) Duration() time.Duration {
	var d time.Duration
	for _, p := range s.Phases {
		d += p.For
	}
	return d
}

// Crowd returns the index of the crowd of that name, or -1.
func (s *Scenario) Crowd(name string) int {
	for i, c := range s.Crowds {
		if c.Name == name {
			return i
		}
	}
	return -1
}

// Expectations are what must hold in a phase: its own, and of the scenario's
// those that the phase does not replace by one on the same subject and measure.
func (s *Scenario) Expectations(phase int) []Expectation {
	own := s.Phases[phase].Expect
	var all []Expectation
	for _, e := range s.Expect {
		replaced := false
		for _, o := range own {
			replaced = replaced || o.Same(e)
		}
		if !replaced {
			all = append(all, e)
		}
	}
	return append(all, own...)
}

// phaseJSON is a Phase as it is written: with its duration as text.
type phaseJSON struct {
	Name   string        `json:"name"`
	For    string        `json:"for"`
	Load   []Level       `json:"load,omitempty"`
	Expect []Expectation `json:"expect,omitempty"`
	Faults []string      `json:"faults,omitempty"`
}

// MarshalJSON writes the duration as text, such as "20s".
func (p Phase) MarshalJSON() ([]byte, error) {
	return json.Marshal(phaseJSON{p.Name, durationText(p.For), p.Load, p.Expect, p.Faults})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (p *Phase) UnmarshalJSON(data []byte) error {
	var j phaseJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	d, err := parseDuration(j.For)
	if err != nil {
		return err
	}
	*p = Phase{j.Name, d, j.Load, j.Expect, j.Faults}
	return nil
}
