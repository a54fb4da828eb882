package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gameday/freeze"
	"gameday/ready"
	"gameday/targets"
)

// frozenNow reads the lock, asks the targets what they run now, and holds one
// against the other.
func (c *Config) frozenNow(ctx context.Context, about []ready.Target) (map[string]ready.Frozen, map[string]ready.Now, error) {
	frozen, now := map[string]ready.Frozen{}, map[string]ready.Now{}
	lock, trouble := freeze.ReadLock(c.Freeze.Lock)
	for _, t := range about {
		was, locked := lock.Target(t.Name)
		switch {
		case trouble != nil:
			frozen[t.Name] = ready.Frozen{Trouble: fullStop(fmt.Sprintf("The lock cannot be read: %v", trouble))}
		case locked && was.URL != t.URL:
			frozen[t.Name] = ready.Frozen{Trouble: fmt.Sprintf("The lock was captured at %s, which is not where the target is.", was.URL)}
		case locked:
			frozen[t.Name] = ready.Frozen{Captured: was.At, Identity: was.Identity}
		}
	}
	if trouble != nil {
		return frozen, now, nil
	}
	seen := map[string]freeze.Seen{}
	for _, t := range c.Targets {
		for _, a := range about {
			if a.Name == t.Name {
				seen[t.Name] = c.look(ctx, t, lock.Captured)
			}
		}
	}
	v, err := freeze.Verify(lock, seen, c.rules(), time.Now())
	if err != nil {
		return nil, nil, err
	}
	for name, s := range seen {
		now[name] = nowOf(name, s, lock, v)
	}
	return frozen, now, nil
}

// nowOf is what the verification says about one target.
func nowOf(name string, s freeze.Seen, lock freeze.Lock, v freeze.Verification) ready.Now {
	n := ready.Now{At: v.At, Identity: freeze.Identity{}}
	for _, kind := range s.Identity.Kinds() {
		if s.Wrong[kind] == "" { // or the set may not be all there is
			n.Identity[kind] = s.Identity[kind]
		}
	}
	state, judged := freeze.Honoured, map[string]freeze.State{}
	why := map[freeze.State][]string{}
	for _, f := range v.Findings {
		if f.Target != name {
			continue
		}
		state = state.Worse(f.State)
		judged[f.Kind] = f.State
		why[f.State] = append(why[f.State], told(f))
	}
	if len(judged) == 0 {
		state = freeze.Unknown
	}
	was, _ := lock.Target(name)
	for _, kind := range was.Identity.Kinds() {
		if f, watched := judged[kind]; !watched || f == freeze.Exempted {
			n.Exempted = append(n.Exempted, kind)
		}
	}
	says := strings.Join(why[state], "; ")
	switch state {
	case freeze.Honoured:
		n.Honoured, n.Why = ready.Yes, "It runs what was frozen."
	case freeze.Exempted:
		n.Honoured, n.Why = ready.Yes, fullStop("An override allows what changed: "+says)
	case freeze.Violated:
		n.Honoured, n.Why = ready.Violated, fullStop("It changed since it was frozen: "+says)
	default:
		n.Why = fullStop("It cannot be told: " + says)
	}
	return n
}

// told is a finding in a few words.
func told(f freeze.Finding) string {
	parts := []string{f.Kind}
	for _, x := range []struct {
		verb string
		set  []string
	}{{"has", f.Added}, {"no longer has", f.Gone}, {"had for a while", f.Passed}} {
		if len(x.set) > 0 {
			parts = append(parts, x.verb+" "+shortened(strings.Join(x.set, ", ")))
		}
	}
	text := strings.Join(parts, " ")
	if f.Why != "" {
		text += ": " + f.Why
	}
	return text
}

// fullStop ends a sentence, unless it has an end.
func fullStop(s string) string {
	if strings.HasSuffix(s, ".") || strings.HasSuffix(s, "?") {
		return s
	}
	return s + "."
}

// look asks a target what it runs, and Prometheus servers what it has run since.
func (c *Config) look(ctx context.Context, t targets.Target, since time.Time) freeze.Seen {
	s := t.Sample(ctx, targets.Sampling{Agent: "gameday/" + version(), Times: lookTimes, Since: since})
	return freeze.Seen{Identity: s.Sets, Past: s.Past, Wrong: s.Wrong, Sources: s.Sources, Ahead: s.Ahead, Reach: c.reach(t)}
}

// lookTimes is how often a source is asked, so that a balancer shows who is behind it.
const lookTimes = 5
