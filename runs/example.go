package runs

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// An Example is one request that failed, for people to read: the counts of a run
// know causes alone.
type Example struct {
	Cause  string `json:"cause"`
	At     Span   `json:"at"` // when it was due, after the start
	Crowd  string `json:"crowd"`
	Action string `json:"action"`
	Status int    `json:"status,omitempty"` // of the answer; 0: there was none
	Says   string `json:"says,omitempty"`   // the error, or the beginning of the answer; see Line
	Trace  string `json:"trace,omitempty"`  // the trace id that it was sent with, 32 hexadecimal digits; empty: none
}

// maxSays is how many bytes of what was said are kept.
const maxSays = 200

// Line makes one line of at most 200 bytes of what a service said: spaces for
// white space, and U+FFFD for whatever cannot be printed, such as what would
// steer a terminal. A Line of a Line is the same.
func Line(said string) string {
	if len(said) > 8*maxSays {
		said = said[:8*maxSays] // nobody reads a megabyte to keep a line of it
	}
	var line strings.Builder
	for _, word := range strings.Fields(said) {
		if line.Len() > 0 {
			line.WriteByte(' ')
		}
		for _, r := range word {
			if !unicode.IsPrint(r) {
				r = utf8.RuneError
			}
			if line.Len()+utf8.RuneLen(r) > maxSays {
				return strings.TrimRight(line.String(), " ")
			}
			line.WriteRune(r)
		}
	}
	return strings.TrimRight(line.String(), " ")
}

// compare orders examples by cause, and those of a cause by which is kept.
func (e Example) compare(o Example) int {
	return cmp.Or(cmp.Compare(e.Cause, o.Cause), cmp.Compare(e.At, o.At), cmp.Compare(e.Crowd, o.Crowd),
		cmp.Compare(e.Action, o.Action), cmp.Compare(e.Says, o.Says), cmp.Compare(e.Status, o.Status), cmp.Compare(e.Trace, o.Trace))
}

// addExample keeps the first example of each cause.
func (r *Run) addExample(e Example) {
	e.Says = Line(e.Says)
	at, known := slices.BinarySearchFunc(r.Examples, e, func(a, b Example) int { return cmp.Compare(a.Cause, b.Cause) })
	switch {
	case !known:
		r.Examples = slices.Insert(r.Examples, at, e)
	case e.compare(r.Examples[at]) < 0:
		r.Examples[at] = e
	}
}
