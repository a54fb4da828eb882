package scenarios

import (
	"strings"
	"time"
)

// Promise is the time within which an answer to an action of a crowd is good in a
// phase: the longest that a latency expectation on them allows. One on the action
// goes before one on the crowd, and that before one on everybody. Zero means that
// none was promised: any success is good.
func (s *Scenario) Promise(phase, crowd int, action string) time.Duration {
	var longest [3]time.Duration
	for _, e := range s.Expectations(phase) {
		if e.Measure != Latency || e.Service || !strings.HasPrefix(e.Compare, "<") {
			continue
		}
		switch {
		case e.Of == s.Crowds[crowd].Name:
			longest[1] = max(longest[1], e.Duration())
		case e.Of == "":
			longest[2] = max(longest[2], e.Duration())
		case e.Of == action && s.Crowd(action) < 0:
			longest[0] = max(longest[0], e.Duration())
		}
	}
	for _, d := range longest {
		if d > 0 {
			return d
		}
	}
	return 0
}
