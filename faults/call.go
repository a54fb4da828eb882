package faults

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// call is one HTTP request to somebody who can break things.
type call struct {
	Method, URL, Body string
	Type              string // of the body; empty: application/json
	Token             string // a file that holds a bearer token; empty: none
	Secret            string // the token itself, before the file
}

// maxAnswer is how much of an answer is read.
const maxAnswer = 1 << 20

// caller makes a connection a call, through no proxy, and follows no redirect:
// what is broken is what is named.
var caller = &http.Client{
	Transport:     &http.Transport{DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// afterwards is how long a call that changes something may go on after it was
// cancelled. Given up at once, it could be obeyed after the call that mends it.
const afterwards = time.Second

// patient is ctx, but ends only a while after it was cancelled. Time limits stay.
func patient(ctx context.Context) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			cancel(context.Cause(ctx))
			return
		}
		time.AfterFunc(afterwards, func() { cancel(context.Cause(ctx)) })
	})
	return longer, func() {
		stop()
		cancel(nil)
	}
}

// do returns the answer, whatever its status.
func (c call) do(ctx context.Context) (code int, body []byte, err error) {
	if c.Method != http.MethodGet {
		if ctx.Err() != nil {
			return 0, nil, context.Cause(ctx)
		}
		var cancel context.CancelFunc
		ctx, cancel = patient(ctx)
		defer cancel()
	}
	r, err := http.NewRequestWithContext(ctx, c.Method, c.URL, strings.NewReader(c.Body))
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("User-Agent", "gameday")
	if c.Body != "" {
		r.Header.Set("Content-Type", cmp.Or(c.Type, "application/json"))
	}
	token := c.Secret
	if token == "" && c.Token != "" {
		data, err := os.ReadFile(c.Token)
		if err != nil {
			return 0, nil, fmt.Errorf("reading the token: %w", err)
		}
		token = string(bytes.TrimSpace(data))
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := caller.Do(r)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = fmt.Errorf("%s %s: %w", c.Method, c.URL, cause)
		}
		return 0, nil, err
	}
	defer answer.Body.Close()
	body, err = io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return 0, nil, fmt.Errorf("%s %s: reading the answer: %w", c.Method, c.URL, err)
	}
	return answer.StatusCode, body, nil
}

// want calls, decodes a JSON answer into v unless it is nil, and makes every other
// status than the wanted an error that quotes the answer.
func (c call) want(ctx context.Context, v any, codes ...int) error {
	code, body, err := c.do(ctx)
	if err != nil {
		return err
	}
	for _, good := range codes {
		if code != good {
			continue
		}
		if v == nil {
			return nil
		}
		if err := json.Unmarshal(body, v); err != nil {
			return fmt.Errorf("%s %s: the answer is not as promised: %w", c.Method, c.URL, err)
		}
		return nil
	}
	return fmt.Errorf("%s %s: answered %d%s", c.Method, c.URL, code, firstLine(compact(body)))
}

// compact is JSON on one line, and anything else as it is.
func compact(body []byte) string {
	var out bytes.Buffer
	if json.Compact(&out, body) != nil {
		return string(body)
	}
	return out.String()
}
