package faults

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Fault is what is broken, as a scenario writes it. Only the keys of its kind
// may be there; the zero value has mistakes.
type Fault struct {
	Name string `json:"name"`
	Kind string `json:"kind"`         // link, toxiproxy, process, service, command or http
	On   string `json:"on,omitempty"` // the link, the proxy or the process, by its name

	// Of a link or a toxiproxy: what Toxiproxy calls a toxic, in its words.
	Toxic         string        `json:"toxic,omitempty"`
	Stream        string        `json:"stream,omitempty"`         // upstream, or downstream where left out
	Toxicity      Share         `json:"toxicity,omitempty"`       // of the connections; all where left out
	Latency       time.Duration `json:"latency,omitempty"`        // added to what passes
	Jitter        time.Duration `json:"jitter,omitempty"`         // more or less of it, at most
	Rate          int64         `json:"rate,omitempty"`           // of bandwidth, in KB/s of 1000 bytes
	Timeout       time.Duration `json:"timeout,omitempty"`        // until the connection is closed or reset; 0: never, or at once
	Delay         time.Duration `json:"delay,omitempty"`          // of slow_close, or between the slices of slicer
	AverageSize   int64         `json:"average_size,omitempty"`   // of a slice, in bytes
	SizeVariation int64         `json:"size_variation,omitempty"` // more or less of it, at most
	Bytes         int64         `json:"bytes,omitempty"`          // of limit_data: after these the connection is closed

	// Of a process: pause, kill or restart. Of a service: flush, wipe or cut.
	Do     string         `json:"do,omitempty"`
	Knobs  map[string]any `json:"knobs,omitempty"`  // of a service, by name
	Shards []int          `json:"shards,omitempty"` // to flush; all where left out
	As     string         `json:"as,omitempty"`     // what a wipe leaves: lost, or zeros

	// Of a command or http.
	Inject  Step `json:"inject,omitzero"`
	Confirm Step `json:"confirm,omitzero"`
	Mend    Step `json:"mend,omitzero"`
}

// A Share is a part of all: "10%", or 0.1. The zero value is all of them.
type Share float64

// UnmarshalText reads "10%" or "0.1".
func (s *Share) UnmarshalText(text []byte) error {
	number, percent := strings.CutSuffix(string(text), "%")
	v, err := strconv.ParseFloat(number, 64)
	if percent {
		v /= 100
	}
	if err != nil || strings.Trim(number, "0123456789.") != "" || !(v > 0 && v <= 1) {
		return fmt.Errorf("%q: want a share above 0 and at most 1, such as 0.1 or 10%%", text)
	}
	*s = Share(v)
	return nil
}

// MarshalText writes the share as a number.
func (s Share) MarshalText() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(s), 'f', -1, 64), nil
}

// of is the share as a number above 0, at most 1.
func (s Share) of() float64 {
	if s == 0 {
		return 1
	}
	return float64(s)
}

var namePattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)

// maxDuration is more than any fault lasts.
const maxDuration = 24 * time.Hour

// Validate returns everything that is wrong with f by itself. Whether the target
// has what it breaks, [Fault.Fits] says.
func (f Fault) Validate() []Mistake {
	var found []Mistake
	if !namePattern.MatchString(f.Name) {
		found = append(found, Mistake{"name", fmt.Sprintf("%q: want a letter, then letters, digits, - or _", f.Name)})
	}
	k, known := kindOf(f.Kind)
	if !known {
		return append(found, Mistake{"kind", fmt.Sprintf("%q: want one of %s", f.Kind, strings.Join(Kinds(), ", "))})
	}
	found = append(found, f.strangers(k)...)
	return append(found, k.wrong(f)...)
}

// strangers are the keys of other kinds, and durations out of bounds.
func (f Fault) strangers(k kind) []Mistake {
	var found []Mistake
	keys := append([]string{"name", "kind"}, k.keys(f)...)
	values := reflect.ValueOf(f)
	for i := range values.NumField() {
		key, _, _ := strings.Cut(values.Type().Field(i).Tag.Get("json"), ",")
		if value := values.Field(i); !slices.Contains(keys, key) {
			if !value.IsZero() {
				found = append(found, Mistake{key, fmt.Sprintf("does not go with this fault, of which the keys are %s", strings.Join(keys, ", "))})
			}
		} else if d, ok := value.Interface().(time.Duration); ok && (d < 0 || d > maxDuration) {
			found = append(found, Mistake{key, fmt.Sprintf("%s: want 0s to 24h", d)})
		} else if s, ok := value.Interface().(Share); ok && !(s >= 0 && s <= 1) {
			found = append(found, Mistake{key, fmt.Sprintf("%v: want a share above 0 and at most 1", float64(s))})
		} else if value.CanInt() && value.Int() < 0 && !ok {
			found = append(found, Mistake{key, fmt.Sprintf("%d: want no less than 0", value.Int())})
		} else if value.CanInt() && value.Int() > math.MaxInt32 && value.Type() == reflect.TypeFor[int64]() {
			found = append(found, Mistake{key, fmt.Sprintf("%d: want at most %d", value.Int(), math.MaxInt32)})
		}
	}
	return found
}

// Fits returns what f wants and site has not.
func (f Fault) Fits(site Site) []Mistake {
	if k, known := kindOf(f.Kind); known {
		return k.fits(f, site)
	}
	return nil
}

// Same reports whether f and g are one fault, named twice.
func (f Fault) Same(g Fault) bool {
	a, errA := json.Marshal(f)
	b, errB := json.Marshal(g)
	return errA == nil && errB == nil && string(a) == string(b)
}

// Overlaps says in one sentence why f and g cannot be in force at the same time,
// and nothing if they can or are the same fault.
func (f Fault) Overlaps(g Fault) string {
	if f.Same(g) {
		return ""
	}
	if f.Name == g.Name {
		return fmt.Sprintf("%s is there with other values already", f.Name)
	}
	k, known := kindOf(f.Kind)
	if !known || f.Kind != g.Kind {
		return ""
	}
	taken := k.places(g)
	for _, place := range k.places(f) {
		if slices.Contains(taken, place) {
			return fmt.Sprintf("%s and %s both break %s", f.Name, g.Name, place)
		}
	}
	return ""
}

// ownPlace is the place of faults of which only their owners know what they break.
func ownPlace(Fault) []string { return nil }

// anySite is for faults that want nothing of the site.
func anySite(Fault, Site) []Mistake { return nil }
