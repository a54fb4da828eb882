package scenarios

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// span is a duration as JSON has it: as text, such as "500ms".
type span time.Duration

func (s span) MarshalText() ([]byte, error) { return []byte(durationText(time.Duration(s))), nil }

func (s *span) UnmarshalText(text []byte) error {
	d, err := parseDuration(string(text))
	*s = span(d)
	return err
}

// hasShares is for those with keys that are numbers and can be written in percent.
type hasShares interface{ shares() []string }

// notShare is what stands where a share is wanted.
type notShare string

const wantShare = "a share, such as 10% or 0.1"

// readable are settings for a struct, with shares as numbers, and without the key
// "-", by which the decoder would reach what has no key.
func readable(settings map[string]any, into any) map[string]any {
	var shares []string
	if s, ok := into.(hasShares); ok {
		shares = s.shares()
	}
	all := map[string]any{}
	for name, value := range settings {
		text, isText := value.(string)
		isShare := slices.ContainsFunc(shares, func(key string) bool { return strings.EqualFold(key, name) })
		switch v, err := parseShare(text); {
		case name == "-":
		case isText && isShare && err == nil:
			all[name] = v
		case isText && isShare:
			all[name] = notShare(text)
		default:
			all[name] = value
		}
	}
	return all
}

// parseShare reads "10%" or "0.1", each exactly the number that is meant.
func parseShare(text string) (float64, error) {
	number, isPercent := strings.CutSuffix(text, "%")
	v, err := parseNumber(number)
	if err == nil && isPercent {
		v, err = strconv.ParseFloat(strings.TrimSpace(number)+"e-2", 64)
	}
	if err != nil {
		return 0, fmt.Errorf("%q: want %s", text, wantShare)
	}
	return v, nil
}
