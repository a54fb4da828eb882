package targets

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
)

func wrongBody(s Source) string {
	if s.Body != "json" && s.Body != "text" {
		return fmt.Sprintf("%q: want json, which compares what it means, or text, which compares every byte", s.Body)
	}
	if s.Body == "text" && len(s.Drop) > 0 {
		return "drop wants json, and not text"
	}
	for _, d := range s.Drop {
		if _, err := parsePath(d); err != nil {
			return "drop: " + err.Error()
		}
	}
	return ""
}

// readBody takes a hash of the content: flags, limits, any table. Of JSON the order
// of names and the spaces do not count, nor what is dropped.
func (q *inquiry) readBody(ctx context.Context, s Source) ([]string, error) {
	a, err := q.content(ctx, s)
	if err != nil {
		return nil, err
	}
	content := a.body
	if s.Body == "json" {
		v, err := a.parse()
		if err != nil {
			return nil, err
		}
		for _, d := range s.Drop {
			p, err := parsePath(d)
			if err != nil {
				return nil, err
			}
			v = p.drop(v)
		}
		if content, err = json.Marshal(v); err != nil { // sorts the names
			return nil, err
		}
	} else if len(content) == 0 {
		return nil, fmt.Errorf("%s holds nothing", a.from)
	}
	return []string{fmt.Sprintf("sha256:%x", sha256.Sum256(content))}, nil
}
