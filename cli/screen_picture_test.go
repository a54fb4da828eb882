package cli

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"gameday/harness"
	"gameday/runs"
	"gameday/scenarios"
)

var update = flag.Bool("update", false, "write the golden frames anew")

// outage is a picture of a play in which much is wrong.
func outage(t *testing.T) *picture {
	t.Helper()
	p := newPicture(night(t), 0.01)
	p.target, p.keyboard, p.breakable = "staging", true, true
	p.dashboard, p.reason = "http://127.0.0.1:9470/", "the fix for the outage of 2023 is rehearsed"
	for i, m := range moments(9) {
		m.Faults = [][]string{nil, {"store-slow"}}[min(i/6, 1)]
		m.Entry.Tallies[0].Failed = map[string]uint64{"503": uint64(i * i), "timeout": uint64(i)}
		m.Entry.Tallies[0].Good -= uint64(i*i + i)
		m.Entry.Tallies[1].Late, m.Entry.Tallies[1].Waited = uint64(i%2), uint64(i)
		m.Entry.Generator = &runs.Generator{InFlightPeak: 1234}
		p.add(m)
	}
	p.press("d")
	return p
}

// TestGoldenFrames holds what terminals of three sizes show.
func TestGoldenFrames(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {40, 20}, {120, 40}} {
		for name, p := range map[string]*picture{"begin": newPicture(night(t), 0.01), "outage": outage(t)} {
			file := filepath.Join("testdata", "screen", fmt.Sprintf("%s-%dx%d.txt", name, size[0], size[1]))
			var got strings.Builder
			for _, line := range p.frame(size[0], size[1]) {
				fmt.Fprintln(&got, strings.TrimRight(unpainted(line), " "))
			}
			if *update {
				if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", file, diff)
			}
		}
	}
}

// hostile are pieces of names that somebody may have written to see what happens.
var hostile = []string{"a", "readers ", "半時間", "👩‍👩‍👧‍👦", "❤️", "e\u0301", "\x1b[2J", "\n", "\t", "\u202e", "\xff", "🇩🇪", "\u009b31m", "한국어", "\u200d"}

func hostileName(r *rand.Rand) string {
	var b strings.Builder
	for range r.IntN(12) {
		b.WriteString(hostile[r.IntN(len(hostile))])
	}
	return b.String()
}

// hostilePicture is one of any names and any figures.
func hostilePicture(r *rand.Rand) *picture {
	s := &scenarios.Scenario{Name: hostileName(r), Asks: hostileName(r)}
	for i := range 1 + r.IntN(20) {
		s.Crowds = append(s.Crowds, scenarios.Crowd{Name: fmt.Sprint(hostileName(r), i)})
	}
	for range 1 + r.IntN(40) {
		s.Phases = append(s.Phases, scenarios.Phase{Name: hostileName(r), For: time.Duration(1 + r.Int64N(int64(time.Minute)))})
	}
	p := newPicture(s, 0.01)
	p.target, p.reason, p.dashboard, p.says = hostileName(r), hostileName(r), hostileName(r), hostileName(r)
	p.keyboard, p.breakable = r.IntN(2) > 0, r.IntN(2) > 0
	for i := range r.IntN(12) {
		name := s.Crowds[r.IntN(len(s.Crowds))].Name
		n := r.Uint64N(5)
		c := tally(name, n, r.Uint64N(n+1), time.Duration(r.Int64N(int64(time.Hour))))
		c.Offered += r.Uint64N(1 << 40)
		c.Late, c.Waited = r.Uint64N(2)*r.Uint64(), r.Uint64N(2)*r.Uint64()
		p.add(harness.Moment{
			At: time.Duration(i) * time.Second, Of: s.Duration(), Phase: r.IntN(len(s.Phases)), InFlight: r.Int(),
			Rates: []float64{r.Float64() * 1e9}, Faults: []string{hostileName(r)}, Lowered: r.IntN(2) > 0,
			Entry: &runs.Entry{Tallies: []runs.Tally{c}, Marks: []runs.Mark{{Kind: runs.MarkChanged, Text: hostileName(r)}}},
		})
	}
	for _, key := range []string{"p", "d", "q", "x"} {
		if r.IntN(2) > 0 {
			p.press(key)
		}
	}
	return p
}

// TestFrameFits draws pictures of any names and figures on terminals of any size:
// they are filled to the line and no line is too wide, however the terminal counts.
func TestFrameFits(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 40 {
		p := hostilePicture(r)
		for range 8 {
			width, height := r.IntN(140), r.IntN(45)
			lines := p.frame(width, height)
			if width > 0 && len(lines) != height {
				t.Fatalf("%dx%d: %d lines", width, height, len(lines))
			}
			for _, l := range append(lines, p.block(width)...) {
				if ansi.StringWidth(l) > width || ansi.StringWidthWc(l) > width {
					t.Errorf("%dx%d: too wide: %q", width, height, l)
				}
				if strings.ContainsFunc(unpainted(l), unicode.IsControl) {
					t.Errorf("%dx%d: not clean: %q", width, height, l)
				}
				if strings.Count(l, "\x1b[") != 2*strings.Count(l, "\x1b[m") {
					t.Errorf("%dx%d: a look is not taken back: %q", width, height, l)
				}
			}
		}
	}
}

