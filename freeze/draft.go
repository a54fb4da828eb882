package freeze

import (
	"fmt"
	"time"
)

// A Draft is a window as people write it: with Start and End, with Start and For,
// or with Cron, Zone and For.
type Draft struct {
	Name  string        `json:"name"`
	Level Level         `json:"level"`
	Start string        `json:"start"` // RFC 3339, or a local time in Zone
	End   string        `json:"end"`   // likewise
	Zone  string        `json:"zone"`  // an IANA time zone, also for showing
	Fold  Fold          `json:"fold"`  // of local times that come twice
	For   time.Duration `json:"for"`   // elapsed, not by the clock
	Cron  string        `json:"cron"`
	Scope []string      `json:"scope"`
	Watch []string      `json:"watch"`
}

// Window reads d, and returns every mistake in it, with keys such as end. Where
// there are mistakes the window must not be used.
func (d Draft) Window() (Window, []Mistake) {
	w := Window{Name: d.Name, Level: d.Level, Scope: d.Scope, Watch: d.Watch}
	r := &reader{}
	if d.Zone != "" {
		var err error
		r.zone, err = LoadZone(d.Zone)
		r.wrong("zone", err)
	}
	if d.Fold != "" && d.Fold != FoldFirst && d.Fold != FoldSecond {
		r.wrong("fold", fmt.Errorf("%q is unknown: want %s or %s", d.Fold, FoldFirst, FoldSecond))
	}
	if d.Cron != "" {
		w.Every = &Recurrence{d.Cron, r.zone, d.For, d.Fold}
		for _, x := range []struct{ key, text string }{{"start", d.Start}, {"end", d.End}} {
			if x.text != "" {
				r.wrong(x.key, fmt.Errorf("%q stands beside cron: want one or the other", x.text))
			}
		}
	} else {
		d.span(r, &w)
	}
	for _, m := range w.Validate() {
		if !r.has(m.Key) {
			r.found = append(r.found, m)
		}
	}
	return w, r.found
}

// span reads start, end and for.
func (d Draft) span(r *reader, w *Window) {
	w.Start = r.instant("start", d.Start, d)
	w.End = r.instant("end", d.End, d)
	switch {
	case d.For == 0:
	case d.End != "":
		r.wrong("for", fmt.Errorf("%s stands beside end: want one or the other", d.For))
	case d.For < 0:
		r.wrong("for", fmt.Errorf("%s: want how long it lasts, above zero", d.For))
		r.skip("end")
	case w.Start.IsZero():
		r.skip("end")
	default:
		w.End = w.Start.Add(d.For)
	}
}

// A reader collects what is wrong with a draft.
type reader struct {
	zone   *time.Location // nil: none that could be read
	found  []Mistake
	silent []string // keys that follow from others that are wrong
}

func (r *reader) wrong(key string, err error) {
	if err != nil {
		r.found = append(r.found, Mistake{key, err.Error()})
	}
}

func (r *reader) skip(key string) { r.silent = append(r.silent, key) }

// has reports whether something was said about a key, or need not be.
func (r *reader) has(key string) bool {
	for _, m := range r.found {
		if m.Key == key {
			return true
		}
	}
	for _, k := range r.silent {
		if k == key {
			return true
		}
	}
	return false
}

// instant reads start or end.
func (r *reader) instant(key, text string, d Draft) time.Time {
	if text == "" {
		return time.Time{}
	}
	if t, err := ParseInstant(text); err == nil {
		return r.shown(key, text, t)
	}
	wall, err := parseLocal(text)
	switch {
	case err != nil:
		r.wrong(key, err)
	case d.Zone == "":
		r.wrong(key, fmt.Errorf("%q has neither an offset nor a zone: want %s", text, wantedLocal))
	case r.zone == nil || r.has("fold"):
		r.skip(key) // the zone or the fold is what is wrong
	default:
		t, err := resolve(wall, r.zone, d.Fold)
		r.wrong(key, err)
		return t
	}
	return time.Time{}
}

// shown is an instant in the zone in which people read it. An offset that this
// zone does not have then is a mistake: one of the two is not what was meant.
func (r *reader) shown(key, text string, t time.Time) time.Time {
	if r.zone == nil {
		return t
	}
	_, written := t.Zone()
	there := t.In(r.zone)
	if _, has := there.Zone(); has != written && t.Location() != time.UTC {
		r.wrong(key, fmt.Errorf("%q is not an offset that %s has then: want %s, or no zone", text, r.zone, there.Format(time.RFC3339)))
	}
	return there
}
