package runs

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// Whatever order examples are added in, and in however many entries, the first of
// each cause is kept.
func TestExamplesInAnyOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 4))
	pick := func(from ...string) string { return from[rng.IntN(len(from))] }
	for range 200 {
		var all []Example
		for range 1 + rng.IntN(40) {
			all = append(all, Example{
				Cause: pick("5xx", "timeout", "reset"), At: Span(rng.IntN(4)) * Span(time.Second), Crowd: pick("readers", "posters"),
				Action: pick("home", "user"), Says: pick("", "no", "over capacity\n", "\x1b[2J"), Status: 500 * rng.IntN(2),
			})
		}
		var want []Example
		for _, e := range slices.SortedFunc(slices.Values(all), func(a, b Example) int {
			a.Says, b.Says = Line(a.Says), Line(b.Says)
			return a.compare(b)
		}) {
			if len(want) == 0 || want[len(want)-1].Cause != e.Cause {
				e.Says = Line(e.Says)
				want = append(want, e)
			}
		}
		for range 5 {
			rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			var r Run
			for chunk := range slices.Chunk(all, 1+rng.IntN(10)) {
				r.Add(&Entry{Examples: chunk})
			}
			if diff := cmp.Diff(want, r.Examples); diff != "" {
				t.Fatalf("of %v (-want +got):\n%s", all, diff)
			}
		}
	}
}

func TestLine(t *testing.T) {
	long := strings.Repeat("x", 300)
	for _, tt := range []struct{ said, want string }{
		{"", ""},
		{" \r\n\t ", ""},
		{"<h1>Over\r\n  capacity</h1>\n", "<h1>Over capacity</h1>"},
		{"\x1b[31mred\x07\u202e\x00\xff", "\ufffd[31mred\ufffd\ufffd\ufffd\ufffd"},
		{long, long[:200]},
		{long[:199] + " y", long[:199]},
		{long[:198] + "€", long[:198]},
		{long[:197] + "€", long[:197] + "€"},
	} {
		if got := Line(tt.said); got != tt.want {
			t.Errorf("Line(%q) = %q, want %q", tt.said, got, tt.want)
		}
	}
}

func FuzzLine(f *testing.F) {
	f.Add("\x1b]0;title\x07 |`$(reboot)`|")
	f.Add(strings.Repeat("\xff \u2028", 400))
	f.Fuzz(func(t *testing.T, said string) {
		line := Line(said)
		if len(line) > maxSays || !utf8.ValidString(line) || Line(line) != line || strings.TrimSpace(line) != line {
			t.Errorf("Line(%q) = %q", said, line)
		}
		for _, r := range line {
			if !unicode.IsPrint(r) {
				t.Errorf("Line(%q) holds %q", said, r)
			}
		}
	})
}
