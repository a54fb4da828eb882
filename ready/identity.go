package ready

import (
	"fmt"
	"slices"
	"strings"

	"gameday/freeze"
)

// frozen asks whether the freeze of a target is honoured.
func (d *decider) frozen(t Target) {
	q := Question{ID: freezeID(t.Name), About: "Freeze of " + t.Name, Asks: "Is it honoured?", Evidence: d.known.Lock}
	lock, locked := d.known.Frozen[t.Name]
	now, verified := d.known.Now[t.Name]
	switch {
	case verified && now.Honoured == Violated:
		q.Reply, q.At, q.Why = Violated, now.At, now.Why // whatever the lock says
	case !locked:
		q.Why = "The lock does not hold it, so nobody knows what is frozen."
	case lock.Trouble != "":
		q.Why = lock.Trouble
	case lock.Captured.IsZero():
		q.Why = "The lock does not say when it was captured."
	case !verified:
		q.At, q.Why = lock.Captured, "What it runs now was not asked."
	case now.At.IsZero() || d.future(now.At):
		q.At, q.Why = lock.Captured, "Nobody knows when it was asked what it runs."
	case now.Honoured == Yes:
		q.Reply, q.At, q.Why = Yes, lock.Captured, now.Why
	default:
		q.At, q.Why = lock.Captured, now.Why
	}
	d.ask(q)
}

// sameIdentity says whether a run was against what is frozen and runs now: for
// every kind that the lock holds, the same set of values in all three. What runs
// now may differ from what was frozen where it is exempted; what was rehearsed may
// never differ from what runs now.
func (d *decider) sameIdentity(t Target, run *Run) (Reply, string) {
	lock, locked := d.known.Frozen[t.Name]
	now, verified := d.known.Now[t.Name]
	switch {
	case !locked || lock.Trouble != "" || len(lock.Identity) == 0:
		return Unknown, "Nobody knows what is frozen."
	case !verified || len(now.Identity) == 0:
		return Unknown, "Nobody knows what runs now."
	}
	tested := identityOf(run)
	kinds := slices.DeleteFunc(lock.Identity.Kinds(), func(kind string) bool { return kind == freeze.Started })
	var missing []string
	for _, kind := range kinds {
		was, is, frozen := tested[kind], now.Identity[kind], lock.Identity[kind]
		for _, x := range []struct {
			set  []string
			lack string
		}{{was, "what was rehearsed"}, {is, "what runs now"}, {frozen, "what is frozen"}} {
			if len(x.set) == 0 {
				missing = append(missing, kind+" of "+x.lack)
			}
		}
		switch {
		case len(was) > 0 && len(is) > 0 && !slices.Equal(was, is):
			return No, fmt.Sprintf("Another %s was rehearsed, %s, than runs now, %s.", kind, set(was), set(is))
		case len(is) > 0 && len(frozen) > 0 && !slices.Equal(is, frozen) && !slices.Contains(now.Exempted, kind):
			return No, fmt.Sprintf("Another %s is frozen, %s, than runs now, %s.", kind, set(frozen), set(is))
		}
	}
	if len(missing) > 0 {
		return Unknown, "It is not known: " + strings.Join(missing, ", ") + "."
	}
	if len(kinds) == 0 {
		return Unknown, "Nobody knows what is frozen."
	}
	return Yes, "It was " + describe(now.Identity, kinds) + "."
}

// identityOf is what a run was against.
func identityOf(run *Run) freeze.Identity {
	all := freeze.Identity{}
	for kind, values := range run.Identity {
		for _, value := range values {
			if value != "" {
				all.Add(kind, value)
			}
		}
	}
	return all
}

func describe(i freeze.Identity, kinds []string) string {
	parts := make([]string, len(kinds))
	for n, kind := range kinds {
		parts[n] = kind + " " + set(i[kind])
	}
	return strings.Join(parts, ", ")
}

// set writes the values of a kind, each cut to the length of a short hash.
func set(values []string) string {
	short := make([]string, len(values))
	for i, v := range values {
		if runes := []rune(v); len(runes) > 24 {
			v = string(runes[:23]) + "…"
		}
		short[i] = v
	}
	return strings.Join(short, "+")
}
