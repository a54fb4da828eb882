package scenarios

import (
	"cmp"
	"fmt"
	"time"
)

// Clients is how people wait and try again. What is zero is not said, and is
// taken from where it is nested in: a crowd's from the scenario, and that from the
// configuration.
type Clients struct {
	Timeout time.Duration `json:"timeout,omitempty"` // of one try, with all its refreshes
	Retries Retries       `json:"retries,omitzero"`
	Refresh Refresh       `json:"refresh,omitzero"`
}

// Retries is how a request that failed is tried again. Its text is none, naive or
// polite; everything else has keys, such as {attempts: 4, backoff: 100ms}. It is
// taken as a whole from where it is nested in.
type Retries struct {
	Attempts int `json:"attempts"` // tries of a request at most; 0: not said, 1: none again
	// Backoff is the pause before the second try; each one after it is twice as
	// long, up to 32 times the first. Zero: at once.
	Backoff time.Duration `json:"backoff"`
	// Jitter is the share of each pause that is drawn, from 0 to 1.
	Jitter float64 `json:"jitter"`
	// Budget is how many tries again the crowd has for each of its requests, on
	// average. Zero: no limit.
	Budget        float64 `json:"budget"`
	NewConnection bool    `json:"new_connection"` // each try again opens a connection of its own
	RetryAfter    bool    `json:"retry_after"`    // what the service asks for is honoured
}

// Refresh is how people who wait press again.
type Refresh struct {
	// After is how long an answer is awaited before it is given up and pressed for
	// again, until the timeout is over. Zero: not said, or never.
	After time.Duration `json:"after"`
}

// The retries that have a name.
var (
	// NoRetries take the first failure for an answer.
	NoRetries = Retries{Attempts: 1}
	// NaiveRetries are those of a loop that somebody wrote around a call.
	NaiveRetries = Retries{Attempts: 5, NewConnection: true}
	// PoliteRetries are as Google's SRE book, Finagle and the AWS SDKs have them: a
	// budget of 10 % and full jitter.
	PoliteRetries = Retries{Attempts: 3, Backoff: 200 * time.Millisecond, Jitter: 1, Budget: 0.1, RetryAfter: true}
)

// What clients may do at most.
const (
	MaxTries   = 100       // of a request
	MaxBackoff = time.Hour // before the second try
	MaxBudget  = 100       // tries again for each request
)

// mostDoublings is how often the pause between tries is doubled: 32 times.
const mostDoublings = 5

// Pause is how long is waited after try number attempt, the first being 1, before
// the next. Of the pause, which doubles with each try up to 32 times Backoff, the
// share that Jitter says is drawn: draw is from 0 up to 1.
func (r Retries) Pause(attempt int, draw float64) time.Duration {
	if attempt < 1 {
		return 0
	}
	longest := r.Backoff << min(attempt-1, mostDoublings)
	return longest - time.Duration(r.Jitter*(1-draw)*float64(longest))
}

// Or is c with what it does not say taken from outer.
func (c Clients) Or(outer Clients) Clients {
	return Clients{
		Timeout: cmp.Or(c.Timeout, outer.Timeout),
		Retries: cmp.Or(c.Retries, outer.Retries),
		Refresh: cmp.Or(c.Refresh, outer.Refresh),
	}
}

// Patience is how long one request can take at most: all its tries, and the pauses
// between them.
func (c Clients) Patience() time.Duration {
	tries := max(1, c.Retries.Attempts)
	patience := time.Duration(tries) * c.Timeout
	for try := 1; try < tries; try++ {
		pause := c.Retries.Pause(try, 1)
		if c.Retries.RetryAfter {
			pause = max(pause, c.Timeout) // nobody waits for longer than for an answer
		}
		patience += pause
	}
	return patience
}

// ClientsOf is how the people of a crowd wait and try again, where outer is what
// holds if nobody says.
func (s *Scenario) ClientsOf(crowd int, outer Clients) Clients {
	return s.Crowds[crowd].Clients.Or(s.Clients).Or(outer)
}

// Validate returns what is wrong with clients that stand in file under key. What
// they do not say is not missing.
func (c Clients) Validate(file, key string) Mistakes {
	var found Mistakes
	add := func(at, format string, args ...any) {
		found = append(found, Mistake{file, key + at, fmt.Sprintf(format, args...)})
	}
	if c.Timeout < 0 || c.Timeout > MaxDuration {
		add(".timeout", "%s: want a duration above zero and up to %s, such as 5s", c.Timeout, durationText(MaxDuration))
	}
	if after := c.Refresh.After; c.Refresh != (Refresh{}) && (after < time.Millisecond || after > MaxDuration) {
		add(".refresh.after", "%s: want 1ms to %s, such as 3s", after, durationText(MaxDuration))
	} else if after > 0 && c.Timeout > 0 && after >= c.Timeout {
		add(".refresh.after", "%s: want less than the timeout, %s", after, durationText(c.Timeout))
	}
	r := c.Retries
	if r == (Retries{}) {
		return found
	}
	if r.Attempts < 1 || r.Attempts > MaxTries {
		add(".retries.attempts", "%d: want 1 to %d tries; 1 is none again", r.Attempts, MaxTries)
	}
	if r.Backoff < 0 || r.Backoff > MaxBackoff {
		add(".retries.backoff", "%s: want a duration up to %s, such as 100ms", r.Backoff, durationText(MaxBackoff))
	}
	if !(r.Jitter >= 0 && r.Jitter <= 1) {
		add(".retries.jitter", "%v: want a share from 0 to 1, such as 0.5 or 50%%", r.Jitter)
	}
	if !(r.Budget >= 0 && r.Budget <= MaxBudget) {
		add(".retries.budget", "%v: want 0 to %d tries again for each request, such as 0.1 or 10%%", r.Budget, MaxBudget)
	}
	return found
}

// clients looks through how the people of the scenario and of its crowds wait.
// Where both are in order, they must be together.
func (v *validation) clients() {
	outer := v.s.Clients.Validate(v.file, "clients")
	v.found = append(v.found, outer...)
	for i, c := range v.s.Crowds {
		key := fmt.Sprintf("crowds[%d].clients", i)
		found := c.Clients.Validate(v.file, key)
		if len(found)+len(outer) == 0 && c.Clients != (Clients{}) {
			found = c.Clients.Or(v.s.Clients).Validate(v.file, key)
		}
		v.found = append(v.found, found...)
	}
}
