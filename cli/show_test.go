package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"gameday/scenarios"
)

const rising = `
name: rising
asks: Does it rise?
seed: 1
crowds:
  - {name: early, rate: 6400/s, arrivals: even, do: [home 1]}
  - {name: late,  rate: 6400/s, arrivals: even, do: [home 1]}
phases:
  - {name: quiet, for: 4s, load: [late 0x]}
  - {name: climb, for: 8s, load: [early 0x, late 0x to 1x]}
  - {name: top,   for: 4s, load: [late 1x], expect: [success >= 99%]}
`

func schedule(t testing.TB, text string, scale scenarios.Scale) *scenarios.Schedule {
	t.Helper()
	name, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(text), "name: "), "\n")
	s, err := scenarios.Read(name+".yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return scenarios.NewSchedule(s, scale)
}

// TestDraw holds the whole drawing of a night in which one crowd stops and
// another climbs.
func TestDraw(t *testing.T) {
	var out bytes.Buffer
	if err := draw(&out, schedule(t, rising, 1), nil); err != nil {
		t.Fatal(err)
	}
	want := `rising: Does it rise?

0:16 at 100% of the real night, seed 1; at most 6,400 requests a second

early        ████████████████                                                
             6,400/s at most, 25,600 in all, even
late                         ▁▁▂▂▂▂▂▃▃▃▃▄▄▄▄▄▅▅▅▅▅▆▆▆▆▇▇▇▇▇██████████████████
             6,400/s at most, 51,200 in all, even
             A···············B·······························C···············

A quiet, 0:00 to 0:04
  early 25,600, late 0
  nothing is promised

B climb, 0:04 to 0:12
  early 0, late 25,600
  nothing is promised

C top, 0:12 to 0:16
  early 0, late 25,600
  success >= 99%
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

// TestDrawFits draws what comes with gameday at any scale: nothing is wider than
// a terminal, and every curve has all its columns and a highest.
func TestDrawFits(t *testing.T) {
	for _, name := range scenarios.Shipped() {
		for _, scale := range []scenarios.Scale{0.0001, 0.01} {
			s, err := scenarios.Load(name)
			if err != nil {
				t.Fatal(err)
			}
			schedule := scenarios.NewSchedule(s, scale)
			var out bytes.Buffer
			if err := draw(&out, schedule, fmt.Errorf("%s", strings.Repeat("it is too much ", 20))); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(out.String()) {
				if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 {
					t.Errorf("%s at %s: %d columns: %s", name, scale, n, line)
				}
			}
			for i, table := range schedule.Crowds {
				c := curve(table, s.Duration())
				if utf8.RuneCountInString(c) != columns || !strings.Contains(c, "█") {
					t.Errorf("%s at %s: the curve of crowd %d is %q", name, scale, i, c)
				}
			}
			if r := ruler(schedule); utf8.RuneCountInString(r) != columns || r[0] != 'A' {
				t.Errorf("%s: the ruler is %q", name, r)
			}
		}
	}
}

// TestShowJSON adds up what programs are told and compares it with the schedule.
func TestShowJSON(t *testing.T) {
	s := schedule(t, rising, 0.5)
	var out bytes.Buffer
	if err := showJSON(&out, s); err != nil {
		t.Fatal(err)
	}
	var got shown
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	var sum, all uint64
	for i, p := range got.Phases {
		for c, crowd := range s.Scenario.Crowds {
			if p.Requests[crowd.Name] != s.Count(c, i) {
				t.Errorf("%s in %s: %d requests, want %d", crowd.Name, p.Name, p.Requests[crowd.Name], s.Count(c, i))
			}
			sum += p.Requests[crowd.Name]
		}
		if i > 0 && p.Begin != got.Phases[i-1].End {
			t.Errorf("%s begins at %v, the phase before ends at %v", p.Name, p.Begin, got.Phases[i-1].End)
		}
	}
	for _, c := range s.Crowds {
		all += c.Count()
	}
	if got.Requests != sum || sum != all || all != 38400 {
		t.Errorf("%d requests, %d in the phases, %d in the schedule, want 38400", got.Requests, sum, all)
	}
	if got.Seconds != 16 || got.Peak != 3200 || got.Scale != 0.5 || got.SHA256 != s.Hash() {
		t.Errorf("got %+v", got)
	}
}

func TestMark(t *testing.T) {
	for i, want := range map[int]string{0: "A", 1: "B", 25: "Z", 26: "+", 999: "+"} {
		if got := mark(i); got != want {
			t.Errorf("mark(%d) = %q, want %q", i, got, want)
		}
	}
}

// TestWrap wraps any words: none is lost, none broken, and no line is wider than
// a terminal unless a word is.
func TestWrap(t *testing.T) {
	long := strings.Repeat("ü", 90)
	for n := range 60 {
		var words []string
		for i := range n {
			words = append(words, strings.Repeat("ö", 1+(i*i+n)%23))
		}
		words = append(words, long, "end")
		text := wrap("  ", words)
		if got := strings.Fields(text); !cmp.Equal(got, words) {
			t.Errorf("%v became %v", words, got)
		}
		for _, line := range strings.Split(text, "\n") {
			if !strings.HasPrefix(line, "  ") || utf8.RuneCountInString(line) > 80 && strings.TrimSpace(line) != long {
				t.Errorf("%d columns: %q", utf8.RuneCountInString(line), line)
			}
		}
	}
	if got := wrap("", []string{"a,", "b;"}); got != "a, b" {
		t.Errorf("the last separator stays: %q", got)
	}
}
