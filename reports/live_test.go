package reports

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"gameday/runs"

	"github.com/google/go-cmp/cmp"
)

// begun is a run as it is when it begins.
func begun(r *runs.Run) *runs.Run {
	b := *r
	b.Tallies, b.Examples, b.Marks, b.Findings, b.Recovery, b.RecoveryRules = nil, nil, nil, nil, nil, nil
	b.Ended, b.Aborted, b.Schedule, b.Verdict, b.Why = time.Time{}, "", "", runs.Unclear, ""
	b.Witness, b.Generator = runs.Witness{}, runs.Generator{}
	return &b
}

// entries cut a run into what a play would have learned of it every so many seconds:
// requests are counted when they are answered, some seconds after they were due,
// and those of one second at different times.
func entries(r *runs.Run, rng *rand.Rand, every int) []*runs.Entry {
	var all []*runs.Entry
	put := func(second int) *runs.Entry {
		at := second / every
		for len(all) <= at {
			all = append(all, &runs.Entry{})
		}
		return all[at]
	}
	for _, t := range r.Tallies {
		e := put(t.Second + rng.IntN(4))
		if t.Held > 0 && rng.IntN(2) == 0 { // what was held is known at once
			held := runs.Tally{Phase: t.Phase, Second: t.Second, Crowd: t.Crowd, Action: t.Action, Held: t.Held}
			t.Held = 0
			put(t.Second).Tallies = append(put(t.Second).Tallies, held)
		}
		e.Tallies = append(e.Tallies, t)
	}
	for _, m := range r.Marks {
		e := put(int(time.Duration(m.At) / time.Second))
		e.Marks = append(e.Marks, m)
	}
	for _, x := range r.Examples {
		e := put(int(time.Duration(x.At)/time.Second) + rng.IntN(3))
		e.Examples = append(e.Examples, x)
	}
	witness, generator := r.Witness, r.Generator
	generator.Lags = nil
	last := put(len(all) * every)
	last.Witness, last.Generator, last.Lags = &witness, &generator, r.Generator.Lags
	return all
}

// A follower is the page: it has a View, and puts into it what is new.
type follower struct {
	view  *View
	views int
	mores int
}

func (f *follower) take(t testing.TB, message []byte) {
	t.Helper()
	name, data, ok := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(string(message), "event: "), "\n\n"), "\ndata: ")
	if !ok || strings.Contains(data, "\n") {
		t.Fatalf("not an event: %.80q", message)
	}
	var v View
	if err := json.Unmarshal([]byte(data), &v); err != nil {
		t.Fatal(err)
	}
	switch name {
	case "view":
		f.view, f.views = &v, f.views+1
	case "more":
		f.mores++
		f.add(&v)
	default:
		t.Fatalf("unknown event %q", name)
	}
}

// add puts what is new into the View.
func (f *follower) add(v *View) {
	for i := range v.Series {
		to, from := &f.view.Series[i], &v.Series[i]
		to.All = from.All
		for c, column := range from.counts() {
			replace(to.counts()[c], *column, v.Bins, 0)
		}
		for c, column := range from.times() {
			replace(to.times()[c], *column, v.Bins, float64(missing))
		}
	}
	replace(&f.view.Heat.Rows, v.Heat.Rows, v.Bins, heatRow{})
	f.view.Heat.First, f.view.Heat.Bounds = v.Heat.First, v.Heat.Bounds
	for i := range v.Causes {
		v.Causes[i].PerBin = f.perBin(&v.Causes[i])
	}
	f.view.Causes, f.view.Bands, f.view.Marks = v.Causes, v.Bands, v.Marks
	f.view.Witness, f.view.Generator, f.view.At, f.view.Now, f.view.Sections = v.Witness, v.Generator, v.At, v.Now, v.Sections
}

// perBin are the bins of a cause, with the new counts in place of the old.
func (f *follower) perBin(more *viewCause) tallied {
	bins := make([]uint64, len(f.view.Series[0].Offered))
	set := func(pairs tallied) {
		for i := 0; i < len(pairs); i += 2 {
			bins[pairs[i]] = pairs[i+1]
		}
	}
	for _, c := range f.view.Causes {
		if c.Cause == more.Cause {
			set(c.PerBin)
		}
	}
	set(more.PerBin)
	all := tallied{}
	for bin, n := range bins {
		if n > 0 {
			all = append(all, uint64(bin), n)
		}
	}
	return all
}

func replace[C ~[]V, V any](column *C, values C, bins []int, none V) {
	for i, bin := range bins {
		for len(*column) <= bin {
			*column = append(*column, none)
		}
		(*column)[bin] = values[i]
	}
}

