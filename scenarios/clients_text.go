package scenarios

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// presets are the retries that have a name.
var presets = []struct {
	name    string
	retries Retries
}{
	{"none", NoRetries}, {"naive", NaiveRetries}, {"polite", PoliteRetries},
}

// UnmarshalText reads none, naive or polite.
func (r *Retries) UnmarshalText(text []byte) error {
	for _, p := range presets {
		if string(text) == p.name {
			*r = p.retries
			return nil
		}
	}
	return fmt.Errorf("%q: want none, naive or polite, or keys such as {attempts: 4, backoff: 100ms}", text)
}

// String is the name, or else the keys.
func (r Retries) String() string {
	for _, p := range presets {
		if r == p.retries {
			return p.name
		}
	}
	keys := []string{fmt.Sprintf("attempts: %d", r.Attempts)}
	if r.Backoff != 0 {
		keys = append(keys, "backoff: "+durationText(r.Backoff))
	}
	if r.Jitter != 0 {
		keys = append(keys, "jitter: "+formatNumber(r.Jitter))
	}
	if r.Budget != 0 {
		keys = append(keys, "budget: "+formatNumber(r.Budget))
	}
	if r.NewConnection {
		keys = append(keys, "new_connection: true")
	}
	if r.RetryAfter {
		keys = append(keys, "retry_after: true")
	}
	return "{" + strings.Join(keys, ", ") + "}"
}

func (*Retries) shares() []string { return []string{"jitter", "budget"} }

// retriesJSON is Retries as they are written.
type retriesJSON struct {
	Attempts      int     `json:"attempts"`
	Backoff       span    `json:"backoff,omitzero"`
	Jitter        float64 `json:"jitter,omitempty"`
	Budget        float64 `json:"budget,omitempty"`
	NewConnection bool    `json:"new_connection,omitempty"`
	RetryAfter    bool    `json:"retry_after,omitempty"`
}

// MarshalJSON writes the name where there is one.
func (r Retries) MarshalJSON() ([]byte, error) {
	for _, p := range presets {
		if r == p.retries {
			return json.Marshal(p.name)
		}
	}
	return json.Marshal(retriesJSON{r.Attempts, span(r.Backoff), r.Jitter, r.Budget, r.NewConnection, r.RetryAfter})
}

// UnmarshalJSON reads both forms.
func (r *Retries) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		return r.UnmarshalText([]byte(text))
	}
	var j retriesJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	*r = Retries{j.Attempts, time.Duration(j.Backoff), j.Jitter, j.Budget, j.NewConnection, j.RetryAfter}
	return nil
}

// clientsJSON is Clients as they are written: with durations as text.
type (
	clientsJSON struct {
		Timeout span        `json:"timeout,omitzero"`
		Retries Retries     `json:"retries,omitzero"`
		Refresh refreshJSON `json:"refresh,omitzero"`
	}
	refreshJSON struct {
		After span `json:"after"`
	}
)

// MarshalJSON writes durations as text, such as "5s".
func (c Clients) MarshalJSON() ([]byte, error) {
	return json.Marshal(clientsJSON{span(c.Timeout), c.Retries, refreshJSON{span(c.Refresh.After)}})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (c *Clients) UnmarshalJSON(data []byte) error {
	var j clientsJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	*c = Clients{time.Duration(j.Timeout), j.Retries, Refresh{time.Duration(j.Refresh.After)}}
	return nil
}
