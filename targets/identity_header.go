package targets

import (
	"context"
	"fmt"
)

// readHeader takes a header of the answer.
func (q *inquiry) readHeader(ctx context.Context, s Source) ([]string, error) {
	a, err := q.content(ctx, s)
	if err != nil {
		return nil, err
	}
	values := a.header.Values(s.Header)
	if len(values) == 0 {
		return nil, fmt.Errorf("%s was answered without the header %s", a.from, s.Header)
	}
	return values, nil
}
