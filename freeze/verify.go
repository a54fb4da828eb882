package freeze

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A State says whether one kind of a target's identity is still what it was. What
// is not known is not honoured: Unknown is the zero value.
type State int

const (
	Unknown  State = iota
	Honoured       // nothing has changed
	Exempted       // it has changed, and overrides allow exactly that
	Violated       // it has changed
)

// String returns the state's word, such as honoured.
func (s State) String() string {
	return [...]string{"unknown", "honoured", "exempted", "violated"}[s]
}

// MarshalText returns the state's word.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the state's word.
func (s *State) UnmarshalText(text []byte) error {
	for _, one := range []State{Unknown, Honoured, Exempted, Violated} {
		if one.String() == string(text) {
			*s = one
			return nil
		}
	}
	return fmt.Errorf("%q: want unknown, honoured, exempted or violated", text)
}

// Worse returns the state that decides: violated before unknown, that before
// exempted, and that before honoured.
func (s State) Worse(o State) State {
	order := [...]int{Honoured: 0, Exempted: 1, Unknown: 2, Violated: 3}
	if order[o] > order[s] {
		return o
	}
	return s
}

// Seen is what a target said about itself.
type Seen struct {
	Identity Identity          // every kind that was asked for
	Past     Identity          // what was there since the last time, where that is known
	Wrong    map[string]string // by kind: why the set is not all there is
	Sources  map[string]string // by kind: where it was read
	Ahead    time.Duration     // how far its clock is ahead of ours at least
	Reach    []string          // the labels by which windows reach it
}

// A Finding is the answer for one kind of one target.
type Finding struct {
	Target string   `json:"target"`
	Kind   string   `json:"kind"`
	State  State    `json:"state"`
	Added  []string `json:"added,omitempty"`  // runs now, and did not
	Gone   []string `json:"gone,omitempty"`   // ran, and does not now
	Passed []string `json:"passed,omitempty"` // was there in between, and is gone again
	Why    string   `json:"why,omitempty"`
}

// A Verification says whether a freeze is honoured.
type Verification struct {
	At       time.Time `json:"at"`
	State    State     `json:"state"` // the worst of the findings, unknown without any
	Findings []Finding `json:"findings"`
	Notes    []string  `json:"notes,omitempty"` // restarts, clocks
}

// Rules are the windows and what was exempted from them.
type Rules struct {
	Calendar  Calendar
	Overrides Overrides
	Reach     map[string][]string // by target: the labels by which windows reach it; for an Admission
}

// Verify compares what targets say about themselves, by name, with the lock. Each
// target in the lock or seen is judged, kind by kind; if every window in force for
// it says what to watch, by those kinds alone. Only a window in force can be
// overridden. The error is that of a calendar with mistakes.
func Verify(lock Lock, seen map[string]Seen, rules Rules, at time.Time) (Verification, error) {
	v := Verification{At: at, Findings: []Finding{}}
	var names []string
	for name := range seen {
		names = append(names, name)
	}
	for _, l := range lock.Targets {
		names = append(names, l.Target)
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		now, asked := seen[name]
		was, locked := lock.Target(name)
		if !asked || !locked {
			why := "the lock does not have it; capture again"
			if !asked {
				why = "the lock has it, and nobody asked it"
			}
			v.Findings = append(v.Findings, Finding{Target: name, Kind: "all", Why: why})
			continue
		}
		answer, err := rules.Calendar.For(now.Reach...).Check(at, 0)
		if err != nil {
			return Verification{}, err
		}
		j := judge{name, was, now, answer.Windows, rules.Overrides, at}
		for _, kind := range j.kinds() {
			v.Findings = append(v.Findings, j.decide(kind))
		}
		v.Notes = append(v.Notes, j.notes()...)
	}
	if len(v.Findings) > 0 {
		v.State = Honoured
	}
	for _, f := range v.Findings {
		v.State = v.State.Worse(f.State)
	}
	return v, nil
}

