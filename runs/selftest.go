package runs

import "time"

// A Selftest is what a host proved about itself as an instrument: whether what
// is measured there can be believed.
type Selftest struct {
	At      time.Time `json:"at"`
	Gameday string    `json:"gameday"` // the version that tested
	Host    Host      `json:"host"`
	Verdict Verdict   `json:"verdict"` // pass: every check was met
	Checks  []Check   `json:"checks"`
}

// A Check is one thing that a host can or cannot do.
type Check struct {
	Name    string  `json:"name"`
	Asks    string  `json:"asks"`  // what is measured, in a sentence
	Limit   string  `json:"limit"` // what is wanted, as it is printed
	Got     string  `json:"got"`   // what was measured, as it is printed
	Value   float64 `json:"value"` // the same as a number, in Unit
	Unit    string  `json:"unit"`  // s, 1, /s, B
	Verdict Verdict `json:"verdict"`
	Why     string  `json:"why,omitempty"` // if it was not met: what this host cannot do, and what helps
}
