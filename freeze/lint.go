package freeze

import (
	"fmt"
	"slices"
	"time"
)

// A Note is something about a window that its owner may not have meant.
type Note struct {
	Window  string `json:"window"`
	Warning bool   `json:"warning"` // probably not meant; otherwise good to know
	Says    string `json:"says"`
}

// Upcoming returns the first occurrences of w that end after an instant, at most
// so many, and how many there are within a year from it. A window that is written
// down is its own only occurrence, whenever it is.
func (w Window) Upcoming(at time.Time, most int) (first Calendar, all int, err error) {
	if w.Every == nil {
		return Calendar{w}, 1, nil
	}
	found, err := w.occurrences(at, at.Add(longest))
	if err != nil {
		return nil, 0, fmt.Errorf("the window %q: %w", w.Name, err)
	}
	return found[:min(most, len(found))], len(found), nil
}

// Lint returns what is remarkable about the windows in the year from an instant,
// window by window: those that are over, never come or never end, those that
// overlap, and what changes of the clock do to them. The calendar must be without
// mistakes.
func (c Calendar) Lint(at time.Time) ([]Note, error) {
	met, err := c.overlaps(at)
	if err != nil {
		return nil, err
	}
	var notes []Note
	for i, w := range c {
		found, all, err := w.Upcoming(at, maxNotes)
		if err != nil {
			return nil, err
		}
		l := &linter{window: w, at: at}
		l.whole(all)
		if w.Every != nil {
			if err := l.starts(); err != nil {
				return nil, err
			}
		}
		for _, o := range found {
			l.clock(o)
		}
		notes = append(append(notes, l.notes...), met[i]...)
	}
	return notes, nil
}

// maxNotes is how many occurrences of one window are looked at one by one.
const maxNotes = 400

// A linter collects what is to say about one window.
type linter struct {
	window Window
	at     time.Time
	notes  []Note
}

func (l *linter) say(warning bool, says string, args ...any) {
	l.notes = append(l.notes, Note{l.window.Name, warning, fmt.Sprintf(says, args...)})
}

// whole is about the window as a whole, which comes so often in the year.
func (l *linter) whole(times int) {
	switch w := l.window; {
	case w.Every == nil && !w.End.After(l.at):
		l.say(true, "it is over since %s: was another year meant?", Clock(w.End))
	case times == 0:
		l.say(true, "it does not come in the next year")
	case w.Every != nil:
		if end, err := (Calendar{w}).free(l.at, 0); err == nil && end.IsZero() {
			l.say(true, "it never ends in the next two years: each time lasts until the next")
		}
	}
}

// starts is about due times that the clock skips, or shows twice.
func (l *linter) starts() error {
	starts, err := l.window.Every.Starts(l.at, l.at.Add(longest))
	if err != nil {
		return fmt.Errorf("the window %q: %w", l.window.Name, err)
	}
	for _, s := range starts {
		switch {
		case s.Skipped:
			l.say(true, "it is due at %s, which the clock skips: it starts at %s", s.Due.Format(time.DateTime), Clock(s.At))
		case s.Twice && l.window.Every.Fold == "":
			l.say(true, "it is due at %s, which the clock shows twice: it starts at %s too; fold: first or second chooses one", s.Due.Format(time.DateTime), Clock(s.At))
		}
	}
	return nil
}

// clock is about a change of the clock during one occurrence.
func (l *linter) clock(o Window) {
	_, before := o.Start.Zone()
	_, after := o.End.Zone()
	if before == after {
		return
	}
	change := time.Duration(after-before) * time.Second
	lasts := o.End.Sub(o.Start)
	way := "forward"
	if change < 0 {
		way = "back"
	}
	l.say(false, "the clock goes %s by %s between %s and %s: it lasts %s, though the clock shows %s",
		way, span(change.Abs()), Clock(o.Start), Clock(o.End), span(lasts), span(lasts+change))
}

// span is a duration as people write it: 84h rather than 84h0m0s.
func span(d time.Duration) string {
	if d%time.Hour == 0 {
		return fmt.Sprintf("%dh", d/time.Hour)
	}
	return d.String()
}

// overlaps returns what to say about the overlaps of each window with itself and
// those after it, once for each pair, in the year from an instant.
func (c Calendar) overlaps(at time.Time) ([][]Note, error) {
	expanded := make([]Calendar, len(c))
	for i, w := range c {
		one, err := Calendar{w}.expand(at, at.Add(longest))
		if err != nil {
			return nil, err
		}
		slices.SortFunc(one, func(a, b Window) int { return a.Start.Compare(b.Start) })
		expanded[i] = one
	}
	notes := make([][]Note, len(c))
	for i := range c {
		for j := i; j < len(c); j++ {
			if from, to, ok := meeting(expanded[i], expanded[j], i == j); ok {
				other := fmt.Sprintf("%q", c[j].Name)
				if i == j {
					other = "itself"
				}
				notes[i] = append(notes[i], Note{c[i].Name, false, fmt.Sprintf("it overlaps %s from %s to %s: both must let a change through", other, Clock(from), Clock(to))})
			}
		}
	}
	return notes, nil
}

// meeting is the first time that two lists of windows have in common. Each is in
// the order of starts, and so of ends. A list does not meet itself in one and the
// same window.
func meeting(a, b Calendar, same bool) (from, to time.Time, ok bool) {
	over := 0 // how many of b are over before those of a that are left
	for i, x := range a {
		for over < len(b) && !b[over].End.After(x.Start) {
			over++
		}
		for j := over; j < len(b) && b[j].Start.Before(x.End); j++ {
			if same && i == j {
				continue
			}
			from, to = x.Start, x.End
			if y := b[j]; y.Start.After(from) {
				from = y.Start
			}
			if y := b[j]; y.End.Before(to) {
				to = y.End
			}
			return from, to, true
		}
	}
	return from, to, false
}
