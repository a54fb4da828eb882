package reports

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"gameday/runs"
)

// none stands where there is no value.
const none = "–"

// clean makes one line of s that is safe to show: white space becomes single
// spaces, and whatever cannot be printed, such as what would steer a terminal,
// becomes U+FFFD. The result is valid UTF-8, and valid in XML 1.0.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return utf8.RuneError
		}
		return r
	}, strings.Join(strings.Fields(s), " "))
}

// cut shortens s to n characters, the last of which tells that it was longer.
func cut(s string, n int) string {
	if runes := []rune(s); len(runes) > n {
		return string(runes[:n-1]) + "…"
	}
	return s
}

// count writes a whole number with its thousands apart.
func count(n uint64) string { return thousands(strconv.FormatUint(n, 10)) }

// counted writes how many of something there are.
func counted(n uint64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return count(n) + " " + what + "s"
}

func thousands(digits string) string {
	for at := len(digits) - 3; at > 0 && digits[at-1] != '-'; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// number writes v to three digits, or to the last whole one if it has more.
func number(v float64) string {
	if v > -100 && v < 100 {
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	return thousands(strconv.FormatFloat(v, 'f', 0, 64))
}

// share writes n of all in percent to two places, and never as 100% or 0% what
// is not.
func share(n, all uint64) string {
	if all == 0 {
		return none
	}
	switch s := strconv.FormatFloat(float64(n)/float64(all)*100, 'f', 2, 64); {
	case n == all:
		return "100%"
	case n == 0:
		return "0%"
	case s == "100.00":
		return ">99.99%"
	case s == "0.00":
		return "<0.01%"
	default:
		return s + "%"
	}
}

// took writes d to three digits.
func took(d time.Duration) string {
	for unit := time.Duration(1); unit <= time.Hour; unit *= 10 {
		if d < 1000*unit {
			return d.Round(unit).String()
		}
	}
	return d.Round(time.Minute).String()
}

// quantile writes the q-quantile of what the requests of t took.
func quantile(t *runs.Tally, q float64) string {
	if t.Offered == 0 {
		return none
	}
	d, answered := t.Quantile(q)
	if !answered {
		return "failed"
	}
	return took(d)
}

// memory writes a number of bytes.
func memory(n uint64) string {
	v := float64(n)
	for _, unit := range []string{"bytes", "kB", "MB"} {
		if v < 1000 {
			return number(v) + " " + unit
		}
		v /= 1000
	}
	return number(v) + " GB"
}

// wrap breaks s at spaces into lines of at most n characters. A longer word has
// a line to itself.
func wrap(s string, n int) []string {
	var lines []string
	line, used := "", 0
	for _, word := range strings.Fields(s) {
		width := utf8.RuneCountInString(word)
		if used > 0 && used+1+width > n {
			lines, line, used = append(lines, line), "", 0
		}
		if used > 0 {
			line, used = line+" ", used+1
		}
		line, used = line+word, used+width
	}
	return append(lines, line)
}
