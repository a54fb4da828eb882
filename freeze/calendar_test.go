package freeze

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// instant reads an instant that the test itself wrote.
func instant(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := ParseInstant(s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// today reads a time of day in UTC, such as 12:30.
func today(t testing.TB, clock string) time.Time {
	t.Helper()
	return instant(t, "2027-02-14T"+clock+":00Z")
}

func window(t testing.TB, name string, level Level, start, end string) Window {
	t.Helper()
	return Window{Name: name, Level: level, Start: today(t, start), End: today(t, end)}
}

func TestCheck(t *testing.T) {
	noon := Calendar{window(t, "noon", "", "12:00", "13:00")}
	three := Calendar{ // noon and one touch, tea stands apart
		window(t, "tea", Feature, "15:00", "16:00"),
		window(t, "one", "", "13:00", "14:00"),
		window(t, "noon", Full, "12:00", "13:00"),
	}
	nested := Calendar{window(t, "day", Feature, "08:00", "20:00"), window(t, "game", Full, "12:00", "13:00")}
	for _, c := range []struct {
		name   string
		in     Calendar
		at     string
		runway time.Duration
		want   string
	}{
		{"no calendar", nil, "12:00", time.Hour, "not frozen"},
		{"empty calendar", Calendar{}, "12:00", 0, "not frozen"},
		{"before", noon, "11:59", 0, "not frozen"},
		{"at the start", noon, "12:00", 0, `frozen: "noon" (full) until 2027-02-14T13:00:00Z`},
		{"within", noon, "12:59", 0, `frozen: "noon" (full) until 2027-02-14T13:00:00Z`},
		{"half-open: at the end", noon, "13:00", 0, "not frozen"},
		{"half-open: at the end, with a runway", noon, "13:00", 24 * time.Hour, "not frozen"},
		{"open now, over before the runway is", noon, "12:30", 2 * time.Hour, `frozen: "noon" (full) until 2027-02-14T13:00:00Z`},
		{"opens and closes within the runway", noon, "11:00", 4 * time.Hour,
			`frozen: "noon" (full, from 2027-02-14T12:00:00Z) until 2027-02-14T13:00:00Z`},
		{"opens as the runway ends", noon, "11:00", time.Hour,
			`frozen: "noon" (full, from 2027-02-14T12:00:00Z) until 2027-02-14T13:00:00Z`},
		{"opens after the runway", noon, "11:00", time.Hour - 1, "not frozen"},
		{"the longest runway", noon, "11:00", math.MaxInt64,
			`frozen: "noon" (full, from 2027-02-14T12:00:00Z) until 2027-02-14T13:00:00Z`},
		{"touching windows are one stretch", three, "12:30", 0, `frozen: "noon" (full) until 2027-02-14T14:00:00Z`},
		{"between windows that touch", three, "13:00", 0, `frozen: "one" (full) until 2027-02-14T14:00:00Z`},
		{"the gap is wide enough", three, "14:00", time.Hour - 1, "not frozen"},
		{"the gap is too narrow for the runway", three, "13:30", time.Hour, `frozen: "one" (full) until 2027-02-14T16:00:00Z`},
		{"overlapping windows", nested, "12:30", 0, `frozen: "day" (feature), "game" (full) until 2027-02-14T20:00:00Z`},
		{"after the inner window, within the outer", nested, "19:00", 0, `frozen: "day" (feature) until 2027-02-14T20:00:00Z`},
	} {
		got, err := c.in.Check(today(t, c.at), c.runway)
		if err != nil || got.String() != c.want {
			t.Errorf("%s: at %s with runway %v: %v, %v; want %s", c.name, c.at, c.runway, got, err, c.want)
		}
		if want := today(t, c.at).Add(c.runway); !got.At.Equal(today(t, c.at)) || !got.Through.Equal(want) {
			t.Errorf("%s: the answer is about %v to %v", c.name, got.At, got.Through)
		}
	}
}

// The offset in which an instant is written makes no difference, and the answer keeps that of the window.
func TestCheckComparesInstants(t *testing.T) {
	c := Calendar{{Name: "super-bowl", Level: Full, Start: instant(t, "2027-02-12T00:00:00-05:00"), End: instant(t, "2027-02-15T12:00:00-05:00")}}
	for at, want := range map[string]string{
		"2027-02-12T04:59:59Z":      "not frozen",
		"2027-02-12T05:00:00Z":      `frozen: "super-bowl" (full) until 2027-02-15T12:00:00-05:00`,
		"2027-02-15T18:00:00+01:00": "not frozen",
	} {
		if got, err := c.Check(instant(t, at), 0); err != nil || got.String() != want {
			t.Errorf("at %s: %v, %v; want %s", at, got, err, want)
		}
	}
}

func TestCheckRefuses(t *testing.T) {
	bad := Calendar{window(t, "noon", "", "12:00", "13:00"), {Name: "lost", Level: "partial", Start: today(t, "12:00")}}
	for _, c := range []struct {
		in     Calendar
		runway time.Duration
		says   []string
	}{
		{nil, -1, []string{"runway -1ns is negative"}},
		{bad, 0, []string{`windows[1].level: "partial"`, "windows[1].end: missing"}},
	} {
		got, err := c.in.Check(today(t, "11:00"), c.runway)
		if err == nil || got.Frozen || got.Windows != nil {
			t.Fatalf("%v with runway %v: %+v, %v; want an error alone", c.in, c.runway, got, err)
		}
		for _, says := range c.says {
			if !strings.Contains(err.Error(), says) {
				t.Errorf("%v with runway %v: %v; want it to say %q", c.in, c.runway, err, says)
			}
		}
	}
}

func TestAnswerJSON(t *testing.T) {
	c := Calendar{window(t, "noon", "", "12:00", "13:00")}
	for at, want := range map[string]string{
		"13:00": `{"frozen":false,"at":"2027-02-14T13:00:00Z","through":"2027-02-14T15:00:00Z","windows":[]}`,
		"12:30": `{"frozen":true,"at":"2027-02-14T12:30:00Z","through":"2027-02-14T14:30:00Z","windows":[{"name":"noon",` +
			`"level":"full","start":"2027-02-14T12:00:00Z","end":"2027-02-14T13:00:00Z"}],"until":"2027-02-14T13:00:00Z"}`,
	} {
		answer, err := c.Check(today(t, at), 2*time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := json.Marshal(answer); err != nil || string(got) != want {
			t.Errorf("at %s: %s, %v; want %s", at, got, err, want)
		}
	}
	if c[0].Level != "" {
		t.Error("Check filled in the level of the calendar's own window")
	}
}

const minutes = 3 * 24 * 60

// A ledger is a calendar once more, as a mark on every minute: the oracle of the property test.
type ledger [minutes * 2]bool

func (l *ledger) frozen(from, to int) bool {
	for m := from; m <= to && m < len(l); m++ {
		if l[m] {
			return true
		}
	}
	return false
}

// randomCalendar returns windows on whole minutes, often touching and nested, within three days of begin.
func randomCalendar(r *rand.Rand, begin time.Time) (Calendar, *ledger) {
	var c Calendar
	var l ledger
	for i := range r.IntN(9) {
		start := r.IntN(minutes / 30 * 30)
		if r.IntN(2) == 0 {
			start -= start % 30
		}
		length := 1 + r.IntN(12)*30 + r.IntN(2)*r.IntN(600)
		c = append(c, Window{Name: fmt.Sprint("w", i), Start: begin.Add(time.Duration(start) * time.Minute),
			End: begin.Add(time.Duration(start+length) * time.Minute)})
		for m := start; m < start+length; m++ {
			l[m] = true
		}
	}
	return c, &l
}

func TestCalendarAgainstEveryMinute(t *testing.T) {
	begin := instant(t, "2027-03-13T00:00:00-05:00")
	probes := map[bool]int{}
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 0))
		c, l := randomCalendar(r, begin)
		for range 200 {
			m, run := r.IntN(minutes+60), r.IntN(2)*r.IntN(600)
			within := []time.Duration{0, 1, 30 * time.Second, time.Minute - 1}[r.IntN(4)]
			at := begin.Add(time.Duration(m)*time.Minute + within)
			got, err := c.Check(at, time.Duration(run)*time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			probes[got.Frozen]++
			want := Answer{At: at, Through: at.Add(time.Duration(run) * time.Minute), Windows: []Window{}}
			for _, w := range c {
				if s, e := int(w.Start.Sub(begin).Minutes()), int(w.End.Sub(begin).Minutes()); s <= m+run && e > m {
					w.Level = Full
					want.Windows = append(want.Windows, w)
				}
			}
			if want.Frozen = l.frozen(m, m+run); want.Frozen {
				free := m
				for l.frozen(free, free+run) {
					free++
				}
				want.Until = begin.Add(time.Duration(free) * time.Minute)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("seed %d, minute %d, runway %d min (-every minute +Check):\n%s", seed, m, run, diff)
			}
			checkNext(t, c, l, begin, m, at)
		}
	}
	if probes[true] < 2000 || probes[false] < 2000 {
		t.Errorf("the probes were one-sided: %v", probes)
	}
}

func checkNext(t *testing.T, c Calendar, l *ledger, begin time.Time, m int, at time.Time) {
	t.Helper()
	next := m
	for next < len(l) && l[next] == l[m] {
		next++
	}
	got, frozen, ok := c.Next(at)
	if next == len(l) {
		if ok || frozen || !got.IsZero() {
			t.Fatalf("Next(%v) of %v = %v, %v, %v; want none", at, c, got, frozen, ok)
		}
		return
	}
	if want := begin.Add(time.Duration(next) * time.Minute); !got.Equal(want) || frozen == l[m] || !ok {
		t.Fatalf("Next(%v) of %v = %v, %v, %v; want %v, %v", at, c, got, frozen, ok, want, !l[m])
	}
}
