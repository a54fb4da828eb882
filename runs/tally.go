package runs

import (
	"cmp"
	"slices"
	"time"
)

// A Tally is what the requests came to that one crowd's people meant for one
// action and that were due in one second of one phase.
//
// Tallies of the same requests add up to the same Tally in whatever order and
// grouping they are added, so it makes no difference how many workers counted.
type Tally struct {
	Phase  int    `json:"phase"`
	Second int    `json:"second"` // of due time, after the start
	Crowd  string `json:"crowd"`
	Action string `json:"action"`

	// Offered are all requests, each counted once however often it was tried.
	Offered uint64 `json:"offered"`
	// Good are those that succeeded within their latency promise.
	Good uint64 `json:"good"`
	// Failed are those that did not succeed, by normalised cause.
	Failed map[string]uint64 `json:"failed,omitempty"`
	// Attempts are tries; at least one for each request that was sent.
	Attempts uint64 `json:"attempts"`
	// Late are those that left over 10 ms late because the generator did not keep
	// up, Waited those that did because every place in flight was taken.
	Late   uint64 `json:"late,omitempty"`
	Waited uint64 `json:"waited,omitempty"`
	// Held were due too, but kept back while load was lowered on purpose. They are
	// not among the offered.
	Held uint64 `json:"held,omitempty"`
	// MaxLag is the greatest lag.
	MaxLag Span `json:"max_lag"`

	// Response is the time from when a request was due until its answer was read,
	// Service the time from when it was sent; both of those that succeeded.
	Response Histogram `json:"response"`
	Service  Histogram `json:"service"`
}

// Key is what a Tally is of.
type Key struct {
	Phase, Second int
	Crowd, Action string
}

// Key returns what t is of.
func (t *Tally) Key() Key { return Key{t.Phase, t.Second, t.Crowd, t.Action} }

func (k Key) compare(o Key) int {
	return cmp.Or(cmp.Compare(k.Phase, o.Phase), cmp.Compare(k.Second, o.Second),
		cmp.Compare(k.Crowd, o.Crowd), cmp.Compare(k.Action, o.Action))
}

// Merge adds what o counted. What the tallies are of does not matter.
func (t *Tally) Merge(o *Tally) {
	t.mergeCounts(o)
	t.Response.Merge(&o.Response)
	t.Service.Merge(&o.Service)
}

// mergeCounts adds all but the histograms.
func (t *Tally) mergeCounts(o *Tally) {
	t.Offered += o.Offered
	t.Good += o.Good
	for cause, n := range o.Failed {
		if t.Failed == nil {
			t.Failed = map[string]uint64{}
		}
		t.Failed[cause] += n
	}
	t.Attempts += o.Attempts
	t.Late += o.Late
	t.Waited += o.Waited
	t.Held += o.Held
	t.MaxLag = max(t.MaxLag, o.MaxLag)
}

// Failures is how many requests did not succeed.
func (t *Tally) Failures() uint64 {
	var n uint64
	for _, c := range t.Failed {
		n += c
	}
	return n
}

// An Entry is one line of a run's journal: the run as it began, or what was
// learned since the entry before. A Run is the sum of its entries.
type Entry struct {
	Run       *Run       `json:"run,omitempty"`
	Tallies   []Tally    `json:"tallies,omitempty"`
	Lags      []LagTally `json:"lags,omitempty"`
	Examples  []Example  `json:"examples,omitempty"` // of failures; the first of each cause is enough
	Marks     []Mark     `json:"marks,omitempty"`
	Witness   *Witness   `json:"witness,omitempty"`
	Generator *Generator `json:"generator,omitempty"` // replaces all but the lags
	End       *End       `json:"end,omitempty"`       // only in the last
}

// An End is what is known of a play once it is over.
type End struct {
	At       time.Time `json:"at"`
	Aborted  string    `json:"aborted,omitempty"` // why it ended early
	Schedule string    `json:"schedule"`          // hash
}

// Add adds an entry. It keeps e.Run's slices and maps, and copies the rest.
func (r *Run) Add(e *Entry) {
	if e.Run != nil {
		*r = *e.Run
	}
	for i := range e.Tallies {
		r.addTally(&e.Tallies[i])
	}
	for _, l := range e.Lags {
		r.Generator.addLag(l)
	}
	for _, x := range e.Examples {
		r.addExample(x)
	}
	r.Marks = append(r.Marks, e.Marks...)
	slices.SortStableFunc(r.Marks, func(a, b Mark) int { return cmp.Compare(a.At, b.At) })
	if e.Witness != nil {
		r.Witness.merge(e.Witness)
	}
	if e.End != nil {
		r.Ended, r.Aborted, r.Schedule = e.End.At, e.End.Aborted, e.End.Schedule
	}
	if e.Generator != nil {
		lags := r.Generator.Lags
		r.Generator = *e.Generator
		r.Generator.Lags = lags
	}
}

// addTally finds the tally's place from the end, where it nearly always is.
func (r *Run) addTally(t *Tally) {
	key := t.Key()
	i := len(r.Tallies)
	for i > 0 && r.Tallies[i-1].Key().compare(key) > 0 {
		i--
	}
	if i == 0 || r.Tallies[i-1].Key() != key {
		empty := Tally{Phase: t.Phase, Second: t.Second, Crowd: t.Crowd, Action: t.Action}
		r.Tallies = slices.Insert(r.Tallies, i, empty)
		i++
	}
	r.Tallies[i-1].Merge(t)
}

func (g *Generator) addLag(l LagTally) {
	at, found := slices.BinarySearchFunc(g.Lags, l, func(a, b LagTally) int {
		return cmp.Or(cmp.Compare(a.Phase, b.Phase), cmp.Compare(a.Crowd, b.Crowd))
	})
	if !found {
		g.Lags = slices.Insert(g.Lags, at, LagTally{Phase: l.Phase, Crowd: l.Crowd})
	}
	g.Lags[at].Lag.Merge(&l.Lag)
}

func (w *Witness) merge(o *Witness) {
	if o.Absent != "" {
		w.Absent = o.Absent
	}
	w.Posts += o.Posts
	w.Seen += o.Seen
	w.Failed += o.Failed
	w.Lied += o.Lied
	for _, lie := range o.Lies {
		if len(w.Lies) < maxLies {
			w.Lies = append(w.Lies, lie)
		}
	}
	for i := range o.Fresh {
		if i == len(w.Fresh) {
			w.Fresh = append(w.Fresh, Histogram{})
		}
		w.Fresh[i].Merge(&o.Fresh[i])
	}
}
