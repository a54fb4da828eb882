package reports

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

func TestWords(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{count(0), "0"}, {count(999), "999"}, {count(1000), "1,000"}, {count(1 << 53), "9,007,199,254,740,992"},
		{count(math.MaxUint64), "18,446,744,073,709,551,615"}, {thousands("-1000"), "-1,000"}, {thousands("-100"), "-100"},
		{counted(1, "row"), "1 row"}, {counted(0, "row"), "0 rows"}, {counted(1234, "row"), "1,234 rows"},
		{number(0), "0"}, {number(0.05), "0.05"}, {number(4.567), "4.57"}, {number(99.96), "100"}, {number(332.4), "332"}, {number(1234567), "1,234,567"},
		{share(0, 0), none}, {share(0, 7), "0%"}, {share(7, 7), "100%"}, {share(1, 3), "33.33%"},
		{share(1, 1<<40), "<0.01%"}, {share(1<<40-1, 1<<40), ">99.99%"},
		{took(0), "0s"}, {took(999), "999ns"}, {took(1234567), "1.23ms"}, {took(999_600 * time.Microsecond), "1s"},
		{took(72_340 * time.Millisecond), "1m12.3s"}, {took(3*time.Hour + 1), "3h0m0s"}, {took(-5 * time.Second), "-5s"},
		{memory(0), "0 bytes"}, {memory(999), "999 bytes"}, {memory(45_100_000), "45.1 MB"}, {memory(12_000_000_000), "12 GB"},
		{cut("touchdown", 9), "touchdown"}, {cut("touchdown", 5), "touc…"}, {cut("ümläut", 6), "ümläut"},
		{clean("  a\tb\r\nc \x1b[2J\u202e\x00\xff "), "a b c �[2J���"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

// Only what is all of something may be called 100%, and only nothing 0%.
func TestShareNeverRoundsToTheEnds(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 10_000 {
		all := rng.Uint64N(1<<53) + 1
		n := rng.Uint64N(all + 1)
		switch rng.IntN(3) {
		case 0:
			n = min(n, 3)
		case 1:
			n = max(n, all-min(all, 3))
		}
		if s := share(n, all); (s == "100%") != (n == all) || (s == "0%") != (n == 0) {
			t.Fatalf("%d of %d is %s", n, all, s)
		}
	}
}

func FuzzWords(f *testing.F) {
	f.Add(nasty, 10)
	f.Add("", 0)
	f.Fuzz(func(t *testing.T, s string, n int) {
		n = 1 + max(0, n)%200
		line := clean(s)
		if strings.ContainsFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }) || !utf8.ValidString(line) || clean(line) != line {
			t.Errorf("clean(%q) = %q", s, line)
		}
		lines := wrap(line, n)
		if strings.Join(lines, " ") != line {
			t.Errorf("wrap(%q, %d) = %q", line, n, lines)
		}
		for i, l := range lines {
			if utf8.RuneCountInString(l) > n && strings.Contains(l, " ") {
				t.Errorf("wrap(%q, %d): line %d is too long: %q", line, n, i, l)
			}
		}
	})
}
