package scenarios

import (
	"cmp"
	"encoding/json"
	"fmt"
	"time"
)

// An Intervention is what a play may do about a service that does not come back:
// lower the load until what is left of it is served well, and bring it back. The
// zero value allows none.
type Intervention struct {
	Load float64       `json:"load"` // the share of the load that goes on, such as 1%; zero: none is allowed
	Most time.Duration `json:"most"` // how long it lasts at most; zero: 5m
}

// MaxIntervention is the greatest share of the load that still is a lowered one.
const MaxIntervention = 0.5

// Lasts is how long the intervention lasts at most.
func (i Intervention) Lasts() time.Duration { return cmp.Or(i.Most, 5*time.Minute) }

func (*Intervention) shares() []string { return []string{"load"} }

// interventionJSON is an Intervention as it is written.
type interventionJSON struct {
	Load float64 `json:"load"`
	Most span    `json:"most,omitzero"`
}

// MarshalJSON writes the duration as text, such as "5m".
func (i Intervention) MarshalJSON() ([]byte, error) {
	return json.Marshal(interventionJSON{i.Load, span(i.Most)})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (i *Intervention) UnmarshalJSON(data []byte) error {
	var j interventionJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	*i = Intervention{j.Load, time.Duration(j.Most)}
	return nil
}

func (v *validation) intervention() {
	i := v.s.Intervention
	if i == (Intervention{}) {
		return
	}
	if !(i.Load >= MinMultiple && i.Load <= MaxIntervention) {
		v.add("intervention.load", fmt.Sprintf("%v: want a share of the load above 0 and up to 0.5, such as 1%%", i.Load))
	}
	if i.Most != 0 && (i.Most < time.Second || i.Most > MaxDuration) {
		v.add("intervention.most", fmt.Sprintf("%s: want 1s to %s, such as 5m", i.Most, durationText(MaxDuration)))
	}
}
