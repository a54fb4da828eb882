package freeze

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// An icalLine is a content line of iCalendar, unfolded: RFC 5545, 3.1.
type icalLine struct {
	number int // of its first line in the file
	name   string
	params map[string]string
	value  string
}

// errorf is a mistake in the line.
func (l icalLine) errorf(says string, args ...any) error {
	return fmt.Errorf("line %d: %s: %s", l.number, l.name, fmt.Sprintf(says, args...))
}

// icalLimit is how many bytes of iCalendar are read; a year of events is less.
const icalLimit = 4 << 20

var (
	icalName  = regexp.MustCompile(`^[A-Za-z0-9-]+`)
	icalParam = regexp.MustCompile(`^;([A-Za-z0-9-]+)=((?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)`)
)

// icalLines reads the content lines of a file.
func icalLines(text string) ([]icalLine, error) {
	if len(text) > icalLimit {
		return nil, fmt.Errorf("%d bytes: want at most %d", len(text), icalLimit)
	}
	if !utf8.ValidString(text) {
		return nil, fmt.Errorf("not UTF-8")
	}
	type unfolded struct {
		number int
		text   string
	}
	var raw []unfolded
	number := 0
	for line := range strings.SplitSeq(strings.TrimPrefix(text, "\ufeff"), "\n") {
		number++
		line = strings.TrimSuffix(line, "\r")
		switch {
		case line == "":
		case line[0] == ' ' || line[0] == '\t':
			if len(raw) == 0 {
				return nil, fmt.Errorf("line %d: it goes on with a line before, but there is none", number)
			}
			raw[len(raw)-1].text += line[1:]
		default:
			raw = append(raw, unfolded{number, line})
		}
	}
	var lines []icalLine
	for _, r := range raw {
		l, err := parseICalLine(r.text)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", r.number, err)
		}
		l.number = r.number
		lines = append(lines, l)
	}
	return lines, nil
}

// parseICalLine reads NAME;PARAM=value:value.
func parseICalLine(text string) (icalLine, error) {
	l := icalLine{name: icalName.FindString(text), params: map[string]string{}}
	rest := text[len(l.name):]
	for strings.HasPrefix(rest, ";") {
		m := icalParam.FindStringSubmatch(rest)
		if m == nil {
			return l, fmt.Errorf("%q: want parameters such as ;TZID=Europe/Berlin", short(text))
		}
		l.params[strings.ToUpper(m[1])] = strings.Trim(m[2], `"`)
		rest = rest[len(m[0]):]
	}
	value, ok := strings.CutPrefix(rest, ":")
	if !ok || l.name == "" {
		return l, fmt.Errorf("%q: want a line of iCalendar, such as SUMMARY:Super Bowl", short(text))
	}
	l.name, l.value = strings.ToUpper(l.name), value
	return l, nil
}

// short is a text as a mistake quotes it.
func short(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

// texts are the values of a line that is a list of texts, without their escapes.
func (l icalLine) texts() []string {
	var all []string
	var one strings.Builder
	escaped := false
	for _, r := range l.value {
		switch {
		case escaped && (r == 'n' || r == 'N'):
			one.WriteByte('\n')
		case escaped:
			one.WriteRune(r)
		case r == ',':
			all = append(all, one.String())
			one.Reset()
		case r != '\\':
			one.WriteRune(r)
		}
		escaped = !escaped && r == '\\'
	}
	return append(all, one.String())
}

// icalText is a text with its escapes.
func icalText(s string) string {
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`, "\r", "").Replace(s)
}

// fold writes a content line, in pieces of at most 75 bytes.
func fold(b *strings.Builder, line string) {
	room := 75
	for _, r := range line {
		if room < utf8.RuneLen(r) {
			b.WriteString("\r\n ")
			room = 74
		}
		b.WriteRune(r)
		room -= utf8.RuneLen(r)
	}
	b.WriteString("\r\n")
}