// TestFrameKeeps holds what is the last to go where there is no room.
func TestFrameKeeps(t *testing.T) {
	p := outage(t)
	for height := 8; height < 40; height++ {
		text := unpainted(strings.Join(p.frame(40, height), "\n"))
		for _, want := range []string{"phase 2/2", "store-slow", "all ", "q stop"} {
			if !strings.Contains(text, want) {
				t.Errorf("of %d lines none has %q:\n%s", height, want, text)
			}
		}
	}
}

// TestCrowdsThatAreNotShown counts them.
func TestCrowdsThatAreNotShown(t *testing.T) {
	s := &scenarios.Scenario{Name: "many", Phases: []scenarios.Phase{{Name: "one", For: time.Minute}}}
	for i := range 30 {
		s.Crowds = append(s.Crowds, scenarios.Crowd{Name: fmt.Sprintf("crowd%d", i)})
	}
	p := newPicture(s, 1)
	for height := 12; height < 60; height++ {
		text := unpainted(strings.Join(p.frame(80, height), "\n"))
		shown, hidden := strings.Count(text, "\ncrowd"), 0
		if _, after, ok := strings.Cut(text, "… "); ok {
			fmt.Sscan(after, &hidden)
		}
		if shown+hidden != 30 {
			t.Errorf("of %d lines %d are of crowds and %d are said to be left out:\n%s", height, shown, hidden, text)
		}
	}
}

// TestPictureCounts compares the figures with what was added, over moments of any
// length: the chart has each, the table the newest.
func TestPictureCounts(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	p := newPicture(night(t), 1)
	var at time.Duration
	var offered []float64
	var took []time.Duration
	for range 700 {
		step := time.Duration(200+r.IntN(1500)) * time.Millisecond
		at += step
		n := r.Uint64N(50)
		offered, took = append(offered, float64(n)), append(took, step)
		p.add(harness.Moment{At: at, Of: time.Hour, Rates: []float64{7, 0}, Entry: &runs.Entry{Tallies: []runs.Tally{tally("readers", n, 0, 1)}}})
		var want float64
		var lasted time.Duration
		for i := max(len(offered)-recently, 0); i < len(offered); i++ {
			want += offered[i]
			lasted += took[i]
		}
		if float64(p.recent[0].Offered) != want || p.took != lasted || p.wanted[0] < 6.999 || p.wanted[0] > 7.001 {
			t.Fatalf("%d in %s, wanted %v, want %v in %s", p.recent[0].Offered, p.took, p.wanted[0], want, lasted)
		}
		if last := p.rates[len(p.rates)-1]; last.offered != float64(n)/step.Seconds() || last.good != last.offered {
			t.Fatalf("the chart has %v of %d in %s", last, n, step)
		}
	}
	if len(p.rates) != longest {
		t.Errorf("the chart goes back %d moments, want %d", len(p.rates), longest)
	}
}

// TestPress holds what keys do.
func TestPress(t *testing.T) {
	full := func() *picture {
		return &picture{scenario: night(t), keyboard: true, breakable: true, dashboard: "http://127.0.0.1:1/"}
	}
	for _, c := range []struct {
		of   *picture
		keys string
		want []wish
	}{
		{full(), "q", []wish{wishEnd}},
		{full(), "q q", []wish{wishEnd, wishNothing}},
		{full(), "ctrl+c ctrl+c", []wish{wishEnd, wishNow}},
		{full(), "q ctrl+c", []wish{wishEnd, wishNow}},
		{full(), "ctrl+c q ctrl+c", []wish{wishEnd, wishNothing, wishNow}},
		{full(), "p p d x Q enter", []wish{wishFaults, wishFaults, wishBrowser, wishNothing, wishNothing, wishNothing}},
		{&picture{}, "p d", []wish{wishNothing, wishNothing}},
	} {
		var got []wish
		for key := range strings.FieldsSeq(c.keys) {
			got = append(got, c.of.press(key))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.keys, diff)
		}
	}
	p := full()
	for _, want := range []bool{true, false, true} {
		if p.press("p"); p.whole != want {
			t.Errorf("paused is %v, want %v", p.whole, want)
		}
	}
	if !strings.Contains(p.hints(), "go on") || !strings.Contains(p.faults(), "paused") {
		t.Errorf("after p: %q, %q", p.hints(), p.faults())
	}
}

// TestSpark holds the columns: none above the greatest, and the taller the more.
func TestSpark(t *testing.T) {
	rows := spark([]float64{0, 0.001, 4, 8, 12, 16}, 16)
	if rows[0] != "    ▄█" || rows[1] != " ▁▄███" {
		t.Errorf("%q over %q", rows[0], rows[1])
	}
	if rows := spark([]float64{0, 0}, 0); rows[0] != "  " || rows[1] != "  " {
		t.Errorf("of nothing: %q", rows)
	}
}
