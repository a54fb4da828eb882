package reports

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"gameday/runs"
)

// Live shows a play while it goes on, to whoever looks: it is an http.Handler of
// the page of [HTML] at /, which follows the events of /events, and of the View at
// /view.json. It only shows: nothing that can be asked of it changes the play.
//
// What the play calls, Begin, Observe and End, never waits for a viewer. All of
// Live is safe for concurrent use. A server of it must not wait for the viewers
// when it shuts down, for they never leave; ending the context of their requests
// (http.Server.BaseContext) lets them go.
type Live struct {
	listen string

	mu      sync.Mutex
	told    *told
	changed chan struct{} // closed when there is news
	viewers int

	run     runs.Run // all but the tallies, which the drawing has
	drawing *drawing
	head    viewHead
	bands   []viewBand
	at      time.Duration
	now     viewNow
}

// A Moment is what a play came to since the moment before.
type Moment struct {
	At       time.Duration // after the start
	Rates    []float64     // requests a second that the schedule wants now, by crowd
	InFlight int
	Faults   []string    // in force, by name
	Held     bool        // load is lowered on purpose
	Entry    *runs.Entry // what is new; it is not kept
}

// told is what viewers were told last. Its messages are encoded by the first who
// needs them, for all.
type told struct {
	version uint64        // from 1 on
	view    func() []byte // the whole View, maybe newer than this
	more    func() []byte // what is new since the version before; nil: too much
	over    bool          // the play has ended
}

// NewLive returns a Live that nothing is played on yet. Viewers reach it by a name
// of the loopback, by the address of this host that they connected to, or by the
// host in listen, the address that it is served at; by no other name, so that no
// page from elsewhere can pretend to be of this host.
func NewLive(listen string) *Live {
	return &Live{listen: listen, changed: make(chan struct{})}
}

// Begin shows a play that begins. It keeps nothing of r that a play changes.
func (l *Live) Begin(r *runs.Run) {
	d := newDrawing(r)
	d.add(r.Tallies)
	run := *r
	run.Tallies = nil
	run.Marks, run.Examples = slices.Clone(r.Marks), slices.Clone(r.Examples)
	run.Witness.Fresh, run.Witness.Lies = slices.Clone(r.Witness.Fresh), slices.Clone(r.Witness.Lies)
	run.Generator.Lags = slices.Clone(r.Generator.Lags)
	bands := bandsOf(&run)

	l.mu.Lock()
	defer l.mu.Unlock()
	l.run, l.drawing, l.head, l.bands, l.at, l.now = run, d, headOf(r, d.bins), bands, 0, viewNow{}
	l.tell(&told{view: l.whole()})
}

// Observe shows a moment. Moments of a play that did not begin are not shown.
func (l *Live) Observe(m Moment) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.drawing == nil {
		return
	}
	var changed []int
	if m.Entry != nil {
		changed = l.drawing.add(m.Entry.Tallies)
		rest := *m.Entry
		rest.Run, rest.Tallies = nil, nil
		l.run.Add(&rest)
		if len(m.Entry.Marks) > 0 {
			l.bands = bandsOf(&l.run)
		}
	}
	l.at, l.now = m.At, viewNow{InFlight: m.InFlight, Held: m.Held, Phase: phaseName(&l.run, m.At)}
	for _, rate := range m.Rates {
		l.now.Wanted += amount(rate)
	}
	for _, f := range m.Faults {
		l.now.Faults = append(l.now.Faults, clean(f))
	}
	news := &told{view: l.whole()}
	if l.viewers > 0 {
		v := l.snapshot(append([]int{}, changed...))
		news.more = sync.OnceValue(func() []byte { return event("more", v) })
	}
	l.tell(news)
}

// End shows the record of the play that has ended, which does not change any more.
func (l *Live) End(r *runs.Run) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drawing = nil
	l.tell(&told{over: true, view: sync.OnceValue(func() []byte { return event("view", NewView(r)) })})
}

// phaseName is that of the phase in which a time lies; empty behind the last.
func phaseName(r *runs.Run, at time.Duration) string {
	for i := range r.Phases {
		if at < time.Duration(r.Phases[i].End) {
			return clean(r.Phases[i].Name)
		}
	}
	return ""
}

// tell lets viewers know. The caller holds the lock.
func (l *Live) tell(news *told) {
	news.version = 1
	if l.told != nil {
		news.version = l.told.version + 1
	}
	l.told = news
	close(l.changed)
	l.changed = make(chan struct{})
}

// whole encodes the whole View when the first viewer needs it. It may be newer
// than the version it is told with; what is told next then tells it again.
func (l *Live) whole() func() []byte {
	d := l.drawing
	return sync.OnceValue(func() []byte {
		l.mu.Lock()
		if l.drawing != d { // it is of a play before
			l.mu.Unlock()
			return nil
		}
		v := l.snapshot(nil)
		l.mu.Unlock()
		return event("view", v)
	})
}

// snapshot is a View of some bins, without what does not change, or of all. The
// caller holds the lock. The View shares nothing that changes.
func (l *Live) snapshot(only []int) *View {
	now := l.now
	v := &View{Schema: ViewSchema, Live: true, Now: &now}
	l.drawing.draw(v, only)
	v.addExamples(&l.run)
	v.At = min(inSeconds(l.at), v.Lasts)
	if only == nil {
		v.viewHead = l.head
		v.Promises, v.More = openPromises(&l.run)
	}
	v.tell(&l.run, l.bands)
	for _, s := range []section{eventSection(&l.run), witnessSection(&l.run)} {
		if !s.empty() {
			v.Sections = append(v.Sections, sectionView(s))
		}
	}
	return v
}

// openPromises are those of a run that nobody can judge yet.
func openPromises(r *runs.Run) (all []viewPromise, more int) {
	if r.Scenario == nil || len(r.Scenario.Phases) != len(r.Phases) {
		return nil, 0
	}
	for i := range r.Phases {
		for _, e := range r.Scenario.Expectations(i) {
			if len(all) == mostPromises {
				more++
				continue
			}
			all = append(all, viewPromise{Phase: clean(r.Phases[i].Name), Promise: clean(e.Subject()), Limit: clean(strings.TrimSpace(e.Compare + " " + e.LimitText()))})
		}
	}
	return all, more
}

// event is a message of a stream of events.
func event(name string, v *View) []byte {
	data, err := json.Marshal(v)
	if err != nil { // a View has nothing that cannot be encoded
		name, data = "error", []byte(`"the view cannot be encoded"`)
	}
	return fmt.Appendf(nil, "event: %s\ndata: %s\n\n", name, data)
}
