package freeze

import (
	"regexp"
	"slices"
)

// labelShape is a label, as it stands in a scope or at a target.
var labelShape = regexp.MustCompile(`^[A-Za-z0-9_.-]+:[^\s,:][^\s,]*$`)

// Covers reports whether w is about something with these labels, such as
// target:staging and env:prod: whether any of them is in its scope, or the scope
// is empty. Nothing at all means that nobody said what is changed, and every
// window is about that.
func (w Window) Covers(labels ...string) bool {
	return len(w.Scope) == 0 || len(labels) == 0 || w.Names(labels...)
}

// Names reports whether any of the labels stands in w's scope.
func (w Window) Names(labels ...string) bool {
	return slices.ContainsFunc(labels, func(l string) bool { return slices.Contains(w.Scope, l) })
}

// For returns the windows that are about something with these labels.
func (c Calendar) For(labels ...string) Calendar {
	var covering Calendar
	for _, w := range c {
		if w.Covers(labels...) {
			covering = append(covering, w)
		}
	}
	return covering
}
