package targets

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// A path leads into JSON: names and places of a list, with dots between, and * for
// all that there is. A dot in a name has a backslash before it.
type path []string

func parsePath(s string) (path, error) {
	var p path
	name := strings.Builder{}
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '.' || s[i+1] == '\\'):
			i++
			name.WriteByte(s[i])
		case s[i] == '.':
			p = append(p, name.String())
			name.Reset()
		default:
			name.WriteByte(s[i])
		}
	}
	p = append(p, name.String())
	for _, step := range p {
		if step == "" {
			return nil, fmt.Errorf("%q: want names with dots between, such as configuration.flags", s)
		}
	}
	return p, nil
}

// find returns all values that p leads to.
func (p path) find(v any) []any {
	if len(p) == 0 {
		return []any{v}
	}
	var found []any
	switch at := v.(type) {
	case map[string]any:
		for name, below := range at {
			if p[0] == "*" || p[0] == name {
				found = append(found, p[1:].find(below)...)
			}
		}
	case []any:
		for i, below := range at {
			if p[0] == "*" || p[0] == strconv.Itoa(i) {
				found = append(found, p[1:].find(below)...)
			}
		}
	}
	return found
}

// drop returns v without what p leads to. Lists keep their length: the place
// becomes null.
func (p path) drop(v any) any {
	switch at := v.(type) {
	case map[string]any:
		for name, below := range at {
			if p[0] != "*" && p[0] != name {
				continue
			}
			if len(p) == 1 {
				delete(at, name)
			} else {
				at[name] = p[1:].drop(below)
			}
		}
	case []any:
		for i, below := range at {
			if p[0] != "*" && p[0] != strconv.Itoa(i) {
				continue
			}
			if len(p) == 1 {
				at[i] = nil
			} else {
				at[i] = p[1:].drop(below)
			}
		}
	}
	return v
}

func wrongJSON(s Source) string {
	if _, err := parsePath(s.JSON); err != nil {
		return err.Error()
	}
	return ""
}

// readJSON takes the values at a path.
func (q *inquiry) readJSON(ctx context.Context, s Source) ([]string, error) {
	p, err := parsePath(s.JSON)
	if err != nil {
		return nil, err
	}
	a, err := q.content(ctx, s)
	if err != nil {
		return nil, err
	}
	v, err := a.parse()
	if err != nil {
		return nil, err
	}
	var values []string
	for _, one := range p.find(v) {
		switch one := one.(type) {
		case string:
			values = append(values, one)
		case json.Number, bool:
			values = append(values, fmt.Sprint(one))
		case nil:
			return nil, fmt.Errorf("%s: %s is null", a.from, s.JSON)
		default:
			return nil, fmt.Errorf("%s: %s is not a single value; want a longer path, or body: json to compare all of it", a.from, s.JSON)
		}
	}
	if len(values) == 0 {
		return nil, fmt.Errorf("%s holds no %s", a.from, s.JSON)
	}
	return values, nil
}