// drawn is what a View draws, as JSON.
func drawn(t testing.TB, v *View) string {
	t.Helper()
	data := encode(t, map[string]any{
		"step": v.Step, "lasts": v.Lasts, "series": v.Series, "heat": v.Heat, "causes": v.Causes, "bands": v.Bands, "marks": v.Marks,
		"witness": v.Witness, "generator": v.Generator, "wanted": v.Wanted, "phases": v.Phases, "command": v.Command,
	})
	var out bytes.Buffer
	if err := json.Indent(&out, data, "", " "); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// What Live shows of a play is what the page of its journal shows, and so is what
// somebody has who was told only what was new.
func TestLiveIsTheRecord(t *testing.T) {
	nights := []wideNight{
		{long: 12, short: 5}, {long: 20, short: 8, fault: true, lowered: true}, {long: 400, short: 40, fault: true, lowered: true},
	}
	for i, n := range nights {
		rng := rand.New(rand.NewPCG(uint64(i), 7))
		r := n.play(t)
		all := entries(r, rng, 1+30*(i/2)) // the last has bins of two seconds
		l := NewLive("")
		l.viewers = 1 // so that messages are made
		begin := begun(r)
		var journal bytes.Buffer
		if err := (&runs.Entry{Run: begin}).Write(&journal); err != nil {
			t.Fatal(err)
		}
		l.Begin(begin)
		var f follower
		f.take(t, l.told.view())
		for second, e := range all {
			if err := e.Write(&journal); err != nil {
				t.Fatal(err)
			}
			l.Observe(Moment{At: time.Duration(second+1) * time.Second, Rates: []float64{100, 10, 30}, InFlight: 3, Entry: e})
			f.take(t, l.told.more())
		}
		read, err := runs.ReadJournal(&journal)
		if err != nil {
			t.Fatal(err)
		}
		want := drawn(t, NewView(read))
		var whole follower
		whole.take(t, l.told.view())
		if got := drawn(t, whole.view); got != want {
			t.Errorf("night %d: the live View differs from that of the journal (-journal +live):\n%s", i, cmp.Diff(want, got))
		}
		if !bytes.Equal(encode(t, whole.view), encode(t, f.view)) {
			t.Errorf("night %d: what was new adds up to another View (-whole +added up):\n%s", i, cmp.Diff(drawn(t, whole.view), drawn(t, f.view)))
		}
		l.End(r)
		whole.take(t, l.told.view())
		if want, got := encode(t, NewView(r)), encode(t, whole.view); !bytes.Equal(want, got) {
			t.Errorf("night %d: in the end it is not the View of the record:\n%s", i, cmp.Diff(string(want), string(got)))
		}
	}
}

// The play may go on changing what it showed.
func TestLiveKeepsNothing(t *testing.T) {
	r := wideNight{long: 10, short: 5, fault: true}.play(t)
	l := NewLive("")
	l.viewers = 1
	begin := begun(r)
	l.Begin(begin)
	for second, e := range entries(r, rand.New(rand.NewPCG(1, 1)), 1) {
		l.Observe(Moment{At: time.Duration(second) * time.Second, Entry: e, Faults: []string{"slow-store"}})
		begin.Add(e)
		before := string(l.told.more())
		for i := range e.Tallies {
			e.Tallies[i] = runs.Tally{Failed: map[string]uint64{"none of it": 1}}
		}
		for i := range e.Marks {
			e.Marks[i].Text = "changed"
		}
		if strings.Contains(before+string(l.told.view()), "none of it") {
			t.Fatal("the live View shows what the play changed afterwards")
		}
	}
	if text := string(l.told.view()); strings.Contains(text, `"changed"`) || !strings.Contains(text, `"faults":["slow-store"]`) {
		t.Errorf("the live View shows %.400s", text)
	}
}

// A Live that nothing is played on copes, as with what no play would do.
func TestLiveBeforeAndAfter(t *testing.T) {
	l := NewLive("")
	l.Observe(Moment{Entry: &runs.Entry{}})
	if l.told != nil {
		t.Error("a moment of no play is told")
	}
	for name, r := range all(t) {
		l.viewers = 1
		l.Begin(r)
		var f follower
		f.take(t, l.told.view())
		l.Observe(Moment{At: -5, Entry: &runs.Entry{Tallies: []runs.Tally{{Second: -1}, {Second: 1 << 62}, {Phase: -1, Crowd: nasty, Offered: 1}}}})
		l.Observe(Moment{At: 1 << 62, Rates: []float64{1e300, 1e300}})
		f.take(t, l.told.more())
		before := l.told
		l.End(r)
		if text := before.view(); text != nil {
			t.Errorf("%s: a View of the play is shown after its end: %.80s", name, text)
		}
		f.take(t, l.told.view())
		l.Observe(Moment{})
	}
}