// Complete reports whether nothing is unknown.
func (v Verification) Complete() bool {
	return len(v.Findings) > 0 && !slices.ContainsFunc(v.Findings, func(f Finding) bool { return f.State == Unknown })
}

// A judge decides about one target.
type judge struct {
	name      string
	was       Locked
	now       Seen
	windows   []Window // in force
	overrides Overrides
	at        time.Time
}

// kinds are those that are judged: if a window watches everything, all.
func (j judge) kinds() []string {
	all := slices.Concat(j.was.Identity.Kinds(), j.now.Identity.Kinds())
	slices.Sort(all)
	all = slices.DeleteFunc(slices.Compact(all), func(k string) bool { return k == Started })
	var watched []string
	for _, w := range j.windows {
		if len(w.Watch) == 0 {
			return all
		}
		watched = append(watched, w.Watch...)
	}
	if len(j.windows) == 0 {
		return all
	}
	slices.Sort(watched)
	return slices.Compact(watched)
}

// decide answers for one kind.
func (j judge) decide(kind string) Finding {
	f := Finding{Target: j.name, Kind: kind}
	was, locked := j.was.Identity[kind]
	now, asked := j.now.Identity[kind]
	wrong := j.now.Wrong[kind]
	switch {
	case !locked || len(was) == 0:
		f.Why = "the lock does not have it; capture again"
		return f
	case !asked:
		f.Why = "the lock has it, and no source says it now"
		return f
	case j.was.Sources[kind] != j.now.Sources[kind]:
		f.Why = fmt.Sprintf("captured from %s, and now read from %s; capture again", j.was.Sources[kind], j.now.Sources[kind])
		return f
	}
	if wrong == "" && len(now) == 0 {
		wrong = "nothing was found"
	}
	f.Added = without(now, was)
	f.Passed = without(without(j.now.Past[kind], was), now)
	if wrong == "" { // or what is missing may only not have been met
		f.Gone = without(was, now)
	}
	changed := slices.Concat(f.Added, f.Passed)
	if len(changed) == 0 && len(f.Gone) > 0 {
		changed = now // what is left over must be allowed
	}
	by, allowed := j.allowed(kind, changed)
	switch {
	case len(changed) > 0 && !allowed:
		f.State, f.Why = Violated, wrong
	case wrong != "":
		f.Why = wrong
	case len(changed) > 0:
		f.State, f.Why = Exempted, by
	default:
		f.State = Honoured
	}
	return f
}

// allowed reports whether every one of the values is exempted, and by whom.
func (j judge) allowed(kind string, values []string) (by string, ok bool) {
	var all []string
	for _, v := range values {
		overrides, ok := j.overrides.Allows(j.windows, Allowed{Target: j.name, Kind: kind, Revision: v}, j.at)
		if !ok {
			return "", false
		}
		for _, o := range overrides {
			all = append(all, o.says())
		}
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), "; "), len(values) > 0
}

// says is why an override was given, by whom, and until when.
func (o Override) says() string {
	return fmt.Sprintf("%s (approved by %s, until %s)", o.Reason, o.ApprovedBy, o.Until.Format(time.RFC3339))
}

// clocksMayDiffer is how far clocks may be apart without a word.
const clocksMayDiffer = 2 * time.Second

// notes are what is said and not judged.
func (j judge) notes() []string {
	var notes []string
	if n := len(without(j.now.Identity[Started], j.was.Identity[Started])); n > 0 && len(j.was.Identity[Started]) > 0 {
		notes = append(notes, fmt.Sprintf("%s was started since the capture (%d start times are new); a restart is no change", j.name, n))
	}
	if d := j.now.Ahead; d.Abs() > clocksMayDiffer {
		than := "ahead of"
		if d < 0 {
			than = "behind"
		}
		notes = append(notes, fmt.Sprintf("the clock of %s is at least %s %s this one: windows begin and end by this one", j.name, d.Abs().Round(time.Second/10), than))
	}
	return notes
}
