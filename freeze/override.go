package freeze

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// An Override lets one exact identity through one window at one target for a
// while. It stands for a decision that somebody took and answers for.
type Override struct {
	Window     string    `json:"window"`
	Reason     string    `json:"reason"`
	ApprovedBy string    `json:"approved_by"`
	From       time.Time `json:"from"`
	Until      time.Time `json:"until"` // its expiry; not included
	Allow      Allowed   `json:"allow"`
}

// Allowed is the only change that an Override is about.
type Allowed struct {
	Target   string `json:"target"`   // a target's name
	Kind     string `json:"kind"`     // of identity; empty: build
	Revision string `json:"revision"` // the identity's exact value, never a pattern
}

// kind is the kind of identity, build if none was said.
func (a Allowed) kind() string {
	if a.Kind == "" {
		return "build"
	}
	return a.Kind
}

// Overrides are all that were approved, in any order.
type Overrides []Override

// Allows reports whether the change to an exact identity at a target is exempted,
// at an instant, from every one of the windows, and by which overrides. They are
// the windows in force for that target, as [Answer] has them: one window without
// an override is enough to refuse, and without windows there is nothing to be
// exempted from, which is not allowed either.
func (o Overrides) Allows(windows []Window, change Allowed, at time.Time) (by []Override, ok bool) {
	for _, w := range windows {
		i := slices.IndexFunc(o, func(o Override) bool {
			return o.Window == w.Name && o.valid(at) && o.Allow.Target == change.Target &&
				o.Allow.kind() == change.kind() && o.Allow.Revision == change.Revision
		})
		if i < 0 {
			return nil, false
		}
		by = append(by, o[i])
	}
	return by, len(by) > 0
}

// valid reports whether o may be used at an instant.
func (o Override) valid(at time.Time) bool { return !at.Before(o.From) && at.Before(o.Until) }

// Validate returns every mistake in o, with keys such as overrides[0].until, and
// none if each names a window of the calendar, a reason, who approved it, its
// whole validity, which must meet the window, and the exact identity.
func (o Overrides) Validate(c Calendar) []Mistake {
	var found []Mistake
	for i, one := range o {
		for _, m := range one.validate(c) {
			found = append(found, Mistake{fmt.Sprintf("overrides[%d].%s", i, m.Key), m.Says})
		}
	}
	return found
}

func (o Override) validate(c Calendar) []Mistake {
	var found []Mistake
	for _, x := range []struct{ key, text, want string }{
		{"reason", o.Reason, "why the change cannot wait"},
		{"approved_by", o.ApprovedBy, "who answers for it"},
		{"allow.target", o.Allow.Target, "the name of the target that may change"},
		{"allow.revision", o.Allow.Revision, "the exact identity that may be deployed, such as a commit"},
	} {
		switch {
		case strings.TrimSpace(x.text) == "":
			found = append(found, Mistake{x.key, "missing: want " + x.want})
		case strings.ContainsAny(x.text, "\r\n"):
			found = append(found, Mistake{x.key, fmt.Sprintf("%q: want one line", x.text)})
		}
	}
	if strings.ContainsAny(o.Allow.Revision, "*?") {
		found = append(found, Mistake{"allow.revision", fmt.Sprintf("%q: want one exact identity, not a pattern", o.Allow.Revision)})
	}
	if !kindShape.MatchString(o.Allow.kind()) {
		found = append(found, Mistake{"allow.kind", fmt.Sprintf("%q: want a kind of identity, such as build, config or flags", o.Allow.Kind)})
	}
	for _, x := range []struct {
		key, why string
		t        time.Time
	}{{"from", "", o.From}, {"until", "; an override without an expiry is none", o.Until}} {
		if x.t.IsZero() {
			found = append(found, Mistake{x.key, "missing: want " + wanted + x.why})
		}
	}
	if !o.From.IsZero() && !o.Until.IsZero() && !o.Until.After(o.From) {
		found = append(found, Mistake{"until", fmt.Sprintf("%q is not after from %q", o.Until.Format(time.RFC3339), o.From.Format(time.RFC3339))})
	}
	return append(found, o.validateWindow(c, len(found) == 0)...)
}

// validateWindow returns what is wrong with the window that o names. Whether it is
// ever in force while o is valid can only be asked if o is in order so far.
func (o Override) validateWindow(c Calendar, inOrder bool) []Mistake {
	if o.Window == "" {
		return []Mistake{{"window", "missing: want the name of the window it is an exception from"}}
	}
	var named Calendar
	var names []string
	for _, w := range c {
		names = append(names, w.Name)
		if w.Name == o.Window && named == nil {
			named = Calendar{w}
		}
	}
	if named == nil {
		return []Mistake{{"window", fmt.Sprintf("there is no window %q; there are: %s", o.Window, strings.Join(names, ", "))}}
	}
	if !inOrder || len(named.Validate()) > 0 {
		return nil
	}
	met, err := named.expand(o.From, o.Until.Add(-1))
	switch {
	case err != nil:
		return []Mistake{{"until", err.Error()}}
	case len(met) == 0:
		return []Mistake{{"from", fmt.Sprintf("the window %q is never in force from then until %s", o.Window, o.Until.Format(time.RFC3339))}}
	}
	return nil
}

// An OverrideDraft is an override as people write it.
type OverrideDraft struct {
	Window     string  `json:"window"`
	Reason     string  `json:"reason"`
	ApprovedBy string  `json:"approved_by"`
	From       string  `json:"from"` // RFC 3339
	Until      string  `json:"until"`
	Allow      Allowed `json:"allow"`
}

// Override reads d. Missing times are left for [Overrides.Validate] to say.
func (d OverrideDraft) Override() (Override, []Mistake) {
	o := Override{Window: d.Window, Reason: d.Reason, ApprovedBy: d.ApprovedBy, Allow: d.Allow}
	r := &reader{}
	for _, x := range []struct {
		key, text string
		into      *time.Time
	}{{"from", d.From, &o.From}, {"until", d.Until, &o.Until}} {
		if x.text != "" {
			var err error
			*x.into, err = ParseInstant(x.text)
			r.wrong(x.key, err)
		}
	}
	return o, r.found
}
