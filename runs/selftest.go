package runs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// SelftestFile is the file of the newest selftest, in the folder of the runs.
const SelftestFile = "selftest.json"

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
	Got     string  `json:"got"`   // what was measured, as it is printed; empty if nothing was
	Value   float64 `json:"value"` // the same as a number, in Unit
	Unit    string  `json:"unit"`  // s, 1, /s, B
	Verdict Verdict `json:"verdict"`
	Why     string  `json:"why,omitempty"` // if it is not pass: what this host cannot do, or why that is unclear, and what helps
}

// Conclude sets the verdict that the checks come to: fail if any failed, pass if
// all of them, and at least one, passed.
func (s *Selftest) Conclude() {
	s.Verdict = Unclear
	passed := 0
	for _, c := range s.Checks {
		switch c.Verdict {
		case Fail:
			s.Verdict = Fail
			return
		case Pass:
			passed++
		}
	}
	if passed > 0 && passed == len(s.Checks) {
		s.Verdict = Pass
	}
}

// Same reports whether h and o are the same machine with as many CPUs. Another
// release of Go makes no other host.
func (h Host) Same(o Host) bool {
	h.Go = o.Go
	return h == o
}

// Write writes the selftest as indented JSON.
func (s *Selftest) Write(to io.Writer) error {
	e := json.NewEncoder(to)
	e.SetIndent("", "  ")
	if err := e.Encode(s); err != nil {
		return fmt.Errorf("writing the selftest: %w", err)
	}
	return nil
}

// Save writes the selftest to dir/selftest.json. A file that is there is replaced
// as a whole or not at all.
func (s *Selftest) Save(dir string) error {
	var data bytes.Buffer
	if err := s.Write(&data); err != nil {
		return err
	}
	temp := filepath.Join(dir, SelftestFile+".new")
	if err := os.WriteFile(temp, data.Bytes(), 0o644); err != nil {
		return fmt.Errorf("saving the selftest: %w", err)
	}
	if err := os.Rename(temp, filepath.Join(dir, SelftestFile)); err != nil {
		return fmt.Errorf("saving the selftest: %w", err)
	}
	return nil
}

// LoadSelftest reads dir/selftest.json. The error is fs.ErrNotExist if there is
// none, and says what is wrong with one that Save could not have written.
func LoadSelftest(dir string) (*Selftest, error) {
	path := filepath.Join(dir, SelftestFile)
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the selftest: %w", err)
	}
	var s Selftest
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("%s: not a selftest of gameday: %w", path, err)
	}
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &s, nil
}

// check refuses what no selftest can have come to.
func (s *Selftest) check() error {
	again := Selftest{Checks: s.Checks}
	again.Conclude()
	switch {
	case s.At.IsZero() || s.Host.Name == "" || len(s.Checks) == 0:
		return errors.New("not a selftest of gameday: it has no time, no host or no checks")
	case again.Verdict != s.Verdict:
		return fmt.Errorf("the verdict is %s, but its checks come to %s", s.Verdict, again.Verdict)
	}
	return nil
}
