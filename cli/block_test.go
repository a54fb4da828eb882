package cli

import (
	"bytes"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"gameday/harness"
	"gameday/runs"
)

// TestBlock holds what a terminal shows at the end: the beginning, and one block.
func TestBlock(t *testing.T) {
	var out bytes.Buffer
	v := newView(&out, night(t), 0.01, false)
	v.terminal = true
	v.begin(&runs.Run{Target: runs.Target{Name: "staging", URL: "http://127.0.0.1:1"}})
	for _, m := range moments(7) {
		v.show(m)
	}
	v.end()
	want := []string{
		"night at 1% of the real night against staging, 0:12, seed 5",
		"Does it hold?",
		"███████████████████████░░░░░░░░░░░░░░░░░ 0:07 0:05 left  a phase whose name is l",
		"             wanted/s   held/s      p50      p99    p99.9   errors      lag",
		"readers           200      200      8ms      8ms      8ms        0    800µs",
		"the-most-eag       10       10     64ms   failed   failed      50%    6.4ms",
		"all               210      210   8.07ms   failed   failed    2.38%    6.4ms",
		"in flight 7",
		"",
	}
	var shows screen
	shows.write(t, out.String())
	if diff := cmp.Diff(want, shows.lines); diff != "" {
		t.Error(diff)
	}
}

// TestBlockIsErased draws blocks of any figures, which grow and shrink, and looks
// at the screen after each: only the newest is there, and no line is too wide.
func TestBlockIsErased(t *testing.T) {
	var out bytes.Buffer
	v := newView(&out, night(t), 0.01, false)
	v.terminal = true
	r := rand.New(rand.NewPCG(3, 4))
	var shows screen
	for i := range 200 {
		huge := tally("readers", 30, uint64(r.IntN(30)), time.Duration(r.Int64N(int64(time.Hour))))
		huge.Offered += r.Uint64N(1 << 40)
		huge.Late, huge.Waited = r.Uint64N(2)*r.Uint64(), r.Uint64N(2)*r.Uint64()
		m := harness.Moment{
			At: time.Duration(i) * time.Second, Of: 200 * time.Second, Phase: i / 100, InFlight: r.Int(),
			Rates: []float64{r.Float64() * 1e9, 1}, Entry: &runs.Entry{Tallies: []runs.Tally{huge}},
		}
		v.show(m)
		shows.write(t, out.String())
		out.Reset()
		if got, want := len(shows.lines)-1, v.drawn; got != want {
			t.Fatalf("after %d blocks %d lines are on the screen, want %d:\n%s", i+1, got, want, strings.Join(shows.lines, "\n"))
		}
		for _, l := range shows.lines {
			if n := utf8.RuneCountInString(l); n > 80 {
				t.Errorf("%d columns: %s", n, l)
			}
		}
	}
}

// A screen is what a terminal shows of text and the two sequences that a view
// uses: to the beginning of the line so many lines up, and clear from there.
type screen struct {
	lines []string // the cursor is at the end of the last
}

var upAndClear = regexp.MustCompile(`^\x1b\[(\d+)F\x1b\[J`)

func (s *screen) write(t *testing.T, text string) {
	t.Helper()
	if s.lines == nil {
		s.lines = []string{""}
	}
	if m := upAndClear.FindStringSubmatch(text); m != nil {
		n, err := strconv.Atoi(m[1])
		if err != nil || n > len(s.lines)-1 {
			t.Fatalf("%q goes beyond the first line", m[0])
		}
		s.lines, text = append(s.lines[:len(s.lines)-1-n], ""), text[len(m[0]):]
	} else if strings.HasPrefix(text, "\x1b") {
		t.Fatalf("the view writes the unknown sequence %q", text[:min(len(text), 8)])
	}
	before, after, more := strings.Cut(text, "\x1b")
	for i, line := range strings.Split(before, "\n") {
		if i > 0 {
			s.lines = append(s.lines, "")
		}
		s.lines[len(s.lines)-1] += line
	}
	if more {
		s.write(t, "\x1b"+after)
	}
}
