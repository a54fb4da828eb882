package faults

import (
	"encoding/json"
	"fmt"
	"time"
)

// span is a duration as it is written: as text, such as "500ms".
type span time.Duration

func (s span) MarshalText() ([]byte, error) { return []byte(time.Duration(s).String()), nil }

func (s *span) UnmarshalText(text []byte) error {
	d, err := time.ParseDuration(string(text))
	if err != nil || d < 0 {
		return fmt.Errorf("%q: want a duration, such as 500ms", text)
	}
	*s = span(d)
	return nil
}

// plainFault is a Fault without its methods; faultJSON is it with its durations
// as text, which hide those of the plain one.
type (
	plainFault Fault
	faultJSON  struct {
		*plainFault
		Latency span `json:"latency,omitzero"`
		Jitter  span `json:"jitter,omitzero"`
		Timeout span `json:"timeout,omitzero"`
		Delay   span `json:"delay,omitzero"`
	}
	plainStep Step
	stepJSON  struct {
		*plainStep
		Within span `json:"within,omitzero"`
	}
)

// MarshalJSON writes durations as text, such as "500ms".
func (f Fault) MarshalJSON() ([]byte, error) {
	return json.Marshal(faultJSON{(*plainFault)(&f), span(f.Latency), span(f.Jitter), span(f.Timeout), span(f.Delay)})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (f *Fault) UnmarshalJSON(data []byte) error {
	*f = Fault{}
	j := faultJSON{plainFault: (*plainFault)(f)}
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	f.Latency, f.Jitter = time.Duration(j.Latency), time.Duration(j.Jitter)
	f.Timeout, f.Delay = time.Duration(j.Timeout), time.Duration(j.Delay)
	return nil
}

// MarshalJSON writes the time limit as text, such as "10s".
func (s Step) MarshalJSON() ([]byte, error) {
	return json.Marshal(stepJSON{(*plainStep)(&s), span(s.Within)})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (s *Step) UnmarshalJSON(data []byte) error {
	*s = Step{}
	j := stepJSON{plainStep: (*plainStep)(s)}
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	s.Within = time.Duration(j.Within)
	return nil
}
