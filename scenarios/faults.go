package scenarios

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"gameday/faults"
)

// MaxFaults is how many faults a scenario has at most.
const MaxFaults = 100

// A FaultSpan is a fault and when it is in force: from an instant until another,
// counted from the start of the play.
type FaultSpan struct {
	Fault faults.Fault
	From  time.Duration // the beginning of the first phase that names it
	Until time.Duration // the end of the last one in a row
}

// FaultPlan is when each fault is in force, by its beginning; those that begin
// together come in the order in which the phase names them. A fault that is named
// in neighbouring phases has one span over all of them.
func (s *Scenario) FaultPlan() []FaultSpan {
	var plan []FaultSpan
	open := map[string]int{} // where in the plan those of the phase before are
	var at time.Duration
	for _, p := range s.Phases {
		now := map[string]int{}
		for _, name := range p.Faults {
			i, goesOn := open[name]
			if !goesOn {
				i = len(plan)
				plan = append(plan, FaultSpan{Fault: s.fault(name), From: at})
			}
			plan[i].Until = at + p.For
			now[name] = i
		}
		open, at = now, at+p.For
	}
	slices.SortStableFunc(plan, func(a, b FaultSpan) int { return cmp.Compare(a.From, b.From) })
	return plan
}

// fault is the fault of that name, or one that has only the name.
func (s *Scenario) fault(name string) faults.Fault {
	for _, f := range s.Faults {
		if f.Name == name {
			return f
		}
	}
	return faults.Fault{Name: name}
}

// faults looks through the faults, and through who names them.
func (v *validation) faults() {
	if !v.atMost("faults", len(v.s.Faults), MaxFaults) {
		return
	}
	sound := true
	for i, f := range v.s.Faults {
		before := len(v.found)
		v.fault(fmt.Sprintf("faults[%d]", i), f, v.s.Faults[:i])
		sound = sound && len(v.found) == before
	}
	named := v.named()
	for i, f := range v.s.Faults {
		if f.Name != "" && !named[f.Name] {
			v.add(fmt.Sprintf("faults[%d]", i), fmt.Sprintf("%q: no phase names it; want it in the faults of those in which it is in force", f.Name))
		}
	}
	if sound {
		v.overlaps()
	}
}

// knobs looks through those with which the embedded service starts. Their names
// are its matter.
func (v *validation) knobs() {
	for _, name := range slices.Sorted(maps.Keys(v.s.Knobs)) {
		value := v.s.Knobs[name]
		if _, err := json.Marshal(value); err != nil || value == nil {
			v.add(under("knobs", name), "want a value: text, a number, true or false, or a list of texts")
		} else if says := cmp.Or(notJSON(reflect.ValueOf(name)), notJSON(reflect.ValueOf(v.s.Knobs).MapIndex(reflect.ValueOf(name)))); says != "" {
			v.add(under("knobs", name), says)
		}
	}
}

func (v *validation) fault(key string, f faults.Fault, before []faults.Fault) {
	for _, m := range f.Validate() {
		v.add(under(key, m.Key), m.Says)
	}
	if says := notJSON(reflect.ValueOf(f)); says != "" {
		v.add(key, says)
	}
	if f.Name != "" && slices.ContainsFunc(before, func(b faults.Fault) bool { return b.Name == f.Name }) {
		v.add(key+".name", fmt.Sprintf("%q: there is a fault of this name already", f.Name))
	}
}

// notJSON says what of a tree of values JSON could not write, or would read as
// something else.
func notJSON(value reflect.Value) string {
	says := ""
	switch value.Kind() {
	case reflect.Interface:
		if value = value.Elem(); value.CanInt() && abs(value.Int()) > 1<<53 || value.CanUint() && value.Uint() > 1<<53 {
			return fmt.Sprintf("%v: want a number of at most 2^53", value)
		}
		return notJSON(value)
	case reflect.String:
		if !utf8.ValidString(value.String()) {
			return fmt.Sprintf("%q: want text in UTF-8", value.String())
		}
	case reflect.Slice:
		for i := range value.Len() {
			says = cmp.Or(says, notJSON(value.Index(i)))
		}
	case reflect.Struct:
		for i := range value.NumField() {
			says = cmp.Or(says, notJSON(value.Field(i)))
		}
	case reflect.Map:
		for _, k := range sortedKeys(value) {
			says = cmp.Or(says, notJSON(k), notJSON(value.MapIndex(k)))
		}
	}
	return says
}

func abs(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// named are the faults that some phase names. Each must be there, and be named
// once a phase.
func (v *validation) named() map[string]bool {
	named := map[string]bool{}
	for i, p := range v.s.Phases[:min(len(v.s.Phases), MaxEntries)] {
		key := fmt.Sprintf("phases[%d].faults", i)
		if !v.atMost(key, len(p.Faults), MaxFaults) {
			continue
		}
		for k, name := range p.Faults {
			at := fmt.Sprintf("%s[%d]", key, k)
			if !slices.ContainsFunc(v.s.Faults, func(f faults.Fault) bool { return f.Name == name }) {
				v.add(at, fmt.Sprintf("%q: there is no fault of this name", name))
			} else if slices.Contains(p.Faults[:k], name) {
				v.add(at, fmt.Sprintf("%q stands there already", name))
			}
			named[name] = true
		}
	}
	return named
}

// overlaps finds the faults that cannot be in force in one phase.
func (v *validation) overlaps() {
	seen := map[[2]string]string{} // each pair is looked at once, in however many phases it is
	for i, p := range v.s.Phases[:min(len(v.s.Phases), MaxEntries)] {
		if len(p.Faults) > MaxFaults {
			continue
		}
		for k, name := range p.Faults {
			for _, other := range p.Faults[:k] {
				pair := [2]string{other, name}
				says, known := seen[pair]
				if !known && other != name {
					says = v.s.fault(other).Overlaps(v.s.fault(name))
					says = strings.Join(strings.Fields(says), " ") // names of knobs may be anything
				}
				if seen[pair] = says; says != "" {
					v.add(fmt.Sprintf("phases[%d].faults[%d]", i, k), says)
				}
			}
		}
	}
}
