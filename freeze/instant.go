package freeze

import (
	"fmt"
	"regexp"
	"time"
)

const wanted = "an instant with its offset, such as 2027-02-12T00:00:00-05:00"

// shape is RFC 3339 as time can write it again. time.Parse also takes hours of one digit, a comma for the point, and
// offsets of a day and more.
var shape = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`)

// ParseInstant reads an RFC 3339 instant. A date or a time without its offset is an error: it names no instant.
func ParseInstant(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || !shape.MatchString(s) {
		return time.Time{}, fmt.Errorf("%q: want %s", s, wanted)
	}
	return t, nil
}
