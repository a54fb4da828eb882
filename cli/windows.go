package cli

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"gameday/freeze"
	"gameday/harness"
	"gameday/scenarios"
	"gameday/targets"
)

// validateFreeze reads the freeze windows and overrides and returns what is wrong
// with them. One that cannot be read is a mistake, never one less.
func (c *Config) validateFreeze(file string) scenarios.Mistakes {
	c.windows, c.overrides = nil, nil
	var found []freeze.Mistake
	for i, d := range c.Freeze.Windows {
		w, wrong := d.Window()
		c.windows = append(c.windows, w)
		for _, m := range append(wrong, c.strangers(w)...) {
			found = append(found, freeze.Mistake{Key: fmt.Sprintf("windows[%d].%s", i, m.Key), Says: m.Says})
		}
	}
	found = append(found, c.windows.ValidateNames()...)
	for i, d := range c.Freeze.Overrides {
		o, wrong := d.Override()
		c.overrides = append(c.overrides, o)
		for _, m := range wrong {
			found = append(found, freeze.Mistake{Key: fmt.Sprintf("overrides[%d].%s", i, m.Key), Says: m.Says})
		}
		if t := o.Allow.Target; t != "" && !c.knows(t) {
			found = append(found, freeze.Mistake{Key: fmt.Sprintf("overrides[%d].allow.target", i), Says: c.noTarget(t)})
		}
	}
	unread := len(found)
	for _, m := range c.overrides.Validate(c.windows) {
		if !slices.ContainsFunc(found[:unread], func(f freeze.Mistake) bool { return f.Key == m.Key }) {
			found = append(found, m)
		}
	}
	var all scenarios.Mistakes
	for _, m := range found {
		all = append(all, scenarios.Mistake{File: file, Key: "freeze." + m.Key, Says: m.Says})
	}
	return all
}

// strangers are the targets in a window's scope that are not there: a slip of the
// pen, which would leave a target without its freeze.
func (c *Config) strangers(w freeze.Window) []freeze.Mistake {
	var found []freeze.Mistake
	for i, l := range w.Scope {
		if name, ok := strings.CutPrefix(l, "target:"); ok && name != "" && !c.knows(name) {
			found = append(found, freeze.Mistake{Key: fmt.Sprintf("scope[%d]", i), Says: c.noTarget(name)})
		}
	}
	return found
}

// knows reports whether there is a target of that name.
func (c *Config) knows(name string) bool {
	return name == embedded || slices.ContainsFunc(c.Targets, func(t targets.Target) bool { return t.Name == name })
}

func (c *Config) noTarget(name string) string {
	known := []string{embedded}
	for _, t := range c.Targets {
		known = append(known, t.Name)
	}
	return fmt.Sprintf("there is no target %q; there are %s", name, strings.Join(known, ", "))
}

// reach are the labels by which freeze windows reach a target: its own, and those
// of every target in the configuration at the same address, so that nobody gets
// past a window by giving a URL for a name.
func (c *Config) reach(t targets.Target) []string {
	labels := t.Reach()
	for _, other := range c.Targets {
		if other.Name != t.Name && t.URL != "" && sameHost(t.URL, other.URL) {
			labels = append(labels, other.Reach()...)
		}
	}
	return labels
}

// sameHost reports whether two addresses lead to the same host and port.
func sameHost(a, b string) bool {
	x, errX := url.Parse(a)
	y, errY := url.Parse(b)
	return errX == nil && errY == nil && x.Scheme == y.Scheme && strings.EqualFold(x.Hostname(), y.Hostname()) && port(x) == port(y)
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	return map[string]string{"http": "80", "https": "443"}[u.Scheme]
}

// biting are the windows that forbid to rehearse against a target at an address:
// all that cover it; on loopback, where a rehearsal disturbs nobody, only those
// that name it or one of its labels.
func (c *Config) biting(t targets.Target, address string) freeze.Calendar {
	labels := c.reach(t)
	var windows freeze.Calendar
	for _, w := range c.windows.For(labels...) {
		if !onLoopback(address) || w.Names(labels...) {
			windows = append(windows, w)
		}
	}
	return windows
}

// onLoopback reports whether an address leads to this host.
func onLoopback(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	return harness.Loopback(u.Hostname())
}
