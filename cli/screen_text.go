package cli

import (
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"
)

// The looks of text: of ECMA-48's, those that every theme leaves readable. What
// they mean is always said in words too.
const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	yellow = "33"
	cyan   = "36"
)

// paint gives text a look, and takes it back behind it.
func paint(look, text string) string {
	if text == "" {
		return ""
	}
	return "\x1b[" + look + "m" + text + "\x1b[m"
}

// unpainted is text without looks.
func unpainted(text string) string { return ansi.Strip(text) }

// clean makes text that somebody else wrote fit for one line of a terminal: nothing
// in it moves the cursor, or is drawn wider by some terminals than by others.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return '·'
		case r == '\u200d' || unicode.Is(unicode.Variation_Selector, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "·"))
}

// wide is how many columns text takes on any terminal, at most.
func wide(text string) int { return max(ansi.StringWidthWc(text), ansi.StringWidth(text)) }

// cut shortens text to n columns. A wide character is never halved.
func cut(text string, n int) string {
	for m := n; m > 0; m-- {
		if short := ansi.TruncateWc(text, m, ""); wide(short) <= n {
			return short
		}
	}
	return ""
}

// pad makes text exactly n columns wide.
func pad(text string, n int) string {
	text = cut(text, n)
	return text + strings.Repeat(" ", max(n-wide(text), 0))
}
